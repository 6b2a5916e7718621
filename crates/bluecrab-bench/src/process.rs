//! What the system tells of a process: memory, handles, threads, processor time.

use anyhow::{Context, Result};
use bluecrab_compare::process::{Process, TICKS_A_SECOND, cpu_seconds};
use std::fs;
use std::path::PathBuf;
use tokio::process::Command;

/// What a process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Open files, sockets and other handles.
    pub handles: usize,
    /// Threads of the system.
    pub threads: usize,
}

/// What a process holds now; nothing on a system without /proc.
pub fn held(process: Process) -> Result<Option<Held>> {
    let Process(process) = process;
    let folder = PathBuf::from(format!("/proc/{process}"));
    if !folder.is_dir() {
        return Ok(None);
    }
    let count = |name: &str| -> Result<usize> {
        let entries = fs::read_dir(folder.join(name)).with_context(|| format!("process {process} has ended"))?;
        Ok(entries.count())
    };
    Ok(Some(Held { handles: count("fd")?, threads: count("task")? }))
}

/// The resident memory of a process in bytes.
pub async fn resident_bytes(process: Process) -> Result<u64> {
    if let Some(bytes) = process.resident_bytes() {
        return Ok(bytes);
    }
    let output = Command::new("ps").args(["-o", "rss=", "-p", &process.0.to_string()]).output().await;
    let output = output.context("cannot read the memory of a process: there is neither /proc nor ps")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse::<u64>()? * 1024)
}

/// The threads of a process with the processor time that each has used, in seconds; nothing on a system without /proc.
pub fn thread_seconds(process: Process) -> Result<Option<Vec<(u32, f64)>>> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{}/task", process.0)) else { return Ok(None) };
    let mut threads = Vec::new();
    for task in tasks {
        let folder = task?.path();
        let id = folder.file_name().and_then(|name| name.to_str()?.parse().ok()).context("a task without a number")?;
        // A thread may end while we look.
        if let Ok(stat) = fs::read_to_string(folder.join("stat")) {
            threads.push((id, cpu_seconds(&stat).with_context(|| format!("the times of thread {id} cannot be read"))?));
        }
    }
    Ok(Some(threads))
}

/// The processor seconds that all processes of the machine have used; nothing on a system without /proc.
pub fn machine_seconds() -> Result<Option<f64>> {
    let Ok(stat) = fs::read_to_string("/proc/stat") else { return Ok(None) };
    let busy = stat.lines().next().and_then(busy_seconds);
    Ok(Some(busy.context("/proc/stat does not begin with the times of all processors")?))
}

/// The first line of `/proc/stat`; see proc(5). Idle are the fourth field and the fifth; those past the eighth are
/// counted in others already.
fn busy_seconds(line: &str) -> Option<f64> {
    let fields = line.strip_prefix("cpu ")?.split_ascii_whitespace().take(8);
    let ticks: Vec<u64> = fields.map(|field| field.parse().ok()).collect::<Option<_>>()?;
    let busy = ticks.iter().enumerate().filter(|(index, _)| ![3, 4].contains(index)).map(|(_, ticks)| ticks);
    Some(busy.sum::<u64>() as f64 / TICKS_A_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_processors_are_not_busy() {
        assert_eq!(busy_seconds("cpu  100 20 30 5000 600 7 8 5 1 1"), Some(1.7));
        assert_eq!(busy_seconds("cpu0 100 20 30 5000 600 7 8 5 1 1"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_holds_something() {
        let process = Process(std::process::id());
        let before = held(process).unwrap().unwrap();
        let files: Vec<_> = (0..50).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        let with_files = held(process).unwrap().unwrap();
        assert!(with_files.handles >= before.handles.saturating_sub(20) + files.len(), "{before:?} {with_files:?}");
        assert!(thread_seconds(process).unwrap().unwrap().iter().any(|(id, _)| *id == process.0));
    }
}
