//! Where it was measured, and with which versions.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a result depends on beside the functions; what cannot be known is left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Machine {
    pub started: u64,
    pub system: String,
    pub processor: Option<String>,
    pub cores: Option<usize>,
    pub memory: Option<u64>,
    pub bluecrab: String,
    pub node: Option<String>,
    pub commit: Option<String>,
}

impl Machine {
    /// This machine, now; the commit is that of the folder's repository.
    pub fn here(folder: &Path) -> Self {
        let memory = line_of("/proc/meminfo", "MemTotal").and_then(|line| {
            let kib: u64 = line.strip_suffix("kB")?.trim().parse().ok()?;
            Some(kib * 1024)
        });
        let git = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
        Self {
            started: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: line_of("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().ok().map(usize::from),
            memory,
            bluecrab: env!("CARGO_PKG_VERSION").to_owned(),
            node: output(Command::new("node").arg("--version")),
            commit: output(Command::new("git").args(git).current_dir(folder)),
        }
    }

    /// All of it in one line.
    pub fn line(&self) -> String {
        let gib = self.memory.map(|bytes| format!("{:.0} GiB", bytes as f64 / f64::from(1 << 30)));
        let parts = [
            self.processor.clone(),
            self.cores.map(|cores| if cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") }),
            gib,
            Some(self.system.clone()),
            self.node.as_ref().map(|version| format!("Node.js {version}")),
            Some(format!("Bluecrab {}", self.bluecrab)),
            self.commit.as_ref().map(|commit| {
                let (hash, dirty) =
                    commit.split_once('-').map_or((commit.as_str(), ""), |(hash, _)| (hash, " (changed)"));
                format!("commit {}{dirty}", hash.get(..10).unwrap_or(hash))
            }),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn line_of(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'))?;
    Some(line.trim().to_owned())
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
