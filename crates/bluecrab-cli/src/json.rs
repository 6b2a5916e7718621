//! Reads JSON files such as package.json.

use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// Reads a JSON file, which may start with a byte order mark.
pub fn read_json(file: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).with_context(|| format!("{} is not JSON", file.display()))
}
