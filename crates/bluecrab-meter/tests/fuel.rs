//! A copy ends when its fuel ends, whatever it runs. Until then it returns what the module returns.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use bluecrab_meter::{FUEL, meter};
use wasmi::{Config, Engine, Instance, Linker, Module, Store, TrapCode, Val};

/// The interpreter counts too. If a copy runs for longer than this, it does not end by its own fuel.
const ENOUGH: u64 = 50_000_000;

fn start(module: &[u8]) -> (Store<()>, Instance) {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, module).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(ENOUGH).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "work", || {}).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    (store, instance)
}

/// Calls the export `run` with this much fuel. Returns the trap, if there was one, and the fuel that is left.
fn run(module: &[u8], fuel: i32) -> (Option<TrapCode>, i32) {
    let (mut store, instance) = start(module);
    let left = instance.get_global(&store, FUEL).unwrap();
    left.set(&mut store, Val::I32(fuel)).unwrap();
    let run = instance.get_typed_func::<(), ()>(&store, "run").unwrap();
    let trap = run.call(&mut store, ()).err().map(|error| error.as_trap_code().unwrap());
    (trap, left.get(&store).i32().unwrap())
}

fn metered(text: &str) -> Vec<u8> {
    meter(&wat::parse_str(text).unwrap()).unwrap()
}

#[test]
fn everything_that_could_run_for_ever_ends() {
    for text in [
        r#"(module (func (export "run") (loop (br 0))))"#,
        r#"(module (func (export "run") (loop (block (br_if 1 (i32.const 1)) (br 1)))))"#,
        r#"(module (func (export "run") (loop (loop (br_if 1 (i32.const 1))))))"#,
        r#"(module (func (export "run") (loop (br_table 0 0 (i32.const 3)))))"#,
        r#"(module (func (export "run") (loop (if (i32.const 0) (then) (else (br 1))))))"#,
        r#"(module (func $short) (func (export "run") (loop (call $short) (br 0))))"#,
        r#"(module (import "host" "work" (func $work)) (func (export "run") (loop (call $work) (br 0))))"#,
        r#"(module (func $run (export "run") (return_call $run)))"#,
        r#"(module (type $t (func)) (table 1 funcref) (elem (i32.const 0) $run)
             (func $run (export "run") (return_call_indirect (type $t) (i32.const 0))))"#,
        // Each function calls the next one twice, without recursion.
        &doubling(48),
        r#"(module (memory 1 1)
             (func (export "run") (loop (memory.fill (i32.const 0) (i32.const 0) (i32.const 65536)) (br 0))))"#,
        r#"(module (memory 1 1)
             (func (export "run") (loop (drop (memory.grow (i32.const -1))) (br 0))))"#,
        r#"(module (table 1 1 funcref)
             (func (export "run") (loop (drop (table.grow (ref.null func) (i32.const -1))) (br 0))))"#,
    ] {
        let copy = metered(text);
        for fuel in [0, 1, 1000, 1_000_000] {
            let (trap, left) = run(&copy, fuel);
            assert_eq!(trap, Some(TrapCode::UnreachableCodeReached), "{text} with {fuel}");
            assert!(left < 0, "{text} with {fuel}: {left}");
        }
    }
}

fn doubling(functions: usize) -> String {
    let calls = (1..functions).map(|index| format!("(func $f{} (call $f{index}) (call $f{index}))", index - 1));
    format!("(module {} (func $f{}) (export \"run\" (func $f0)))", calls.collect::<String>(), functions - 1)
}

#[test]
fn recursion_is_charged() {
    let text = r#"(module (func $run (export "run") (call $other)) (func $other (call $run)))"#;
    assert_eq!(run(&metered(text), 100), (Some(TrapCode::UnreachableCodeReached), -1));
    // With more fuel, the stack ends first.
    assert_eq!(run(&metered(text), i32::MAX).0, Some(TrapCode::StackOverflow));
}

#[test]
fn lengths_are_charged_and_never_wrap() {
    let memory =
        |instruction: &str| format!(r#"(module (memory 1 1) (data "ab") (func (export "run") {instruction}))"#);
    let table =
        |instruction: &str| format!(r#"(module (table 1 1 funcref) (elem func) (func (export "run") {instruction}))"#);
    let of_bytes = ["fill (i32.const 0)", "copy (i32.const 0)", "init 0 (i32.const 0)"];
    let of_entries = [
        "fill (i32.const 0) (ref.null func)",
        "copy (i32.const 0) (i32.const 0)",
        "init 0 (i32.const 0) (i32.const 0)",
    ];
    for length in ["(i32.const 0xffffffff)", "(i32.const 0x7fffffff)", "(i32.const 0xffff)"] {
        let mut modules = vec![
            memory(&format!("(drop (memory.grow {length}))")),
            table(&format!("(drop (table.grow (ref.null func) {length}))")),
        ];
        modules.extend(of_bytes.map(|start| memory(&format!("(memory.{start} (i32.const 0) {length})"))));
        modules.extend(of_entries.map(|start| table(&format!("(table.{start} {length})"))));
        for text in modules {
            let copy = metered(&text);
            let (trap, left) = run(&copy, 5000);
            assert!(left < 0 && trap == Some(TrapCode::UnreachableCodeReached), "{text}: {left}");
            // With enough fuel, the instruction itself runs or fails.
            assert_ne!(run(&copy, i32::MAX).0, Some(TrapCode::UnreachableCodeReached), "{text}");
        }
    }
    let used = |instruction: &str| i32::MAX - run(&metered(&memory(instruction)), i32::MAX).1;
    let fill = |length: u32| used(&format!("(memory.fill (i32.const 0) (i32.const 0) (i32.const {length}))"));
    assert_eq!(fill(65_536) - fill(0), 32_768);
    let grow = |pages: u32| used(&format!("(drop (memory.grow (i32.const {pages})))"));
    assert_eq!(grow(100) - grow(0), 100 * 32_768);
    // The whole memory, and lengths that no memory has, cost the most.
    for pages in [0xffff, 0x1_0000, 0x2_0000, 0xffff_ffff] {
        assert_eq!(grow(pages) - grow(0), 0xffff * 32_768, "{pages}");
    }
}

#[test]
fn a_branch_pays_little_for_what_it_skips() {
    let long = "(global.set $g (i32.const 1))".repeat(10_000);
    let module = |taken: i32| {
        let skip = format!("(block (br_if 0 (i32.const {taken})) {long})");
        metered(&format!(
            r#"(module (global $g (mut i32) (i32.const 0)) (func (export "run") (loop {skip} {skip} {skip})))"#
        ))
    };
    let used = |taken: i32| i32::MAX - run(&module(taken), i32::MAX).1;
    assert!(used(0) >= 60_000, "{}", used(0));
    assert!(used(1) < 20_100, "{}", used(1));
}
