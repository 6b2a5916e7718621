//! The worker that a release contains, so that its user needs no checkout.

use crate::error::HostError;
use crate::files::replace_file;
use std::fs;
use std::path::{Path, PathBuf};

#[cfg(bundled_worker)]
const WORKER: Option<&str> = Some(include_str!("../../worker/nodejsWorker.js"));
#[cfg(not(bundled_worker))]
const WORKER: Option<&str> = None;

/// Whether this is a release: it contains the worker, and knows no checkout.
pub const IS_RELEASE: bool = WORKER.is_some();

/// Returns the folder for files that can be made again, if the user has one.
pub fn cache_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        std::env::home_dir().map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
    };
    Some(folder?.join("bluecrab"))
}

/// Returns the folder of the worker: the one in the checkout, or else the user's cache, into which a release writes its
/// worker. `file` is the worker's path relative to the folder.
pub fn folder(file: &str) -> Result<PathBuf, HostError> {
    let Some(worker) = WORKER else { return Ok(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../npm/worker")) };
    let cache = cache_folder().unwrap_or_else(|| std::env::temp_dir().join("bluecrab"));
    let folder = cache.join(concat!("worker-", env!("CARGO_PKG_VERSION")));
    let file = folder.join(file);
    write(&file, worker).map_err(|error| HostError::CannotWriteWorker { file, error })?;
    Ok(folder)
}

/// Writes the file if it has another content. Another command may do the same at once.
fn write(file: &Path, content: &str) -> std::io::Result<()> {
    if fs::read(file).is_ok_and(|found| found == content.as_bytes()) {
        return Ok(());
    }
    fs::create_dir_all(file.parent().unwrap_or(file))?;
    replace_file(file, content.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_a_missing_or_different_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dist/src/worker.js");
        for content in ["first", "second", "second"] {
            write(&file, content).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), content);
        }
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }
}
