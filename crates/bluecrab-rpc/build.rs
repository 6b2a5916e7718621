//! Compiles the protocol without an installed protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["proto/FunctionRpc.proto"], ["proto"])?;
    prost_build::Config::new().bytes([".AzureFunctionsRpcMessages.TypedData"]).compile_fds(files)?;
    Ok(())
}
