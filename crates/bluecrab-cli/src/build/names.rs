//! Removes from a module what helps only to find errors: the names of its functions, and debug information. Cargo
//! leaves all of it in the modules, so that `dev` and `package` share one build.

use anyhow::{Context, Result};
use rustc_demangle::demangle;
use wasm_encoder::{NameMap, NameSection, Section};
use wasmparser::{KnownCustom, NameSectionReader, Parser, Payload};

/// Which custom sections of a module to keep.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Only what the module needs to run. This is what `strip = true` in a profile leaves.
    Nothing,
    /// The names of functions, as they are in the source: the log shows them when a call fails.
    Names,
    /// The names, and the debug information (DWARF).
    DebugInfo,
}

/// Returns a module that `cargo` has made, without the sections that are not kept. All other bytes stay as they are.
pub fn strip(module: &[u8], keep: Keep) -> Result<Vec<u8>> {
    let (mut kept, mut start) = (Vec::with_capacity(module.len()), 0);
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.context("this file is not a valid WebAssembly module")?;
        let Some(end) = end_of(&payload) else { continue };
        // The parser's range leaves out the section's header, so this begins where the section before it ends.
        let section = module.get(start..end).unwrap_or_default();
        start = end;
        match &payload {
            Payload::CustomSection(custom) => match custom.as_known() {
                KnownCustom::Name(names) if keep != Keep::Nothing => demangled(names)?.append_to(&mut kept),
                _ if is_kept(custom.name(), keep) => kept.extend_from_slice(section),
                _ => {}
            },
            _ => kept.extend_from_slice(section),
        }
    }
    Ok(kept)
}

/// Returns whether a module has debug information.
pub fn has_debug_info(module: &[u8]) -> bool {
    let mut sections = Parser::new(0).parse_all(module).map_while(Result::ok);
    sections.any(|payload| matches!(payload, Payload::CustomSection(section) if section.name() == ".debug_info"))
}

/// Returns where a section, or the header of the module, ends.
fn end_of(payload: &Payload<'_>) -> Option<usize> {
    let end = match payload {
        Payload::Version { range, .. } => range.end,
        _ => payload.as_section()?.1.end,
    };
    usize::try_from(end).ok()
}

fn is_kept(section: &str, keep: Keep) -> bool {
    match section {
        "name" | "producers" | "target_features" => keep != Keep::Nothing,
        _ => keep == Keep::DebugInfo || !section.starts_with(".debug_"),
    }
}

/// Returns the names of functions as they are in the source, such as `orders::total`.
fn demangled(names: NameSectionReader<'_>) -> Result<NameSection> {
    let mut functions = NameMap::new();
    for name in function_names(names) {
        let (index, name) = name?;
        functions.append(index, &name);
    }
    let mut section = NameSection::new();
    section.functions(&functions);
    Ok(section)
}

/// Returns the index and the name in the source of each function.
pub fn function_names(names: NameSectionReader<'_>) -> impl Iterator<Item = Result<(u32, String)>> {
    let maps = names.into_iter().filter_map(|subsection| match subsection {
        Ok(wasmparser::Name::Function(map)) => Some(Ok(map)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    });
    let namings = maps.flat_map(|map| match map {
        Ok(map) => map.into_iter().collect(),
        Err(error) => vec![Err(error)],
    });
    namings.map(|naming| {
        let naming = naming.context("the module's section `name` is not valid")?;
        // The alternate form leaves out the hash at the end.
        Ok((naming.index, format!("{:#}", demangle(naming.name))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::Validator;

    const MODULE: &str = r#"(module
        (func $_ZN6orders5total17h0123456789abcdefE (export "run"))
        (func $_RNvCs1234_7mycrate3foo) (func $plain)
        (@custom "producers" "x") (@custom ".debug_info" "y") (@custom "bluecrab.functions.v1" "{}"))"#;

    /// The custom sections of a module, and the names of its functions.
    fn customs(module: &[u8]) -> (Vec<String>, Vec<String>) {
        Validator::new().validate_all(module).unwrap();
        let (mut customs, mut names) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            let Payload::CustomSection(section) = payload.unwrap() else { continue };
            customs.push(section.name().to_owned());
            if let KnownCustom::Name(section) = section.as_known() {
                names.extend(function_names(section).map(|name| name.unwrap().1));
            }
        }
        customs.sort();
        (customs, names)
    }

    #[test]
    fn functions_get_their_names_back() {
        let module = wat::parse_str(MODULE).unwrap();
        let (sections, names) = customs(&strip(&module, Keep::Names).unwrap());
        assert_eq!(names, ["orders::total", "mycrate::foo", "plain"]);
        assert_eq!(sections, ["bluecrab.functions.v1", "name", "producers"]);
        let (sections, _) = customs(&strip(&module, Keep::DebugInfo).unwrap());
        assert_eq!(sections, [".debug_info", "bluecrab.functions.v1", "name", "producers"]);
    }

    #[test]
    fn a_stripped_module_has_only_what_it_needs() {
        let module = wat::parse_str(MODULE).unwrap();
        let stripped = strip(&module, Keep::Nothing).unwrap();
        assert_eq!(customs(&stripped).0, ["bluecrab.functions.v1"]);
        assert_eq!(strip(&stripped, Keep::Names).unwrap(), stripped, "nothing is left to remove");
        let reason = strip(b"\0asm\x01\0\0\0\0\x7f", Keep::Names).unwrap_err().to_string();
        assert_eq!(reason, "this file is not a valid WebAssembly module");
    }
}
