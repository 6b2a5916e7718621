//! Calls that end: the interpreter gets fuel in portions, and the clock is read between them.

use crate::guest::{Ended, State};
use std::time::{Duration, Instant};
use wasmi::{Error, Instance, Linker, Module, Store, TrapCode, TypedFunc, TypedResumableCall, WasmParams, WasmResults};

/// Fractions of a second.
const PORTION: u64 = 100_000_000;
/// A start function cannot be resumed: it gets what would do for a minute or two.
const OF_START: u64 = 100 * PORTION;

/// Instantiates a module and runs its start function.
pub(crate) fn instantiate(
    linker: &Linker<State>,
    store: &mut Store<State>,
    module: &Module,
    limit: Duration,
) -> Result<Result<Instance, Error>, Ended> {
    let instance = store.set_fuel(OF_START).and_then(|()| linker.instantiate_and_start(&mut *store, module));
    match instance {
        Err(error) if error.as_trap_code() == Some(TrapCode::OutOfFuel) => Err(late("its start function", limit)),
        other => Ok(other),
    }
}

/// Calls an export; fails where it has run for longer than the limit.
pub(crate) fn call<P: WasmParams, R: WasmResults>(
    store: &mut Store<State>,
    export: TypedFunc<P, R>,
    parameters: P,
    limit: Duration,
) -> Result<Result<R, Error>, Ended> {
    let started = Instant::now();
    let mut call = store.set_fuel(PORTION).and_then(|()| export.call_resumable(&mut *store, parameters));
    loop {
        match call {
            Err(error) => return Ok(Err(error)),
            Ok(TypedResumableCall::Finished(results)) => return Ok(Ok(results)),
            Ok(TypedResumableCall::HostTrap(trapped)) => return Ok(Err(Error::new(trapped.host_error().to_string()))),
            Ok(TypedResumableCall::OutOfFuel(_)) if started.elapsed() > limit => {
                return Err(late("a call", limit));
            }
            Ok(TypedResumableCall::OutOfFuel(stopped)) => {
                let portion = PORTION.max(stopped.required_fuel());
                call = store.set_fuel(portion).and_then(|()| stopped.resume(&mut *store));
            }
        }
    }
}

fn late(what: &str, limit: Duration) -> Ended {
    Ended::broken(10, format!("{what} had not ended after {} s; --timeout gives more", limit.as_secs_f64()))
}
