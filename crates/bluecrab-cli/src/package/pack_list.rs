//! The files of a folder that `npm pack` would pack (<https://docs.npmjs.com/cli/v11/configuring-npm/package-json#files>).
//!
//! `npm pack --dry-run` cannot tell them for a member of a workspace: it refuses a package without a version, as members
//! often are, and apps of pnpm, Yarn and Bun need no npm.

use crate::json::read_json;
use anyhow::{Context, Result, bail};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{Walk, WalkBuilder};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Patterns of files that are in no package.
const NEVER: [&str; 21] = [
    ".npmignore",
    ".gitignore",
    ".git",
    ".svn",
    ".hg",
    "CVS",
    "node_modules",
    ".npmrc",
    "npm-debug.log",
    ".lock-wscript",
    ".wafpickle-*",
    "/build/config.gypi",
    ".*.swp",
    ".DS_Store",
    "._*",
    "*.orig",
    "/package-lock.json",
    "/pnpm-lock.yaml",
    "/yarn.lock",
    "/bun.lock",
    "/bun.lockb",
];
/// How the names of files begin that are in every package, if they are in its folder itself.
const ALWAYS: [&str; 4] = ["readme", "license", "licence", "copying"];
/// What Node.js adds to the path in `main`.
const ENDS: [&str; 7] = ["", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node"];

/// Returns the paths of the files, relative to the folder.
///
/// # Errors
/// Returns an error if the file in `main` is missing, because then the package is not built.
pub fn of(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let package = read_json(&folder.join("package.json"))?;
    let chosen = package.get("files").and_then(Value::as_array).map(|files| chosen(files)).transpose()?;
    let (mut files, mut entered) = (always(folder, &package)?, BTreeSet::new());
    for entry in walk(folder, folder, chosen.is_none())? {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let path = entry.path().strip_prefix(folder)?.to_owned();
        let is_chosen =
            || chosen.as_ref().is_none_or(|chosen| chosen.matched_path_or_any_parents(&path, false).is_ignore());
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            entered.insert(path);
        } else if entry.file_type().is_some_and(|kind| kind.is_file()) && is_chosen() {
            files.insert(path);
        }
    }
    // npm enters an ignored folder if it has a file that is in every package, and then takes all files there.
    let outermost = |file: &PathBuf| {
        let folders = file.ancestors().skip(1).filter(|folder| !entered.contains(*folder));
        folders.filter(|folder| !folder.as_os_str().is_empty()).last().map(Path::to_owned)
    };
    let ignored: BTreeSet<PathBuf> = files.iter().filter_map(outermost).collect();
    for start in ignored {
        for entry in walk(folder, &folder.join(start), true)? {
            let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
            if entry.file_type().is_some_and(|kind| kind.is_file()) {
                files.insert(entry.path().strip_prefix(folder)?.to_owned());
            }
        }
    }
    Ok(files)
}

/// Visits the files and folders below `start`, except those that are in no package.
fn walk(folder: &Path, start: &Path, reads_ignore_files: bool) -> Result<Walk> {
    let never = patterns(NEVER)?;
    let mut walk = WalkBuilder::new(start);
    walk.standard_filters(false);
    if reads_ignore_files && folder.join(".npmignore").is_file() {
        walk.add_custom_ignore_filename(".npmignore");
    } else if reads_ignore_files {
        walk.git_ignore(true).require_git(false);
    }
    let folder = folder.to_owned();
    walk.filter_entry(move |entry| {
        let path = entry.path().strip_prefix(&folder).unwrap_or(entry.path());
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        path.as_os_str().is_empty() || !never.matched(path, is_folder).is_ignore()
    });
    Ok(walk.build())
}

