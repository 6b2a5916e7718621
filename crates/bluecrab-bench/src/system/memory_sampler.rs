//! The resident memory of a process while something else happens.

use super::Process;
use anyhow::Result;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Reads a process's resident memory every 20 ms.
pub struct MemorySampler {
    stop: oneshot::Sender<()>,
    sampling: JoinHandle<Vec<u64>>,
}

/// What the samples say, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Memory {
    /// The greatest sample.
    pub peak: Option<u64>,
    /// The mean of all samples.
    pub mean: Option<f64>,
}

impl MemorySampler {
    const EVERY: Duration = Duration::from_millis(20);

    pub fn start(process: Process) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let sampling = tokio::spawn(async move {
            let mut samples = Vec::from_iter(process.resident_bytes());
            while tokio::time::timeout(Self::EVERY, &mut stopped).await.is_err() {
                samples.extend(process.resident_bytes());
            }
            samples.extend(process.resident_bytes());
            samples
        });
        Self { stop, sampling }
    }

    /// Stops reading, and summarises the samples.
    pub async fn finish(self) -> Result<Memory> {
        // The receiver is gone only if the task has panicked, which the await reports.
        let _ = self.stop.send(());
        let samples = self.sampling.await?;
        let sum: f64 = samples.iter().map(|bytes| *bytes as f64).sum();
        let mean = (!samples.is_empty()).then(|| sum / samples.len() as f64);
        Ok(Memory { peak: samples.into_iter().max(), mean })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::Stdio;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::process::Command;

    // The memory is another process's: other tests take and free this one's at any time.
    #[tokio::test]
    async fn memory_that_comes_is_seen() {
        let hold = r#"read _; held=$(head -c 32000000 /dev/zero | tr '\0' x); echo held; read _"#;
        let mut shell = Command::new("sh")
            .args(["-c", hold])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let process = Process(shell.id().unwrap());
        let before = process.resident_bytes().unwrap();
        let sampler = MemorySampler::start(process);
        shell.stdin.as_mut().unwrap().write_all(b"go\n").await.unwrap();
        let mut answer = [0; 5];
        shell.stdout.as_mut().unwrap().read_exact(&mut answer).await.unwrap();
        let Memory { peak, mean } = sampler.finish().await.unwrap();
        let (peak, mean) = (peak.unwrap(), mean.unwrap());
        assert!(peak >= before + 32_000_000 && mean < peak as f64, "{before} {peak} {mean}");
    }
}
