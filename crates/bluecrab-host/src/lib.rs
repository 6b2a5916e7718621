//! The local Functions host: HTTP in, FunctionRpc to workers.
