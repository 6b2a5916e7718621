//! The retry policy of a function.

use crate::worker::Function;
use bluecrab_rpc::rpc_retry_options::RetryStrategy;
use std::time::Duration;

/// How often a failed function is run again, and after which pauses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times it is run again; -1 has no end.
    pub max: i32,
    pauses: Pauses,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pauses {
    Fixed(Duration),
    Growing { least: Duration, most: Duration },
}

impl RetryPolicy {
    /// Returns the policy of a function, if it has one.
    pub fn of(function: &Function) -> Option<Self> {
        let options = function.metadata.retry_options.as_ref()?;
        let length = |length: Option<prost_types::Duration>| -> Duration {
            length.and_then(|length| length.try_into().ok()).unwrap_or_default()
        };
        let pauses = match options.retry_strategy() {
            RetryStrategy::FixedDelay => Pauses::Fixed(length(options.delay_interval)),
            RetryStrategy::ExponentialBackoff => {
                Pauses::Growing { least: length(options.minimum_interval), most: length(options.maximum_interval) }
            }
        };
        (options.max_retry_count != 0).then_some(Self { max: options.max_retry_count, pauses })
    }

    /// Returns the pause after a failed attempt, the first of which is number 0. `None` after the last attempt.
    pub fn pause_after(&self, attempt: i32) -> Option<Duration> {
        if self.max >= 0 && attempt >= self.max {
            return None;
        }
        Some(match self.pauses {
            Pauses::Fixed(pause) => pause,
            Pauses::Growing { least, most } => backoff(least, most, attempt.unsigned_abs()),
        })
    }
}

/// Returns a pause that doubles after each failure, with a random part of 20 % in both directions (azure-sdk-for-net,
/// `RandomizedExponentialBackoffStrategy`). The first pause, number 0, is the shortest.
pub fn backoff(least: Duration, most: Duration, number: u32) -> Duration {
    let Some(exponent) = number.checked_sub(1) else { return least.min(most) };
    // A random UUID is as good a source as any, and a dependency already.
    let random = f64::from(uuid::Uuid::new_v4().as_fields().0) / f64::from(u32::MAX);
    let step = least.as_secs_f64() * 2_f64.powi(exponent.min(60).cast_signed()) * (0.8 + 0.4 * random);
    Duration::try_from_secs_f64(least.as_secs_f64() + step).unwrap_or(most).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn fixed_pauses_end_after_the_last_attempt() {
        let policy = RetryPolicy { max: 2, pauses: Pauses::Fixed(SECOND) };
        assert_eq!([0, 1, 2, 3].map(|attempt| policy.pause_after(attempt)), [Some(SECOND), Some(SECOND), None, None]);
        let endless = RetryPolicy { max: -1, pauses: Pauses::Fixed(SECOND) };
        assert_eq!(endless.pause_after(i32::MAX), Some(SECOND));
    }

    #[test]
    fn growing_pauses_double_within_their_bounds() {
        let most = 60 * SECOND;
        assert_eq!(backoff(SECOND, most, 0), SECOND);
        for (number, least, longest) in [(1, 1.8, 2.2), (2, 2.6, 3.4), (3, 4.2, 5.8), (4, 7.4, 10.6)] {
            for _ in 0..50 {
                let pause = backoff(SECOND, most, number).as_secs_f64();
                assert!((least..=longest).contains(&pause), "{number}: {pause}");
            }
        }
        assert_eq!(backoff(SECOND, most, 10), most);
        assert_eq!(backoff(SECOND, most, u32::MAX), most);
    }
}
