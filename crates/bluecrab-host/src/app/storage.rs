//! `extensions.queues` and `extensions.blobs` in host.json.

use super::config::Config;
use super::time_span::TimeSpan;
use crate::error::HostError;
use std::time::Duration;

/// The shortest pause between two looks at an empty queue (azure-sdk-for-net, `QueuePollingIntervals.Minimum`).
pub(crate) const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause if host.json does not set it.
const USUAL_LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// With `AZURE_FUNCTIONS_ENVIRONMENT=Development`, which the platform's local tools set too, that default is replaced
/// by this one (azure-sdk-for-net, `StorageQueuesWebJobsBuilderExtensions.AddAzureStorageQueues`).
const LOCAL_LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The service returns at most this many messages at once.
const MOST_MESSAGES: usize = 32;

/// How a listener receives messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueueSettings {
    /// How many messages it asks for at once: `batchSize`.
    pub batch: u32,
    /// It asks again when this many messages or fewer are being processed: `newBatchThreshold`.
    pub threshold: usize,
    /// How often a message is tried before it moves to the poison queue: `maxDequeueCount`.
    pub tries: u32,
    /// How long a message whose function failed stays invisible: `visibilityTimeout`.
    pub pause_after_failure: Duration,
    /// The longest pause between two looks at an empty queue: `maxPollingInterval`.
    pub longest_pause: Duration,
    /// Whether the messages are base64: `messageEncoding`.
    pub is_base64: bool,
}

/// How blob triggers run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlobSettings {
    /// How many blobs are processed at the same time: `maxDegreeOfParallelism`.
    pub parallel: usize,
    /// How often a blob is tried: `poisonBlobThreshold`.
    pub tries: u32,
}

impl QueueSettings {
    pub(super) fn read(config: &Config) -> Result<Self, HostError> {
        let path = |member: &str| format!("extensions:queues:{member}");
        let batch = whole(config, &path("batchsize"), 1..=MOST_MESSAGES, "a whole number from 1 to 32")?.unwrap_or(16);
        let threshold = whole(config, &path("newbatchthreshold"), 0..=usize::MAX, "a whole number from 0 on")?;
        let span = |text: &str| TimeSpan::parse(text).filter(|span| !span.is_negative).map(|span| span.length);
        let expected = "a time span such as \"00:00:30\"";
        let longest = config.read(&path("maxpollinginterval"), "a time span from \"00:00:00.1\" on", |text| {
            span(text).filter(|length| *length >= SHORTEST_PAUSE)
        })?;
        let encoding = |text: &str| match text.to_ascii_lowercase().as_str() {
            "base64" => Some(true),
            "none" => Some(false),
            _ => None,
        };
        Ok(Self {
            batch: u32::try_from(batch).unwrap_or(1),
            threshold: threshold.unwrap_or(batch / 2 * cores()),
            tries: tries(config, &path("maxdequeuecount"))?,
            pause_after_failure: config.read(&path("visibilitytimeout"), expected, span)?.unwrap_or_default(),
            longest_pause: longest.filter(|length| *length != USUAL_LONGEST_PAUSE).unwrap_or(LOCAL_LONGEST_PAUSE),
            is_base64: config.read(&path("messageencoding"), "base64 or none", encoding)?.unwrap_or(true),
        })
    }
}

impl BlobSettings {
    pub(super) fn read(config: &Config) -> Result<Self, HostError> {
        let expected = "a whole number from 1 on";
        let parallel = whole(config, "extensions:blobs:maxdegreeofparallelism", 1..=usize::MAX, expected)?;
        Ok(Self {
            parallel: parallel.unwrap_or(8 * cores()),
            tries: tries(config, "extensions:blobs:poisonblobthreshold")?,
        })
    }

    /// Returns how the listener of the internal queue receives messages (azure-sdk-for-net,
    /// `SharedBlobQueueListenerFactory`).
    pub fn queue(&self) -> QueueSettings {
        let batch = (self.parallel / 2 + 1).min(MOST_MESSAGES).min(self.parallel);
        QueueSettings {
            batch: u32::try_from(batch).unwrap_or(1),
            threshold: self.parallel - batch,
            tries: self.tries,
            pause_after_failure: Duration::ZERO,
            longest_pause: LOCAL_LONGEST_PAUSE,
            is_base64: true,
        }
    }
}

fn tries(config: &Config, path: &str) -> Result<u32, HostError> {
    let read = |text: &str| text.trim().parse().ok().filter(|tries| *tries > 0);
    Ok(config.read(path, "a whole number from 1 on", read)?.unwrap_or(5))
}

fn whole(
    config: &Config,
    path: &str,
    range: std::ops::RangeInclusive<usize>,
    expected: &'static str,
) -> Result<Option<usize>, HostError> {
    config.read(path, expected, |text| text.trim().parse().ok().filter(|number| range.contains(number)))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
