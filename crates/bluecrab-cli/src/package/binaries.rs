//! Finds native binaries for the wrong system. The platform runs Linux on x64 with glibc, which may differ from this
//! machine.

use super::files::Files;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// How many bytes of a file are needed to recognize a binary's system.
const HEAD: u64 = 20;

/// The binaries of a package, or of the app itself.
#[derive(Default)]
struct Binaries {
    has_right_one: bool,
    /// The paths of binaries for other systems, with the name of the system.
    wrong: Vec<(String, &'static str)>,
}

/// Returns an error if a package or the app lacks a binary that it needs on the platform.
pub fn check(files: &Files) -> Result<()> {
    let mut packages: BTreeMap<&str, Binaries> = BTreeMap::new();
    for (path, file) in files {
        let Some(system) = system_of(file)? else { continue };
        let package = packages.entry(package_of(path)).or_default();
        match system {
            System::Platform => package.has_right_one = true,
            System::Other(other) => package.wrong.push((path.clone(), other)),
        }
    }
    for (package, binaries) in &packages {
        // Some packages contain binaries for every system, others only for systems on which they are needed.
        let is_needed = |path: &str| {
            let is_compiled_here = path.contains("/build/Release/") || path.contains("/build/Debug/");
            let is_expected = path.ends_with(".node") || has_install_script(files, package);
            is_compiled_here || (is_expected && !binaries.has_right_one)
        };
        if let Some((path, system)) = binaries.wrong.iter().find(|(path, _)| is_needed(path)) {
            return Err(refusal(&format!("{path} is a binary for {system}")));
        }
    }
    check_variants(files)
}

/// Checks packages whose binaries are in separate packages for each system, such as `@img/sharp-linux-x64`.
fn check_variants(files: &Files) -> Result<()> {
    let installed: BTreeSet<&str> = files.keys().map(|path| package_of(path)).collect();
    let names: BTreeSet<&str> = installed.iter().map(|package| name_of(package)).collect();
    for package in installed.iter().filter(|package| !package.is_empty()) {
        let manifest = read_manifest(files, package);
        let Some(variants) = manifest.get("optionalDependencies").and_then(Value::as_object) else { continue };
        let is_right = |name: &&String| name.contains("linux") && name.contains("x64") && !name.contains("musl");
        let right: Vec<&String> = variants.keys().filter(is_right).collect();
        let wrong = variants.keys().find(|name| names.contains(name.as_str()));
        if let (Some(first), Some(wrong)) = (right.first(), wrong)
            && !right.iter().any(|name| names.contains(name.as_str()))
        {
            return Err(refusal(&format!("{package} comes with {wrong} and without {first}")));
        }
    }
    Ok(())
}

fn refusal(what: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "{what}, but the platform runs Linux on x64 with glibc. An install script or the package manager has chosen \
         it for this machine. Run `bluecrab package` on Linux on x64, for example in continuous integration, or \
         remove the package"
    )
}

/// Returns the folder of the package that contains a path, or an empty text for the app itself.
fn package_of(path: &str) -> &str {
    let Some(start) = path.rfind("node_modules/").map(|start| start + "node_modules/".len()) else { return "" };
    let parts = if path[start..].starts_with('@') { 2 } else { 1 };
    let length: usize = path[start..].split_inclusive('/').take(parts).map(str::len).sum();
    path[..start + length].trim_end_matches('/')
}

fn name_of(package: &str) -> &str {
    package.rsplit_once("node_modules/").map_or(package, |(_, name)| name)
}

