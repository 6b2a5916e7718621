//! The binary format without NumPy: bytes that NumPy 2.4 wrote, round trips, and bodies that must be refused.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod npy_bodies;

use bluecrab_matrix::npy::{parse_pair, parse_pair_within, print};
use bluecrab_matrix::{EMPTY_OPERAND, Form, Operand, Shape};
use npy_bodies::{Member, npy, npz};
use proptest::prelude::*;

/// `np.savez(file, one.astype('>f4'), np.asfortranarray(one.T))`
const SAVEZ: &str = "\
504b03042d0000000000000021003bc621a0ffffffffffffffff090014006172725f302e6e70790100100098000000000000009800000000\
000000934e554d5059010076007b276465736372273a20273e6634272c2027666f727472616e5f6f72646572273a2046616c73652c202773\
68617065273a2028322c2033292c207d20202020202020202020202020202020202020202020202020202020202020202020202020202020\
2020202020202020202020202020202020200a3fc0000040000000404000004080000040a00000c0c80000504b03042d0000000000000021\
00479032d7ffffffffffffffff090014006172725f312e6e707901001000b000000000000000b000000000000000934e554d505901007600\
7b276465736372273a20273c6638272c2027666f727472616e5f6f72646572273a20547275652c20277368617065273a2028332c2032292c\
207d202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020\
20202020200a000000000000f83f000000000000004000000000000008400000000000001040000000000000144000000000000019c0504b\
01022d032d0000000000000021003bc621a098000000980000000900000000000000000000008001000000006172725f302e6e7079504b01\
022d032d000000000000002100479032d7b0000000b00000000900000000000000000000008001d30000006172725f312e6e7079504b0506\
00000000020002006e000000be0100000000";

/// `np.savez_compressed(file, matrixOne=one, matrixTwo=np.asfortranarray(one.T))`
const SAVEZ_COMPRESSED: &str = "\
504b03042d000000080000002100eff73127ffffffffffffffff0d0014006d61747269784f6e652e6e707901001000b0000000000000005a\
000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f5f94920a12774bcc294e058a\
17672416a402f91a463a0ac69a3a0ab50a64032e0630f8610fa1191c201407941680d222505af20000504b03042d00000008000000210047\
9032d7ffffffffffffffff0d0014006d617472697854776f2e6e707901001000b00000000000000059000000000000009bec17ea1b10c9c8\
50c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f5f94920a120f292a4d050a17672416a402b91ac63a0a469a3a0ab5\
0ae4032e0630f8610fa1191c201407941680d222505af20000504b01022d032d000000080000002100eff731275a000000b00000000d0000\
0000000000000000008001000000006d61747269784f6e652e6e7079504b01022d032d000000080000002100479032d759000000b0000000\
0d00000000000000000000008001990000006d617472697854776f2e6e7079504b0506000000000200020076000000310100000000";

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn operand(shape: Shape, data: &[f64]) -> Operand<'static> {
    Operand::new(shape, Form::Nested, data.to_vec()).unwrap()
}

/// `np.array([[1.5, 2, 3], [4, 5, -6.25]])`
fn one() -> Operand<'static> {
    operand(Shape::Matrix(2, 3), &[1.5, 2.0, 3.0, 4.0, 5.0, -6.25])
}

fn one_transposed() -> Operand<'static> {
    operand(Shape::Matrix(3, 2), &[1.5, 4.0, 2.0, 5.0, 3.0, -6.25])
}

#[test]
fn reads_archives_of_numpy() {
    for hex in [SAVEZ, SAVEZ_COMPRESSED] {
        assert_eq!(parse_pair(&bytes_of(hex)).unwrap(), (one(), one_transposed()));
    }
}

