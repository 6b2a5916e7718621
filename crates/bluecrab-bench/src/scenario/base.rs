//! The base of a scenario: a file whose keys several scenarios share.

use super::fault::Fault;
use std::path::Path;
use toml::{Spanned, Table};

/// A base may have a base too. More bases in a row are a mistake, such as a file that is its own base.
const MOST: usize = 4;

#[derive(serde::Deserialize)]
struct Based {
    base: Option<Spanned<String>>,
}

/// Returns the keys that a scenario takes from its base, as the first lines of a file. The scenario's own keys are left
/// out. Without a base, there are no lines.
pub fn lines(text: &str, folder: &Path) -> Result<String, Fault> {
    let keys = keys(text, folder, MOST)?;
    let lines: String = keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    Ok(if lines.is_empty() { lines } else { format!("# From the base:\n{lines}\n") })
}

fn keys(text: &str, folder: &Path, most: usize) -> Result<Table, Fault> {
    let Based { base: Some(base) } = toml::from_str(text)? else { return Ok(Table::new()) };
    let file = folder.join(base.get_ref());
    let fault = |message: &str| Fault::at(base.span(), format!("the base {}: {message}", file.display()));
    let most =
        most.checked_sub(1).ok_or_else(|| fault("this is the base of a base, and so on: is it its own base?"))?;
    let shared = std::fs::read_to_string(&file).map_err(|error| fault(&format!("cannot read it: {error}")))?;
    let mut keys: Table = toml::from_str(&shared).map_err(|error| fault(&error.to_string()))?;
    let folder = file.parent().unwrap_or(folder);
    for (key, value) in self::keys(&shared, folder, most).map_err(|inner| fault(&inner.message))? {
        keys.entry(key).or_insert(value);
    }
    let own: Table = toml::from_str(text)?;
    keys.retain(|key, _| !own.contains_key(key));
    Ok(keys)
}
