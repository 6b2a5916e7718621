//! No body makes the reader panic, or allocate more than its numbers need and a constant.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod allocation;
mod npy_bodies;

use allocation::peak_of;
use bluecrab_matrix::npy::{parse_pair, parse_pair_within};
use npy_bodies::{Member, npy, npz};
use proptest::prelude::*;

/// Room for inflating, for an error message, and for the allocator, whose blocks are larger than their contents.
const CONSTANT: usize = 64 * 1024;

/// Reads a body. Returns the result, and the most bytes that were allocated at once.
fn read(body: &[u8], limit: u64) -> (Result<usize, String>, usize) {
    let (read, peak) = peak_of(|| parse_pair_within(body, limit));
    (read.map(|(one, two)| one.data().len() + two.data().len()).map_err(|error| error.to_string()), peak)
}

fn deflated(name: &str, bytes: Vec<u8>) -> (String, Vec<u8>) {
    (name.to_owned(), bytes)
}

fn archive(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let members = members.iter().map(|(name, bytes)| Member { name, bytes, deflated: true });
    npz(&members.collect::<Vec<_>>())
}

/// Makes the archive's directory declare this size for the first member.
fn promise(body: &mut [u8], size: u32) {
    let record = body.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    body[record + 24..record + 28].copy_from_slice(&size.to_le_bytes());
}

#[test]
fn allocates_what_the_numbers_need() {
    let numbers = |count: usize| (0..count).map(|number| number as f64).collect::<Vec<f64>>();
    for column_order in [false, true] {
        let one = npy(1, "<f8", column_order, &[300, 200], &numbers(60_000));
        let two = npy(1, "<f4", column_order, &[200, 300], &numbers(60_000));
        let members = [("arr_0.npy", &one), ("arr_1.npy", &two)];
        let members = |deflated| members.map(|(name, bytes)| Member { name, bytes, deflated });
        for body in [[&one[..], &two].concat(), npz(&members(false)), npz(&members(true))] {
            let (read, peak) = read(&body, u64::MAX);
            assert_eq!(read, Ok(120_000));
            // An array of float64 may be borrowed from the body.
            assert!((60_000 * 8..=120_000 * 8 + CONSTANT).contains(&peak), "{peak}");
        }
        let body = [one.as_slice(), &one].concat();
        let (read, peak) = read(&body, u64::MAX);
        assert_eq!(read, Ok(120_000));
        let stays = !column_order && body.as_ptr().cast::<f64>().is_aligned();
        assert!(peak <= CONSTANT + if stays { 0 } else { 120_000 * 8 }, "{peak}");
    }
}

#[test]
fn a_promise_costs_nothing() {
    let huge = npy(1, "<f8", true, &[100_000, 100_000], &[1.0]);
    let (error, peak) = read(&[&huge[..], &huge].concat(), u64::MAX);
    assert!(error.unwrap_err().contains("expected 80000000000 bytes of numbers for 100000x100000, found 144"));
    assert!(peak <= CONSTANT, "{peak}");
    let mut body = archive(&[deflated("arr_0.npy", huge.clone()), deflated("arr_1.npy", huge)]);
    let (error, peak) = read(&body, u64::MAX);
    assert!(error.unwrap_err().contains("found 8"));
    assert!(peak <= CONSTANT, "{peak}");

    // The directory declares the whole array, but the deflated data cannot become that long.
    let large = npy(1, "<f8", false, &[10_000, 10_000], &[1.0]);
    body = archive(&[deflated("arr_0.npy", large.clone()), deflated("arr_1.npy", large)]);
    promise(&mut body, 800_000_128);
    let (error, peak) = read(&body, u64::MAX);
    assert!(error.unwrap_err().contains("found others"));
    assert!(peak <= CONSTANT, "{peak}");

    // Here the deflated data could become that long, but does not.
    let more = npy(1, "<f8", false, &[3], &[1.0, 2.0]);
    body = archive(&[deflated("arr_0.npy", more.clone()), deflated("arr_1.npy", more)]);
    promise(&mut body, 128 + 24);
    let (error, _) = read(&body, u64::MAX);
    assert!(error.unwrap_err().contains("found others"));
}

