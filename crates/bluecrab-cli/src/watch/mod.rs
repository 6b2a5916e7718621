//! Watches an app's folder for changes while the app is served.
//!
//! It compares the files twice a second instead of asking the system for notifications, as the crate `notify` does.
//! This works on every system and file system, in containers and over networks, and an app has few files apart from
//! those that are ignored. Notifications would have to cover every folder, including node_modules and cargo's target
//! folder.

mod own_writes;
mod selection;

use anyhow::Result;
use own_writes::OwnWrites;
use selection::Selection;
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

const PAUSE: Duration = Duration::from_millis(500);
/// A change is complete when nothing has changed for this time.
const QUIET: Duration = Duration::from_millis(200);
/// If files keep changing, the change is reported after this time.
const LONGEST_UNREST: Duration = Duration::from_secs(3);
/// The longest step in which a file system counts time, that of FAT.
const STEP: Duration = Duration::from_secs(2);
/// Larger files are compared by time and size, not by content.
const COMPARED_BYTES: u64 = 1 << 20;

/// Watches an app's files.
pub struct FileWatcher {
    folder: PathBuf,
    builds: bool,
    /// Patterns of files to ignore.
    patterns: Vec<String>,
    selection: Selection,
    seen: BTreeMap<PathBuf, Stamp>,
    own_writes: OwnWrites,
}

/// Distinguishes one version of a file from another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    content: Option<u64>,
    /// Whether a later write would have another time. File systems count time in steps.
    is_settled: bool,
}

impl FileWatcher {
    /// Reads the current state of the files. If `builds` is true, modules are ignored.
    ///
    /// # Errors
    /// Returns an error if a pattern is invalid.
    pub fn new(folder: &Path, builds: bool, patterns: &[String]) -> Result<Self> {
        let mut watcher = Self {
            folder: folder.to_owned(),
            builds,
            patterns: patterns.to_vec(),
            selection: Selection::of(folder, builds, patterns)?,
            seen: BTreeMap::new(),
            own_writes: OwnWrites::default(),
        };
        watcher.look();
        Ok(watcher)
    }

    /// Waits until files were added, removed or changed, and no more of them change. Returns one of their paths,
    /// relative to the app's folder.
    pub async fn changed(&mut self) -> PathBuf {
        loop {
            tokio::time::sleep(PAUSE).await;
            let mut changed = self.look();
            let start = Instant::now();
            while !changed.is_empty() && start.elapsed() < LONGEST_UNREST {
                tokio::time::sleep(QUIET).await;
                let more = self.look();
                if more.is_empty() {
                    break;
                }
                changed.extend(more);
            }
            for kind in self.own_writes.leave_out(&mut changed, Instant::now()) {
                let reason = "has changed after each of the last starts, so the app probably writes it. It is no longer \
                              watched; exclude it from the start with .gitignore or --ignore";
                bluecrab_host::step("watch", &format!("{kind} {reason}"));
            }
            if let Some(file) = changed.into_iter().next() {
                self.select_again();
                return file;
            }
        }
    }

    /// Selects the files again, because the change may affect which files belong to the app.
    fn select_again(&mut self) {
        if let Ok(selection) = Selection::of(&self.folder, self.builds, &self.patterns) {
            self.selection = selection;
            self.look();
        }
    }

    /// Returns the files that have changed since the last call.
    fn look(&mut self) -> Vec<PathBuf> {
        let mut now = BTreeMap::new();
        for file in self.selection.files() {
            let stamp = stamp(&file, self.seen.get(&file));
            now.extend(stamp.map(|stamp| (file, stamp)));
        }
        let before = std::mem::replace(&mut self.seen, now);
        let version = |files: &BTreeMap<PathBuf, Stamp>, file: &PathBuf| files.get(file).map(Stamp::version);
        let files = before.keys().chain(self.seen.keys().filter(|file| !before.contains_key(*file)));
        let changed = files.filter(|file| version(&before, file) != version(&self.seen, file));
        changed.map(|file| file.strip_prefix(&self.folder).unwrap_or(file).to_owned()).collect()
    }
}

