//! Checks the JSON reader against `serde_json`.

use crate::allocation::peak_of;
use crate::same::same;
use bluecrab_matrix::{Form, Operand, Shape, parse_pair};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Checks that [`parse_pair`] accepts exactly what `JSON.parse` and its own rules accept, and that the memory it uses
/// is bounded by the length of the body.
pub fn json(body: &[u8]) {
    let (read, peak) = peak_of(|| parse_pair(body));
    // A number takes at least two bytes of the body and eight of memory. A list that grows exists twice for a moment.
    assert!(peak <= 16 * body.len() + 4096, "{peak} bytes for a body of {}", body.len());
    match (read, expected(body)) {
        (Ok((one, two)), Some((expected_one, expected_two))) => {
            check(&one, &expected_one);
            check(&two, &expected_two);
        }
        (Err(error), None) => {
            assert!(error.offset <= body.len(), "{error}");
            assert!(!error.reason.is_empty());
        }
        (Ok(operands), None) => panic!("accepted, and should not be: {operands:?}"),
        (Err(error), Some(operands)) => panic!("refused, and should not be: {error}; {operands:?}"),
    }
}

fn check(operand: &Operand<'_>, expected: &Operand<'_>) {
    assert_eq!((operand.shape(), operand.form()), (expected.shape(), expected.form()));
    for (index, (&number, &wanted)) in operand.data().iter().zip(expected.data()).enumerate() {
        assert!(same(number, wanted), "number {index}: {number:e} instead of {wanted:e}");
    }
}

fn expected(body: &[u8]) -> Option<(Operand<'static>, Operand<'static>)> {
    let text = std::str::from_utf8(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok()?;
    let value: &RawValue = serde_json::from_str(text).ok()?;
    if let Some(values) = list(value) {
        let [one, two] = values[..] else { return None };
        return Some((operand(one)?, operand(two)?));
    }
    let members = members(value)?;
    // If a name is repeated the last value counts, but every value must be an operand.
    let read = |name: &str| -> Option<Operand<'static>> {
        let values = members.iter().filter(|(known, _)| known == name).map(|(_, value)| operand(value));
        values.collect::<Option<Vec<_>>>()?.pop()
    };
    Some((read("matrixOne")?, read("matrixTwo")?))
}

fn operand(value: &RawValue) -> Option<Operand<'static>> {
    let operand = if let Some(values) = list(value) {
        nested(&values)?
    } else if let Some(members) = members(value) {
        ndarray(&members)?
    } else {
        Operand::new(Shape::Scalar, Form::Nested, vec![number(value)?])?
    };
    (!operand.shape().is_empty()).then_some(operand)
}

fn nested(values: &[&RawValue]) -> Option<Operand<'static>> {
    let rows: Option<Vec<Vec<f64>>> = values.iter().map(|row| numbers(row)).collect();
    let Some(rows) = rows.filter(|rows| !rows.is_empty()) else {
        let data: Vec<f64> = values.iter().map(|value| number(value)).collect::<Option<_>>()?;
        return Operand::new(Shape::Vector(data.len()), Form::Nested, data);
    };
    let columns = rows[0].len();
    let is_square = rows.iter().all(|row| row.len() == columns);
    is_square.then(|| Operand::new(Shape::Matrix(rows.len(), columns), Form::Nested, rows.concat()))?
}

fn ndarray(members: &[(String, &RawValue)]) -> Option<Operand<'static>> {
    let all = |name: &'static str| members.iter().filter(move |(known, _)| known == name).map(|(_, value)| *value);
    if all("v").any(|version| number(version) != Some(1.0)) {
        return None;
    }
    let last_list = |name| all(name).map(numbers).collect::<Option<Vec<_>>>()?.pop();
    let (lengths, data) = (last_list("dim")?, last_list("data")?);
    let is_length = |length: &f64| *length >= 0.0 && length.trunc() == *length && *length < 9e15;
    if !lengths.iter().all(is_length) {
        return None;
    }
    match lengths.iter().map(|length| *length as u128).collect::<Vec<_>>()[..] {
        [length] if length == data.len() as u128 => Operand::new(Shape::Vector(data.len()), Form::NdArray, data),
        [rows, columns] if rows * columns == data.len() as u128 => {
            Operand::new(Shape::Matrix(rows as usize, columns as usize), Form::NdArray, data)
        }
        _ => None,
    }
}

fn list(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

fn numbers(value: &RawValue) -> Option<Vec<f64>> {
    list(value)?.into_iter().map(number).collect()
}

/// A number, except that `serde_json` refuses numbers that JavaScript reads as infinity.
pub fn number(value: &RawValue) -> Option<f64> {
    let text = value.get();
    if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return None;
    }
    let standard: f64 = text.parse().ok()?;
    if let Ok(number) = serde_json::from_str::<f64>(text) {
        assert!(same(number, standard), "serde_json and the standard library differ about {text}");
    }
    Some(standard)
}

fn members(value: &RawValue) -> Option<Vec<(String, &RawValue)>> {
    serde_json::from_str(value.get()).ok().map(|Members(members)| members)
}

/// The members of an object in order, repeated names included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    // A name with a lone surrogate is not valid text, so it matches no known name.
                    members.push((serde_json::from_str(name.get()).unwrap_or_default(), value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
