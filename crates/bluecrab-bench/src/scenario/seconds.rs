//! A time in a scenario file.

use serde::Deserialize;
use std::time::Duration;

/// A number of seconds greater than 0.
#[derive(Deserialize)]
#[serde(try_from = "f64")]
pub struct Seconds(pub f64);

impl TryFrom<f64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        let valid = Duration::try_from_secs_f64(seconds).is_ok_and(|time| !time.is_zero());
        if valid { Ok(Self(seconds)) } else { Err("a number of seconds greater than 0 is expected") }
    }
}
