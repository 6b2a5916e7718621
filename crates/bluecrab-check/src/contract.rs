//! Checks the types of a module's exports (section 1) and the manifest of its variant (section 8).

use crate::manifest::{self, Function};
use crate::report::{Broken, Report};
use std::path::Path;
use wasmi::{Engine, ExternType, FuncType, Module, ValType};

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

pub(crate) fn variant(engine: &Engine, file: &Path, declared: &[Function], report: &mut Report<'_>) {
    let variant = file.with_extension("relaxed-simd.wasm");
    let Ok(bytes) = std::fs::read(&variant) else { return };
    let result = Module::new(engine, bytes).map_err(|error| Broken::new(8, error.to_string())).and_then(|module| {
        let same = manifest::of_module(&module, &variant)? == declared;
        if same { Ok(()) } else { Err(Broken::new(8, "the manifests differ")) }
    });
    report.add_result(8, "the variant with relaxed SIMD has the same manifest", result);
}
