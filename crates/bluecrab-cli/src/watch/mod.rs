//! What changes in an app's folder while it is served.
//!
//! It looks twice a second instead of asking the system to be told, as the crate `notify` does. An app has few files besides
//! those that are left out, and this works on every system and disk, in containers and over networks. A system would have
//! to be asked for each folder, those of node_modules and of cargo's target included.

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
/// A change is complete once nothing has changed for so long.
const QUIET: Duration = Duration::from_millis(200);
/// Where something is written without end, nobody waits longer than this.
const LONGEST_UNREST: Duration = Duration::from_secs(3);
/// Larger files count as changed when they are written, whether or not their content is another.
const COMPARED_BYTES: u64 = 1 << 20;

/// An app's files as they were last seen.
pub struct Watch {
    folder: PathBuf,
    builds: bool,
    /// Patterns of files that are not looked at.
    patterns: Vec<String>,
    selection: Selection,
    seen: BTreeMap<PathBuf, Stamp>,
    own_writes: OwnWrites,
}

/// What tells one version of a file from another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    content: Option<u64>,
}

impl Watch {
    /// Sees the files as they are now. If the app is built here, its modules are not looked at.
    ///
    /// # Errors
    /// One of the patterns is wrong.
    pub fn new(folder: &Path, builds: bool, patterns: &[String]) -> Result<Self> {
        let mut watch = Self {
            folder: folder.to_owned(),
            builds,
            patterns: patterns.to_vec(),
            selection: Selection::of(folder, builds, patterns)?,
            seen: BTreeMap::new(),
            own_writes: OwnWrites::default(),
        };
        watch.look();
        Ok(watch)
    }

    /// Waits until files are new, gone or different, and until no more of them change; returns one of their paths, from the
    /// app's folder.
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
                tell!(
                    "[watch] {kind} has changed after each of the last starts: the app seems to write it. It is not looked at \
                     any more; name it in .gitignore, or with --ignore, to say so from the start"
                );
            }
            if let Some(file) = changed.into_iter().next() {
                self.select_again();
                return file;
            }
        }
    }

    /// The change may have changed what belongs to the app; what is there now is built and served next.
    fn select_again(&mut self) {
        if let Ok(selection) = Selection::of(&self.folder, self.builds, &self.patterns) {
            self.selection = selection;
            self.look();
        }
    }

    /// The files that have changed since the last look.
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
    /// What differs if the file does: its content, where that is known.
    fn version(&self) -> (Option<u64>, Option<SystemTime>, u64) {
        let modified = if self.content.is_some() { None } else { self.modified };
        (self.content, modified, self.length)
    }
}

