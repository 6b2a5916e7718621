//! `.funcignore`: what of an app is not deployed, in the patterns of `.gitignore`, as the platform's own tools read it.

use anyhow::{Context, Result};
use std::path::Path;

/// The patterns of one file, in their order.
#[derive(Default)]
pub struct Ignored(Vec<Pattern>);

struct Pattern {
    segments: Vec<String>,
    takes_back: bool,
    only_folders: bool,
}

impl Ignored {
    /// Reads the file of an app; an app without one ignores nothing.
    pub fn of(app: &Path) -> Result<Self> {
        let file = app.join(".funcignore");
        if !file.is_file() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(Pattern::parse).collect())
    }

    /// Whether a path from the app's folder, with `/`, is ignored: the last pattern that matches decides.
    pub fn has(&self, path: &str, is_folder: bool) -> bool {
        let segments: Vec<&str> = path.split('/').collect();
        let mut patterns = self.0.iter().rev();
        patterns.find(|pattern| pattern.matches(&segments, is_folder)).is_some_and(|pattern| !pattern.takes_back)
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (takes_back, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (only_folders, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let mut segments: Vec<String> = line.trim_start_matches('/').split('/').map(str::to_owned).collect();
        if !line.contains('/') {
            segments.insert(0, "**".to_owned());
        }
        Some(Self { segments, takes_back, only_folders })
    }

    fn matches(&self, path: &[&str], is_folder: bool) -> bool {
        let pattern: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        (is_folder || !self.only_folders) && matches_path(&pattern, path)
    }
}

fn matches_path(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        (["**"], _) => !path.is_empty(),
        (["**", rest @ ..], _) => (0..=path.len()).any(|skipped| matches_path(rest, &path[skipped..])),
        ([first, rest @ ..], [name, below @ ..]) => {
            let (glob, name): (Vec<char>, Vec<char>) = (first.chars().collect(), name.chars().collect());
            matches_name(&glob, &name) && matches_path(rest, below)
        }
        ([], []) => true,
        _ => false,
    }
}

fn matches_name(glob: &[char], name: &[char]) -> bool {
    match (glob, name) {
        (['*', rest @ ..], _) => (0..=name.len()).any(|taken| matches_name(rest, &name[taken..])),
        (['?', rest @ ..], [_, after @ ..]) => matches_name(rest, after),
        (['\\', wanted, rest @ ..], [found, after @ ..]) => wanted == found && matches_name(rest, after),
        ([wanted, rest @ ..], [found, after @ ..]) => wanted == found && matches_name(rest, after),
        ([], []) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_to_git() {
        let ignored =
            Ignored::parse("# sources\n.*\n*.ts\n!keep.ts\n/src\ntest/\ndocs/**/*.md\na/**\n\\!odd\n\nb?.txt  \n");
        for (path, is_folder) in [
            (".git", true),
            ("lib/.env", false),
            ("lib/deep/index.ts", false),
            ("src", true),
            ("lib/test", true),
            ("docs/a.md", false),
            ("docs/x/y/a.md", false),
            ("a/b", false),
            ("!odd", false),
            ("b1.txt", false),
        ] {
            assert!(ignored.has(path, is_folder), "{path} is kept");
        }
        for (path, is_folder) in [
            ("index.js", false),
            ("lib/keep.ts", false),
            ("lib/src", true),
            ("test", false),
            ("a.md", false),
            ("other/docs/a.md", false),
            ("a", true),
            ("b12.txt", false),
        ] {
            assert!(!ignored.has(path, is_folder), "{path} is ignored");
        }
    }
}
