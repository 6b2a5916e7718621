//! A time in a scenario file.

use serde::Deserialize;
use std::time::Duration;

/// A time greater than 0, written as a number of seconds.
#[derive(Deserialize)]
#[serde(try_from = "f64")]
pub struct Seconds(pub Duration);

impl TryFrom<f64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        let time = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero());
        time.map(Self).ok_or("expected a number of seconds greater than 0")
    }
}
