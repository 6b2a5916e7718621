//! Keeps the status of each timer in a file, so that timers need no storage account.

use crate::files::replace_file;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The folder for the files, below the app's own. The platform keeps them in the storage account, in
/// `azure-webjobs-hosts/timers` (azure-webjobs-sdk-extensions, `StorageScheduleMonitor`).
const FOLDER: &str = ".bluecrab/timers";

/// The last and the next run of a timer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Status {
    /// When the last run began; `None` before the first run.
    pub last: Option<Timestamp>,
    /// When the next run is due.
    pub next: Timestamp,
    /// The time from which `next` was computed.
    pub last_updated: Timestamp,
}

impl Status {
    /// Returns the status as the platform passes it to the function: local times with their offset.
    pub fn to_json(&self, now: &Zoned) -> Value {
        let text = |time: Timestamp| {
            let time = time.to_zoned(now.time_zone().clone());
            time.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
        };
        let never = || "0001-01-01T00:00:00".to_owned();
        json!({
            "Last": self.last.map_or_else(never, text),
            "Next": text(self.next),
            "LastUpdated": if self.last.is_some() { text(self.last_updated) } else { never() },
        })
    }
}

/// The file with the status of one timer.
#[derive(Debug, Clone)]
pub struct StatusFile(PathBuf);

impl StatusFile {
    /// Returns the file for a function of an app.
    pub fn of(app: &Path, function: &str) -> Self {
        Self(app.join(FOLDER).join(format!("{function}.json")))
    }

    /// Reads the status. `None` if there is no file or if it cannot be read.
    pub fn read(&self) -> Option<Status> {
        serde_json::from_slice(&std::fs::read(&self.0).ok()?).ok()
    }

    /// Writes the status. Another reader sees the old or the new status.
    ///
    /// # Errors
    /// Returns a sentence that names the file.
    pub fn write(&self, status: &Status) -> Result<(), String> {
        let write = || {
            let folder = self.0.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            replace_file(&self.0, &serde_json::to_vec(status)?)
        };
        write().map_err(|error: std::io::Error| format!("cannot write {}: {error}", self.0.display()))
    }
}
