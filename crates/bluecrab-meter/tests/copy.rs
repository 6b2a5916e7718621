//! What a copy contains, which modules cannot have a copy, and how the file is written.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use bluecrab_meter::{file_of, is_copy_of, meter, source, write};
use std::fs;
use wasmparser::{Parser, Payload};

fn module(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

fn custom_sections(module: &[u8]) -> Vec<String> {
    let sections = Parser::new(0).parse_all(module).filter_map(|payload| match payload.unwrap() {
        Payload::CustomSection(section) => Some(section.name().to_owned()),
        _ => None,
    });
    sections.collect()
}

#[test]
fn names_its_module_and_keeps_manifest_and_names() {
    let module = module(
        r#"(module $named (@custom "bluecrab.functions.v1" "{}\n") (@custom ".debug_info" "positions")
             (@custom "metadata.code.branch_hint" "positions") (func $spin (loop (br 0))))"#,
    );
    let copy = meter(&module).unwrap();
    assert_eq!(custom_sections(&copy), ["bluecrab.functions.v1", "name", "bluecrab.metered.v1"]);
    assert!(is_copy_of(&copy, &module) && !is_copy_of(&copy, &copy) && source(&module).is_none());
}

#[test]
fn modules_that_cannot_be_counted_have_no_copy() {
    let said = |text: &str| meter(&module(text)).unwrap_err().to_string();
    for text in [
        "(module (type (array i32)))",
        "(module (memory i64 1))",
        "(module (memory 1 2 shared))",
        "(module (memory 1 (pagesize 1)))",
    ] {
        assert!(said(text).starts_with("it is not a module whose instructions can be counted: "), "{text}");
    }
    assert!(meter(b"hello").is_err());
    let own = r#"(module (global (export "bluecrab_fuel") i32 (i32.const 1)))"#;
    assert_eq!(said(own), "it has an export `bluecrab_fuel` of its own");
    let long = format!("(module (func {}))", "(drop (i64.const 1234567890123456))".repeat(60_000));
    assert_eq!(said(&long), "its function 0 would be longer than 512 KiB in the copy");
}

#[test]
fn writes_the_copy_next_to_the_module_and_removes_an_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.relaxed-simd.wasm");
    fs::write(&file, module("(module)")).unwrap();
    let copy = folder.path().join("a.relaxed-simd.metered.wasm");
    assert_eq!(file_of(&file), copy);
    let length = write(&file).unwrap().unwrap();
    let written = fs::read(&copy).unwrap();
    assert_eq!(length, written.len() as u64);
    assert!(is_copy_of(&written, &fs::read(&file).unwrap()));
    // An equal copy is not written again.
    let time = fs::metadata(&copy).unwrap().modified().unwrap();
    write(&file).unwrap().unwrap();
    assert_eq!(fs::metadata(&copy).unwrap().modified().unwrap(), time);
    fs::write(&file, module("(module (memory i64 1))")).unwrap();
    assert!(write(&file).unwrap().is_err() && !copy.exists());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["a.relaxed-simd.wasm"]);
}

#[test]
fn several_processes_may_write_the_copy_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spin.wasm");
    fs::write(&file, module("(module (func $spin (loop (br 0))))")).unwrap();
    let whole = meter(&fs::read(&file).unwrap()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    write(&file).unwrap().unwrap();
                    // Another thread may have removed it already.
                    assert!(fs::read(file_of(&file)).map_or(true, |copy| copy == whole));
                    drop(fs::remove_file(file_of(&file)));
                }
            });
        }
    });
    write(&file).unwrap().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |file| fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode(&file_of(&file)), mode(&file));
    }
}
