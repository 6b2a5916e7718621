//! Write CPU-bound Azure Functions in Rust and run them as WebAssembly on the Node.js runtime.
