//! What the system tells of a process: memory, handles, threads, processor time.

use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// What a process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Open files, sockets and other handles.
    pub handles: usize,
    /// Threads of the system.
    pub threads: usize,
}

/// What a process holds now; nothing on a system without /proc.
pub fn held(process: u64) -> Result<Option<Held>> {
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

/// The kernel counts processor time in these, whatever the machine (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// The threads of a process with the processor time that each has used, in seconds; nothing on a system without /proc.
pub fn thread_seconds(process: u64) -> Result<Option<Vec<(u64, f64)>>> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else { return Ok(None) };
    let mut threads = Vec::new();
    for task in tasks {
        let folder = task?.path();
        let id = folder.file_name().and_then(|name| name.to_str()?.parse().ok()).context("a task without a number")?;
        // A thread may end while we look.
        if let Ok(stat) = fs::read_to_string(folder.join("stat")) {
            threads.push((id, seconds(&stat).with_context(|| format!("the times of thread {id} cannot be read"))?));
        }
    }
    Ok(Some(threads))
}

/// User and system time of a line of `stat`; see proc(5). The second field is a name in parentheses, of any characters.
fn seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) as f64 / TICKS_PER_SECOND)
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
    Some(busy.sum::<u64>() as f64 / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_user_and_system_time() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194304 108 0 0 0 150 25 0 0 20 0 11 0 100 1 1";
        assert_eq!(seconds(stat), Some(1.75));
        assert_eq!(seconds("7 (a) S 1"), None);
        assert_eq!(busy_seconds("cpu  100 20 30 5000 600 7 8 5 1 1"), Some(1.7));
        assert_eq!(busy_seconds("cpu0 100 20 30 5000 600 7 8 5 1 1"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_holds_something() {
        let process = std::process::id().into();
        let before = held(process).unwrap().unwrap();
        let files: Vec<_> = (0..50).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        let with_files = held(process).unwrap().unwrap();
        assert!(with_files.handles >= before.handles.saturating_sub(20) + files.len(), "{before:?} {with_files:?}");
        assert!(thread_seconds(process).unwrap().unwrap().iter().any(|(id, _)| *id == process));
    }
}