fn read_manifest(files: &Files, package: &str) -> Value {
    let file = files.get(&format!("{package}/package.json"));
    let text = file.and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn has_install_script(files: &Files, package: &str) -> bool {
    let manifest = read_manifest(files, package);
    let has_script = |name: &str| manifest.pointer(&format!("/scripts/{name}")).is_some();
    files.contains_key(&format!("{package}/binding.gyp"))
        || ["preinstall", "install", "postinstall"].into_iter().any(has_script)
}

/// The system that a native binary is for.
enum System {
    Platform,
    Other(&'static str),
}

/// Returns the system of a native binary, or `None` for any other file.
fn system_of(file: &Path) -> Result<Option<System>> {
    let cannot = || format!("cannot read {}", file.display());
    let mut head = Vec::new();
    File::open(file).and_then(|file| file.take(HEAD).read_to_end(&mut head)).with_context(cannot)?;
    Ok(match *head {
        // The class, byte order and machine of an ELF file.
        [0x7f, b'E', b'L', b'F', 2, 1, .., 62, 0] if head.len() as u64 == HEAD => {
            let needs_musl = fs::read(file).with_context(cannot)?.windows(10).any(|part| part == b"libc.musl-");
            Some(if needs_musl { System::Other("Linux with musl") } else { System::Platform })
        }
        [0x7f, b'E', b'L', b'F', ..] => Some(System::Other("another processor")),
        // Mach-O. A universal binary starts like a Java class, but a small number follows.
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0..20, ..] => {
            Some(System::Other("macOS"))
        }
        [b'M', b'Z', ..] if is_windows_program(&fs::read(file).with_context(cannot)?) => Some(System::Other("Windows")),
        _ => None,
    })
}

/// Returns whether the file is a Windows program: byte 60 holds the offset of its header.
fn is_windows_program(bytes: &[u8]) -> bool {
    let start = bytes.get(60..64).and_then(|offset| offset.try_into().ok()).map(u32::from_le_bytes);
    start.is_some_and(|start| bytes.get(start as usize..).is_some_and(|header| header.starts_with(b"PE\0\0")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: &[u8] = b"\xcf\xfa\xed\xfe\x0c\0\0\x01\0\0\0\0\x08\0\0\0\0\0\0\0";

    fn elf(machine: u8, rest: &[u8]) -> Vec<u8> {
        [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0", &[machine, 0][..], rest].concat()
    }

    fn windows() -> Vec<u8> {
        [b"MZ", &[0; 58][..], &[64, 0, 0, 0], b"PE\0\0"].concat()
    }

    fn checked(contents: &[(&str, &[u8])]) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::new();
        for (index, (path, bytes)) in contents.iter().enumerate() {
            let file = folder.path().join(index.to_string());
            fs::write(&file, bytes).unwrap();
            files.insert((*path).to_owned(), file);
        }
        check(&files).map_err(|error| error.to_string())
    }

    #[test]
    fn refuses_needed_binaries_for_other_systems() {
        let script: &[u8] = br#"{ "scripts": { "install": "node get.js" } }"#;
        let (linux, arm, musl) = (elf(62, b""), elf(183, b""), elf(62, b"..libc.musl-x86_64.so.1"));
        for (path, bytes, system) in [
            ("node_modules/a/lib/a.node", MAC, "macOS"),
            ("node_modules/@b/a/a.node", &windows(), "Windows"),
            ("node_modules/a/a.node", &arm, "another processor"),
            ("node_modules/a/a.node", &musl, "Linux with musl"),
            ("lib/own.node", MAC, "macOS"),
        ] {
            let said = checked(&[(path, bytes)]).unwrap_err();
            assert!(said.starts_with(&format!("{path} is a binary for {system}, but the platform")), "{said}");
        }
        // A program without an extension counts if an install script may have written it.
        assert!(checked(&[("node_modules/a/bin/a", MAC), ("node_modules/a/package.json", script)]).is_err());
        assert_eq!(checked(&[("node_modules/a/bin/a", MAC), ("node_modules/a/package.json", b"{}")]), Ok(()));
        // A package with binaries for every system passes, unless an install script has compiled another binary.
        let every: [(&str, &[u8]); 3] = [
            ("node_modules/a/prebuilds/linux-x64/a.node", &linux),
            ("node_modules/a/prebuilds/darwin-arm64/a.node", MAC),
            ("node_modules/a/package.json", script),
        ];
        assert_eq!(checked(&every), Ok(()));
        assert!(checked(&[&every[..], &[("node_modules/a/build/Release/a.node", MAC)]].concat()).is_err());
        // A fitting binary in another package does not help.
        assert!(checked(&[("node_modules/a/a.node", MAC), ("node_modules/ab/b.node", &linux)]).is_err());
    }

    #[test]
    fn a_variant_for_the_platform_is_missed() {
        let manifest: &[u8] = br#"{ "optionalDependencies": {
            "@c/linux-x64": "1", "@c/linuxmusl-x64": "1", "@c/darwin-arm64": "1" } }"#;
        let with = |others: &[&str]| {
            let mut files: Vec<(&str, &[u8])> = vec![("node_modules/c/package.json", manifest)];
            files.extend(others.iter().map(|other| (*other, &b"{}"[..])));
            checked(&files)
        };
        let (mac, musl, linux) = (
            "node_modules/@c/darwin-arm64/package.json",
            "node_modules/@c/linuxmusl-x64/package.json",
            "node_modules/@c/linux-x64/package.json",
        );
        assert!(
            with(&[mac]).unwrap_err().starts_with("node_modules/c comes with @c/darwin-arm64 and without @c/linux-x64")
        );
        assert!(with(&[musl]).is_err());
        assert_eq!(with(&[mac, linux]), Ok(()));
        assert_eq!(with(&[]), Ok(()));
    }

    #[test]
    fn other_files_are_no_binaries() {
        for bytes in [&b"MZ, a text"[..], b"\xca\xfe\xba\xbe\0\0\0\x37a class of Java", b"\0asm", b"#!/bin/sh", b""] {
            assert_eq!(checked(&[("node_modules/a/a.node", bytes)]), Ok(()));
        }
    }
}
