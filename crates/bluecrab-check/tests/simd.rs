//! The interpreter runs every SIMD instruction, and the result does not depend on how the operands are encoded.
//!
//! The interpreter has its own encoding of an instruction for constants, for local variables, for results of other
//! instructions, and for offsets beyond 16 bits. A wrong encoding would end the process, or return something else.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use bluecrab_check::{Outcome, check};
use std::fmt::Write;
use std::fs;
use std::time::Duration;

macro_rules! names_and_arities {
    ($( @$proposal:ident $operator:ident $({ $($immediate:ident: $ty:ty),* })? => $visit:ident ($($arity:tt)*) )*) => {
        &[$( (stringify!($visit), stringify!($($arity)*)) ),*]
    };
}

/// For example `("visit_v128_store8_lane", "arity memarg 2 -> 0")`.
const INSTRUCTIONS: &[(&str, &str)] = wasmparser::for_each_visit_simd_operator!(names_and_arities);

/// Where all loads and stores read and write, and where the names of the instructions are.
const TARGET: u32 = 131_072;
const NAMES: u32 = 65_536;
const VECTORS: [&str; 3] = [
    "(v128.const i64x2 0x400921fb54442d18 0x4005bf0a2b145769)",
    "(v128.const i64x2 0xc0091eb851eb851f 0x3ff3c0ca428c59fb)",
    "(v128.const i64x2 0x4010000102030405 0x3fe0060708090a0b)",
];

/// How an instruction receives its operands.
#[derive(Clone, Copy, PartialEq)]
enum From {
    Constants,
    Locals,
    Instructions,
}

struct Instruction {
    name: String,
    operands: Vec<&'static str>,
    result: Option<&'static str>,
    is_memory_access: bool,
}

impl Instruction {
    fn new(visit: &str, arity: &str) -> Self {
        let name = visit.strip_prefix("visit_").unwrap().replacen('_', ".", 1);
        let is_memory_access = arity.contains("memarg");
        let (operands, results) = arity.split_once("->").unwrap();
        let count: usize = operands.split_whitespace().last().unwrap().parse().unwrap();
        let scalar = match &name[..5] {
            "i64x2" => "i64",
            "f32x4" => "f32",
            "f64x2" => "f64",
            _ => "i32",
        };
        let mut operands = vec!["v128"; count];
        if is_memory_access {
            operands[0] = "i32";
        } else if name.ends_with("splat") {
            operands[0] = scalar;
        } else if name.contains("replace_lane") {
            operands[1] = scalar;
        } else if name.contains(".sh") && count == 2 && !name.contains("shuffle") {
            operands[1] = "i32";
        }
        let is_test = name.ends_with("_true") || name.ends_with("bitmask");
        let result = match () {
            () if name.contains("extract_lane") => scalar,
            () if is_test => "i32",
            () => "v128",
        };
        let result = (results.trim() == "1").then_some(result);
        Self { name, operands, result, is_memory_access }
    }

    /// The offset and the lanes.
    fn immediates(&self, offset: u32) -> String {
        let offset = if self.is_memory_access { format!("offset={offset}") } else { String::new() };
        match self.name.as_str() {
            "i8x16.shuffle" => "31 0 1 17 2 18 3 19 4 20 5 21 6 22 7 30".to_owned(),
            "v128.const" => "i64x2 1 2".to_owned(),
            name if name.contains("_lane") && !name.contains("laneselect") => format!("{offset} 1"),
            _ => offset,
        }
    }

