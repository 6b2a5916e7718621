//! Finds files that an app writes into its own folder. Otherwise each start of the app would cause the next start.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A change within this time after the previous change may come from the app.
const SOON: Duration = Duration::from_secs(10);
/// After this many changes in a row, the app is considered the cause.
const ROUNDS: u32 = 3;
/// Only people and builds write files with these extensions.
const SOURCES: [&str; 11] = ["cjs", "cts", "js", "jsx", "mjs", "mts", "rs", "toml", "ts", "tsx", "wasm"];
const CONFIGURATION: [&str; 3] = ["host.json", "local.settings.json", "package.json"];

/// The files in a folder with the same extension. An app often writes files with a new name each time.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Kind {
    folder: PathBuf,
    extension: Option<String>,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.extension.as_ref().map_or_else(|| "*".to_owned(), |extension| format!("*.{extension}"));
        self.folder.join(name).display().fmt(formatter)
    }
}

/// Finds the kinds of files that the app writes: they change repeatedly, soon after each start, and no source changes
/// with them.
#[derive(Default)]
pub struct OwnWrites {
    last: Option<Instant>,
    rounds: HashMap<Kind, u32>,
    found: Vec<Kind>,
}

impl OwnWrites {
    /// Removes the files that the app writes from `changed`. Returns the kinds that are ignored from now on.
    pub fn leave_out(&mut self, changed: &mut Vec<PathBuf>, now: Instant) -> Vec<Kind> {
        changed.retain(|file| kind(file).is_none_or(|kind| !self.found.contains(&kind)));
        if changed.is_empty() {
            return Vec::new();
        }
        let kinds: Option<Vec<Kind>> = changed.iter().map(|file| kind(file)).collect();
        if kinds.is_none() || self.last.is_some_and(|last| now - last > SOON) {
            self.rounds.clear();
        }
        self.last = Some(now);
        let mut kinds = kinds.unwrap_or_default();
        kinds.sort_by(|one, other| one.folder.cmp(&other.folder).then(one.extension.cmp(&other.extension)));
        kinds.dedup();
        kinds.retain(|kind| {
            let rounds = self.rounds.entry(kind.clone()).or_default();
            *rounds += 1;
            *rounds == ROUNDS
        });
        self.found.extend(kinds.iter().cloned());
        changed.retain(|file| kind(file).is_none_or(|kind| !self.found.contains(&kind)));
        kinds
    }
}

/// Returns the kind of a file that an app may write, or `None` for sources and configuration.
fn kind(file: &Path) -> Option<Kind> {
    let extension = file.extension().map(|extension| extension.to_string_lossy().into_owned());
    let is_source = extension.as_ref().is_some_and(|extension| SOURCES.contains(&extension.as_str()))
        || CONFIGURATION.iter().any(|name| file == Path::new(name));
    (!is_source).then(|| Kind { folder: file.parent().unwrap_or(Path::new("")).to_owned(), extension })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_a_kind_of_file_after_its_third_change_in_a_row() {
        let (mut own, start) = (OwnWrites::default(), Instant::now());
        let mut second = 0;
        let mut left = |files: &[&str], seconds: u64| {
            second += seconds;
            let mut changed: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            let found = own.leave_out(&mut changed, start + Duration::from_secs(second));
            (changed.len(), found.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let nothing = Vec::<String>::new();
        // Changes by a person.
        for _ in 0..5 {
            assert_eq!(left(&["index.js", "data/a.json"], 1), (2, nothing.clone()));
            assert_eq!(left(&["host.json"], 1), (1, nothing.clone()));
        }
        for _ in 0..5 {
            assert_eq!(left(&["data/a.json"], 20), (1, nothing.clone()));
        }
        // Changes by the app.
        assert_eq!(left(&["data/b.json"], 1), (1, nothing.clone()));
        assert_eq!(left(&["data/c.json"], 1), (0, vec!["data/*.json".to_owned()]));
        assert_eq!(left(&["data/d.json"], 1), (0, nothing.clone()));
        assert_eq!(left(&["data/d.json", "index.js"], 1), (1, nothing));
    }
}
