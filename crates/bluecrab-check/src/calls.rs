//! The rules that only calls can check: bodies of many lengths, request heads with unusual characters, memory that does
//! not grow, and a panic between two calls.

use crate::guest::Guest;
use crate::heads;
use crate::manifest::{Function, Run};
use crate::report::{Broken, Report};
use crate::timed::Ended;
use std::time::{Duration, Instant};
use wasmi::Module;

const MEBIBYTE: usize = 1 << 20;
/// The lengths of the bodies that a function `echo` receives.
const LENGTHS: [usize; 13] = [0, 1, 3, 15, 16, 17, 255, 4095, 4096, 65_535, 65_537, MEBIBYTE, 64 * MEBIBYTE];
/// The longest body that other functions receive. They may compute something with each byte, which takes time.
const LONGEST_OF_OTHERS: usize = 65_537;

const CALLS: usize = 10_000;
/// After this number of calls the memory must not grow. Before, a module may take memory that it then keeps, as garbage
/// collectors do.
const WARM_UP: usize = 2_000;
const BODY_BYTES: usize = 4096;

/// Whether the name of a function is the role, `echo` or `panic`, or starts with it as in `echo-2` and `echo_2`.
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
        let text = if heads::sample(function).is_some() {
            format!("{name}: it answers what its {} brings", function.trigger.r#type)
        } else if echo {
            format!("{name}: it returns bodies of 0 to {longest} bytes unchanged")
        } else {
            format!("{name}: it answers bodies of 0 to {longest} bytes")
        };
        report.add_result(2, &text, bodies(new, function, &lengths, echo));
        if !function.head.is_empty() {
            let text = format!("{name}: it reads request heads with every kind of character");
            report.add_result(3, &text, characters(new, function));
        }
        if function.run == Run::Fresh {
            report.skip(1, format!("{name}: its memory may grow, because each call has a new instance"));
            continue;
        }
        let text = format!("{name}: its memory does not grow from call {WARM_UP} to call {CALLS}");
        match new().map_err(Broken::from).and_then(|guest| growth(guest, function, limit)) {
            Ok(calls) if calls < CALLS => report.skip(
                1,
                format!("{text}: only {calls} calls fit into {} s; allow more with --timeout", limit.as_secs_f64()),
            ),
            result => report.add_result(1, &text, result.map(|_| ())),
        }
    }
    let panics = declared.iter().find(|function| is(function, "panic"));
    let other = declared.iter().find(|function| !is(function, "panic"));
    match (panics, other) {
        (Some(panics), Some(other)) => {
            let text =
                format!("{}: it traps, and a new instance answers {} as before the trap", panics.name, other.name);
            report.add_result(6, &text, panic(new, panics, other));
        }
        _ => report
            .skip(6, "a panic is checked only if the module has a function `panic` or `panic-…`, and another function"),
    }
}

fn lengths(function: &Function, echo: bool) -> Vec<usize> {
    let longest = usize::try_from(function.max_body_bytes).unwrap_or(usize::MAX);
    let longest = if echo { longest } else { longest.min(LONGEST_OF_OTHERS) };
    LENGTHS.into_iter().filter(|length| *length <= longest).collect()
}

/// What the trigger brings in most calls.
fn brought(function: &Function) -> Vec<u8> {
    let length = BODY_BYTES.min(usize::try_from(function.max_body_bytes).unwrap_or(BODY_BYTES));
    heads::sample(function).map_or_else(|| bytes(length), <[u8]>::to_vec)
}

/// Bytes that do not repeat after a power of two, so that a body from a wrong place is not the same.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

fn bodies(
    new: impl Fn() -> Result<Guest, Ended>,
    function: &Function,
    lengths: &[usize],
    echo: bool,
) -> Result<(), Broken> {
    let mut guest = new()?;
    if let Some(sample) = heads::sample(function) {
        guest.call(function, &heads::plain(function, sample))?;
        return Ok(());
    }
    let all = bytes(lengths.last().copied().unwrap_or_default());
    for &length in lengths {
        let at = |broken: Broken| Broken { what: format!("with a body of {length} bytes: {}", broken.what), ..broken };
        let body = &all[..length];
        if function.run == Run::Fresh {
            guest = new()?;
        }
        let response = guest.call(function, &heads::plain(function, body)).map_err(|ended| at(ended.into()))?;
        if echo && response.status != 200 {
            return Err(at(Broken::new(2, format!("it answered with status {}", response.status))));
        }
        if echo && response.body != body {
            return Err(at(Broken::new(
                2,
                format!("it answered with {} bytes that differ from the request's body", response.body.len()),
            )));
        }
    }
    Ok(())
}

fn characters(new: impl Fn() -> Result<Guest, Ended>, function: &Function) -> Result<(), Broken> {
    let mut guest = new()?;
    for request in heads::all(function, heads::sample(function).unwrap_or(b"body")) {
        if function.run == Run::Fresh {
            guest = new()?;
        }
        guest.call(function, &request).map_err(|ended| {
            let start: String = String::from_utf8_lossy(&request.0).chars().take(80).collect();
            let broken = match ended {
                Ended::Trap(what) => Broken::new(3, what),
                Ended::Broken(broken) => broken,
            };
            Broken { what: format!("with the head {start}…: {}", broken.what), ..broken }
        })?;
    }
    Ok(())
}

/// Makes as many calls as the time limit allows, and returns their number.
fn growth(mut guest: Guest, function: &Function, limit: Duration) -> Result<usize, Broken> {
    let started = Instant::now();
    let request = heads::plain(function, &brought(function));
    let (mut calls, mut settled) = (0, guest.memory_bytes());
    while calls < CALLS && started.elapsed() < limit {
        guest.call(function, &request)?;
        calls += 1;
        if calls <= WARM_UP {
            settled = guest.memory_bytes();
        }
    }
    let grown = guest.memory_bytes() - settled;
    if grown == 0 {
        return Ok(calls);
    }
    Err(Broken::new(1, format!("it grew by {grown} bytes; free the buffers of bluecrab_alloc and the last response")))
}

fn panic(new: impl Fn() -> Result<Guest, Ended>, panics: &Function, other: &Function) -> Result<(), Broken> {
    let request = heads::plain(other, &brought(other));
    let mut guest = new()?;
    let before = guest.call(other, &request)?;
    match guest.call(panics, &heads::plain(panics, heads::sample(panics).unwrap_or_default())) {
        Err(Ended::Trap(_)) => {}
        Err(Ended::Broken(broken)) => return Err(broken),
        Ok(response) => return Err(Broken::new(6, format!("it answered with status {}", response.status))),
    }
    let after = new()?.call(other, &request)?;
    if after == before { Ok(()) } else { Err(Broken::new(6, "the answer after the trap differs")) }
}
