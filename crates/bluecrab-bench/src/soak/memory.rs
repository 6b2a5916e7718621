//! Resident memory in the course of the traffic.

use crate::process::resident_bytes;
use anyhow::Result;
use bluecrab_compare::process::Process;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(500);
/// What memory may grow by: so much of what it was, and never less than this.
const TOLERANCE: f64 = 0.1;
const TOLERATED_BYTES: f64 = (32 << 20) as f64;

/// Samples of a process, each with the share of the time after which it was taken.
#[derive(Debug, Default, Clone)]
pub struct Memory(Vec<(f64, f64)>);

impl Memory {
    /// Samples processes for so long.
    pub async fn watch<const N: usize>(processes: [Process; N], time: Duration) -> Result<[Self; N]> {
        let started = Instant::now();
        let mut memories = std::array::from_fn(|_| Self::default());
        while started.elapsed() < time {
            let share = started.elapsed().as_secs_f64() / time.as_secs_f64();
            for (process, memory) in processes.iter().zip(&mut memories) {
                memory.0.push((share, resident_bytes(*process).await? as f64));
            }
            tokio::time::sleep(INTERVAL).await;
        }
        Ok(memories)
    }

    /// Medians of the first, the middle and the last fifth of the time, in bytes.
    pub fn medians(&self) -> [f64; 3] {
        [0.0, 0.4, 0.8].map(|from| {
            let samples = self.fifth(from);
            samples.get(samples.len() / 2).copied().unwrap_or_default()
        })
    }

    /// Whether it has grown from the middle to the end for good.
    ///
    /// Memory goes up and down with the garbage collector. It has grown where even the lowest sample of the last fifth
    /// of the time lies above the highest of the middle fifth, by more than a tenth and more than 32 MiB.
    pub fn has_grown(&self) -> bool {
        let (middle, end) = (self.fifth(0.4), self.fifth(0.8));
        let (Some(highest), Some(lowest)) = (middle.last(), end.first()) else { return false };
        lowest - highest > (highest * TOLERANCE).max(TOLERATED_BYTES)
    }

    /// The samples of a fifth of the time, the lowest first.
    fn fifth(&self, from: f64) -> Vec<f64> {
        let within = self.0.iter().filter(|(share, _)| (from..from + 0.2).contains(share));
        let mut samples: Vec<f64> = within.map(|(_, bytes)| *bytes).collect();
        samples.sort_unstable_by(f64::total_cmp);
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = 1_048_576.0;

    fn memory(mib_at: impl Fn(usize) -> f64) -> Memory {
        Memory((0..100).map(|step| (step as f64 / 100.0, mib_at(step) * MIB)).collect())
    }

    #[test]
    fn a_leak_is_told_from_a_saw() {
        let saw = |step: usize| 200.0 + 15.0 * (step % 10) as f64;
        assert!(!memory(saw).has_grown());
        assert!(!memory(|step| if step < 20 { 80.0 } else { 200.0 }).has_grown(), "what comes before the middle");
        assert!(!memory(|step| if step == 90 { 900.0 } else { 200.0 }).has_grown(), "a peak");
        assert!(!memory(|step| 200.0 + step as f64 / 2.0).has_grown(), "less than is tolerated");
        assert!(memory(|step| 200.0 + 3.0 * step as f64).has_grown());
        assert!(memory(|step| saw(step) + 12.0 * step as f64).has_grown());
        assert!(!Memory::default().has_grown());
    }

    #[test]
    fn medians_are_those_of_their_fifth() {
        assert_eq!(memory(|step| step as f64).medians(), [10.0 * MIB, 50.0 * MIB, 90.0 * MIB]);
    }
}
