//! Holds this crate against serde_json, for one text and many types.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;

/// Both read the same value from a text or both refuse it, and both print the value as JavaScript does. This holds for
/// each of the types below.
pub fn check(text: &[u8]) {
    same::<serde_json::Value>(text);
    same::<Vec<f64>>(text);
    same::<Vec<Vec<f64>>>(text);
    same::<Vec<f32>>(text);
    same::<Vec<Option<u64>>>(text);
    same::<(i8, u16, i64)>(text);
    same::<Vec<i128>>(text);
    same::<u128>(text);
    same::<Vec<String>>(text);
    same::<BTreeMap<String, serde_json::Value>>(text);
    same::<BTreeMap<i32, bool>>(text);
    same::<BTreeMap<u128, char>>(text);
    same::<BTreeMap<bool, ()>>(text);
    same::<BTreeMap<Option<Name>, f64>>(text);
    same::<Vec<Shape>>(text);
    same::<Vec<Tagged>>(text);
    same::<Vec<Untagged>>(text);
    same::<BTreeMap<Unit, Unit>>(text);
    same::<Record>(text);
    same::<Vec<Flat>>(text);
    same::<Bytes>(text);
    same::<Vec<Lenient>>(text);
    same::<Box<RawValue>>(text);
    same::<BTreeMap<String, Box<RawValue>>>(text);
    let ignored = bluecrab_json::from_slice::<IgnoredAny>(text);
    assert_eq!(ignored.is_ok(), serde_json::from_slice::<IgnoredAny>(text).is_ok(), "{ignored:?}");
    assert_eq!(
        bluecrab_json::from_slice::<Borrowed<'_>>(text).ok().map(|read| format!("{read:?}")),
        serde_json::from_slice::<Borrowed<'_>>(text).ok().map(|read| format!("{read:?}"))
    );
}

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Name(String);

#[derive(Debug, Serialize, Deserialize)]
struct Nothing;

#[derive(Debug, Serialize, Deserialize)]
enum Shape {
    Nothing,
    Number(f64),
    Pair(i32, String),
    Record { a: Option<bool>, b: Vec<u8> },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Tagged {
    One { number: f64 },
    Two { text: String, list: Vec<i64> },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Integer(i64),
    Number(f64),
    Text(String),
    Numbers(Vec<f64>),
    Shape(Shape),
}

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    #[serde(rename = "a")]
    A,
    #[serde(rename = "b")]
    B,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    a: f64,
    #[serde(default)]
    b: Option<String>,
    #[serde(default)]
    c: Option<(char, Nothing)>,
    #[serde(default)]
    d: Vec<Record>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Flat {
    a: u32,
    #[serde(flatten)]
    shape: Option<Tagged>,
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

/// Goes on if one of its values cannot be read.
#[derive(Debug, Serialize, Deserialize)]
struct Lenient {
    #[serde(default, deserialize_with = "or_none")]
    number: Option<f64>,
    #[serde(default, deserialize_with = "or_none")]
    pair: Option<(u8, String)>,
    #[serde(default, deserialize_with = "or_none")]
    record: Option<Record>,
    #[serde(default, deserialize_with = "or_none")]
    unit: Option<Unit>,
    #[serde(default)]
    rest: u8,
}

fn or_none<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(deserializer).ok())
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "printed by Debug")]
struct Borrowed<'a> {
    #[serde(default)]
    a: &'a str,
    #[serde(default, borrow)]
    b: Option<&'a RawValue>,
    #[serde(default)]
    c: &'a [u8],
}

/// Bytes, as a string or as a list.
#[derive(Debug)]
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Bytes;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Bytes, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = list.next_element()? {
                    bytes.push(byte);
                }
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

fn same<T: Serialize + for<'de> Deserialize<'de> + Debug>(text: &[u8]) {
    let shown = || format!("{} from {:?}", std::any::type_name::<T>(), String::from_utf8_lossy(text));
    match (bluecrab_json::from_slice::<T>(text), serde_json::from_slice::<T>(text)) {
        (Ok(read), Ok(expected)) => {
            // Debug shows every bit of a double, and unlike `==` the sign of zero.
            assert_eq!(format!("{read:?}"), format!("{expected:?}"), "{}", shown());
            check_printed(&read);
        }
        (Err(error), Err(_)) => {
            assert!(error.offset().is_some_and(|offset| offset <= text.len()), "{error:?}: {}", shown());
        }
        (Ok(read), Err(error)) => panic!("accepted, and should not be: {read:?}, {error}: {}", shown()),
        (Err(error), Ok(expected)) => panic!("refused, and should not be: {error}, {expected:?}: {}", shown()),
    }
}

/// Prints a value and compares the text with what `JSON.stringify` prints.
pub fn check_printed<T: Serialize + Debug>(value: &T) {
    let printed = bluecrab_json::to_vec(value).map(|text| String::from_utf8(text).unwrap());
    let mut expected = Vec::new();
    let written = value.serialize(&mut serde_json::Serializer::with_formatter(&mut expected, JavaScript));
    match written {
        Ok(()) => assert_eq!(printed.unwrap(), String::from_utf8(expected).unwrap(), "{value:?}"),
        Err(error) => assert!(printed.is_err(), "{printed:?} for {value:?}: {error}"),
    }
}

/// serde_json with numbers as JavaScript prints them.
struct JavaScript;

impl serde_json::ser::Formatter for JavaScript {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(ryu_js::Buffer::new().format(value).as_bytes())
    }

    fn write_f32<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        writer.write_all(ryu_js::Buffer::new().format(value).as_bytes())
    }
}
