//! The exports and imports of every module.

use super::Trigger;
use super::frame::{PlainReader, print_any, print_plain, read_any};
use crate::body::{Buffer, Bytes};
use crate::request::Request;
use crate::response::Response;
use crate::stage;
use std::cell::RefCell;
use std::io::Write;
use std::ptr::NonNull;
use std::sync::LazyLock;

unsafe extern "C" {
    fn __wasm_call_ctors();
}

#[link(wasm_import_module = "bluecrab")]
unsafe extern "C" {
    #[link_name = "log"]
    fn log_entry(level: u32, text: *const u8, length: usize);
}

const ERROR: u32 = 4;

/// The response of the last call. Its record points to its head and its body.
struct LastResponse {
    record: [u32; 5],
    _head: Vec<u8>,
    body: Bytes,
}

thread_local! {
    static LAST: RefCell<Option<Box<LastResponse>>> = const { RefCell::new(None) };
    static READER: RefCell<PlainReader> = RefCell::default();
}

/// Frees the last response. By the ABI it is valid only until the worker calls an export again, and its memory can then
/// serve the next request.
fn end_last_response() {
    LAST.take();
}

/// Whether stages are measured. The environment of an instance never changes, so it is read once.
static IS_MEASURED: LazyLock<bool> = LazyLock::new(stage::is_on);

/// The worker calls this once, before any other export.
#[unsafe(export_name = "_initialize")]
extern "C" fn initialize() {
    // SAFETY: the linker provides this function, and it is called only once. Without this reference the linker would
    // run constructors and destructors around every export.
    unsafe { __wasm_call_ctors() };
    std::panic::set_hook(Box::new(|panic| {
        write_log(ERROR, &panic.to_string());
        flush_output();
    }));
    if log::set_logger(&FunctionLog).is_ok() {
        log::set_max_level(log::LevelFilter::Trace);
    }
}

/// The worker calls this when the lowest level that it logs changes. Level 6 logs nothing.
#[unsafe(export_name = "bluecrab_log_level")]
extern "C" fn set_log_level(level: u32) {
    log::set_max_level(match level {
        0 => log::LevelFilter::Trace,
        1 => log::LevelFilter::Debug,
        2 => log::LevelFilter::Info,
        3 => log::LevelFilter::Warn,
        4 => log::LevelFilter::Error,
        _ => log::LevelFilter::Off,
    });
}

/// Allocates a buffer for a request. Returns null if the memory is exhausted.
#[unsafe(export_name = "bluecrab_alloc")]
extern "C" fn allocate(length: usize) -> *mut u8 {
    end_last_response();
    Buffer::allocate(length).map_or(std::ptr::null_mut(), NonNull::as_ptr)
}

/// Calls a function and returns a pointer to its response record. If `IS_PLAIN`, request and response have only the
/// parts of HTTP; a module of such functions does not contain the code for the others.
///
/// # Safety
/// Each buffer has the length 0, or `bluecrab_alloc` allocated it with this length and the worker has written all of
/// it.
pub unsafe fn run<const IS_PLAIN: bool>(
    head: *mut u8,
    head_length: usize,
    body: *mut u8,
    body_length: usize,
    trigger: Trigger,
    call: fn(Request) -> Response,
) -> *const u32 {
    end_last_response();
    // SAFETY: the caller promises that the buffers are valid.
    let (head, body) = unsafe { (take(head, head_length), take(body, body_length)) };
    answer::<IS_PLAIN>(read::<IS_PLAIN>(head, body, trigger), trigger, call)
}

/// A function of its own, as is `answer`, so that `warm_up` and `run` have the code in common.
#[inline(never)]
fn read<const IS_PLAIN: bool>(head: Bytes, body: Bytes, trigger: Trigger) -> Request {
    let request = if IS_PLAIN {
        READER.with_borrow_mut(|reader| reader.read(head, body))
    } else {
        read_any(&head, body, trigger.is_http)
    };
    request.unwrap_or_else(|error| panic!("cannot read the request that the runtime library sent: {error}"))
}

/// Calls a function with a request and returns a pointer to its response record.
#[inline(never)]
fn answer<const IS_PLAIN: bool>(request: Request, trigger: Trigger, call: fn(Request) -> Response) -> *const u32 {
    let response = stage::measured(*IS_MEASURED, || call(request)).finish(trigger.is_http);
    flush_output();
    let Response { status, headers, body, outputs, .. } = response;
    let (head, body) = if IS_PLAIN { (print_plain(&headers), body) } else { print_any(&headers, body, outputs) };
    let record = [u32::from(status), head.as_ptr() as u32, head.len() as u32, body.as_ptr() as u32, body.len() as u32];
    let last = Box::new(LastResponse { record, _head: head, body });
    let pointer = last.record.as_ptr();
    LAST.set(Some(last));
    pointer
}

/// A head with every part of an HTTP request. The example's own head need not be read.
const EXAMPLE_HEAD: &[u8] =
    br#"{"method":"GET","url":"/","params":{"name":"value"},"query":[["name","value"]],"headers":[["name","value"]]}"#;

/// Calls a function with an example of a request, so that its code is compiled and optimised before the first call.
///
/// # Panics
/// Panics if the function answers the example with an error, since then most of its code has not run.
pub fn warm_up<const IS_PLAIN: bool>(trigger: Trigger, call: fn(Request) -> Response, example: fn() -> Request) {
    if let Some(head) = NonNull::new(allocate(EXAMPLE_HEAD.len())) {
        // SAFETY: the buffer has this length, and all of it is written before `take` takes it.
        let head = unsafe {
            head.copy_from_nonoverlapping(NonNull::from(EXAMPLE_HEAD).cast(), EXAMPLE_HEAD.len());
            take(head.as_ptr(), EXAMPLE_HEAD.len())
        };
        drop(read::<IS_PLAIN>(head, Bytes::default(), trigger));
    }
    answer::<IS_PLAIN>(example(), trigger, call);
    if let Some(LastResponse { record: [status, ..], body, .. }) = LAST.take().as_deref() {
        assert!(*status < 400, "the example of `warm_up` is answered with {status}: {}", String::from_utf8_lossy(body));
    }
}

/// Takes ownership of a buffer of the request.
///
/// # Safety
/// As for [`run`].
unsafe fn take(pointer: *mut u8, length: usize) -> Bytes {
    match NonNull::new(pointer) {
        // SAFETY: the caller of `run` promises that the buffer is valid.
        Some(pointer) if length > 0 => unsafe { Buffer::from_raw(pointer, length) }.into(),
        _ => Bytes::default(),
    }
}

/// Writes text that was printed without a line break, so that it is logged for this call and not for the next call.
fn flush_output() {
    // This cannot fail, because the runtime library accepts every write to the standard output.
    drop(std::io::stdout().flush());
}

fn write_log(level: u32, text: &str) {
    // SAFETY: the pointer and the length describe `text`, which the runtime library only reads.
    unsafe { log_entry(level, text.as_ptr(), text.len()) }
}

struct FunctionLog;

impl log::Log for FunctionLog {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let level = match record.level() {
            log::Level::Error => ERROR,
            log::Level::Warn => 3,
            log::Level::Info => 2,
            log::Level::Debug => 1,
            log::Level::Trace => 0,
        };
        write_log(level, &record.args().to_string());
    }

    fn flush(&self) {}
}
