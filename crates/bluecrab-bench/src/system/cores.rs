//! How many cores the programs that we start may use.

use anyhow::Result;

/// Runs `start`, whose child processes may use only this many cores of the machine; without a number, all of them.
///
/// # Errors
/// Returns an error if the machine has fewer cores, or if this system cannot limit them.
#[cfg(target_os = "linux")]
pub fn on_cores<T>(cores: Option<usize>, start: impl FnOnce() -> T) -> Result<T> {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;

    let Some(cores) = cores else { return Ok(start()) };
    // 0 is the thread that calls; its child processes inherit its cores.
    let thread = Pid::from_raw(0);
    let all = sched_getaffinity(thread)?;
    let known: Vec<usize> = (0..CpuSet::count()).filter(|core| all.is_set(*core).unwrap_or(false)).collect();
    anyhow::ensure!(
        cores <= known.len(),
        "host and worker cannot share {cores} cores, because this machine has {}",
        known.len()
    );
    let mut some = CpuSet::new();
    // The first core usually serves the interrupts of the network.
    for core in known.iter().rev().take(cores) {
        some.set(*core)?;
    }
    sched_setaffinity(thread, &some)?;
    let started = start();
    sched_setaffinity(thread, &all)?;
    Ok(started)
}

/// Runs `start`.
///
/// # Errors
/// Returns an error if `cores` is a number: this system cannot limit the cores of a process.
#[cfg(not(target_os = "linux"))]
pub fn on_cores<T>(cores: Option<usize>, start: impl FnOnce() -> T) -> Result<T> {
    anyhow::ensure!(cores.is_none(), "only on Linux can host and worker be limited to some cores");
    Ok(start())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_child_process_sees_only_its_cores() {
        let count = |cores| on_cores(cores, || Command::new("nproc").output().unwrap().stdout).unwrap();
        let all = count(None);
        assert_eq!(count(Some(1)), b"1\n");
        assert_eq!(count(None), all);
        let error = on_cores(Some(100_000), || ()).unwrap_err().to_string();
        assert!(error.starts_with("host and worker cannot share 100000 cores, because this machine has "), "{error}");
    }
}
