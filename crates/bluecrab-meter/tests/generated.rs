//! Generated modules: with little fuel the copy ends, and with enough fuel it returns what the module returns.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use arbitrary::Unstructured;
use bluecrab_meter::{FUEL, meter};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use wasmi::{Config, Engine, Instance, Linker, Module, Store, TrapCode, Val, ValType};

/// What the interpreter may count in one call.
const LIMIT: u64 = 1_000_000;

fn generate(bytes: &[u8]) -> Option<Vec<u8>> {
    let config = wasm_smith::Config {
        // The copy or the interpreter does not support these features.
        gc_enabled: false,
        threads_enabled: false,
        memory64_enabled: false,
        exceptions_enabled: false,
        wide_arithmetic_enabled: false,
        compact_imports_enabled: false,
        max_imports: 0,
        max_memory32_bytes: 1 << 20,
        max_table_elements: 1000,
        allow_start_export: false,
        export_everything: true,
        min_funcs: 1,
        ..wasm_smith::Config::default()
    };
    Some(wasm_smith::Module::new(config, &mut Unstructured::new(bytes)).ok()?.to_bytes())
}

fn start(module: &[u8]) -> Option<(Store<()>, Instance)> {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, module).ok()?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(LIMIT).unwrap();
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).ok()?;
    Some((store, instance))
}

/// Calls each exported function in a new instance. Returns its results as text, or its trap.
fn results(module: &[u8], fuel: Option<i32>) -> Vec<Result<String, TrapCode>> {
    let Some((store, instance)) = start(module) else { return Vec::new() };
    let functions = instance.exports(&store).filter(|export| export.ty(&store).func().is_some());
    let names: Vec<String> = functions.map(|export| export.name().to_owned()).collect();
    let mut all = Vec::new();
    for name in names {
        let (mut store, instance) = start(module).unwrap();
        if let Some(fuel) = fuel {
            if fuel < i32::MAX {
                // The interpreter charges for growing by billions, which fails at once. A copy that does not end hangs
                // here.
                store.set_fuel(1 << 50).unwrap();
            }
            instance.get_global(&store, FUEL).unwrap().set(&mut store, Val::I32(fuel)).unwrap();
        }
        let function = instance.get_func(&store, &name).unwrap();
        let ty = function.ty(&store);
        let zeros = |types: &[ValType]| types.iter().map(|ty| Val::default_for_ty(*ty)).collect::<Vec<_>>();
        let (parameters, mut results) = (zeros(ty.params()), zeros(ty.results()));
        all.push(match function.call(&mut store, &parameters, &mut results) {
            Ok(()) => Ok(results.iter().map(text).collect()),
            Err(error) => Err(error.as_trap_code().unwrap()),
        });
    }
    all
}

/// References differ from store to store.
fn text(value: &Val) -> String {
    match value {
        Val::FuncRef(_) | Val::ExternRef(_) => "reference;".to_owned(),
        value => format!("{value:?};"),
    }
}

/// The generator and the interpreter are not ours, so the usual modules are the same in every run.
/// `PROPTEST_CASES=3000` tries that many other modules.
fn config() -> ProptestConfig {
    let usual = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => usual,
        None => ProptestConfig { cases: 64, rng_seed: RngSeed::Fixed(2026), ..usual },
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_copy_ends_and_returns_what_the_module_returns(bytes in prop::collection::vec(any::<u8>(), 500..3000)) {
        let Some(module) = generate(&bytes) else { return Ok(()) };
        let copy = meter(&module).unwrap();
        for fuel in [0, 100, 20_000] {
            prop_assert!(!results(&copy, Some(fuel)).contains(&Err(TrapCode::OutOfFuel)));
        }
        for (expected, result) in results(&module, None).into_iter().zip(results(&copy, Some(i32::MAX))) {
            // The copy executes more, so the interpreter may stop it, or its stack may end, before the module's. A few
            // attempts to grow by billions use up all fuel, which looks like `unreachable`.
            let stopped = |result: &Result<_, TrapCode>| {
                matches!(result, Err(TrapCode::OutOfFuel | TrapCode::StackOverflow))
            };
            let ended = result == Err(TrapCode::UnreachableCodeReached);
            if !stopped(&expected) && !stopped(&result) && !ended {
                prop_assert_eq!(expected, result);
            }
        }
    }
}
