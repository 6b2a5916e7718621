//! `.funcignore`: which files of an app are not deployed, in the syntax of `.gitignore`.
//!
//! Unlike in git, a pattern with `!` also brings back a file in a folder that is left out, as in the platform's own
//! tools (azure-functions-core-tools, `GitIgnoreParser.cs`).

use anyhow::{Context, Result};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::Path;

/// Patterns that apply unless `.funcignore` overrides them: hidden files, variants and copies of local settings, Rust
/// sources, lock files, logs, and the zip files that `package` has made.
const DEFAULTS: [&str; 15] = [
    ".*",
    "!.well-known",
    "Cargo.lock",
    "Cargo.toml",
    "*.rs",
    "*.log",
    "local.settings*",
    "/bun.lock",
    "/bun.lockb",
    "/npm-shrinkwrap.json",
    "/package-lock.json",
    "/pnpm-lock.yaml",
    "/pnpm-workspace.yaml",
    "/yarn.lock",
    "/*.zip",
];

/// The patterns of an app. The last pattern that matches a file decides.
pub struct Ignored {
    own: Gitignore,
    packages: Gitignore,
}

impl Ignored {
    /// Reads the patterns of an app, and adds the folders of its crates.
    pub fn of<'a>(app: &Path, crates: impl Iterator<Item = &'a str>) -> Result<Self> {
        let file = app.join(".funcignore");
        let text = if file.is_file() {
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?
        } else {
            String::new()
        };
        Self::parse(&text, crates).with_context(|| format!("{} has an invalid pattern", file.display()))
    }

    fn parse<'a>(text: &str, crates: impl Iterator<Item = &'a str>) -> Result<Self> {
        let (mut own, mut packages) = (GitignoreBuilder::new(""), GitignoreBuilder::new(""));
        // Some systems ignore case.
        own.case_insensitive(true)?;
        for line in DEFAULTS {
            own.add_line(None, line)?;
        }
        own.case_insensitive(false)?;
        for folder in crates {
            own.add_line(None, &format!("/{}/", globset::escape(folder)))?;
        }
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let at = || format!("line {}", index + 1);
            own.add_line(None, line).with_context(at)?;
            // The pattern `node_modules` means the packages on this machine, not those that are installed for the
            // platform.
            if line.trim().trim_matches(['/', '*']) != "node_modules" {
                packages.add_line(None, line).with_context(at)?;
            }
        }
        Ok(Self { own: own.build()?, packages: packages.build()? })
    }

    /// Returns whether one of the app's own files is left out. A path uses `/` on every system.
    pub fn has(&self, path: &str) -> bool {
        self.own.matched_path_or_any_parents(path, false).is_ignore()
    }

    /// Returns whether everything in a folder of the app is left out.
    pub fn has_all_of(&self, folder: &str) -> bool {
        let takes_back =
            self.own.num_whitelists() > DEFAULTS.iter().filter(|line| line.starts_with('!')).count() as u64;
        !takes_back && self.own.matched_path_or_any_parents(folder, true).is_ignore()
    }

    /// Returns whether a file of an installed package is left out.
    pub fn has_in_packages(&self, path: &str) -> bool {
        self.packages.matched_path_or_any_parents(path, false).is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Ignored {
        Ignored::parse(text, ["sums", "odd [name]"].into_iter()).unwrap()
    }

    fn assert_left_out(ignored: &Ignored, paths: &[&str]) {
        for path in paths {
            assert!(ignored.has(path), "{path} is kept");
        }
    }

    fn assert_kept(ignored: &Ignored, paths: &[&str]) {
        for path in paths {
            assert!(!ignored.has(path), "{path} is left out");
        }
    }

    #[test]
    fn matches_patterns_as_git_does() {
        let text = "\u{feff}# sources\r\n*.ts\r\n!keep.ts\r\n/src\r\ntest/\r\ndocs/**/*.md\r\na/**\r\n\\!odd\r\n\r\nb?.txt  \r\n*.[pP][eE][mM]";
        let ignored = parse(text);
        assert_left_out(
            &ignored,
            &["lib/deep/index.ts", "src/a.js", "lib/test/a.js", "docs/a.md", "docs/x/y/a.md", "a/b", "!odd", "b1.txt"],
        );
        assert_left_out(&ignored, &["a.pem", "keys/A.PEM"]);
        assert_kept(
            &ignored,
            &["index.js", "lib/keep.ts", "lib/src/a.js", "test", "a.md", "other/docs/a.md", "b12.txt"],
        );
    }

    #[test]
    fn leaves_out_hidden_files_sources_locks_logs_and_packages_by_default() {
        let left_out = [
            ".env",
            "lib/.env",
            ".git/HEAD",
            "src/lib.rs",
            "Cargo.toml",
            "dev.log",
            "logs/a.LOG",
            "local.settings.production.json",
            "lib/Local.Settings.json.bak",
            "yarn.lock",
            "my shop.ZIP",
            "sums/data.json",
            "odd [name]/a.js",
        ];
        let kept = [
            ".well-known/security.txt",
            "lib/.well-known/a",
            "src/target/a.js",
            "target/a.js",
            "lib/yarn.lock",
            "data/a.zip",
        ];
        let ignored = parse("");
        assert_left_out(&ignored, &left_out);
        assert_kept(&ignored, &kept);
        assert!(ignored.has_all_of(".git") && !ignored.has_all_of(".well-known"));
        let ignored = parse("!.env\n!/sums/data.json\n!dev.log\n!Cargo.toml\n!/.git/HEAD\n/src\n!/src/target/a.js");
        assert_kept(&ignored, &[".env", "lib/.env", "sums/data.json", "dev.log", "Cargo.toml", ".git/HEAD"]);
        assert_kept(&ignored, &["src/target/a.js"]);
        assert_left_out(&ignored, &["sums/other.json", "src/a.js", "logs/a.log", ".git/config"]);
        assert!(!ignored.has_all_of("sums"));
    }

    #[test]
    fn leaves_out_packages_only_by_name() {
        for line in ["node_modules", "/node_modules/", "**/node_modules/**", "node_modules/*"] {
            assert!(!parse(line).has_in_packages("node_modules/a/node_modules/b/index.js"), "{line}");
        }
        let ignored = parse("*.md\n/node_modules/@types/\n/.*");
        assert!(
            ignored.has_in_packages("node_modules/a/readme.md") && ignored.has_in_packages("node_modules/@types/a/x")
        );
        assert!(!ignored.has_in_packages("node_modules/.prisma/client/index.js"));
    }

    #[test]
    fn names_an_invalid_pattern() {
        let error = Ignored::parse("*.md\n[z-a]", std::iter::empty()).err().unwrap();
        assert!(format!("{error:#}").contains("line 2: error parsing glob '[z-a]'"), "{error:#}");
    }
}