/// A file as it is now; a content that has not been written since `before` is not read again.
fn stamp(file: &Path, before: Option<&Stamp>) -> Option<Stamp> {
    let data = fs::metadata(file).ok()?;
    let (modified, length) = (data.modified().ok(), data.len());
    let same = before.filter(|before| before.modified == modified && before.length == length);
    let hash = || {
        let mut hasher = DefaultHasher::new();
        fs::read(file).ok()?.hash(&mut hasher);
        Some(hasher.finish())
    };
    let content = if length > COMPARED_BYTES { None } else { same.map_or_else(hash, |same| same.content) };
    Some(Stamp { modified, length, content })
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

    /// The files that have changed.
    fn seen(watch: &mut Watch) -> Vec<String> {
        let changed = watch.look();
        changed.iter().map(|file| file.display().to_string()).collect()
    }

    #[test]
    fn changes_are_seen_once_and_what_is_built_is_not_looked_at() {
        let app = app("index.js");
        write(&app, "src/lib.rs", "1");
        let mut watch = Watch::new(app.path(), true, &[]).unwrap();
        assert_eq!(seen(&mut watch), [""; 0]);
        for made in
            ["node_modules/a/index.js", "a.wasm", "Cargo.lock", "dev.log", ".git/HEAD", "__azurite_db_queue__.json"]
        {
            write(&app, made, "1");
        }
        assert_eq!(seen(&mut watch), [""; 0]);
        write(&app, "index.js", "12");
        write(&app, "src/target/a.js", "1");
        assert_eq!(seen(&mut watch), ["index.js", "src/target/a.js"]);
        write(&app, ".cargo/config.toml", "");
        assert_eq!(seen(&mut watch), [".cargo/config.toml"]);
        fs::remove_file(app.path().join("src/lib.rs")).unwrap();
        assert_eq!(seen(&mut watch), ["src/lib.rs"]);
        assert_eq!(seen(&mut watch), [""; 0]);
    }

    #[test]
    fn the_same_content_is_no_change() {
        let app = app("index.js");
        let mut watch = Watch::new(app.path(), true, &[]).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        write(&app, "index.js", "1");
        assert_eq!(seen(&mut watch), [""; 0]);
        write(&app, "index.js", "2");
        assert_eq!(seen(&mut watch), ["index.js"]);
    }

    #[test]
    fn what_git_ignores_is_not_looked_at_unless_the_worker_loads_it() {
        let app = app("dist/src/*.js");
        write(&app, ".gitignore", "data\n*.tmp\ndist\nlocal.settings.json\n*.wasm\n");
        let mut watch = Watch::new(app.path(), false, &[]).unwrap();
        write(&app, "data/a.json", "1");
        write(&app, "lib/a.tmp", "1");
        assert_eq!(seen(&mut watch), [""; 0]);
        for file in ["dist/src/functions/a.js", "local.settings.json", "a.wasm"] {
            write(&app, file, "1");
            assert_eq!(seen(&mut watch), [file]);
        }
        write(&app, ".ignore", "lib\n");
        write(&app, "lib/a.js", "1");
        assert_eq!(seen(&mut watch), [""; 0]);
        // A pattern for the whole app makes nothing an entry file that is ignored.
        write(&app, "package.json", r#"{ "main": "**/*.js" }"#);
        let mut watch = Watch::new(app.path(), false, &[]).unwrap();
        write(&app, "data/a.json", "2");
        assert_eq!(seen(&mut watch), [""; 0]);
    }

    #[test]
    fn what_patterns_name_is_not_looked_at_wherever_it_lies() {
        let app = app("dist/index.js");
        write(&app, "dist/index.js", "1");
        let patterns = ["data/", "*.db", "/dist/cache"].map(str::to_owned);
        let mut watch = Watch::new(app.path(), true, &patterns).unwrap();
        for file in ["data/a.json", "lib/data/a.json", "a.db", "dist/a.db", "dist/cache/a.js"] {
            write(&app, file, "1");
        }
        assert_eq!(seen(&mut watch), [""; 0]);
        write(&app, "lib/cache/a.js", "1");
        assert_eq!(seen(&mut watch), ["lib/cache/a.js"]);
        let wrong = Watch::new(app.path(), true, &["a{".to_owned()]).err().unwrap().to_string();
        assert_eq!(wrong, "--ignore a{ is no pattern");
    }

    #[test]
    fn the_folders_that_cargo_builds_into_are_not_looked_at_whatever_their_names() {
        let app = app("index.js");
        write(&app, "Cargo.toml", "[package]\nname = \"a\"\nedition = \"2024\"\n[workspace]\n");
        write(&app, "src/lib.rs", "");
        write(&app, ".cargo/config.toml", "[build]\ntarget-dir = \"out\"\n");
        let mut watch = Watch::new(app.path(), true, &[]).unwrap();
        let target = Crates::of(&App::open(app.path()).unwrap()).unwrap().target_folders;
        fs::create_dir_all(&target[0]).unwrap();
        fs::write(target[0].join("a.js"), "1").unwrap();
        assert_eq!(seen(&mut watch), [""; 0]);
    }

    #[test]
    fn modules_that_others_build_are_seen() {
        let app = app("index.js");
        write(&app, "a.wasm", "1");
        let mut watch = Watch::new(app.path(), false, &[]).unwrap();
        write(&app, "a.wasm", "12");
        assert_eq!(seen(&mut watch), ["a.wasm"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_seen_and_a_circle_is_not_entered() {
        let (app, other) = (app("index.js"), tempfile::tempdir().unwrap());
        write(&other, "data", "1");
        std::os::unix::fs::symlink(other.path().join("data"), app.path().join("link")).unwrap();
        std::os::unix::fs::symlink(app.path(), app.path().join("circle")).unwrap();
        let mut watch = Watch::new(app.path(), true, &[]).unwrap();
        write(&other, "data", "12");
        assert_eq!(seen(&mut watch), ["link"]);
    }
}
