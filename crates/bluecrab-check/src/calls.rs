//! What can only be seen in calls: bodies of every length, heads, memory that stays, a panic in the middle.

use crate::guest::{Ended, Guest};
use crate::heads;
use crate::manifest::Function;
use crate::report::{Broken, Report};
use std::time::{Duration, Instant};
use wasmi::Module;

const MEBIBYTE: usize = 1 << 20;
/// The lengths of bodies that an echo gets.
const LENGTHS: [usize; 13] = [0, 1, 3, 15, 16, 17, 255, 4095, 4096, 65_535, 65_537, MEBIBYTE, 64 * MEBIBYTE];
/// The longest body of a function that is no echo, and may calculate with each of its bytes.
const LONGEST_OF_OTHERS: usize = 65_537;

const CALLS: usize = 10_000;
/// Calls in which a module may still take memory that it then keeps, as a garbage collector does.
const WARM_UP: usize = 2_000;
/// So many times the limit of one call may all of them take.
const LIMITS_OF_ALL: u32 = 20;
const BODY_BYTES: usize = 4096;

/// What a function is by its name: `echo` or `panic`, alone or before `-` or `_`.
fn is(function: &Function, role: &str) -> bool {
    let rest = function.name.strip_prefix(role);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

pub(crate) fn check(module: &Module, declared: &[Function], limit: Duration, report: &mut Report<'_>) {
    let max_memory = declared.iter().map(|function| function.max_memory_bytes).min().unwrap_or(u64::MAX);
    let new = || Guest::new(module, max_memory, limit);
    for function in declared.iter().filter(|function| !is(function, "panic")) {
        let (name, echo) = (&function.name, is(function, "echo"));
        let lengths = lengths(function, echo);
        let longest = lengths.last().copied().unwrap_or_default();
        let what = if echo { "it gives back" } else { "it answers" };
        let text = format!("{name}: {what} bodies of 0 to {longest} bytes");
        report.add_result(
            2,
            &text,
            new().map_err(Broken::from).and_then(|guest| bodies(guest, function, &lengths, echo)),
        );
        if !function.head.is_empty() {
            let text = format!("{name}: it takes heads with every kind of character");
            report.add_result(3, &text, new().map_err(Broken::from).and_then(|guest| characters(guest, function)));
        }
        let text = format!("{name}: its memory stays as it is from call {WARM_UP} to {CALLS}");
        report.add_result(
            1,
            &text,
            new().map_err(Broken::from).and_then(|guest| growth(guest, function, limit * LIMITS_OF_ALL)),
        );
    }
    let panics = declared.iter().find(|function| is(function, "panic"));
    let other = declared.iter().find(|function| !is(function, "panic"));
    match (panics, other) {
        (Some(panics), Some(other)) => {
            let text = format!("{}: it traps, and a new instance answers {} as before", panics.name, other.name);
            report.add_result(6, &text, panic(new, panics, other));
        }
        _ => report.skip(6, "a panic in the middle: there is no function `panic` or `panic-…` beside another"),
    }
}

fn lengths(function: &Function, echo: bool) -> Vec<usize> {
    let longest = usize::try_from(function.max_body_bytes).unwrap_or(usize::MAX);
    let longest = if echo { longest } else { longest.min(LONGEST_OF_OTHERS) };
    LENGTHS.into_iter().filter(|length| *length <= longest).collect()
}

/// Bytes of every value, in no order that repeats with a power of two.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

fn bodies(mut guest: Guest, function: &Function, lengths: &[usize], echo: bool) -> Result<(), Broken> {
    let (head, all) = (heads::plain(&function.head), bytes(lengths.last().copied().unwrap_or_default()));
    for &length in lengths {
        let at = |broken: Broken| Broken { what: format!("at {length} bytes {}", broken.what), ..broken };
        let body = &all[..length];
        let response = guest.call(&function.export, &head, body).map_err(|ended| at(ended.into()))?;
        if echo && response.status != 200 {
            return Err(at(Broken::new(2, format!("it answered with status {}", response.status))));
        }
        if echo && response.body != body {
            return Err(at(Broken::new(
                2,
                format!("it answered {} bytes, not those that it got", response.body.len()),
            )));
        }
    }
    Ok(())
}

fn characters(mut guest: Guest, function: &Function) -> Result<(), Broken> {
    for head in heads::all(&function.head) {
        guest.call(&function.export, &head, b"body").map_err(|ended| {
            let start: String = String::from_utf8_lossy(&head).chars().take(80).collect();
            let broken = match ended {
                Ended::Trap(what) => Broken::new(3, what),
                Ended::Broken(broken) => broken,
            };
            Broken { what: format!("with the head {start}… {}", broken.what), ..broken }
        })?;
    }
    Ok(())
}

fn growth(mut guest: Guest, function: &Function, limit: Duration) -> Result<(), Broken> {
    let started = Instant::now();
    let length = BODY_BYTES.min(usize::try_from(function.max_body_bytes).unwrap_or(BODY_BYTES));
    let (head, body) = (heads::plain(&function.head), bytes(length));
    let mut settled = 0;
    for call in 1..=CALLS {
        guest.call(&function.export, &head, &body)?;
        if started.elapsed() > limit {
            let seconds = limit.as_secs_f64();
            return Err(Broken::new(10, format!("{call} calls took {seconds} s; --timeout gives more")));
        }
        if call == WARM_UP {
            settled = guest.memory_bytes();
        }
    }
    let grown = guest.memory_bytes() - settled;
    if grown == 0 {
        return Ok(());
    }
    Err(Broken::new(1, format!("it grew by {grown} bytes: free what bluecrab_alloc gave, and the last response")))
}

fn panic(new: impl Fn() -> Result<Guest, Ended>, panics: &Function, other: &Function) -> Result<(), Broken> {
    let (head, body) = (heads::plain(&other.head), bytes(BODY_BYTES));
    let mut guest = new()?;
    let before = guest.call(&other.export, &head, &body)?;
    match guest.call(&panics.export, &heads::plain(&panics.head), b"") {
        Err(Ended::Trap(_)) => {}
        Err(Ended::Broken(broken)) => return Err(broken),
        Ok(response) => return Err(Broken::new(6, format!("it answered with status {}", response.status))),
    }
    let after = new()?.call(&other.export, &head, &body)?;
    if after == before { Ok(()) } else { Err(Broken::new(6, "it answers otherwise after it")) }
}
