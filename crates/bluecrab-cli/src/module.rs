//! The modules in an app's folder, and their metered copies (section 8 of `docs/abi.md`).

use crate::manifest::{self, Function};
use crate::size::Size;
use anyhow::{Context, Result, ensure};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const COPY: &str = ".metered.wasm";

/// A module in an app's folder that declares functions.
pub struct Module {
    /// The module's file.
    pub file: PathBuf,
    size: u64,
    /// How many bytes its memory has from the start.
    memory: u64,
    /// The size of the metered copy, if there is one.
    copy: Option<u64>,
    /// The functions in the order of their declaration.
    pub functions: Vec<Function>,
}

impl fmt::Display for Module {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, {}", self.name(), Size(self.size))?;
        self.copy.map_or(Ok(()), |copy| write!(formatter, ", and its metered copy, {}", Size(copy)))
    }
}

impl Module {
    /// Returns the modules of every language in a folder, sorted by name. Other WebAssembly files are left out.
    ///
    /// # Errors
    /// Returns an error that names the file if a manifest is invalid.
    pub fn all_in(folder: &Path) -> Result<Vec<Self>> {
        let mut modules = Vec::new();
        for file in files_in(folder)? {
            let name = file.to_string_lossy();
            if name.ends_with(".wasm") && !name.ends_with(COPY) {
                modules.extend(Self::read(&file)?);
            }
        }
        Ok(modules)
    }

    /// Returns the name of the module's file.
    pub fn name(&self) -> String {
        name_of(&self.file)
    }

    fn read(file: &Path) -> Result<Option<Self>> {
        let Ok(bytes) = fs::read(file) else { return Ok(None) };
        let Ok(mut text) = manifest::text(&bytes) else { return Ok(None) };
        let mut source = file.to_owned();
        if text.is_empty() {
            source.set_extension("functions.json");
            text = fs::read(&source).unwrap_or_default();
        }
        let functions = manifest::parse(text).with_context(|| format!("{} is invalid", source.display()))?;
        let (size, memory) = (bytes.len() as u64, manifest::memory_bytes(&bytes));
        Ok((!functions.is_empty()).then(|| Self { file: file.to_owned(), size, memory, copy: None, functions }))
    }

    /// Returns an error if the library would refuse the module because of the limit of its memory.
    pub fn check_memory(&self) -> Result<()> {
        let most = self.functions.iter().map(|function| function.max_memory_bytes).min().unwrap_or(u64::MAX);
        ensure!(
            self.memory <= most,
            "the memory of {} has {} bytes from the start, more than its `max_memory` of {most}: raise `max_memory`",
            self.name(),
            self.memory
        );
        Ok(())
    }

    /// Writes the metered copy next to the module. A module that cannot have one is not an error: its calls run on
    /// worker threads.
    pub fn meter(&mut self) -> Result<()> {
        let file = self.file.display();
        match bluecrab_meter::write(&self.file).with_context(|| format!("cannot write the metered copy of {file}"))? {
            Ok(size) => self.copy = Some(size),
            Err(error) => tell!("note: {file} gets no metered copy, so its short calls use a thread too: {error}"),
        }
        Ok(())
    }
}

/// What to do about two modules that have a function of the same name.
pub const RENAME: &str = "rename one, or give it another name for the app, such as with `#[http(name = \"…\")]`";

/// Names the modules that have a function of the same name.
pub fn same_names(modules: &[Module]) -> Vec<String> {
    // A variant for relaxed SIMD has the functions of its module.
    let modules: Vec<_> = modules.iter().filter(|module| !module.name().ends_with(".relaxed-simd.wasm")).collect();
    let mut same = Vec::new();
    for (index, module) in modules.iter().enumerate() {
        // JavaScript calls a callable by its module and name. For other functions, the platform ignores case.
        for Function { name, .. } in module.functions.iter().filter(|function| !function.is_callable()) {
            let has_name = |known: &Function| !known.is_callable() && known.name.eq_ignore_ascii_case(name);
            if let Some(other) = modules[..index].iter().find(|other| other.functions.iter().any(has_name)) {
                let (one, two) = (other.name(), module.name());
                same.push(format!(
                    "{one} and {two} both have a function `{name}`: an app that registers both does not start"
                ));
            }
        }
    }
    same
}

/// Removes the metered copies of the modules of which this is wanted.
pub fn remove_copies(folder: &Path, is_wanted: impl Fn(&Path) -> bool) -> Result<()> {
    for file in files_in(folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let Some(module) = name.strip_suffix(COPY) else { continue };
        if is_wanted(&file.with_file_name(format!("{module}.wasm")))
            && fs::read(&file).is_ok_and(|copy| bluecrab_meter::source(&copy).is_some())
        {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(())
}

/// Returns the name of a file without its folder.
pub fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the files directly in a folder, sorted by name.
pub fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
