//! The exports: one body, its operands, its product and its answer, kept between the calls.

use crate::{numbers, peak};
use bluecrab_matrix::{Operand, multiply, multiply_json, parse_pair, print_result};
use std::cell::RefCell;
use std::mem::{MaybeUninit, take};

#[derive(Default)]
struct State {
    /// As far as the caller has written it.
    body: Box<[MaybeUninit<u8>]>,
    operands: Option<(Operand<'static>, Operand<'static>)>,
    product: Option<Operand<'static>>,
    output: Vec<u8>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

unsafe extern "C" {
    fn __wasm_call_ctors();
}

/// Called once, before anything else.
#[unsafe(export_name = "_initialize")]
extern "C" fn initialize() {
    // SAFETY: the linker provides it, and it is called once. Without this reference the linker would run constructors
    // and destructors around every export.
    unsafe { __wasm_call_ctors() };
}

fn with<T>(work: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(work)
}

/// Room for a body of this length, which the caller writes in full before the next call. As with the ABI's
/// `bluecrab_alloc`, the last answer ends here.
#[unsafe(no_mangle)]
extern "C" fn room(length: usize) -> *mut u8 {
    with(|state| {
        state.output = Vec::new();
        state.body = Box::new_uninit_slice(length);
        state.body.as_mut_ptr().cast()
    })
}

fn written(body: &[MaybeUninit<u8>]) -> &[u8] {
    // SAFETY: the caller of `room` has written all of it.
    unsafe { body.assume_init_ref() }
}

/// Where the last output lies.
#[unsafe(no_mangle)]
extern "C" fn output() -> *const u8 {
    with(|state| state.output.as_ptr())
}

/// Parses the body and keeps it; 0 where it is refused.
#[unsafe(no_mangle)]
extern "C" fn parse() -> usize {
    with(|state| {
        state.operands = None;
        state.operands = parse_pair(written(&state.body)).ok();
        usize::from(state.operands.is_some())
    })
}

/// Multiplies the operands; 0 where they do not fit.
#[unsafe(no_mangle)]
extern "C" fn product() -> usize {
    with(|state| {
        state.product = None;
        state.product = state.operands.as_ref().and_then(|(one, two)| multiply(one, two).ok());
        usize::from(state.product.is_some())
    })
}

/// Prints the product; gives the length of the output.
#[unsafe(no_mangle)]
extern "C" fn print() -> usize {
    with(|state| {
        state.output = Vec::new();
        state.output = state.product.as_ref().map(print_result).unwrap_or_default();
        state.output.len()
    })
}

/// The whole: from the body, which ends with it, to the output; gives its length, 0 where the body is refused.
#[unsafe(no_mangle)]
extern "C" fn answer() -> usize {
    with(|state| {
        let body = take(&mut state.body);
        state.output = multiply_json(written(&body)).unwrap_or_default();
        state.output.len()
    })
}

/// Prints the body's doubles; gives the length of the output.
#[unsafe(no_mangle)]
extern "C" fn print_numbers() -> usize {
    with(|state| {
        state.output = numbers::print(written(&state.body));
        state.output.len()
    })
}

/// Parses the body's list of numbers; gives the length of the output, 0 where it is refused.
#[unsafe(no_mangle)]
extern "C" fn parse_numbers() -> usize {
    with(|state| {
        state.output = numbers::parse(written(&state.body)).unwrap_or_default();
        state.output.len()
    })
}

/// Runs so many rounds of 2-lane multiply and add over so many accumulators (8, 10 or 12).
#[unsafe(no_mangle)]
extern "C" fn multiply_add(accumulators: usize, rounds: usize) -> f64 {
    peak::multiply_add(accumulators, rounds)
}
