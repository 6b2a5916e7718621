//! Functions of other triggers than HTTP: a correct module passes, and each defect fails in the line of its rule.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use bluecrab_check::{Line, Outcome, check};
use std::time::Duration;

/// The function `queue` writes the first four bytes of the body to an output: a part of its message or of an input. It
/// traps without a request head. The function `timer` traps unless the body begins with a brace.
const SOUND: &str = r#"(module
  (memory (export "memory") 8)
  (data (i32.const 64)
    "{\22outputs\22:[{\22name\22:\22done\22,\22offset\22:0,\22length\22:4,\22kind\22:\22bytes\22}]}")
  (global $next (mut i32) (i32.const 1024))
  (func (export "bluecrab_alloc") (param $length i32) (result i32)
    (global.get $next)
    (global.set $next
      (i32.and (i32.add (i32.add (global.get $next) (local.get $length)) (i32.const 15)) (i32.const -16))))
  (func (export "queue")
    (param $head i32) (param $head_length i32) (param $body i32) (param $body_length i32) (result i32)
    (global.set $next (i32.const 1024))
    (if (i32.eqz (local.get $head_length)) (then unreachable))
    (i32.store (i32.const 16) (i32.const 200))
    (i32.store (i32.const 20) (i32.const 64))
    (i32.store (i32.const 24) (i32.const 66))
    (i32.store (i32.const 28) (local.get $body))
    (i32.store (i32.const 32) (local.get $body_length))
    (i32.const 16))
  (func (export "timer")
    (param $head i32) (param $head_length i32) (param $body i32) (param $body_length i32) (result i32)
    (global.set $next (i32.const 1024))
    (if (i32.ne (i32.load8_u (local.get $body)) (i32.const 123)) (then unreachable))
    (i32.store (i32.const 40) (i32.const 204))
    (i32.const 40))
  (@custom "bluecrab.functions.v1" "{\22name\22:\22queue\22,\22export\22:\22queue\22,\22trigger\22:{\22type\22:\22queueTrigger\22,\22queueName\22:\22jobs\22},\22head\22:[\22metadata:dequeueCount\22],\22inputs\22:[{\22name\22:\22one\22,\22type\22:\22blob\22},{\22name\22:\22two\22,\22type\22:\22blob\22}],\22outputs\22:[{\22name\22:\22done\22,\22type\22:\22queue\22}],\22requires\22:[\22trigger\22,\22inputs\22,\22outputs\22]}\0a")
  (@custom "bluecrab.functions.v1" "{\22name\22:\22timer\22,\22export\22:\22timer\22,\22trigger\22:{\22type\22:\22timerTrigger\22},\22retry\22:{\22strategy\22:\22fixedDelay\22,\22maxRetryCount\22:-1,\22delayMs\22:1000}}\0a"))"#;

fn lines(wat: &str) -> Vec<Line> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wasm");
    std::fs::write(&file, wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"))).unwrap();
    check(&file, Duration::from_secs(300), |_| ()).unwrap().lines().to_vec()
}

#[test]
fn a_correct_module_passes() {
    let lines = lines(SOUND);
    // Without a function that panics, some lines are skipped.
    assert!(lines.iter().all(|line| line.outcome != Outcome::Fail), "{lines:#?}");
    for text in ["queue: it answers bodies of 0 to 65537 bytes", "timer: it answers what its timerTrigger brings"] {
        assert!(lines.iter().any(|line| line.text == text), "{text}: {lines:#?}");
    }
}

#[test]
fn each_defect_fails_in_its_line() {
    for (from, to, section, text) in [
        (r"\22offset\22:0", r"\22offset\22:9", 13, "the output `done` outside of the body of 4 bytes"),
        (
            r"\22name\22:\22done\22,\22off",
            r"\22name\22:\22gone\22,\22off",
            13,
            "the output `gone`, which the manifest does not",
        ),
        (r"kind\22:\22bytes", r"kind\22:\22files", 13, r#"the kind "files": expected bytes, text or json"#),
        (r"\22bytes\22}", r"\22json\22 }", 13, r#"whose bytes are not of the kind "json""#),
        (
            r"\22outputs\22:[{\22name\22:\22done\22,\22type",
            r"\22outputs\22:[{\22name\22:\22one\22,\22type",
            4,
            "two bindings have the name `one`",
        ),
        (r"\22requires\22:[", r"\22requires\22:[\22threads\22,", 4, "it requires `threads`"),
        ("fixedDelay", "linear", 4, "unknown variant `linear`"),
        ("timerTrigger", "timer", 4, "`timer` is not the type of a trigger"),
        (r"metadata:dequeueCount", "dequeueCount", 4, "`dequeueCount` is not a member of a request head"),
    ] {
        assert!(SOUND.contains(from), "the sound module has no {from}");
        let lines = lines(&SOUND.replace(from, to));
        let is_found =
            |line: &Line| line.outcome == Outcome::Fail && line.section == section && line.text.contains(text);
        assert!(lines.iter().any(is_found), "{from} replaced by {to}: {lines:#?}");
    }
}
