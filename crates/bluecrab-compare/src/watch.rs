//! A process's memory over time.

use crate::process::Process;
use anyhow::Result;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Pairs of seconds since the run began, and bytes.
pub type Memory = Vec<(f64, u64)>;

/// Looks at a process's resident memory again and again.
pub struct Watch {
    stop: oneshot::Sender<()>,
    watching: JoinHandle<Memory>,
}

impl Watch {
    const EVERY: Duration = Duration::from_millis(20);
    /// How many points of a round are kept.
    const POINTS: usize = 50;

    /// Begins; the times are those since `origin`.
    pub fn start(process: Process, origin: Instant) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let watching = tokio::spawn(async move {
            let mut memory = Memory::new();
            let mut look = || memory.extend(process.resident_bytes().map(|now| (origin.elapsed().as_secs_f64(), now)));
            look();
            while tokio::time::timeout(Self::EVERY, &mut stopped).await.is_err() {
                look();
            }
            look();
            memory
        });
        Self { stop, watching }
    }

    /// Ends; gives the mean of all points, and of them at most so many, the greatest among them.
    pub async fn end(self) -> Result<(Option<f64>, Memory)> {
        // Where nobody listens, it has stopped.
        let _ = self.stop.send(());
        let memory = self.watching.await?;
        Ok((mean(&memory), thin(&memory, Self::POINTS)))
    }
}

/// The most memory of all points.
pub fn peak(memory: &Memory) -> Option<u64> {
    memory.iter().map(|(_, bytes)| *bytes).max()
}

/// The mean memory of all points, which are equally far apart.
pub fn mean(memory: &Memory) -> Option<f64> {
    let sum: f64 = memory.iter().map(|(_, bytes)| *bytes as f64).sum();
    (!memory.is_empty()).then(|| sum / memory.len() as f64)
}

/// Of each stretch of time the point with the most memory.
fn thin(memory: &Memory, points: usize) -> Memory {
    let stretch = memory.len().div_ceil(points).max(1);
    let most = |stretch: &[(f64, u64)]| stretch.iter().copied().max_by_key(|(_, bytes)| *bytes);
    memory.chunks(stretch).filter_map(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_points_keep_the_peak_and_the_order() {
        let memory: Memory = (0..1234_u32).map(|at| (f64::from(at), u64::from(at * 7919 % 1013))).collect();
        let thinned = thin(&memory, 50);
        assert!((40..=50).contains(&thinned.len()), "{}", thinned.len());
        assert!(thinned.is_sorted_by(|one, two| one.0 < two.0) && thinned.iter().all(|point| memory.contains(point)));
        assert_eq!(peak(&thinned), peak(&memory));
        assert_eq!(thin(&memory[..30].to_vec(), 50), memory[..30]);
        assert_eq!((thin(&Memory::new(), 50), peak(&Memory::new())), (Memory::new(), None));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn sees_memory_come() {
        let origin = Instant::now();
        let watch = Watch::start(Process(std::process::id()), origin);
        tokio::time::sleep(Duration::from_millis(60)).await;
        let held = std::hint::black_box(vec![1_u8; 64 << 20]);
        tokio::time::sleep(Duration::from_millis(60)).await;
        let (mean, memory) = watch.end().await.unwrap();
        assert_eq!(held[held.len() - 1], 1);
        assert!(peak(&memory).unwrap() >= memory[0].1 + (60 << 20), "{memory:?}");
        assert!((memory[0].1 as f64..peak(&memory).unwrap() as f64).contains(&mean.unwrap()), "{mean:?} {memory:?}");
        assert!(memory.is_sorted_by(|one, two| one.0 < two.0) && memory[0].0 >= 0.0, "{memory:?}");
    }
}
