//! Compares generated modules with their metered copies: the property test and the fuzz target call it.

use arbitrary::Unstructured;
use bluecrab_meter::{FUEL, meter};
use wasmi::{Config, Engine, Extern, Instance, Linker, Module, Store, TrapCode, Val, ValType};

/// The interpreter's own fuel for one call.
const LIMIT: u64 = 1_000_000;
/// The interpreter charges for growing by billions, which fails at once. A copy that does not end hangs with this.
const NO_LIMIT: u64 = 1 << 50;

/// Generates a module from these bytes. With little fuel its copy ends, and with enough fuel it does what the module
/// does.
pub fn check(bytes: &[u8]) {
    let Some(module) = generate(bytes) else { return };
    let copy = meter(&module).unwrap();
    for name in functions(&module) {
        for fuel in [0, 100, 20_000] {
            let call = Call::new(&copy, &name, Some(fuel), NO_LIMIT);
            assert_ne!(call.trap(), Some(TrapCode::OutOfFuel), "{name} with {fuel}");
        }
        let expected = Call::new(&module, &name, None, LIMIT);
        let call = Call::new(&copy, &name, Some(i32::MAX), LIMIT);
        // The copy executes more, so the interpreter may stop it, or its stack may end, before the module's. A few
        // attempts to grow by billions use up all fuel.
        if expected.was_stopped() || call.was_stopped() || call.ran_out() {
            continue;
        }
        assert_eq!((&expected.result, &expected.state), (&call.result, &call.state), "{name}");
        if call.result.is_ok() {
            check_exact_fuel(&copy, &name, &call);
        }
    }
}

/// A call with exactly the fuel that it uses ends as with more fuel, and a call with one unit less runs out.
fn check_exact_fuel(copy: &[u8], name: &str, call: &Call) {
    let used = i32::MAX - call.left.unwrap();
    let exact = Call::new(copy, name, Some(used), NO_LIMIT);
    assert_eq!((&exact.result, &exact.state, exact.left), (&call.result, &call.state, Some(0)), "{name} with {used}");
    if used > 0 {
        assert!(Call::new(copy, name, Some(used - 1), NO_LIMIT).ran_out(), "{name} with {} units", used - 1);
    }
}

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

fn start(module: &[u8], limit: u64) -> Option<(Store<()>, Instance)> {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, module).ok()?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(limit).unwrap();
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).ok()?;
    Some((store, instance))
}

/// Returns the names of the exported functions. A module that cannot start has no functions.
fn functions(module: &[u8]) -> Vec<String> {
    let Some((store, instance)) = start(module, LIMIT) else { return Vec::new() };
    let functions = instance.exports(&store).filter(|export| export.ty(&store).func().is_some());
    functions.map(|export| export.name().to_owned()).collect()
}

/// What a call of a function in a new instance has done.
struct Call {
    /// The results as text, or the trap.
    result: Result<String, TrapCode>,
    /// The memories and globals after the call.
    state: Vec<(String, State)>,
    /// The fuel that is left in a copy.
    left: Option<i32>,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Memory(Vec<u8>),
    Global(String),
}

impl Call {
    fn new(module: &[u8], name: &str, fuel: Option<i32>, limit: u64) -> Self {
        let (mut store, instance) = start(module, LIMIT).unwrap();
        store.set_fuel(limit).unwrap();
        let counter = fuel.map(|fuel| {
            let counter = instance.get_global(&store, FUEL).unwrap();
            counter.set(&mut store, Val::I32(fuel)).unwrap();
            counter
        });
        let function = instance.get_func(&store, name).unwrap();
        let ty = function.ty(&store);
        let zeros = |types: &[ValType]| types.iter().map(|ty| Val::default_for_ty(*ty)).collect::<Vec<_>>();
        let (parameters, mut results) = (zeros(ty.params()), zeros(ty.results()));
        let result = match function.call(&mut store, &parameters, &mut results) {
            Ok(()) => Ok(results.iter().map(text).collect()),
            Err(error) => Err(error.as_trap_code().unwrap()),
        };
        let left = counter.map(|counter| counter.get(&store).i32().unwrap());
        Self { result, state: state(&store, &instance), left }
    }

    fn trap(&self) -> Option<TrapCode> {
        self.result.as_ref().err().copied()
    }

    /// Whether the interpreter has stopped the call.
    fn was_stopped(&self) -> bool {
        matches!(self.trap(), Some(TrapCode::OutOfFuel | TrapCode::StackOverflow))
    }

    /// Whether the copy has stopped the call.
    fn ran_out(&self) -> bool {
        self.left.is_some_and(|left| left < 0) && self.trap() == Some(TrapCode::UnreachableCodeReached)
    }
}

fn state(store: &Store<()>, instance: &Instance) -> Vec<(String, State)> {
    let exports = instance.exports(store).filter(|export| export.name() != FUEL);
    let states = exports.filter_map(|export| {
        let name = export.name().to_owned();
        match export.into_extern() {
            Extern::Memory(memory) => Some((name, State::Memory(memory.data(store).to_vec()))),
            Extern::Global(global) => Some((name, State::Global(text(&global.get(store))))),
            Extern::Table(_) | Extern::Func(_) => None,
        }
    });
    states.collect()
}

/// References differ from store to store.
fn text(value: &Val) -> String {
    match value {
        Val::FuncRef(_) | Val::ExternRef(_) => "reference;".to_owned(),
        value => format!("{value:?};"),
    }
}
