//! What a process uses, read from `/proc`. On other systems than Linux it is unknown.

/// A process by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process(pub u32);

#[cfg(target_os = "linux")]
impl Process {
    fn open(self) -> Option<procfs::process::Process> {
        procfs::process::Process::new(i32::try_from(self.0).ok()?).ok()
    }

    /// Returns the processor time that all threads of the process have used, in seconds.
    pub fn cpu_seconds(self) -> Option<f64> {
        let stat = self.open()?.stat().ok()?;
        Some((stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64)
    }

    /// Returns the resident memory in bytes, or `None` once the process has ended. The value in `stat` is out of date.
    pub fn resident_bytes(self) -> Option<u64> {
        Some(self.open()?.status().ok()?.vmrss? * 1024)
    }
}

#[cfg(not(target_os = "linux"))]
impl Process {
    /// Returns `None`: only Linux is supported.
    pub fn cpu_seconds(self) -> Option<f64> {
        None
    }

    /// Returns `None`: only Linux is supported.
    pub fn resident_bytes(self) -> Option<u64> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_time_and_memory() {
        let this = Process(std::process::id());
        let before = this.cpu_seconds().unwrap();
        // The system counts in steps of some milliseconds, in which other programs may have the processor.
        let started = std::time::Instant::now();
        while this.cpu_seconds().unwrap() <= before {
            assert!(started.elapsed().as_secs() < 60, "the time of a busy process does not grow");
        }
        assert!(this.resident_bytes().unwrap() > 1 << 20);
        assert_eq!(Process(i32::MAX as u32).resident_bytes(), None);
    }
}