#[test]
fn prints_what_numpy_saves() {
    let numbers = [1.5_f64, 2.0, 3.0, 4.0, 5.0, -6.25].map(f64::to_le_bytes).concat();
    for (shape, start, spaces) in [
        (Shape::Matrix(2, 3), &b"v\0{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }"[..], 58),
        (Shape::Vector(6), b"v\0{'descr': '<f8', 'fortran_order': False, 'shape': (6,), }", 60),
    ] {
        let saved = [b"\x93NUMPY\x01\0", start, &vec![b' '; spaces], b"\n", &numbers].concat();
        assert_eq!(saved.len(), 128 + 48);
        let printed = print(&operand(shape, one().data())).unwrap();
        assert_eq!(printed.escape_ascii().to_string(), saved.escape_ascii().to_string());
    }
    let scalar = b"\x93NUMPY\x01\0v\0{'descr': '<f8', 'fortran_order': False, 'shape': (), }";
    let saved = [&scalar[..], &[b' '; 62], b"\n", &2.5_f64.to_le_bytes()].concat();
    let printed = print(&operand(Shape::Scalar, &[2.5])).unwrap();
    assert_eq!(printed.escape_ascii().to_string(), saved.escape_ascii().to_string());
}

#[test]
fn says_what_is_wrong_and_where() {
    let good = print(&one()).unwrap();
    let of = |descr, shape: &[usize]| npy(1, descr, false, shape, &[1.0; 6]);
    let both = |array: &[u8]| [&good[..], array].concat();
    for (body, offset, operand, part) in [
        (vec![], 0, None, "empty: expected two .npy arrays, or an .npz"),
        (b"[[[1]],[[1]]]".to_vec(), 0, Some("matrixOne"), "\\x93NUMPY"),
        (good.clone(), 176, None, "found one"),
        (both(&good[..175]), 176 + 128, Some("matrixTwo"), "expected 48 bytes of numbers for 2x3, found 47"),
        (both(&good[..100]), 176 + 100, Some("matrixTwo"), "found the end in the header"),
        ([&good[..], &good, b"\0"].concat(), 352, None, "more bytes after the second"),
        (both(&of("<i8", &[2, 3])), 176 + 21, Some("matrixTwo"), "astype(float)), found the dtype `<i8`"),
        (both(&of("<f8", &[1, 2, 3])), 176 + 60, Some("matrixTwo"), "at most two dimensions (reshape it), found 3"),
        (both(&of("<f8", &[0, 3])), 176, Some("matrixTwo"), EMPTY_OPERAND),
        (both(&of("<f8", &[1 << 40, 1])), 176 + 128, Some("matrixTwo"), "found 48"),
    ] {
        let error = parse_pair(&body).unwrap_err();
        assert!(error.reason.contains(part), "{error}");
        assert_eq!((error.offset, error.operand), (offset, operand), "{error}");
    }
}

#[test]
fn says_what_is_wrong_with_an_archive() {
    let array = print(&one()).unwrap();
    let stored = |name, bytes| Member { name, bytes, deflated: false };
    let deflated = |name, bytes| Member { name, bytes, deflated: true };
    let (one, two) = (stored("matrixOne.npy", &array[..]), deflated("matrixTwo.npy", &array[..]));
    let changed = |hex: &str, at: usize, with: u8| {
        let mut bytes = bytes_of(hex);
        bytes[at] = with;
        bytes
    };
    let longer = [&array[..], b"\0"].concat();
    let integers = npy(1, "<i8", false, &[2, 3], &[1.0; 6]);
    let central = |hex: &str| hex.find("504b0102").unwrap() / 2;
    let central_stored = central(SAVEZ);
    let central_deflated = central(SAVEZ_COMPRESSED);
    for (body, operand, part) in [
        (npz(&[]), None, "no array matrixOne (nor arr_0)"),
        (npz(&[one]), None, "no array matrixTwo"),
        (npz(&[two]), None, "no array matrixOne"),
        (npz(&[stored("arr_0.npy", &array)]), None, "no array arr_1"),
        (npz(&["arr_0.npy", "arr_1.npy", "arr_2.npy"].map(|name| stored(name, &array))), None, "found more"),
        (npz(&[one, two, two]), None, "two members matrixTwo.npy"),
        (npz(&[one, stored("matrixTwo.npy", &longer)]), Some("matrixTwo"), "the end of the array, found more"),
        (npz(&[one, deflated("matrixTwo.npy", &longer)]), Some("matrixTwo"), "expected 48 bytes of numbers"),
        (npz(&[one, deflated("matrixTwo.npy", &array[..9])]), Some("matrixTwo"), "found the end in the header"),
        (npz(&[one, stored("matrixTwo.npy", &array[..175])]), Some("matrixTwo"), "for 2x3"),
        (npz(&[deflated("matrixOne.npy", &integers), two]), Some("matrixOne"), "found the dtype `<i8`"),
        ([npz(&[one, two]), vec![0]].concat(), None, "more bytes after the end"),
        (npz(&[one, two])[..300].to_vec(), None, "damaged or cut short"),
        (changed(SAVEZ, 200, 0xff), Some("matrixOne"), "found others"),
        (changed(SAVEZ_COMPRESSED, central_deflated + 16, 0), Some("matrixOne"), "found others"),
        (changed(SAVEZ, central_stored + 8, 1), Some("matrixOne"), "encrypted"),
        (changed(SAVEZ_COMPRESSED, central_deflated + 10, 12), Some("matrixOne"), "found the method BZIP2"),
        (changed(SAVEZ_COMPRESSED, central_deflated + 24, 0xb8), Some("matrixOne"), "for 2x3, found 56"),
        (changed(SAVEZ_COMPRESSED, central_deflated + 27, 0x7f), Some("matrixOne"), "found others"),
        (changed(SAVEZ, central_stored + 45, 0x7f), Some("matrixOne"), "expected the member"),
    ] {
        let error = parse_pair(&body).unwrap_err();
        assert!(error.reason.contains(part), "expected {part}: {error}");
        assert_eq!(error.operand, operand, "{error}");
        assert!(error.offset <= body.len(), "{error}");
    }
}

