//! A correct module passes every rule. Each defect fails in the line of the rule that it breaks.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use bluecrab_check::{Line, Outcome, check};
use std::fs;
use std::time::Duration;

/// The deadline of one call. So many calls must fit into it, on a busy machine too, that the check skips nothing.
const LIMIT: Duration = Duration::from_secs(300);

const SOUND: &str = include_str!("sound.wat");

/// A defect: the text to replace in the correct module, its replacement, and the section and the text of the line that
/// must fail.
struct Defect {
    from: &'static str,
    to: &'static str,
    section: u8,
    text: &'static str,
}

const DEFECTS: [Defect; 31] = [
    Defect {
        from: r"\22export\22:\22panic\22,",
        to: r"\22export\22:\22panic\22,\22warmUp\22:\22example\22,",
        section: 1,
        text: "panic: the module exports `example: () -> ()`: there is no such export",
    },
    Defect {
        from: r#"(memory (export "memory") 1)"#,
        to: r#"(memory (export "mem") 1)"#,
        section: 1,
        text: "as `memory`: there is no such export",
    },
    Defect {
        from: r#"(memory (export "memory") 1)"#,
        to: r#"(memory (export "memory") 1 2 shared)"#,
        section: 1,
        text: "the memory of the module is shared",
    },
    Defect {
        from: r#"(memory (export "memory") 1)"#,
        to: r#"(memory (export "memory") 1) (memory 1)"#,
        section: 10,
        text: "the module has 2 memories; one is allowed",
    },
    Defect {
        from: "(global $next",
        to: "(table 60000 funcref) (table 40001 externref) (global $next",
        section: 10,
        text: "the tables have 100001 entries at the start; at most 100000 are allowed",
    },
    Defect {
        from: "(global $next",
        to: "(table i64 1 funcref) (global $next",
        section: 10,
        text: "a table is shared or has 64-bit indices",
    },
    Defect {
        from: "(global $next",
        to: "(type (array i32)) (global $next",
        section: 10,
        text: "the module has types of garbage-collected objects",
    },
    Defect {
        from: r#"(func (export "panic")"#,
        to: r#"(func (export "bluecrab_log_level") (result i32) (i32.const 2)) (func (export "panic")"#,
        section: 1,
        text: "`bluecrab_log_level: (u32) -> ()`: its type is [] -> [I32]",
    },
    Defect {
        from: r#"(func (export "panic")"#,
        to: r#"(func (export "bluecrab_log_level") (param i32) unreachable) (func (export "panic")"#,
        section: 6,
        text: "bluecrab_log_level: ",
    },
    Defect {
        from: r#"(func (export "panic")"#,
        to: r#"(func $begin unreachable) (start $begin) (func (export "panic")"#,
        section: 6,
        text: "the module cannot be instantiated",
    },
    Defect {
        from: r#"(func (export "bluecrab_alloc")"#,
        to: r#"(func (export "alloc")"#,
        section: 1,
        text: "`bluecrab_alloc: (u32) -> u32`: there is no such export",
    },
    Defect {
        from: r#"(func (export "panic") (param i32 i32 i32 i32)"#,
        to: r#"(func (export "panic") (param i32 i32 i32)"#,
        section: 1,
        text: "panic: the module exports `panic: (u32, u32, u32, u32) -> u32`: its type is [I32, I32, I32] -> [I32]",
    },
    Defect {
        from: "(global $next (mut i32) (i32.const 1024))",
        to: "(global $next (mut i32) (i32.const 1032))",
        section: 1,
        text: "bluecrab_alloc(32) returned 1032, which is not aligned to 16",
    },
    Defect {
        from: "(local.get $at))\n",
        to: "(global.set $next (i32.const 1024)) (local.get $at))\n",
        section: 1,
        text: "overlapping buffers for the head and the body of one request",
    },
    Defect {
        from: "(global.set $next (i32.const 1024))\n    (i32.const 16))",
        to: "(i32.const 16))",
        section: 1,
        text: "its memory does not grow from call 2000 to call 10000: it grew by",
    },
    Defect {
        from: "(i32.const 200)",
        to: "(i32.const 0)",
        section: 2,
        text: "the status of the response is 0, which is not from 200 to 599",
    },
    Defect {
        from: "(i32.const 1024))\n    (i32.const 16))",
        to: "(i32.const 1024))\n    (i32.const 17))",
        section: 2,
        text: "the response record at 17 is not aligned to 4",
    },
    Defect {
        from: "(i32.store (i32.const 28) (local.get $body))",
        to: "(i32.store (i32.const 28) (i32.const -16))",
        section: 2,
        text: "the response body ends outside of the memory: it has 1 bytes at 4294967280",
    },
    Defect {
        from: "(i32.store (i32.const 32) (local.get $body_length))",
        to: "(i32.store (i32.const 32) (i32.and (local.get $body_length) (i32.const -2)))",
        section: 2,
        text: "with a body of 1 bytes: it answered with 0 bytes that differ from the request's body",
    },
    Defect { from: "(i32.const 43)", to: "(i32.const 42)", section: 3, text: "the response head is not JSON" },
    Defect { from: "text/plain", to: r"text\\nplai", section: 3, text: "a header that HTTP cannot carry" },
    Defect {
        from: "(i32.store (i32.const 16) (i32.const 200))",
        to: "(if (i32.gt_u (local.get $head_length) (i32.const 9000)) (then unreachable)) (i32.store (i32.const 16) \
             (i32.const 200))",
        section: 3,
        text: "it reads request heads with every kind of character: with the head",
    },
    Defect { from: r"httpTrigger\22}}\0a", to: r"httpTrigger\22}\0a", section: 4, text: "line 1: " },
    Defect {
        from: r"\22name\22:\22panic\22",
        to: r"\22name\22:\22echo\22",
        section: 4,
        text: "echo is declared twice",
    },
    Defect {
        from: r"\22head\22:[",
        to: r"\22timeoutMs\22:0,\22head\22:[",
        section: 4,
        text: "line 1: timeoutMs is 0, but must be from 1 to 2147483647",
    },
    Defect {
        from: r"\22head\22:[",
        to: r"\22timeoutMs\22:2147483648,\22head\22:[",
        section: 4,
        text: "line 1: timeoutMs is 2147483648, but must be from 1 to 2147483647",
    },
    Defect {
        from: r"\22head\22:[",
        to: r"\22run\22:\22inline\22,\22head\22:[",
        section: 4,
        text: "line 1: unknown variant `inline`, expected one of `auto`, `pool`, `fresh`",
    },
    Defect {
        from: r"[\22params\22]",
        to: r"[\22body\22]",
        section: 4,
        text: "`body` is not a member of a request head",
    },
    Defect {
        from: r#""bluecrab" "log""#,
        to: r#""env" "log""#,
        section: 5,
        text: "the module imports env.log: the runtime library does not provide it",
    },
    Defect { from: "unreachable)", to: "i32.const 16)", section: 6, text: "panic: it traps" },
    Defect {
        from: "functions.v1",
        to: "functions.v2",
        section: 7,
        text: "it has version 2, but only version 1 is supported",
    },
];