/// Returns the files that are in the package whatever the patterns say.
fn always(folder: &Path, package: &Value) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::from([PathBuf::from("package.json")]);
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let name = entry?.file_name();
        let lower = name.to_string_lossy().to_ascii_lowercase();
        let is_text = ALWAYS
            .iter()
            .any(|start| lower.strip_prefix(start).is_some_and(|end| end.is_empty() || end.starts_with('.')));
        if is_text && folder.join(&name).is_file() {
            files.insert(name.into());
        }
    }
    if let Some(main) = package.get("main").and_then(Value::as_str) {
        let mut candidates = ENDS.iter().map(|end| format!("{}{end}", main.trim_end_matches('/')));
        let Some(file) = candidates.find(|file| folder.join(file).is_file()) else {
            bail!("`main` of {} is {main}, which is missing: build the package first", folder.display());
        };
        files.insert(file.into());
    }
    let programs: Vec<&str> = match package.get("bin") {
        Some(Value::Object(bin)) => bin.values().filter_map(Value::as_str).collect(),
        bin => bin.and_then(Value::as_str).into_iter().collect(),
    };
    files.extend(programs.into_iter().filter(|file| folder.join(file).is_file()).map(PathBuf::from));
    // `./index.js` and `index.js` are the same file.
    Ok(files.into_iter().map(|file| file.components().filter(|part| part.as_os_str() != ".").collect()).collect())
}

/// Returns what matches the patterns in the field `files`. They start in the package's folder, unless they take files back.
fn chosen(files: &[Value]) -> Result<Gitignore> {
    let anchored = |pattern: &str| {
        let path = pattern.trim_start_matches("./").trim_start_matches('/');
        if pattern.starts_with('!') { pattern.to_owned() } else { format!("/{path}") }
    };
    patterns(files.iter().filter_map(Value::as_str).map(anchored))
}

fn patterns<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> Result<Gitignore> {
    let mut patterns = GitignoreBuilder::new("");
    patterns.case_insensitive(true)?;
    for line in lines {
        patterns.add_line(None, line.as_ref())?;
    }
    Ok(patterns.build()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npm::npm;

    /// Asks npm itself.
    fn of_npm(folder: &Path) -> Vec<String> {
        let mut npm = npm(&["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"]);
        let output = npm.current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        // Later versions of npm name the package instead of numbering it.
        let package = printed.get(0).or_else(|| printed.as_object()?.values().next()).unwrap();
        let mut files: Vec<String> =
            package["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect();
        files.sort();
        files
    }

    fn write(folder: &Path, file: &str, text: &str) {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    #[test]
    fn takes_the_files_that_npm_takes() {
        for (fields, ignored) in [
            (
                r#""files": ["dist", "!dist/test", "types/**/*.d.ts", "*.txt"], "main": "index.js", "bin": "bin/run.js""#,
                &[][..],
            ),
            (r#""files": ["./dist/", "lib/*.js"], "bin": { "run": "./bin/run.js" }"#, &[(".npmignore", "dist")]),
            ("\"main\": \"dist/index.js\"", &[(".gitignore", "dist\n*.txt\n"), ("lib/.gitignore", "a.js\n")]),
            ("\"main\": \"dist/index.js\"", &[(".gitignore", "dist\n"), (".npmignore", "/src\n*.map\n")]),
            ("\"private\": true", &[]),
        ] {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), "package.json", &format!(r#"{{ "name": "a", "version": "1.0.0", {fields} }}"#));
            for file in [
                "README.md",
                "LICENSE",
                "Licence.txt",
                "index.js",
                "a.txt",
                "sub/b.txt",
                ".hidden",
                "dist/index.js",
                "dist/index.js.map",
                "dist/test/a.js",
                "lib/a.js",
                "lib/deep/b.js",
                "types/x/y.d.ts",
                "types/x/y.ts",
                "bin/run.js",
                "src/index.ts",
                "node_modules/b/index.js",
                "package-lock.json",
                "old.orig",
                ".npmrc",
            ] {
                write(folder.path(), file, "");
            }
            for (file, text) in ignored {
                write(folder.path(), file, text);
            }
            let files: Vec<String> =
                of(folder.path()).unwrap().iter().map(|file| file.to_string_lossy().replace('\\', "/")).collect();
            assert_eq!(files, of_npm(folder.path()), "{fields} {ignored:?}");
        }
    }

    #[test]
    fn says_that_a_package_is_not_built() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "package.json", r#"{ "main": "dist" }"#);
        write(folder.path(), "dist/a.js", "");
        let said = of(folder.path()).unwrap_err().to_string();
        assert!(said.contains("is dist, which is missing: build the package first"), "{said}");
        write(folder.path(), "dist/index.js", "");
        assert_eq!(of(folder.path()).unwrap().len(), 3);
    }
}