impl Stamp {
    /// Returns the values to compare: the content if it is known, or else the time and size.
    fn version(&self) -> (Option<u64>, Option<SystemTime>, u64) {
        let modified = if self.content.is_some() { None } else { self.modified };
        (self.content, modified, self.length)
    }
}

/// Reads the current state of a file. The content is read again only if time or size differ from `before`, or if they
/// may be those of two versions.
fn stamp(file: &Path, before: Option<&Stamp>) -> Option<Stamp> {
    let data = fs::metadata(file).ok()?;
    let (modified, length) = (data.modified().ok(), data.len());
    let is_same = |before: &&Stamp| before.is_settled && before.modified == modified && before.length == length;
    let same = before.filter(is_same);
    // Look at the time first: what is written meanwhile must count as unsettled.
    let is_settled = modified.and_then(|modified| modified.elapsed().ok()).is_some_and(|age| age > STEP);
    let hash = || {
        let mut hasher = DefaultHasher::new();
        fs::read(file).ok()?.hash(&mut hasher);
        Some(hasher.finish())
    };
    let content = if length > COMPARED_BYTES { None } else { same.map_or_else(hash, |same| same.content) };
    Some(Stamp { modified, length, content, is_settled })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;
    use crate::crates::Crates;
    use tempfile::TempDir;

    fn write(app: &TempDir, file: &str, text: &str) {
        let file = app.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn app(main: &str) -> TempDir {
        let app = tempfile::tempdir().unwrap();
        write(&app, "host.json", r#"{ "version": "2.0" }"#);
        write(&app, "package.json", &format!(r#"{{ "main": "{main}" }}"#));
        write(&app, "index.js", "1");
        app
    }

    /// Returns the files that have changed.
    fn seen(watcher: &mut FileWatcher) -> Vec<String> {
        let changed = watcher.look();
        changed.iter().map(|file| file.display().to_string()).collect()
    }

    #[test]
    fn reports_each_change_once_and_ignores_build_output() {
        let app = app("index.js");
        write(&app, "src/lib.rs", "1");
        let mut watcher = FileWatcher::new(app.path(), true, &[]).unwrap();
        assert_eq!(seen(&mut watcher), [""; 0]);
        for made in [
            "node_modules/a/index.js",
            "a.wasm",
            "Cargo.lock",
            "dev.log",
            ".git/HEAD",
            "__azurite_db_queue__.json",
            "src/__pycache__/app.cpython-314.pyc",
        ] {
            write(&app, made, "1");
        }
        assert_eq!(seen(&mut watcher), [""; 0]);
        write(&app, "index.js", "12");
        write(&app, "src/target/a.js", "1");
        assert_eq!(seen(&mut watcher), ["index.js", "src/target/a.js"]);
        write(&app, ".cargo/config.toml", "");
        assert_eq!(seen(&mut watcher), [".cargo/config.toml"]);
        fs::remove_file(app.path().join("src/lib.rs")).unwrap();
        assert_eq!(seen(&mut watcher), ["src/lib.rs"]);
        assert_eq!(seen(&mut watcher), [""; 0]);
    }

    #[test]
    fn a_file_with_the_same_content_has_not_changed() {
        let app = app("index.js");
        let mut watcher = FileWatcher::new(app.path(), true, &[]).unwrap();
        write(&app, "index.js", "1");
        assert_eq!(seen(&mut watcher), [""; 0]);
        write(&app, "index.js", "2");
        assert_eq!(seen(&mut watcher), ["index.js"]);
    }

    #[test]
    fn a_file_with_the_same_time_and_size_may_have_changed() {
        let app = app("index.js");
        let file = fs::File::options().write(true).open(app.path().join("index.js")).unwrap();
        // No time that has passed is after this one, so the file is never settled.
        let modified = SystemTime::now() + Duration::from_secs(3600);
        file.set_modified(modified).unwrap();
        let mut watcher = FileWatcher::new(app.path(), true, &[]).unwrap();
        write(&app, "index.js", "2");
        file.set_modified(modified).unwrap();
        assert_eq!(seen(&mut watcher), ["index.js"]);
    }

    #[test]
    fn ignores_what_git_ignores_unless_the_worker_loads_it() {
        let app = app("dist/src/*.js");
        write(&app, ".gitignore", "data\n*.tmp\ndist\nlocal.settings.json\n*.wasm\n");
        let mut watcher = FileWatcher::new(app.path(), false, &[]).unwrap();
        write(&app, "data/a.json", "1");
        write(&app, "lib/a.tmp", "1");
        assert_eq!(seen(&mut watcher), [""; 0]);
        for file in ["dist/src/functions/a.js", "local.settings.json", "a.wasm"] {
            write(&app, file, "1");
            assert_eq!(seen(&mut watcher), [file]);
        }
        write(&app, ".ignore", "lib\n");
        write(&app, "lib/a.js", "1");
        assert_eq!(seen(&mut watcher), [""; 0]);
        // A pattern for the whole app does not bring ignored files back.
        write(&app, "package.json", r#"{ "main": "**/*.js" }"#);
        let mut watcher = FileWatcher::new(app.path(), false, &[]).unwrap();
        write(&app, "data/a.json", "2");
        assert_eq!(seen(&mut watcher), [""; 0]);
    }

    #[test]
    fn ignores_files_that_match_a_pattern_in_any_folder() {
        let app = app("dist/index.js");
        write(&app, "dist/index.js", "1");
        let patterns = ["data/", "*.db", "/dist/cache"].map(str::to_owned);
        let mut watcher = FileWatcher::new(app.path(), true, &patterns).unwrap();
        for file in ["data/a.json", "lib/data/a.json", "a.db", "dist/a.db", "dist/cache/a.js"] {
            write(&app, file, "1");
        }
        assert_eq!(seen(&mut watcher), [""; 0]);
        write(&app, "lib/cache/a.js", "1");
        assert_eq!(seen(&mut watcher), ["lib/cache/a.js"]);
        let wrong = FileWatcher::new(app.path(), true, &["a{".to_owned()]).err().unwrap().to_string();
        assert_eq!(wrong, "--ignore a{ is not a valid pattern");
    }

    #[test]
    fn ignores_target_folders_of_any_name() {
        let app = app("index.js");
        write(&app, "Cargo.toml", "[package]\nname = \"a\"\nedition = \"2024\"\n[workspace]\n");
        write(&app, "src/lib.rs", "");
        write(&app, ".cargo/config.toml", "[build]\ntarget-dir = \"out\"\n");
        let mut watcher = FileWatcher::new(app.path(), true, &[]).unwrap();
        let target = Crates::of(&App::open(app.path()).unwrap()).unwrap().target_folders;
        fs::create_dir_all(&target[0]).unwrap();
        fs::write(target[0].join("a.js"), "1").unwrap();
        assert_eq!(seen(&mut watcher), [""; 0]);
    }

    #[test]
    fn watches_modules_that_are_built_elsewhere() {
        let app = app("index.js");
        write(&app, "a.wasm", "1");
        let mut watcher = FileWatcher::new(app.path(), false, &[]).unwrap();
        write(&app, "a.wasm", "12");
        assert_eq!(seen(&mut watcher), ["a.wasm"]);
    }

    #[cfg(unix)]
    #[test]
    fn follows_links_but_not_in_a_circle() {
        let (app, other) = (app("index.js"), tempfile::tempdir().unwrap());
        write(&other, "data", "1");
        std::os::unix::fs::symlink(other.path().join("data"), app.path().join("link")).unwrap();
        std::os::unix::fs::symlink(app.path(), app.path().join("circle")).unwrap();
        let mut watcher = FileWatcher::new(app.path(), true, &[]).unwrap();
        write(&other, "data", "12");
        assert_eq!(seen(&mut watcher), ["link"]);
    }
}