fn lines(wat: &str, limit: Duration) -> Vec<Line> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wasm");
    fs::write(&file, wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"))).unwrap();
    check(&file, limit, |_| ()).unwrap().lines().to_vec()
}

#[test]
fn a_correct_module_passes() {
    let lines = lines(SOUND, LIMIT);
    assert!(lines.iter().all(|line| line.outcome == Outcome::Pass), "{lines:#?}");
    for section in [1, 2, 3, 4, 5, 6, 10] {
        assert!(lines.iter().any(|line| line.section == section), "no line of section {section}: {lines:#?}");
    }
}

#[test]
fn a_metered_copy_must_be_of_this_module_and_have_fuel() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wasm");
    let module = wat::parse_str(SOUND).unwrap();
    fs::write(&file, &module).unwrap();
    let of_copy = || {
        let lines = check(&file, LIMIT, |_| ()).unwrap().lines().to_vec();
        lines.into_iter().filter(|line| line.section == 8).collect::<Vec<_>>()
    };
    assert_eq!(of_copy(), []);
    bluecrab_meter::write(&file).unwrap().unwrap();
    let lines = of_copy();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.outcome == Outcome::Pass), "{lines:#?}");
    // The module changes, and its copy is out of date.
    fs::write(&file, wat::parse_str(SOUND.replace("i32.const 200", "i32.const 201")).unwrap()).unwrap();
    assert!(of_copy()[0].text.contains("made from another module") && of_copy()[0].outcome == Outcome::Fail);
    fs::write(bluecrab_meter::file_of(&file), &module).unwrap();
    assert!(of_copy()[1].text.ends_with("exports `bluecrab_fuel: (mut i32)`: there is no such export"));
}

