//! Checks single numbers: parsing against the standard library, printing against `ryu-js`.

use crate::same::same;
use bluecrab_matrix::{Form, Operand, Shape, parse_pair, print};
use serde_json::value::RawValue;

const ALPHABET: &[u8; 15] = b"0123456789.eE+-";

/// Reads the bytes as the text of a number, which must be parsed or refused. Then reads them as doubles: each must be
/// printed as JavaScript prints it, and must read back the same.
pub fn number(input: &[u8]) {
    read(input.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect());
    if let Ok(text) = std::str::from_utf8(input)
        && text.bytes().all(|byte| ALPHABET.contains(&byte))
    {
        read(text.to_owned());
    }
    print_all(input.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect());
}

fn read(text: String) {
    let raw: Option<&RawValue> = serde_json::from_str(&text).ok();
    let expected = raw.and_then(crate::json::number);
    // The number stands alone, in a list, at the end of a list, after white space, and near the end of the body.
    let scalar = parse_pair(format!("[{text},{text}]").as_bytes());
    let listed = parse_pair(format!("[[{text},{text}, {text} ,\n{text}],[{text}]]").as_bytes());
    let mut spaced = format!("[[{text},{text}]").into_bytes();
    spaced.resize(spaced.len() + 64, b' ');
    let spaced = parse_pair(&[&spaced[..], b",0]"].concat());
    for pair in [scalar, listed, spaced] {
        let Some(expected) = expected else {
            assert!(pair.is_err(), "`{text}` is not a number, but was read as one");
            continue;
        };
        let (one, two) = pair.unwrap_or_else(|error| panic!("`{text}` is a number: {error}"));
        let zero = if two.shape() == Shape::Scalar && one.shape() != Shape::Scalar { 1 } else { 0 };
        for &number in one.data().iter().chain(&two.data()[zero..]) {
            assert!(same(number, expected), "`{text}` is {expected:e}, not {number:e}");
        }
    }
}

fn print_all(numbers: Vec<f64>) {
    if numbers.is_empty() {
        return;
    }
    let mut buffer = ryu_js::Buffer::new();
    let mut javascript = |number: f64| match number {
        number if !number.is_finite() => "null".to_owned(),
        number => buffer.format(number).to_owned(),
    };
    let texts: Vec<String> = numbers.iter().map(|number| javascript(*number)).collect();
    let printed = print(&Operand::new(Shape::Vector(numbers.len()), Form::Nested, numbers.clone()).unwrap()).unwrap();
    assert_eq!(String::from_utf8(printed).unwrap(), format!("[{}]", texts.join(",")));

    let finite: Vec<f64> = numbers.into_iter().filter(|number| number.is_finite()).collect();
    if finite.is_empty() {
        return;
    }
    let printed = print(&Operand::new(Shape::Vector(finite.len()), Form::Nested, finite.clone()).unwrap()).unwrap();
    let (again, _) = parse_pair(&[b"[", &printed[..], b",1]"].concat()).unwrap();
    for (number, again) in finite.iter().zip(again.data()) {
        // JavaScript prints zero without a sign.
        assert!(number == again, "{number:e} reads back as {again:e}");
    }
}
