//! The parts of a module by size: the code of each crate, and the data.

use super::names::{Keep, function_names, strip};
use crate::size::Size;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use wasmparser::{KnownCustom, Parser, Payload, TypeRef};

/// The crates of the standard library, which are counted together.
const STANDARD: [&str; 9] =
    ["__rustc", "alloc", "compiler_builtins", "core", "dlmalloc", "panic_abort", "std", "std_detect", "wasi"];
/// What `#[http]` and the other attributes write. The compiler puts much of a function's own code into them.
const EXPORTS: [&str; 2] = ["bluecrab_call_", "bluecrab_warm_up_"];

/// The parts of a module, the largest code first.
pub struct Sizes {
    parts: Vec<(String, u64)>,
    total: u64,
}

impl Sizes {
    /// Measures a module. The names of its functions do not count, because packages leave them out. `own` is the name
    /// of the module's crate.
    pub fn of(module: &[u8], own: &str) -> Result<Self> {
        let total = strip(module, Keep::Nothing)?.len() as u64;
        let (mut imported, mut bodies, mut names, mut data) = (0, Vec::new(), HashMap::new(), 0);
        for payload in Parser::new(0).parse_all(module) {
            match payload.context("this file is not a valid WebAssembly module")? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let range = body.range();
                    bodies.push(range.end - range.start);
                }
                Payload::DataSection(section) => data = section.range().end - section.range().start,
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(section) = section.as_known() {
                        names = function_names(section).collect::<Result<_>>()?;
                    }
                }
                _ => {}
            }
        }
        let mut crates: BTreeMap<String, u64> = BTreeMap::new();
        for (index, bytes) in (imported..).zip(bodies) {
            let part = names.get(&index).map_or("code without names", |name| crate_of(name, own));
            *crates.entry(part.to_owned()).or_default() += bytes;
        }
        let code: u64 = crates.values().sum();
        let mut parts: Vec<(String, u64)> = crates.into_iter().collect();
        parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        parts.push(("data".to_owned(), data));
        parts.push(("everything else".to_owned(), total.saturating_sub(code + data)));
        Ok(Self { parts, total })
    }

    /// The size of the module in bytes, without names.
    pub fn total(&self) -> u64 {
        self.total
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.parts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, bytes) in &self.parts {
            let share = 100.0 * *bytes as f64 / self.total.max(1) as f64;
            writeln!(formatter, "    {name:width$}  {:>11}  {share:4.1} %", Size(*bytes).to_string())?;
        }
        Ok(())
    }
}

/// Returns the crate that a function belongs to: the first one in its name that is not the standard library. So
/// `Vec<orders::Row>` counts for `orders`, which is why the code exists.
fn crate_of<'a>(name: &'a str, own: &'a str) -> &'a str {
    let mut roots = roots(name).peekable();
    if roots.peek().is_none() {
        return if EXPORTS.iter().any(|export| name.starts_with(export)) { own } else { "C and the linker" };
    }
    roots.find(|root| !STANDARD.contains(root)).unwrap_or("the standard library")
}

/// Returns the first part of each path in a function's name.
fn roots(name: &str) -> impl Iterator<Item = &str> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    name.match_indices("::").filter_map(move |(end, _)| {
        let before = &name[..end];
        let start = before.rfind(|character| !is_part(character)).map_or(0, |at| at + 1);
        // Takes `a` of `a::b`. Skips `b` of `a::b::c`, because a path is before it, and the empty name before `::b` in
        // `<a>::b`.
        (start < end && !before[..start].ends_with(':')).then(|| &before[start..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_belong_to_crates() {
        for (name, expected) in [
            ("orders::total", "orders"),
            ("<orders::Row as core::fmt::Debug>::fmt", "orders"),
            ("<orders::Row>::total", "orders"),
            ("core::ptr::drop_in_place::<alloc::vec::Vec<orders::Row>>", "orders"),
            ("serde_json::de::from_slice::<orders::Row>", "serde_json"),
            ("<&mut serde_json::ser::Serializer<W> as serde::ser::Serializer>::serialize_str", "serde_json"),
            ("<T as alloc::string::ToString>::to_string", "the standard library"),
            ("core::num::<impl core::fmt::Display for u32>::fmt", "the standard library"),
            ("bluecrab_call_total", "mine"),
            ("__wasm_call_ctors", "C and the linker"),
        ] {
            assert_eq!(crate_of(name, "mine"), expected, "{name}");
        }
    }

    #[test]
    fn the_parts_are_all_of_the_stripped_module() {
        let text = r#"(module (import "m" "f" (func)) (memory 1) (data (i32.const 0) "0123456789")
            (func $a::small) (func $b::large i32.const 1 i32.const 2 i32.add drop) (func (export "none")))"#;
        let module = wat::parse_str(text).unwrap();
        let sizes = Sizes::of(&module, "mine").unwrap();
        let names: Vec<&str> = sizes.parts.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["b", "a", "code without names", "data", "everything else"]);
        assert_eq!(sizes.parts.iter().map(|(_, bytes)| bytes).sum::<u64>(), sizes.total());
        assert_eq!(sizes.total(), strip(&module, Keep::Nothing).unwrap().len() as u64);
        assert!(sizes.total() < module.len() as u64);
    }
}