#[test]
fn inflates_no_more_than_the_limit() {
    let array = print(&one()).unwrap();
    let body = npz(&["matrixOne.npy", "matrixTwo.npy"].map(|name| Member { name, bytes: &array, deflated: true }));
    assert!(parse_pair_within(&body, 352).is_ok());
    let error = parse_pair_within(&body, 351).unwrap_err();
    assert_eq!((error.operand, error.offset > 0), (Some("matrixTwo"), true));
    assert!(error.reason.contains("at most 175 bytes to inflate (use np.savez, or send less), found 176"), "{error}");
}

fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![Just(vec![]), (1_usize..40).prop_map(|length| vec![length]), prop::collection::vec(1_usize..40, 2)]
}

fn shape_of(lengths: &[usize]) -> Shape {
    match *lengths {
        [] => Shape::Scalar,
        [length] => Shape::Vector(length),
        [rows, columns] => Shape::Matrix(rows, columns),
        _ => unreachable!(),
    }
}

proptest! {
    #[test]
    fn reads_every_shape_order_and_dtype(
        shapes in prop::array::uniform2(shapes()),
        column_orders: [bool; 2],
        descrs in prop::array::uniform2(prop::sample::select(vec!["<f8", ">f8", "<f4", ">f4"])),
        version in 1_u8..=3,
        archive in prop::option::of(prop::array::uniform2(any::<bool>())),
        seed: u64,
    ) {
        let operands = [0, 1].map(|index| {
            let shape = shape_of(&shapes[index]);
            // Whole numbers that float32 holds exactly.
            let number = |at: usize| (seed.wrapping_mul(at as u64 + 1) >> 44) as f64 - 5e5;
            operand(shape, &(0..shape.len()).map(number).collect::<Vec<f64>>())
        });
        let [one, two] = [0, 1].map(|index| {
            npy(version, descrs[index], column_orders[index], &shapes[index], operands[index].data())
        });
        let body = match archive {
            None => [one, two].concat(),
            Some([first, second]) => npz(&[
                Member { name: "arr_1.npy", bytes: &two, deflated: first },
                Member { name: "arr_0.npy", bytes: &one, deflated: second },
            ]),
        };
        let [one, two] = operands;
        prop_assert_eq!(parse_pair(&body), Ok((one, two)));
    }

    #[test]
    fn reads_bit_for_bit_what_it_prints(shape in shapes(), bits in any::<u64>()) {
        let shape = shape_of(&shape);
        let numbers = (0..shape.len() as u64).map(|at| f64::from_bits(bits.rotate_left(at as u32) ^ at));
        let printed = print(&operand(shape, &numbers.collect::<Vec<f64>>())).unwrap();
        let body = [&printed[..], &printed].concat();
        let (read, again) = parse_pair(&body).unwrap();
        prop_assert_eq!(read.shape(), shape);
        prop_assert_eq!(print(&read).unwrap(), &printed[..]);
        prop_assert_eq!(print(&again).unwrap(), printed);
    }
}
