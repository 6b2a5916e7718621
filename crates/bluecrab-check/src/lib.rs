//! Does a module keep the ABI of `docs/abi.md`? Each rule that can be seen from outside is a line of a report.
//!
//! The module runs in an interpreter of its own ([`wasmi`]): it knows the types of exports, which JavaScript does not
//! tell, needs no Node.js, and reads the ABI a second time, apart from the library.

mod calls;
mod contract;
mod guest;
mod heads;
mod imports;
mod limits;
mod manifest;
mod poll;
mod report;
mod timed;

pub use report::{Line, Outcome, Report};

use std::io;
use std::path::Path;
use std::time::Duration;
use wasmi::{CompilationMode, Config, Engine, Module};

/// Checks a module; every line of the report is also given to `show` as soon as it is known.
///
/// `limit` is the time that one call may take: a module that loops for ever fails past it.
///
/// # Errors
/// Where the file cannot be read.
pub fn check<'a>(file: &Path, limit: Duration, show: impl FnMut(&Line) + 'a) -> io::Result<Report<'a>> {
    let bytes = std::fs::read(file)?;
    let mut report = Report::new(show);
    if let Err(broken) = limits::check(&bytes) {
        report.fail(broken.section, broken.what);
        return Ok(report);
    }
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::LazyTranslation).set_max_recursion_depth(20_000);
    config.set_max_stack_height(64 << 20).consume_fuel(true);
    match Module::new(&Engine::new(&config), &bytes) {
        Err(error) => report.fail(1, format!("it is a core WebAssembly module: {error}")),
        Ok(module) => {
            report.pass(1, "it is a core WebAssembly module");
            report.pass(10, "its memory, tables and types are of kinds that can be limited");
            check_module(&module, file, limit, &mut report);
        }
    }
    Ok(report)
}

fn check_module(module: &Module, file: &Path, limit: Duration, report: &mut Report<'_>) {
    contract::memory(module, report);
    contract::allocator(module, report);
    imports::check(module, report);
    let declared = manifest::read(module, file, report);
    for function in &declared {
        contract::function(module, function, report);
    }
    contract::variant(module.engine(), file, &declared, report);
    if report.has_failed() || declared.is_empty() {
        report.skip(2, "calls: they are made once all of the above passes");
        return;
    }
    calls::check(module, &declared, limit, report);
}
