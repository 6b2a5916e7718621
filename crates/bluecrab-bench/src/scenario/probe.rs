//! The probe of a scenario.

use super::seconds::Seconds;
use serde::Deserialize;
use std::time::Duration;

/// A function that does nearly nothing. Its latency shows how much a load delays other functions of the same worker.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "ProbeFields")]
pub struct Probe {
    /// The path of the function.
    pub path: String,
    /// The time between two calls.
    pub every: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProbeFields {
    path: String,
    every: Option<Seconds>,
}

impl TryFrom<ProbeFields> for Probe {
    type Error = &'static str;

    fn try_from(ProbeFields { path, every }: ProbeFields) -> Result<Self, Self::Error> {
        if !path.starts_with('/') {
            return Err("the `path` of a probe must start with a slash");
        }
        Ok(Self { path, every: every.map_or(Duration::from_millis(50), |Seconds(time)| time) })
    }
}
