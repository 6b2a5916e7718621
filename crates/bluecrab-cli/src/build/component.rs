//! The components in an app's folder, and the JavaScript bindings that jco makes of them.
//!
//! The bindings of `NAME.wasm` are in the folder `NAME.jco` next to it. Its package.json says of which component they
//! were made: the library compares that when it loads them.

use crate::cache;
use crate::json::read_json;
use crate::module::{files_in, name_of};
use crate::package::files::Files;
use crate::size::Size;
use crate::tools;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasmparser::{Parser, Payload};

/// The program that makes bindings: a part of jco.
const JCO: cache::Program = cache::Program {
    part: "build",
    title: "jco 0.15, which makes JavaScript bindings of components",
    folder: "jco-transpile-0.15.0",
    size: "100 MB",
    file: "node_modules/@bytecodealliance/jco-transpile/package.json",
    package: include_str!("../../jco/package.json"),
    lock: Some(include_str!("../../jco/package-lock.json")),
};
const TRANSPILE: &str = include_str!("../../jco/transpile.mjs");
/// The interface that the library calls, in any version.
const HANDLER: &str = "wasi:http/incoming-handler";
/// The end of the name of a folder with bindings.
const BINDINGS: &str = "jco";
/// How often to try to replace bindings that other processes replace as well.
const REPLACE_ATTEMPTS: usize = 100;

/// A component in an app's folder that handles HTTP requests.
pub struct Component {
    file: PathBuf,
    size: usize,
    /// What package.json says about the bindings: the SHA-256 of the component, its imports, and what made them.
    origin: Value,
}

impl fmt::Display for Component {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, bindings) = (name_of(&self.file), name_of(&self.bindings()));
        write!(formatter, "{name}, {}, and its bindings, {bindings}", Size(self.size as u64))
    }
}

impl Component {
    /// Returns the components in a folder by name.
    pub fn all_in(folder: &Path) -> Result<Vec<Self>> {
        let is_wasm = |file: &PathBuf| file.extension().is_some_and(|end| end == "wasm");
        Ok(files_in(folder)?.into_iter().filter(is_wasm).filter_map(Self::read).collect())
    }

    fn read(file: PathBuf) -> Option<Self> {
        let bytes = fs::read(&file).ok()?;
        let imports = imports_of_handler(&bytes)?;
        let made_by = [JCO.folder.to_owned(), hex(&Sha256::digest(TRANSPILE))];
        let origin = json!({ "sha256": hex(&Sha256::digest(&bytes)), "imports": imports, "made by": made_by });
        Some(Self { file, size: bytes.len(), origin })
    }

    /// Returns the folder of the bindings, whether it exists or not.
    fn bindings(&self) -> PathBuf {
        self.file.with_extension(BINDINGS)
    }

    fn has_current_bindings(&self) -> bool {
        read_json(&self.bindings().join("package.json")).is_ok_and(|found| found["bluecrab"] == self.origin)
    }

    /// Makes the bindings, unless they are up to date.
    fn bind(&self, node: &str) -> Result<()> {
        if self.has_current_bindings() {
            return Ok(());
        }
        // Node.js looks for jco from the script's folder. Another version of this command may have written another
        // script.
        let script = JCO.find()?.join("transpile.mjs");
        bluecrab_host::replace_file(&script, TRANSPILE.as_bytes())
            .with_context(|| format!("cannot write {}", script.display()))?;
        bluecrab_host::step("build", &format!("making the bindings of {}", self.file.display()));
        // Git, the watcher and packages leave such a name out, if this process is killed.
        let app = self.file.parent().unwrap_or(&self.file);
        let staging = tempfile::Builder::new().prefix(".").suffix(".jco").tempdir_in(app);
        let staging = staging.with_context(|| format!("cannot write into {}", app.display()))?;
        let made = staging.path().join("new");
        let write = || {
            fs::create_dir(&made)?;
            let package = json!({ "type": "module", "bluecrab": self.origin });
            fs::write(made.join("package.json"), package.to_string())
        };
        write().with_context(|| format!("cannot write into {}", made.display()))?;
        let mut transpile = Command::new(node);
        transpile.arg(&script).arg(&self.file).arg(&made);
        tools::run_silently(&mut transpile)
            .with_context(|| format!("jco could not make bindings of {}", self.file.display()))?;
        self.replace_bindings(&made, &staging.path().join("old"))
    }

    /// Puts new bindings in place, and the old ones aside. Other processes may do the same at the same time.
    fn replace_bindings(&self, made: &Path, aside: &Path) -> Result<()> {
        let folder = self.bindings();
        for attempt in 1..=REPLACE_ATTEMPTS {
            if self.has_current_bindings() {
                break;
            }
            // The first bindings replace nothing.
            drop(fs::rename(&folder, aside.with_extension(attempt.to_string())));
            match fs::rename(made, &folder) {
                Ok(()) => break,
                Err(error) if attempt == REPLACE_ATTEMPTS => {
                    return Err(error).with_context(|| format!("cannot replace {}", folder.display()));
                }
                // Between the two steps, another process has put bindings of another version in place.
                Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Makes the bindings of all components of an app that are not up to date.
pub fn bind_all(app: &Path, node: &str) -> Result<Vec<Component>> {
    let components = Component::all_in(app)?;
    components.iter().try_for_each(|component| component.bind(node))?;
    Ok(components)
}

/// Leaves the components out of a package, since the library needs only the bindings. Returns an error if the bindings
/// of a component are missing or old.
pub fn leave_out(app: &Path, files: &mut Files) -> Result<()> {
    for component in Component::all_in(app)? {
        ensure!(
            component.has_current_bindings(),
            "{} has no bindings of its current version: remove --no-build, or run `bluecrab build` first",
            component.file.display()
        );
        files.remove(&name_of(&component.file));
    }
    Ok(())
}

/// Returns the interfaces that a component imports, without their versions. Returns `None` if the bytes are not a
/// component that handles HTTP requests.
fn imports_of_handler(bytes: &[u8]) -> Option<Vec<String>> {
    if !Parser::is_component(bytes) {
        return None;
    }
    let mut imports = Vec::new();
    let mut is_handler = false;
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.ok()? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let name = import.ok()?.name.name;
                    imports.push(name.split('@').next().unwrap_or(name).to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    is_handler |= export.ok()?.name.name.split('@').next() == Some(HANDLER);
                }
            }
            _ => {}
        }
    }
    is_handler.then_some(imports)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_imports_of_components_that_handle_requests() {
        let component = |exported: &str| {
            wat::parse_str(format!(
                r#"(component
                    (component (import "wasi:cli/exit@0.2.3" (instance)))
                    (import "wasi:io/poll@0.2.0" (instance))
                    (instance $handler)
                    (export "{exported}" (instance $handler)))"#
            ))
            .unwrap()
        };
        let imports = imports_of_handler(&component("wasi:http/incoming-handler@0.2.3"));
        assert_eq!(imports, Some(vec!["wasi:io/poll".to_owned()]));
        assert_eq!(imports_of_handler(&component("wasi:cli/run@0.2.3")), None);
        assert_eq!(imports_of_handler(b"\0asm\x01\0\0\0"), None);
    }
}
