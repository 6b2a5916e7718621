//! FunctionRpc messages and stream, for whoever plays host or worker.
