//! How much memory the worker's process has.

/// Returns the resident memory of a process in bytes, if the system says it.
pub async fn of_process(process_id: u32) -> Option<u64> {
    let kibibytes: u64 = if cfg!(target_os = "linux") {
        let status = std::fs::read_to_string(format!("/proc/{process_id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()?
    } else if cfg!(unix) {
        let mut ps = tokio::process::Command::new("ps");
        let output = ps.args(["-o", "rss=", "-p", &process_id.to_string()]).output().await.ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()?
    } else {
        return None;
    };
    Some(kibibytes << 10)
}
