//! What changes in an app's folder while it is served.
//!
//! It looks twice a second instead of asking the system: an app has few files, and this works on every system and disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const PAUSE: Duration = Duration::from_millis(500);

/// What is written by installing, building and running: it changes by itself.
const MADE: [&str; 4] = ["Cargo.lock", "node_modules", "package-lock.json", "target"];
const MADE_ENDS: [&str; 3] = [".wasm.new", ".zip", ".log"];

/// An app's files as they were last seen.
pub struct Watch {
    folder: PathBuf,
    builds: bool,
    seen: Seen,
}

type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

impl Watch {
    /// Sees the files as they are now; where the app is built here, its modules are no change.
    pub fn new(folder: &Path, builds: bool) -> Self {
        Self { folder: folder.to_owned(), builds, seen: see(folder, builds) }
    }

    /// Waits until a file is new, gone or different; gives its path from the app's folder.
    pub async fn changed(&mut self) -> PathBuf {
        loop {
            tokio::time::sleep(PAUSE).await;
            if let Some(file) = self.look() {
                return file;
            }
        }
    }

    fn look(&mut self) -> Option<PathBuf> {
        let now = see(&self.folder, self.builds);
        let before = std::mem::replace(&mut self.seen, now);
        let mut files = before.keys().chain(self.seen.keys());
        let file = files.find(|file| before.get(*file) != self.seen.get(*file))?;
        Some(file.strip_prefix(&self.folder).unwrap_or(file).to_owned())
    }
}

fn see(folder: &Path, builds: bool) -> Seen {
    let mut seen = Seen::new();
    add(folder, builds, &mut seen);
    seen
}

/// What cannot be read is as good as gone: an editor may be replacing it right now.
fn add(folder: &Path, builds: bool, seen: &mut Seen) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (file, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let is_made = MADE.contains(&name.as_str())
            || MADE_ENDS.iter().any(|end| name.ends_with(end))
            || (builds && name.ends_with(".wasm"));
        let is_hidden = name.starts_with('.') && name != ".cargo";
        let Ok(data) = fs::metadata(&file) else { continue };
        if is_made || is_hidden {
            continue;
        }
        if data.is_dir() {
            // A link to a folder may lead back to where it lies.
            if !file.is_symlink() {
                add(&file, builds, seen);
            }
        } else {
            seen.insert(file, (data.modified().ok(), data.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_seen_once_and_what_is_built_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            fs::create_dir_all(folder.path().join(file).parent().unwrap()).unwrap();
            fs::write(folder.path().join(file), text).unwrap();
        };
        write("index.js", "1");
        write("src/lib.rs", "1");
        let mut watch = Watch::new(folder.path(), true);
        assert_eq!(watch.look(), None);
        for made in ["target/x.rs", "node_modules/a/index.js", "a.wasm", "Cargo.lock", "dev.log", ".git/HEAD"] {
            write(made, "1");
        }
        assert_eq!(watch.look(), None);
        write("index.js", "12");
        assert_eq!(watch.look(), Some("index.js".into()));
        write(".cargo/config.toml", "1");
        assert_eq!(watch.look(), Some(".cargo/config.toml".into()));
        fs::remove_file(folder.path().join("src/lib.rs")).unwrap();
        assert_eq!(watch.look(), Some("src/lib.rs".into()));
        assert_eq!(watch.look(), None);
    }

    #[test]
    fn modules_that_others_build_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.wasm"), "1").unwrap();
        let mut watch = Watch::new(folder.path(), false);
        fs::write(folder.path().join("a.wasm"), "12").unwrap();
        assert_eq!(watch.look(), Some("a.wasm".into()));
        assert_eq!(watch.look(), None);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_seen_and_a_circle_is_not_entered() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(other.path().join("data"), "1").unwrap();
        std::os::unix::fs::symlink(other.path().join("data"), folder.path().join("link")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
        let mut watch = Watch::new(folder.path(), true);
        fs::write(other.path().join("data"), "12").unwrap();
        assert_eq!(watch.look(), Some("link".into()));
        assert_eq!(watch.look(), None);
    }
}
