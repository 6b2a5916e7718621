//! What a run of a target takes and returns.

use anyhow::Result;
use std::path::{Path, PathBuf};

/// How a target was run.
pub struct Run {
    pub executions: u64,
    pub seconds: f64,
    pub failure: Option<Failure>,
}

/// The program's output, and the file of the input that failed, if an input failed.
pub struct Failure {
    pub output: String,
    pub input: Option<PathBuf>,
}

/// How a program reports an input that fails.
const WRITTEN: &str = "Test unit written to ";

impl Failure {
    pub fn of(output: String) -> Self {
        let input =
            output.lines().find_map(|line| line.split_once(WRITTEN)).map(|(_, path)| PathBuf::from(path.trim()));
        Self { output, input }
    }
}

/// How long to fuzz, or the one input to try.
pub struct Plan<'a> {
    pub seconds: u64,
    pub input: Option<&'a Path>,
}

/// The folder of a target's inputs, in the target folder.
pub fn folder(kind: &str, name: &str) -> Result<PathBuf> {
    let folder = crate::build::target_folder()?.join("fuzz").join(kind).join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