    /// An expression of type `v128`.
    fn expression(&self, from: From, offset: u32) -> String {
        let operand = |(index, ty): (usize, &&str)| match (from, *ty) {
            (From::Constants, "v128") => VECTORS[index].to_owned(),
            (From::Constants, "i32") if self.is_memory_access => format!("(i32.const {})", TARGET - offset),
            (From::Constants, "i32" | "i64") => format!("({ty}.const 6)"),
            (From::Constants, _) => format!("({ty}.const 1.5)"),
            (From::Locals, "v128") => format!("(local.get $v{index})"),
            (From::Locals, ty) => format!("(local.get ${ty})"),
            (From::Instructions, "v128") => format!("(v128.or (local.get $v{index}) (local.get $v{index}))"),
            (From::Instructions, "i32") => "(i32.xor (local.get $i32) (local.get $zero))".to_owned(),
            (From::Instructions, "i64") => "(i64.extend_i32_u (local.get $i32))".to_owned(),
            (From::Instructions, ty) => format!("({ty}.abs (local.get ${ty}))"),
        };
        let operands: Vec<String> = self.operands.iter().enumerate().map(operand).collect();
        let instruction = format!("({} {} {})", self.name, self.immediates(offset), operands.join(" "));
        match self.result {
            None => format!("{instruction} (v128.load (i32.const {TARGET}))"),
            Some("v128") => instruction,
            Some("i32") => format!("(i32x4.splat {instruction})"),
            Some("i64") => format!("(i64x2.splat {instruction})"),
            Some("f32") => format!("(f32x4.splat {instruction})"),
            Some(_) => format!("(f64x2.splat {instruction})"),
        }
    }
}

/// A function for each instruction and encoding, and a function that compares their results.
fn functions() -> String {
    let (mut functions, mut comparisons, mut names) = (String::new(), String::new(), String::new());
    for (visit, arity) in INSTRUCTIONS {
        let instruction = Instruction::new(visit, arity);
        let name = &instruction.name;
        let mut first = None;
        for (from, offset) in [From::Constants, From::Locals, From::Instructions]
            .into_iter()
            .flat_map(|from| [0, 8, 70_000].map(|offset| (from, offset)))
            .filter(|(_, offset)| instruction.is_memory_access || *offset == 0)
        {
            let id = format!("${name}.{}.{offset}", from as u8);
            let expression = instruction.expression(from, offset);
            let [a, b, c] = VECTORS;
            writeln!(
                functions,
                "(func {id} (param $zero i32) (param $i32 i32) (param $i64 i64) (param $f32 f32) (param $f64 f64)
                   (param $v0 v128) (param $v1 v128) (param $v2 v128) (result v128)
                   (v128.store (i32.const {TARGET}) {c}) {expression})"
            )
            .unwrap();
            let number = if instruction.is_memory_access { TARGET - offset } else { 6 };
            let arguments =
                format!("(i32.const 0) (i32.const {number}) (i64.const 6) (f32.const 1.5) (f64.const 1.5) {a} {b} {c}");
            let call = format!("(call {id} {arguments})");
            let first = first.get_or_insert_with(|| call.clone());
            let (at, length) = (NAMES as usize + names.len(), name.len());
            writeln!(
                comparisons,
                "(if (v128.any_true (v128.xor {first} {call}))
                   (then (call $log (i32.const 5) (i32.const {at}) (i32.const {length})) unreachable))"
            )
            .unwrap();
        }
        names += name;
    }
    format!("(data (i32.const {NAMES}) \"{names}\") {functions} (func $compare {comparisons})")
}

#[test]
fn every_simd_instruction_runs_in_each_of_its_encodings() {
    assert!(INSTRUCTIONS.len() >= 256, "only {} instructions", INSTRUCTIONS.len());
    let wat = include_str!("sound.wat")
        .replace(r#"(memory (export "memory") 1)"#, r#"(memory (export "memory") 3)"#)
        .replace(r#"(func (export "panic")"#, &format!("{} (func (export \"panic\")", functions()))
        .replace(
            "(i32.store (i32.const 16) (i32.const 200))",
            "(if (i32.eqz (local.get $body_length)) (then (call $compare))) (i32.store (i32.const 16) (i32.const 200))",
        );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wasm");
    fs::write(&file, wat::parse_str(wat).unwrap()).unwrap();
    let report = check(&file, Duration::from_secs(300), |_| ()).unwrap();
    let failed: Vec<_> = report.lines().iter().filter(|line| line.outcome != Outcome::Pass).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}
