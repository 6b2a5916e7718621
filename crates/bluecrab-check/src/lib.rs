//! Checks whether a module keeps the ABI of `docs/abi.md`. The report has a line for each rule that can be checked from
//! outside of the module.
//!
//! The module runs in the interpreter [`wasmi`], not in Node.js. The interpreter knows the types of exports, which
//! JavaScript does not reveal, and the check is a second implementation of the ABI, independent of the runtime library.

mod calls;
mod contract;
mod guest;
mod heads;
mod imports;
mod limits;
mod manifest;
mod outputs;
mod poll;
mod report;
mod state;
mod timed;

pub use report::{Line, Outcome, Report};

use std::io;
use std::path::Path;
use std::time::Duration;
use wasmi::{CompilationMode, Config, Engine, Module};

/// Checks a module. Calls `show` with each line of the report as soon as it is known.
///
/// `limit` is the deadline of one call. A module that runs an endless loop fails when the deadline passes.
///
/// # Errors
/// Fails if the file cannot be read.
pub fn check<'a>(file: &Path, limit: Duration, show: impl FnMut(&Line) + 'a) -> io::Result<Report<'a>> {
    let bytes = std::fs::read(file)?;
    let mut report = Report::new(show);
    if let Err(broken) = limits::check(&bytes) {
        report.fail(broken.section, broken.what);
        return Ok(report);
    }
    match Module::new(&engine(), &bytes) {
        Err(error) => report.fail(1, format!("the file is a core WebAssembly module: {error}")),
        Ok(module) => {
            report.pass(1, "the file is a core WebAssembly module");
            report.pass(10, "the sizes of the memory, the tables and the objects can be limited");
            check_module(&module, file, limit, &mut report);
        }
    }
    Ok(report)
}

fn engine() -> Engine {
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::LazyTranslation).set_max_recursion_depth(20_000);
    config.set_max_stack_height(64 << 20).consume_fuel(true).wasm_memory64(false);
    Engine::new(&config)
}

/// Calls exports that have the type of a function (section 1), each with an empty request. Returns the bodies of their
/// responses.
///
/// # Errors
/// Fails if the module breaks the ABI, or if a call traps or takes longer than `limit`.
pub fn call(bytes: &[u8], exports: &[String], limit: Duration) -> Result<Vec<Vec<u8>>, String> {
    let module = Module::new(&engine(), bytes).map_err(|error| error.to_string())?;
    let broken = |ended: timed::Ended| report::Broken::from(ended).what;
    let functions: Vec<_> = exports.iter().map(|export| manifest::Function::of_export(export)).collect();
    let Some(first) = functions.first() else { return Ok(Vec::new()) };
    let mut guest = guest::Guest::new(&module, first.max_memory_bytes, limit).map_err(broken)?;
    let mut body = |function| Ok(guest.call(function, &(Vec::new(), Vec::new())).map_err(broken)?.body);
    functions.iter().map(&mut body).collect()
}

fn check_module(module: &Module, file: &Path, limit: Duration, report: &mut Report<'_>) {
    contract::memory(module, report);
    contract::allocator(module, report);
    imports::check(module, report);
    let declared = manifest::read(module, file, report);
    for function in &declared {
        contract::function(module, function, report);
    }
    contract::variants(module.engine(), file, &declared, report);
    if report.has_failed() || declared.is_empty() {
        report.skip(2, "calls are checked only after all checks above pass");
        return;
    }
    calls::check(module, &declared, limit, report);
}
