//! A sound module passes; each defect fails in the line of its rule.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use bluecrab_check::{Line, Outcome, check};
use std::fs;
use std::time::Duration;

/// Of one call.
const LIMIT: Duration = Duration::from_secs(20);

const SOUND: &str = include_str!("sound.wat");

/// A defect: what of the sound module becomes what, and the section and the text of the one line that fails.
struct Defect {
    from: &'static str,
    to: &'static str,
    section: u8,
    text: &'static str,
}

const DEFECTS: [Defect; 29] = [
    Defect {
        from: r#"(memory (export "memory") 1)"#,
        to: r#"(memory (export "mem") 1)"#,
        section: 1,
        text: "exported as `memory`: there is no such export",
    },
    Defect {
        from: r#"(memory (export "memory") 1)"#,
        to: r#"(memory (export "memory") 1 2 shared)"#,
        section: 1,
        text: "its memory is shared",
    },
    Defect {
        from: r#"(memory (export "memory") 1)"#,
        to: r#"(memory (export "memory") 1) (memory 1)"#,
        section: 10,
        text: "it has 2 memories; one is allowed",
    },
    Defect {
        from: "(global $next",
        to: "(table 60000 funcref) (table 40001 externref) (global $next",
        section: 10,
        text: "its tables have 100001 entries from the start; the most is 100000",
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
        text: "it has types of garbage-collected objects",
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
        text: "it cannot be instantiated",
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
        text: "panic: it exports `panic: (u32, u32, u32, u32) -> u32`: its type is [I32, I32, I32] -> [I32]",
    },
    Defect {
        from: "(global $next (mut i32) (i32.const 1024))",
        to: "(global $next (mut i32) (i32.const 1032))",
        section: 1,
        text: "bluecrab_alloc(32) gave 1032, which is not aligned to 16",
    },
    Defect {
        from: "(local.get $at))\n",
        to: "(global.set $next (i32.const 1024)) (local.get $at))\n",
        section: 1,
        text: "the head and the body of one request overlap",
    },
    Defect {
        from: "(global.set $next (i32.const 1024))\n    (i32.const 16))",
        to: "(i32.const 16))",
        section: 1,
        text: "its memory stays as it is from call 2000 to 10000: it grew by",
    },
    Defect {
        from: "(i32.const 200)",
        to: "(i32.const 0)",
        section: 2,
        text: "the response's status is 0, not 200 to 599",
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
        text: "the response body, 1 bytes at 4294967280, ends outside of the memory",
    },
    Defect {
        from: "(i32.store (i32.const 32) (local.get $body_length))",
        to: "(i32.store (i32.const 32) (i32.and (local.get $body_length) (i32.const -2)))",
        section: 2,
        text: "at 1 bytes it answered 0 bytes, not those that it got",
    },
    Defect { from: "(i32.const 43)", to: "(i32.const 42)", section: 3, text: "the response head is no JSON" },
    Defect { from: "text/plain", to: r"text\\nplai", section: 3, text: "a header that HTTP cannot carry" },
    Defect {
        from: "(i32.store (i32.const 16) (i32.const 200))",
        to: "(if (i32.gt_u (local.get $head_length) (i32.const 9000)) (then unreachable)) (i32.store (i32.const 16) \
             (i32.const 200))",
        section: 3,
        text: "it takes heads with every kind of character: with the head",
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
        text: "line 1: timeoutMs is 0; 1 to 2147483647 is allowed",
    },
    Defect {
        from: r"\22head\22:[",
        to: r"\22timeoutMs\22:2147483648,\22head\22:[",
        section: 4,
        text: "line 1: timeoutMs is 2147483648; 1 to 2147483647 is allowed",
    },
    Defect { from: r"[\22params\22]", to: r"[\22body\22]", section: 4, text: "`body` is no member of a request head" },
    Defect {
        from: r#""bluecrab" "log""#,
        to: r#""env" "log""#,
        section: 5,
        text: "it imports env.log: no function is given it",
    },
    Defect { from: "unreachable)", to: "i32.const 16)", section: 6, text: "panic: it traps" },
    Defect { from: "functions.v1", to: "functions.v2", section: 7, text: "it is of version 2, 2 only, known is 1" },
];

fn lines(wat: &str, limit: Duration) -> Vec<Line> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wasm");
    fs::write(&file, wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"))).unwrap();
    check(&file, limit, |_| ()).unwrap().lines().to_vec()
}

#[test]
fn a_sound_module_passes() {
    let lines = lines(SOUND, LIMIT);
    assert!(lines.iter().all(|line| line.outcome == Outcome::Pass), "{lines:#?}");
    for section in [1, 2, 3, 4, 5, 6, 10] {
        assert!(lines.iter().any(|line| line.section == section), "nothing of section {section}: {lines:#?}");
    }
}

#[test]
fn each_defect_fails_in_its_line() {
    for Defect { from, to, section, text } in DEFECTS {
        assert!(SOUND.contains(from), "the sound module has no {from}");
        let lines = lines(&SOUND.replace(from, to), LIMIT);
        let failed: Vec<&Line> = lines.iter().filter(|line| line.outcome == Outcome::Fail).collect();
        let is_found = failed.iter().any(|line| line.section == section && line.text.contains(text));
        assert!(is_found, "{from} as {to}: expected section {section}, {text}, found {failed:#?}");
    }
}

#[test]
fn what_loops_for_ever_fails_in_time() {
    let body = "(i32.store (i32.const 16) (i32.const 200))";
    let initialize = "(func (export \"panic\")";
    for (from, to, what) in [
        (body, format!("(loop $ever (br $ever)) {body}"), "at 0 bytes a call had not ended after 1 s"),
        (initialize, format!("(func (export \"_initialize\") (loop $ever (br $ever))) {initialize}"), "a call had not"),
        (
            "(i32.const 64) (i32.const 9))\n    unreachable",
            "(i32.const 64) (i32.const 9)) (loop $ever (br $ever)) unreachable".to_owned(),
            "panic: it traps, and a new instance answers echo as before: a call had not ended",
        ),
    ] {
        assert!(SOUND.contains(from), "the sound module has no {from}");
        let lines = lines(&SOUND.replace(from, &to), Duration::from_secs(1));
        let is_late = |line: &Line| line.outcome == Outcome::Fail && line.section == 10 && line.text.contains(what);
        assert!(lines.iter().any(is_late), "{to}: {lines:#?}");
    }
}

/// Calls a function of WASI as the module starts; what it returns must be 0.
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
    // A subscription to the monotonic clock, 1 ms from now; one event, of a clock and without an error.
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
            "longer than a call may take",
        ),
    ] {
        let lines = lines(&at_start(name, parameters, call), LIMIT);
        let failed = |line: &&Line| line.outcome == Outcome::Fail && line.text.contains(what);
        assert!(lines.iter().any(|line| failed(&line)), "{name}: {lines:#?}");
    }
}

#[test]
fn what_is_no_module_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wasm");
    fs::write(&file, "(module)").unwrap();
    let report = check(&file, LIMIT, |_| ()).unwrap();
    assert!(report.has_failed());
    assert_eq!((report.lines().len(), report.lines()[0].section), (1, 1));
}

#[test]
fn a_manifest_beside_the_module_is_read() {
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
    assert!(report.lines().iter().any(|line| line.text.starts_with("echo-beside: it gives back")));
}
