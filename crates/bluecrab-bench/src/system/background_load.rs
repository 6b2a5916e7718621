//! How much of the machine programs other than ours take.

use std::time::Instant;

/// A greater share of the machine makes figures doubtful: it is above the noise of the kernel's counters, and moves the
/// throughput of a busy machine by about as much.
pub const LIMIT: f64 = 0.1;

/// The processor time of the machine, and of our process with all that it started.
#[derive(Debug, Clone, Copy)]
pub struct CpuReading {
    at: Instant,
    processors: usize,
    /// The seconds that all programs used.
    busy: f64,
    own: f64,
}

impl CpuReading {
    /// The share of all processors that other programs took since an earlier reading.
    pub fn background_since(&self, before: &Self) -> f64 {
        let capacity = self.at.duration_since(before.at).as_secs_f64() * self.processors as f64;
        let others = (self.busy - before.busy) - (self.own - before.own);
        if capacity > 0.0 { (others / capacity).clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(not(target_os = "linux"))]
impl CpuReading {
    /// Returns `None`: only Linux is supported.
    pub fn now() -> Option<Self> {
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{CpuReading, Instant};
    use procfs::{CurrentSI, KernelStats};
    use std::collections::HashMap;

    impl CpuReading {
        /// The times up to now. Interrupts are left out: they mostly serve the network of our own calls.
        pub fn now() -> Option<Self> {
            let stats = KernelStats::current().ok()?;
            let total = &stats.total;
            let ticks = total.user + total.nice + total.system + total.steal.unwrap_or(0);
            Some(Self {
                at: Instant::now(),
                processors: stats.cpu_time.len(),
                busy: ticks as f64 / procfs::ticks_per_second() as f64,
                own: family_seconds(&usages()?, i32::try_from(std::process::id()).ok()?)?,
            })
        }
    }

    /// The processor time of a process and of its ended children.
    pub struct Usage {
        pub id: i32,
        pub parent: i32,
        pub seconds: f64,
    }

    fn usages() -> Option<Vec<Usage>> {
        let tick = procfs::ticks_per_second() as f64;
        // A process that ends meanwhile is skipped: its parent has its time.
        let stats = procfs::process::all_processes().ok()?.filter_map(|process| process.ok()?.stat().ok());
        let usage = |stat: procfs::process::Stat| {
            let children = (stat.cutime + stat.cstime).max(0) as f64;
            let seconds = ((stat.utime + stat.stime) as f64 + children) / tick;
            Usage { id: stat.pid, parent: stat.ppid, seconds }
        };
        Some(stats.map(usage).collect())
    }

    /// The time of a process and all its descendants; nothing if there is no such process.
    pub fn family_seconds(usages: &[Usage], root: i32) -> Option<f64> {
        let mut children: HashMap<i32, Vec<&Usage>> = HashMap::new();
        for usage in usages {
            children.entry(usage.parent).or_default().push(usage);
        }
        let root = usages.iter().find(|usage| usage.id == root)?;
        let (mut sum, mut open) = (0.0, vec![root]);
        while let Some(usage) = open.pop() {
            sum += usage.seconds;
            open.extend(children.remove(&usage.id).unwrap_or_default());
        }
        Some(sum)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use linux::{Usage, family_seconds};
    use std::time::Duration;

    #[test]
    fn a_family_is_all_that_a_process_started() {
        let usage = |(id, parent): (i32, i32)| Usage { id, parent, seconds: f64::from(id) };
        let usages = [(9, 4), (4, 2), (1, 0), (2, 1), (3, 1), (8, 2)].map(usage);
        assert_eq!(family_seconds(&usages, 2), Some(2.0 + 4.0 + 8.0 + 9.0));
        assert_eq!(family_seconds(&usages, 3), Some(3.0));
        assert_eq!(family_seconds(&usages, 5), None);
    }

    #[test]
    fn time_that_is_not_ours_is_background_load() {
        let at = Instant::now();
        let before = CpuReading { at, processors: 4, busy: 10.0, own: 1.0 };
        let after = |busy, own| CpuReading { at: at + Duration::from_secs(2), busy, own, ..before };
        // All programs together used 5 of 8 seconds, our own 3.
        assert_eq!(after(15.0, 4.0).background_since(&before), 0.25);
        // The kernel may count our time sooner than the machine's.
        assert_eq!(after(11.0, 4.0).background_since(&before), 0.0);
        assert_eq!(before.background_since(&before), 0.0);
        assert!(CpuReading::now().is_some());
    }
}
