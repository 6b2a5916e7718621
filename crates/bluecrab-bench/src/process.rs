//! What the system tells of a process: memory, handles, threads, processor time.

use anyhow::{Context, Result};
use bluecrab_compare::process::{Process, cpu_seconds};
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

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
