//! The exports and imports that every module has.

use super::frame::{print_head, read_head};
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

/// What the last call returned: the record points into it.
struct LastResponse {
    record: [u32; 5],
    _head: Vec<u8>,
    _body: Bytes,
}

thread_local! {
    static LAST: RefCell<Option<Box<LastResponse>>> = const { RefCell::new(None) };
}

/// Whether stages are measured: the environment of an instance does not change.
static IS_MEASURED: LazyLock<bool> = LazyLock::new(stage::is_on);

/// Called once by the library, before anything else.
#[unsafe(export_name = "_initialize")]
extern "C" fn initialize() {
    // SAFETY: the linker provides it, and it is called once. Without this reference the linker would run constructors
    // and destructors around every export.
    unsafe { __wasm_call_ctors() };
    std::panic::set_hook(Box::new(|panic| {
        write_log(ERROR, &panic.to_string());
        flush_output();
    }));
    if log::set_logger(&FunctionLog).is_ok() {
        log::set_max_level(log::LevelFilter::Trace);
    }
}

/// Called by the library when another level is the lowest that it does not drop; 6 drops everything.
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

/// A buffer for a request; null where there is no memory for it.
#[unsafe(export_name = "bluecrab_alloc")]
extern "C" fn allocate(length: usize) -> *mut u8 {
    // The last response is only valid until the next call, and this is one: its memory can serve the next request.
    LAST.take();
    Buffer::allocate(length).map_or(std::ptr::null_mut(), NonNull::as_ptr)
}

/// Runs a function and gives its response record.
///
/// # Safety
/// Both buffers are of `bluecrab_alloc` with these lengths, written in full, or their length is 0.
pub unsafe fn run(
    head: *mut u8,
    head_length: usize,
    body: *mut u8,
    body_length: usize,
    call: fn(Request) -> Response,
) -> *const u32 {
    LAST.take();
    // SAFETY: as the caller promises.
    let (head, body) = unsafe { (take(head, head_length), take(body, body_length)) };
    let head =
        read_head(&head).unwrap_or_else(|error| panic!("the runtime library sent a wrong request head: {error}"));
    let response = stage::measured(*IS_MEASURED, || call(Request { head, body }));
    flush_output();
    let head = print_head(&response.headers);
    let record = [
        u32::from(response.status),
        head.as_ptr() as u32,
        head.len() as u32,
        response.body.as_ptr() as u32,
        response.body.len() as u32,
    ];
    let last = Box::new(LastResponse { record, _head: head, _body: response.body });
    let pointer = last.record.as_ptr();
    LAST.set(Some(last));
    pointer
}

unsafe fn take(pointer: *mut u8, length: usize) -> Bytes {
    match NonNull::new(pointer) {
        // SAFETY: as the caller of `run` promises.
        Some(pointer) if length > 0 => unsafe { Buffer::from_raw(pointer, length) }.into(),
        _ => Bytes::default(),
    }
}

/// What was printed without a line break belongs to the log of this call, not to that of the next.
fn flush_output() {
    // It cannot fail: the library takes every write to the standard output.
    drop(std::io::stdout().flush());
}

fn write_log(level: u32, text: &str) {
    // SAFETY: the pointer and the length are of one text, which the library only reads.
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
