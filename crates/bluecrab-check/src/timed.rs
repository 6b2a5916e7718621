//! Calls with a deadline. The interpreter runs on portions of fuel, and the clock is read after each portion.

use crate::report::Broken;
use crate::state::State;
use std::time::{Duration, Instant};
use wasmi::{Error, Instance, Linker, Module, Store, TrapCode, TypedFunc, TypedResumableCall, WasmParams, WasmResults};

/// The fuel of one portion, which lasts for a fraction of a second.
const PORTION: u64 = 100_000_000;
/// The fuel of a start function, which lasts for a minute or two. A start function cannot be resumed, so it runs on one
/// portion.
const START_FUEL: u64 = 100 * PORTION;

/// Why a call ended without a response.
#[derive(Debug)]
pub(crate) enum Ended {
    Trap(String),
    Broken(Broken),
}

impl Ended {
    pub(crate) fn broken(section: u8, what: impl Into<String>) -> Self {
        Self::Broken(Broken::new(section, what))
    }
}

impl From<Ended> for Broken {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Trap(what) => Self::new(6, what),
            Ended::Broken(broken) => broken,
        }
    }
}

/// Instantiates a module and runs its start function.
pub(crate) fn instantiate(
    linker: &Linker<State>,
    store: &mut Store<State>,
    module: &Module,
    limit: Duration,
) -> Result<Result<Instance, Error>, Ended> {
    let instance = store.set_fuel(START_FUEL).and_then(|()| linker.instantiate_and_start(&mut *store, module));
    match instance {
        Err(error) if error.as_trap_code() == Some(TrapCode::OutOfFuel) => Err(late("its start function", limit)),
        other => Ok(other),
    }
}

/// Calls an export. Fails if it runs for longer than `limit`.
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
    Ended::broken(10, format!("{what} did not end within {} s; allow more time with --timeout", limit.as_secs_f64()))
}
