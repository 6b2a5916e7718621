//! Where results were measured, and with which versions.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// What results depend on apart from the functions. Unknown parts are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// When the run began, in seconds since 1970.
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
    /// Describes this machine, with the commit of the folder's repository.
    pub fn here(folder: &Path) -> Self {
        let kib =
            line_of("/proc/meminfo", "MemTotal").and_then(|line| line.strip_suffix("kB")?.trim().parse::<u64>().ok());
        let git = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
        Self {
            started: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: line_of("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().ok().map(usize::from),
            memory: kib.map(|kib| kib * 1024),
            bluecrab: env!("CARGO_PKG_VERSION").to_owned(),
            node: output(Command::new("node").arg("--version")),
            commit: output(Command::new("git").args(git).current_dir(folder)),
        }
    }

    /// The processor with its cores, and the version of Node.js.
    pub fn place(&self) -> [String; 2] {
        let processor = self.processor.as_deref().unwrap_or("unknown");
        let cores = self.cores.map(|cores| format!(", {cores} core{}", if cores == 1 { "" } else { "s" }));
        [format!("{processor}{}", cores.unwrap_or_default()), self.node.clone().unwrap_or_else(|| "unknown".to_owned())]
    }

    /// Describes the machine in one line.
    pub fn line(&self) -> String {
        let gib = self.memory.map(|bytes| format!("{:.0} GiB", bytes as f64 / f64::from(1 << 30)));
        let commit = self.commit.as_ref().map(|commit| {
            let (hash, changed) =
                commit.split_once('-').map_or((commit.as_str(), ""), |(hash, _)| (hash, " (changed)"));
            format!("commit {}{changed}", hash.get(..10).unwrap_or(hash))
        });
        let parts = [
            self.processor.clone(),
            self.cores.map(|cores| format!("{cores} core{}", if cores == 1 { "" } else { "s" })),
            gib,
            Some(self.system.clone()),
            self.node.as_ref().map(|version| format!("Node.js {version}")),
            Some(format!("Bluecrab {}", self.bluecrab)),
            commit,
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
