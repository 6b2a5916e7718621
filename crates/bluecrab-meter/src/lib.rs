//! Writes the metered copy of a WebAssembly module. Its loops and functions count down a global, the *fuel*, and trap
//! when it is below zero. The caller sets the fuel, and so limits how long a call may last, without a second thread
//! that would end it. See `docs/abi.md`, section 8.
//!
//! One unit of fuel is about one executed instruction. Instructions whose time depends on a length, such as
//! `memory.fill`, are charged for the length too. Every instruction is paid before it runs, each time that it runs: in
//! loops, in recursion, and in chains of functions that call the next one twice.

mod charges;
mod cost;
mod encode;
mod file;

pub use encode::{Error, FUEL};
pub use file::{file_of, write};

use encode::Encoder;
use sha2::{Digest, Sha256};
use wasm_encoder::CustomSection;
use wasm_encoder::reencode::Reencode;
use wasmparser::{FunctionBody, Parser, Payload, Validator, WasmFeatures};

/// The custom section of a copy that holds the SHA-256 of the original module.
pub const SECTION: &str = "bluecrab.metered.v1";
/// The features whose instructions are counted correctly. Garbage-collected objects, 64-bit memories, shared memories
/// and others are missing, because the library does not load modules that use them.
const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::LEGACY_EXCEPTIONS)
    .union(WasmFeatures::FUNCTION_REFERENCES)
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::WIDE_ARITHMETIC);

/// Returns the metered copy of a module.
///
/// # Errors
/// Returns an error if the module is invalid or has parts that cannot be counted.
pub fn meter(module: &[u8]) -> Result<Vec<u8>, Error> {
    let types = Validator::new_with_features(FEATURES).validate_all(module)?;
    let bodies = bodies(module)?;
    let imported = types.as_ref().function_count() - bodies.len() as u32;
    let points = charges::of_module(&bodies, imported)?;
    let mut encoder = Encoder::new(types.as_ref(), imported, points);
    let mut copy = wasm_encoder::Module::new();
    encoder.parse_core_module(&mut copy, Parser::new(0), module).map_err(|error| match error {
        wasm_encoder::reencode::Error::UserError(error) => error,
        error => Error::Encode(error.to_string()),
    })?;
    copy.section(&CustomSection { name: SECTION.into(), data: Sha256::digest(module).as_slice().into() });
    let copy = copy.finish();
    Validator::new_with_features(FEATURES).validate_all(&copy)?;
    Ok(copy)
}

/// Returns the SHA-256 of the module from which a metered copy was made, or `None` if the file is not a metered copy.
pub fn source(copy: &[u8]) -> Option<[u8; 32]> {
    Parser::new(0).parse_all(copy).map_while(Result::ok).find_map(|payload| match payload {
        Payload::CustomSection(section) if section.name() == SECTION => section.data().try_into().ok(),
        _ => None,
    })
}

/// Returns whether a file is the metered copy of a module as it is now.
pub fn is_copy_of(copy: &[u8], module: &[u8]) -> bool {
    source(copy).is_some_and(|source| source == Sha256::digest(module).as_slice())
}

fn bodies(module: &[u8]) -> Result<Vec<FunctionBody<'_>>, wasmparser::Error> {
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload? {
            bodies.push(body);
        }
    }
    Ok(bodies)
}
