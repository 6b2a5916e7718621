//! The WASI function `poll_oneoff`, with which a module sleeps.

use crate::state::{OUTSIDE, State};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wasmi::{Caller, Error, Memory};

const SUBSCRIPTION_BYTES: usize = 48;
const EVENT_BYTES: usize = 32;
const CLOCK: u8 = 0;
const IS_ABSOLUTE: u8 = 1;

pub(crate) const SUCCESS: i32 = 0;
pub(crate) const EBADF: i32 = 8;
pub(crate) const EINVAL: i32 = 28;

/// The time of a clock in nanoseconds.
pub(crate) fn clock(id: u32, started: Instant) -> Option<u64> {
    match id {
        0 => SystemTime::now().duration_since(UNIX_EPOCH).map(|time| time.as_nanos() as u64).ok(),
        1 => Some(started.elapsed().as_nanos() as u64),
        _ => None,
    }
}

/// Waits until the first subscription is due, and writes an event for each that is due then. Traps if that would take
/// longer than the deadline of a call.
pub(crate) fn poll(caller: &mut Caller<'_, State>, memory: Memory, arguments: &[u32]) -> Result<i32, Error> {
    let [subscriptions, events, count, written] = arguments[..] else { return Ok(EINVAL) };
    if count == 0 {
        return Ok(EINVAL);
    }
    let (started, limit) = (caller.data().started, caller.data().limit);
    let now = [clock(0, started), clock(1, started)];
    let outside = |_| Error::new(OUTSIDE);
    let read = |caller: &Caller<'_, State>, index: u32| {
        let mut subscription = [0; SUBSCRIPTION_BYTES];
        let at = subscriptions as usize + index as usize * SUBSCRIPTION_BYTES;
        memory.read(caller, at, &mut subscription).map(|()| subscription).map_err(outside)
    };
    let mut wait = Duration::MAX;
    for index in 0..count {
        wait = wait.min(due_in(&read(caller, index)?, &now));
    }
    if wait > limit {
        return Err(Error::new(format!(
            "the module sleeps for {} s, which is longer than the deadline of a call",
            wait.as_secs_f64()
        )));
    }
    std::thread::sleep(wait);
    let mut ready = 0;
    for index in 0..count {
        let subscription = read(caller, index)?;
        if due_in(&subscription, &now) <= wait {
            let at = events as usize + ready as usize * EVENT_BYTES;
            memory.write(&mut *caller, at, &event(&subscription, &now)).map_err(outside)?;
            ready += 1_u32;
        }
    }
    memory.write(&mut *caller, written as usize, &ready.to_le_bytes()).map_err(outside)?;
    Ok(SUCCESS)
}

/// How long to wait for a subscription. File descriptors and unknown clocks are ready at once.
fn due_in(subscription: &[u8; SUBSCRIPTION_BYTES], now: &[Option<u64>; 2]) -> Duration {
    let subject = u32::from_le_bytes([16, 17, 18, 19].map(|at| subscription[at]));
    let time = now.get(subject as usize).copied().flatten().filter(|_| subscription[8] == CLOCK);
    let timeout = u64::from_le_bytes([24, 25, 26, 27, 28, 29, 30, 31].map(|at| subscription[at]));
    let is_absolute = subscription[40] & IS_ABSOLUTE != 0;
    let nanoseconds = time.map_or(0, |time| if is_absolute { timeout.saturating_sub(time) } else { timeout });
    Duration::from_nanos(nanoseconds)
}

fn event(subscription: &[u8; SUBSCRIPTION_BYTES], now: &[Option<u64>; 2]) -> [u8; EVENT_BYTES] {
    let subject = u32::from_le_bytes([16, 17, 18, 19].map(|at| subscription[at]));
    let error = match subscription[8] {
        CLOCK if now.get(subject as usize).is_some_and(Option::is_some) => SUCCESS,
        CLOCK => EINVAL,
        _ if subject < 3 => SUCCESS,
        _ => EBADF,
    };
    let mut event = [0; EVENT_BYTES];
    event[..8].copy_from_slice(&subscription[..8]);
    event[8..10].copy_from_slice(&(error as u16).to_le_bytes());
    event[10] = subscription[8];
    event
}
