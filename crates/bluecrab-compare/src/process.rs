//! What a process uses, from `/proc`; on systems without it nothing is known.

use std::fs;

/// A process by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process(pub u32);

/// The unit of times in `/proc/PID/stat`, which is the same on every architecture of Linux that Node.js runs on.
pub const TICKS_A_SECOND: f64 = 100.0;

impl Process {
    /// The seconds of processor time that it has used, in user and kernel, all threads.
    pub fn cpu_seconds(self) -> Option<f64> {
        cpu_seconds(&fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?)
    }

    /// Its resident memory in bytes.
    pub fn resident_bytes(self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
    }
}

/// The processor time in a file `stat`, of a process or of a thread: fields 14 and 15 of proc_pid_stat(5). The second, the
/// program's name, may contain anything, also `)`.
pub fn cpu_seconds(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_A_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_times_behind_a_name_with_anything_in_it() {
        let stat = "42 (a) b c) S 1 42 42 0 -1 4194304 1 2 3 4 250 50 7 8 20 0 9 0 1000 1 2";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("42"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn knows_this_process() {
        let this = Process(std::process::id());
        let before = this.cpu_seconds().unwrap();
        let started = std::time::Instant::now();
        let mut sum = 0_u64;
        while started.elapsed().as_millis() < 200 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(this.cpu_seconds().unwrap() > before);
        assert!(this.resident_bytes().unwrap() > 1 << 20);
        assert_eq!(Process(u32::MAX).resident_bytes(), None);
    }
}
