//! Checks the types of a module's exports (section 1) and its variants and metered copies (section 8).

use crate::manifest::{self, Function};
use crate::report::{Broken, Report};
use bluecrab_meter::FUEL;
use std::path::Path;
use wasmi::{Engine, ExternType, FuncType, Module, Mutability, ValType};

pub(crate) fn memory(module: &Module, report: &mut Report<'_>) {
    let memories = module.exports().filter(|export| export.ty().memory().is_some()).count();
    let result = match module.get_export("memory") {
        None => Err(Broken::new(1, "there is no such export")),
        Some(ExternType::Memory(_)) if memories > 1 => {
            Err(Broken::new(1, format!("the module exports {memories} memories")))
        }
        Some(ExternType::Memory(memory)) if memory.is_64() => Err(Broken::new(1, "it is a 64-bit memory")),
        Some(ExternType::Memory(_)) => Ok(()),
        Some(other) => Err(Broken::new(1, format!("it is {other:?}"))),
    };
    report.add_result(1, "the module exports one memory, which is 32-bit, as `memory`", result);
}

pub(crate) fn allocator(module: &Module, report: &mut Report<'_>) {
    let result = has_type(module, "bluecrab_alloc", 1, 1);
    report.add_result(1, "the module exports `bluecrab_alloc: (u32) -> u32`", result);
    if module.get_export("_initialize").is_some() {
        report.add_result(1, "the module exports `_initialize: () -> ()`", has_type(module, "_initialize", 0, 0));
    }
    if module.get_export("bluecrab_log_level").is_some() {
        let result = has_type(module, "bluecrab_log_level", 1, 0);
        report.add_result(1, "the module exports `bluecrab_log_level: (u32) -> ()`", result);
    }
}

pub(crate) fn function(module: &Module, function: &Function, report: &mut Report<'_>) {
    let text = format!("{}: the module exports `{}: (u32, u32, u32, u32) -> u32`", function.name, function.export);
    report.add_result(1, &text, has_type(module, &function.export, 4, 1));
    if let Some(warm_up) = &function.warm_up {
        let text = format!("{}: the module exports `{warm_up}: () -> ()`", function.name);
        report.add_result(1, &text, has_type(module, warm_up, 0, 0));
    }
}

fn has_type(module: &Module, name: &str, parameters: usize, results: usize) -> Result<(), Broken> {
    let expected = FuncType::new(vec![ValType::I32; parameters], vec![ValType::I32; results]);
    match module.get_export(name) {
        None => Err(Broken::new(1, "there is no such export")),
        Some(ExternType::Func(found)) if found == expected => Ok(()),
        Some(ExternType::Func(found)) => {
            Err(Broken::new(1, format!("its type is {:?} -> {:?}", found.params(), found.results())))
        }
        Some(_) => Err(Broken::new(1, "it is not a function")),
    }
}

pub(crate) fn variants(engine: &Engine, file: &Path, declared: &[Function], report: &mut Report<'_>) {
    let relaxed_simd = file.with_extension("relaxed-simd.wasm");
    if let Ok(bytes) = std::fs::read(&relaxed_simd) {
        let result = same_manifest(engine, &bytes, file, declared).map(|_| ());
        report.add_result(8, "the variant with relaxed SIMD has the same manifest", result);
        metered_copy(engine, &relaxed_simd, file, declared, report);
    }
    metered_copy(engine, file, file, declared, report);
}

/// Checks the metered copy of `source`, a variant of the module in `file`.
fn metered_copy(engine: &Engine, source: &Path, file: &Path, declared: &[Function], report: &mut Report<'_>) {
    let copy = bluecrab_meter::file_of(source);
    let (Ok(bytes), Ok(of)) = (std::fs::read(&copy), std::fs::read(source)) else { return };
    let name = copy.file_name().unwrap_or_default().display();
    let current = if bluecrab_meter::is_copy_of(&bytes, &of) {
        Ok(())
    } else {
        Err(Broken::new(8, "it was made from another module: run `bluecrab build`, or remove it"))
    };
    report.add_result(8, &format!("{name} is the metered copy of this module"), current);
    let result = same_manifest(engine, &bytes, file, declared).and_then(|module| has_fuel(&module));
    report.add_result(8, &format!("{name} has the same manifest, and exports `{FUEL}: (mut i32)`"), result);
}

/// The manifest is in the bytes, or in the file next to the module.
fn same_manifest(engine: &Engine, bytes: &[u8], file: &Path, declared: &[Function]) -> Result<Module, Broken> {
    let module = Module::new(engine, bytes).map_err(|error| Broken::new(8, error.to_string()))?;
    let same = manifest::of_module(&module, file)? == declared;
    if same { Ok(module) } else { Err(Broken::new(8, "the manifests differ")) }
}

fn has_fuel(module: &Module) -> Result<(), Broken> {
    match module.get_export(FUEL) {
        Some(ExternType::Global(global))
            if global.content() == ValType::I32 && global.mutability() == Mutability::Var =>
        {
            Ok(())
        }
        Some(_) => Err(Broken::new(8, format!("`{FUEL}` has another type"))),
        None => Err(Broken::new(8, "there is no such export")),
    }
}
