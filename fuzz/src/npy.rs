//! Checks the reader of NumPy's format.

#[path = "../../crates/bluecrab-matrix/tests/npy_bodies/mod.rs"]
#[allow(dead_code, missing_docs, reason = "the tests of bluecrab-matrix need the rest")]
mod bodies;

use crate::allocation::peak_of;
use crate::same::same;
use bluecrab_matrix::npy::{parse_pair_within, print};
use bodies::{Member, npz};

/// The limit for inflated bytes.
const LIMIT: usize = 1 << 20;
/// Room for inflating and for an error message.
const CONSTANT: usize = 64 * 1024;

/// The first byte selects what follows: a body, or two files that are put into an archive with correct checksums.
pub fn npy(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let Some((&[low, high], files)) = rest.split_first_chunk().filter(|_| kind & 1 == 1) else { return read(rest) };
    let (one, two) = files.split_at(files.len().min(usize::from(low) + usize::from(high) * 256));
    let names = if kind & 2 == 0 { ["arr_0.npy", "arr_1.npy"] } else { ["matrixTwo.npy", "matrixOne.npy"] };
    let member = |name, bytes, bit| Member { name, bytes, deflated: kind & bit != 0 };
    let mut body = npz(&[member(names[0], one, 4), member(names[1], two, 8)]);
    if kind & 16 != 0 {
        body.splice(0..0, *b"more before the archive");
    }
    read(&body);
}

fn read(body: &[u8]) {
    let (read, peak) = peak_of(|| parse_pair_within(body, LIMIT as u64));
    // Float32 numbers take twice their bytes as float64.
    assert!(peak <= 2 * (body.len() + LIMIT) + CONSTANT, "{peak} bytes for a body of {}", body.len());
    let Ok((one, two)) = read else { return };
    let numbers = one.data().len() + two.data().len();
    assert!(peak <= 8 * numbers + CONSTANT, "{peak} bytes for {numbers} numbers");
    let printed = [print(&one).unwrap(), print(&two).unwrap()].concat();
    let (one_again, two_again) = parse_pair_within(&printed, 0).unwrap();
    for (operand, again) in [(one, one_again), (two, two_again)] {
        assert_eq!(operand.shape(), again.shape());
        assert!(operand.data().iter().zip(again.data()).all(|(&one, &two)| same(one, two)));
    }
}
