//! Calls an instance of a module as the runtime library does: sections 1 to 3.

use crate::heads::{self, Request};
use crate::imports;
use crate::manifest::Function;
use crate::state::State;
use crate::timed::{self, Ended};
use std::time::{Duration, Instant};
use wasmi::{Linker, Memory, Module, Store, StoreLimitsBuilder, TypedFunc, WasmParams, WasmResults};

const RECORD_BYTES: usize = 20;
const ALIGNMENT: u32 = 16;
/// The log level *information*, which the export `bluecrab_log_level` receives.
const LOG_LEVEL: u32 = 2;
/// How many entries one table may have after it has grown.
const MAX_TABLE_ENTRIES: usize = 100_000;

pub(crate) struct Guest {
    store: Store<State>,
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
    instance: wasmi::Instance,
    limit: Duration,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u32,
    pub(crate) body: Vec<u8>,
}

impl Guest {
    /// Makes an instance. Each call of it must end within `limit`.
    pub(crate) fn new(module: &Module, max_memory_bytes: u64, limit: Duration) -> Result<Self, Ended> {
        let memory_bytes = usize::try_from(max_memory_bytes).unwrap_or(usize::MAX);
        let limits = StoreLimitsBuilder::new().memory_size(memory_bytes).table_elements(MAX_TABLE_ENTRIES).build();
        let state = State { limits, started: Instant::now(), limit, logged: String::new() };
        let mut store = Store::new(module.engine(), state);
        store.limiter(|state| &mut state.limits);
        let trap = |error: wasmi::Error| Ended::Trap(format!("the module cannot be instantiated: {error}"));
        let mut linker = Linker::new(module.engine());
        linker.allow_shadowing(true);
        imports::link(module, &mut linker).map_err(trap)?;
        let instance = timed::instantiate(&linker, &mut store, module, limit)?.map_err(trap)?;
        if let Ok(initialize) = instance.get_typed_func::<(), ()>(&store, "_initialize") {
            timed::call(&mut store, initialize, (), limit)?
                .map_err(|error| Ended::Trap(format!("_initialize: {error}")))?;
        }
        if let Ok(set_log_level) = instance.get_typed_func::<u32, ()>(&store, "bluecrab_log_level") {
            timed::call(&mut store, set_log_level, LOG_LEVEL, limit)?
                .map_err(|error| Ended::Trap(format!("bluecrab_log_level: {error}")))?;
        }
        let memory =
            instance.get_memory(&store, "memory").ok_or_else(|| Ended::broken(1, "the module has no memory"))?;
        let alloc = instance.get_typed_func(&store, "bluecrab_alloc").map_err(trap)?;
        Ok(Self { store, memory, alloc, instance, limit })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory.data_size(&self.store)
    }

    /// Calls a function with a request, checks its response and returns it.
    pub(crate) fn call(&mut self, function: &Function, (head, body): &Request) -> Result<Response, Ended> {
        let head_at = self.write(head)?;
        let body_at = self.write(body)?;
        let ([head_at, head_length], [body_at, body_length]) = (span(head_at, head), span(body_at, body));
        let overlap = head_at < body_at + body_length && body_at < head_at + head_length;
        if overlap && head_length > 0 && body_length > 0 {
            let what = "bluecrab_alloc returned overlapping buffers for the head and the body of one request";
            return Err(Ended::broken(1, what));
        }
        // The second call of bluecrab_alloc must not change the first buffer.
        if self.bytes(head_at, head_length, "the request head", 1)? != head {
            return Err(Ended::broken(1, "bluecrab_alloc changed the bytes of a buffer that it had returned before"));
        }
        let run = self.instance.get_typed_func::<(u32, u32, u32, u32), u32>(&self.store, &function.export);
        let run = run.map_err(|error| Ended::broken(1, error.to_string()))?;
        let arguments = (head_at as u32, head_length as u32, body_at as u32, body_length as u32);
        let record = self.run(run, arguments)?;
        self.read(record, function)
    }

    fn run<P: WasmParams, R: WasmResults>(&mut self, export: TypedFunc<P, R>, parameters: P) -> Result<R, Ended> {
        timed::call(&mut self.store, export, parameters, self.limit)?.map_err(|error| self.trap(&error))
    }

    fn trap(&self, error: &wasmi::Error) -> Ended {
        let logged = self.store.data().logged.trim();
        Ended::Trap(if logged.is_empty() {
            error.to_string()
        } else {
            format!("{error}; the last log entry is: {logged}")
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<u32, Ended> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let length = bytes.len() as u32;
        let pointer = self.run(self.alloc, length)?;
        let wrong = |what: String| Err(Ended::broken(1, format!("bluecrab_alloc({length}) returned {what}")));
        if pointer == 0 {
            return wrong("0, which means that the memory is exhausted".to_owned());
        }
        if !pointer.is_multiple_of(ALIGNMENT) {
            return wrong(format!("{pointer}, which is not aligned to {ALIGNMENT}"));
        }
        if self.memory.write(&mut self.store, pointer as usize, bytes).is_err() {
            return wrong(format!("{pointer}, but the buffer ends outside of the memory"));
        }
        Ok(pointer)
    }

    fn read(&self, pointer: u32, function: &Function) -> Result<Response, Ended> {
        if !pointer.is_multiple_of(4) {
            return Err(Ended::broken(2, format!("the response record at {pointer} is not aligned to 4")));
        }
        let record = self.bytes(u64::from(pointer), RECORD_BYTES as u64, "the response record", 2)?;
        let (words, _) = record.as_chunks::<4>();
        let word = |index: usize| words.get(index).map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let status = word(0);
        if !(200..=599).contains(&status) {
            return Err(Ended::broken(
                2,
                format!("the status of the response is {status}, which is not from 200 to 599"),
            ));
        }
        let head = self.bytes(word(1).into(), word(2).into(), "the response head", 2)?;
        let body = self.bytes(word(3).into(), word(4).into(), "the response body", 2)?;
        let part = heads::check_response(head, function, body);
        let part = part.map_err(|(section, what)| Ended::broken(section, format!("the response head {what}")))?;
        Ok(Response { status, body: body[part].to_vec() })
    }

    fn bytes(&self, pointer: u64, length: u64, what: &str, section: u8) -> Result<&[u8], Ended> {
        if length == 0 {
            return Ok(&[]);
        }
        let range = pointer as usize..(pointer + length) as usize;
        self.memory.data(&self.store).get(range).ok_or_else(|| {
            Ended::broken(section, format!("{what} ends outside of the memory: it has {length} bytes at {pointer}"))
        })
    }
}

fn span(pointer: u32, bytes: &[u8]) -> [u64; 2] {
    [pointer.into(), bytes.len() as u64]
}