#[test]
fn each_defect_fails_in_its_line() {
    for Defect { from, to, section, text } in DEFECTS {
        assert!(SOUND.contains(from), "the sound module has no {from}");
        let lines = lines(&SOUND.replace(from, to), LIMIT);
        let failed: Vec<&Line> = lines.iter().filter(|line| line.outcome == Outcome::Fail).collect();
        let is_found = failed.iter().any(|line| line.section == section && line.text.contains(text));
        assert!(is_found, "{from} replaced by {to}: expected section {section}, {text}; found {failed:#?}");
    }
}

#[test]
fn a_trap_is_reported_with_its_reason_and_without_the_advice_of_rust() {
    let (reason, advice) =
        ("there is no row", "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace");
    let log =
        |start: usize, text: &str| format!("(call $log (i32.const 5) (i32.const {start}) (i32.const {}))", text.len());
    let traps = format!("{} {} unreachable", log(2048, reason), log(2048 + reason.len(), advice));
    let wat = SOUND
        .replace("(global $next", &format!("(data (i32.const 2048) \"{reason}{advice}\") (global $next"))
        .replace("(i32.store (i32.const 16)", &format!("{traps} (i32.store (i32.const 16)"));
    let lines = lines(&wat, LIMIT);
    let failed: Vec<&str> =
        lines.iter().filter(|line| line.outcome == Outcome::Fail).map(|line| line.text.as_str()).collect();
    let is_right = |text: &&str| text.ends_with("the last log entry is: there is no row");
    assert!(failed.iter().any(is_right) && !failed.iter().any(|text| text.contains("BACKTRACE")), "{failed:#?}");
}

