//! Where a description goes: to a file, or to standard output.

use crate::output;
use crate::tools;
use anyhow::{Context, Result, ensure};
use clap::Args;
use std::fs;
use std::path::PathBuf;

/// The options of `types` and `openapi`.
#[derive(Args)]
pub struct Output {
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write nothing, and fail if the file is not up to date
    #[arg(long, requires = "output")]
    check: bool,
}

impl Output {
    /// Returns an error if the file cannot be written, before anything is built for it.
    pub fn check_file(&self) -> Result<()> {
        self.output.as_deref().filter(|_| !self.check).map_or(Ok(()), output::check)
    }

    /// Writes a text, or compares it with the file. `verb` names the command for the message.
    pub fn write(&self, text: &str, verb: &str) -> Result<()> {
        let Some(file) = &self.output else {
            say!("{}", text.trim_end());
            return Ok(());
        };
        if self.check {
            let is_same = fs::read_to_string(file).is_ok_and(|found| found.replace("\r\n", "\n") == text);
            let name = tools::quoted(&file.to_string_lossy()).into_owned();
            ensure!(
                is_same,
                "{} is not up to date: write it again with `{} {verb} --output {name}`",
                file.display(),
                tools::own_name()
            );
            return Ok(());
        }
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}