#[test]
fn a_bomb_does_not_go_off() {
    let zeros = |name: &str| deflated(name, npy(1, "<f8", false, &[1000, 1000], &vec![0.0; 1_000_000]));
    let bomb = archive(&[zeros("matrixOne.npy"), zeros("matrixTwo.npy")]);
    assert!(bomb.len() < 20_000, "{}", bomb.len());
    let (read_all, _) = read(&bomb, 16_000_256);
    assert_eq!(read_all, Ok(2_000_000));
    let (error, peak) = read(&bomb, 1_000_000);
    assert!(error.unwrap_err().contains("at most 1000000 bytes to inflate"));
    assert!(peak <= CONSTANT, "{peak}");

    // The directory declares fewer bytes than the file has: inflating stops at the declared size.
    let mut lying = bomb.clone();
    promise(&mut lying, 128 + 8);
    let (error, peak) = read(&lying, u64::MAX);
    assert!(error.unwrap_err().contains("expected 8000000 bytes of numbers for 1000x1000, found 8"));
    assert!(peak <= CONSTANT, "{peak}");

    // Header and directory declare the same length, but the deflated data is longer.
    let mut short = npy(1, "<f8", false, &[1], &[1.0]);
    short.extend(vec![0; 10_000_000]);
    let mut lying = archive(&[deflated("arr_0.npy", short), zeros("arr_1.npy")]);
    promise(&mut lying, 128 + 8);
    let (error, peak) = read(&lying, u64::MAX);
    assert!(error.unwrap_err().contains("found others"));
    assert!(peak <= CONSTANT, "{peak}");
}

fn samples() -> Vec<Vec<u8>> {
    let one = npy(1, "<f8", false, &[2, 3], &[1.5, 2.0, 3.0, 4.0, 5.0, -6.25]);
    let two = npy(2, ">f4", true, &[3, 2], &[1.5, 2.0, 3.0, 4.0, 5.0, -6.25]);
    let members = |deflated| {
        let names = [("other.txt", &b"..."[..]), ("matrixOne.npy", &one), ("matrixTwo.npy", &two)];
        npz(&names.map(|(name, bytes)| Member { name, bytes, deflated }))
    };
    vec![[&one[..], &two].concat(), members(false), members(true)]
}

/// Bytes with a meaning in one of the formats.
fn meaningful() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        prop::sample::select(vec![0_u32, 1, 0xff, 0xffff, 0x7fff_ffff, u32::MAX]).prop_map(|n| n.to_le_bytes().into()),
        prop::sample::select(vec![
            "PK\x01\x02",
            "PK\x03\x04",
            "PK\x05\x06",
            "PK\x06\x06",
            "PK\x06\x07",
            "(",
            ")",
            ",",
            "'",
            "}",
            "\n",
            "9",
            "99999999999999999999",
            "4294967296",
            "arr_0.npy",
            "<f8",
            "True",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn changed_bodies_are_read_or_refused(
        sample in prop::sample::select(samples()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), meaningful()), 1..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        insert: bool,
    ) {
        let mut body = sample;
        for (at, bytes) in changes {
            let at = at.index(body.len());
            let end = if insert { at } else { body.len().min(at + bytes.len()) };
            body.splice(at..end, bytes);
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        let limit = 10_000;
        let (_, peak) = read(&body, limit as u64);
        // Numbers of float32 need twice their bytes as float64.
        prop_assert!(peak <= 2 * (body.len() + limit) + CONSTANT, "{}", peak);
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        start in prop::sample::select(vec![&b""[..], b"\x93NUMPY\x01\x00", b"\x93NUMPY\x02\x00\x20\x00\x00\x00{", b"PK\x03\x04"]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(parse_pair(&[start, &rest].concat()).is_err());
    }

    #[test]
    fn any_deflated_bytes_are_read_or_refused(data in prop::collection::vec(any::<u8>(), 1..300)) {
        let one = npy(1, "<f8", false, &[2], &[1.0, 2.0]);
        let mut body = archive(&[deflated("arr_0.npy", one.clone()), deflated("arr_1.npy", one)]);
        let length = data.len().min(80);
        body[39..39 + length].copy_from_slice(&data[..length]);
        let (_, peak) = read(&body, u64::MAX);
        prop_assert!(peak <= 32 + CONSTANT, "{}", peak);
    }
}