#[test]
fn too_many_imports_and_exports_fail() {
    for (what, most, entry) in [
        ("imports", 256 << 10, r#"(import "bluecrab" "log" (func (param i32 i32 i32)))"#),
        (
            "exports",
            1 << 20,
            r#"(export "NUMBER bytes of a long name, so that few are enough: 0123456789" (memory 0))"#,
        ),
    ] {
        let entries: String = (0..most / 15).map(|number| entry.replace("NUMBER", &number.to_string())).collect();
        let place = if what == "imports" { "(import" } else { "(memory (export" };
        let wat = SOUND.replacen(place, &format!("{entries} {place}"), 1);
        let lines = lines(&wat, LIMIT);
        let start = format!("the {what} have ");
        assert!(lines[0].text.starts_with(&start) && lines[0].section == 10, "{lines:#?}");
    }
}

#[test]
fn a_function_with_an_instance_for_each_call_may_serve_one_call() {
    let traps = r#"(if (global.get $used) (then unreachable)) (global.set $used (i32.const 1))"#;
    let once = SOUND
        .replace("(global $next", "(global $used (mut i32) (i32.const 0)) (global $next")
        .replace("(i32.store (i32.const 16)", &format!("{traps} (i32.store (i32.const 16)"));
    let has_failed = |wat: &str| lines(wat, LIMIT).iter().any(|line| line.outcome == Outcome::Fail);
    assert!(has_failed(&once));
    let run = r"\22run\22:\22fresh\22,\22requires\22:[\22fresh\22],";
    assert!(!has_failed(&once.replace(r"\22export\22:\22echo\22,", &format!(r"\22export\22:\22echo\22,{run}"))));
}

#[test]
fn an_endless_loop_fails_at_the_deadline() {
    let body = "(i32.store (i32.const 16) (i32.const 200))";
    let initialize = "(func (export \"panic\")";
    for (from, to, what) in [
        (body, format!("(loop $ever (br $ever)) {body}"), "with a body of 0 bytes: a call did not end within 1 s"),
        (
            initialize,
            format!("(func (export \"_initialize\") (loop $ever (br $ever))) {initialize}"),
            "a call did not end",
        ),
        (
            "(i32.const 64) (i32.const 9))\n    unreachable",
            "(i32.const 64) (i32.const 9)) (loop $ever (br $ever)) unreachable".to_owned(),
            "panic: it traps, and a new instance answers echo as before the trap: a call did not end",
        ),
    ] {
        assert!(SOUND.contains(from), "the sound module has no {from}");
        let lines = lines(&SOUND.replace(from, &to), Duration::from_secs(1));
        let is_late = |line: &Line| line.outcome == Outcome::Fail && line.section == 10 && line.text.contains(what);
        assert!(lines.iter().any(is_late), "{to}: {lines:#?}");
    }
}

/// A module that calls a WASI function when it starts, and traps if the result is not 0.
fn at_start(name: &str, parameters: &str, call: &str) -> String {
    let import =
        format!(r#"(import "wasi_snapshot_preview1" "{name}" (func $wasi (param {parameters}) (result i32)))"#);
    let initialize = format!(r#"(func (export "_initialize") (if {call} (then unreachable)))"#);
    SOUND
        .replace("(memory (export", &format!("{import} (memory (export"))
        .replace("(func (export \"panic\")", &format!("{initialize} (func (export \"panic\")"))
}

#[test]
fn a_sleeping_module_passes() {
    // Subscribes to the monotonic clock in 1 ms, and expects one event without an error.
    let call = "(i32.or
        (i32.store (i32.const 216) (i32.const 1)) (i64.store (i32.const 224) (i64.const 1000000))
        (call $wasi (i32.const 200) (i32.const 300) (i32.const 1) (i32.const 400))
        (i32.or (i32.load (i32.const 308)) (i32.ne (i32.load (i32.const 400)) (i32.const 1))))";
    let lines = lines(&at_start("poll_oneoff", "i32 i32 i32 i32", call), LIMIT);
    assert!(lines.iter().all(|line| line.outcome == Outcome::Pass), "{lines:#?}");
}

#[test]
fn a_call_of_wasi_with_huge_numbers_ends_at_once() {
    for (name, parameters, call, what) in [
        ("random_get", "i32 i32", "(call $wasi (i32.const 16) (i32.const -1))", "a pointer outside of the memory"),
        (
            "fd_write",
            "i32 i32 i32 i32",
            "(call $wasi (i32.const 1) (i32.const -8) (i32.const -1) (i32.const 0))",
            "a pointer outside of the memory",
        ),
        (
            "poll_oneoff",
            "i32 i32 i32 i32",
            "(call $wasi (i32.const -8) (i32.const -8) (i32.const -1) (i32.const -8))",
            "a pointer outside of the memory",
        ),
        (
            "poll_oneoff",
            "i32 i32 i32 i32",
            "(i32.store (i32.const 216) (i32.const 1)) (i64.store (i32.const 224) (i64.const -1))
                (call $wasi (i32.const 200) (i32.const 300) (i32.const 1) (i32.const 400))",
            "longer than the deadline of a call",
        ),
    ] {
        let lines = lines(&at_start(name, parameters, call), LIMIT);
        let failed = |line: &&Line| line.outcome == Outcome::Fail && line.text.contains(what);
        assert!(lines.iter().any(|line| failed(&line)), "{name}: {lines:#?}");
    }
}

#[test]
fn a_file_that_is_not_a_module_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wasm");
    fs::write(&file, "(module)").unwrap();
    let report = check(&file, LIMIT, |_| ()).unwrap();
    assert!(report.has_failed());
    assert_eq!((report.lines().len(), report.lines()[0].section), (1, 1));
}

#[test]
fn a_manifest_next_to_the_module_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wasm");
    let wat = SOUND.replace("bluecrab.functions.v1", "another");
    fs::write(&file, wat::parse_str(wat).unwrap()).unwrap();
    let failed = check(&file, LIMIT, |_| ()).unwrap();
    assert!(failed.lines().iter().any(|line| line.outcome == Outcome::Fail && line.section == 4));
    let manifest = r#"{"name":"echo-beside","export":"echo","trigger":{"type":"httpTrigger"}}"#;
    fs::write(folder.path().join("module.functions.json"), manifest).unwrap();
    let report = check(&file, LIMIT, |_| ()).unwrap();
    assert!(!report.has_failed(), "{:#?}", report.lines());
    assert!(report.lines().iter().any(|line| line.text.starts_with("echo-beside: it returns bodies of 0")));
}
