//! Repairs the texts of a message that are not UTF-8.
//!
//! JavaScript texts may contain lone surrogates, for example where a text was cut in the middle of an emoji. Node.js
//! workers write their messages with protobufjs. In a short text, it encodes a lone surrogate as three bytes that UTF-8
//! does not allow. The platform's host reads them as U+FFFD.

use prost::Message;
use prost::encoding::{WireType, decode_key, decode_varint};
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};
use std::collections::HashMap;
use std::sync::LazyLock;

const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
const ROOT: &str = ".AzureFunctionsRpcMessages.StreamingMessage";
/// U+FFFD, which is as long as a lone surrogate.
const REPLACEMENT: [u8; 3] = [0xef, 0xbf, 0xbd];

/// The fields of each type of message that are texts, or that are messages themselves.
static TYPES: LazyLock<HashMap<String, HashMap<u32, Kind>>> = LazyLock::new(|| {
    let mut types = HashMap::new();
    for file in FileDescriptorSet::decode(DESCRIPTORS).unwrap_or_default().file {
        for message in &file.message_type {
            add(&mut types, &format!(".{}", file.package()), message);
        }
    }
    types
});

enum Kind {
    Text,
    Message(String),
}

fn add(types: &mut HashMap<String, HashMap<u32, Kind>>, parent: &str, message: &DescriptorProto) {
    let name = format!("{parent}.{}", message.name());
    for nested in &message.nested_type {
        add(types, &name, nested);
    }
    let fields = message.field.iter().filter_map(|field| {
        let kind = match field.r#type() {
            Type::String => Kind::Text,
            Type::Message => Kind::Message(field.type_name().to_owned()),
            _ => return None,
        };
        Some((field.number().cast_unsigned(), kind))
    });
    types.insert(name, fields.collect());
}

/// Replaces each lone surrogate in the texts of an encoded `StreamingMessage` by U+FFFD, which has the same length.
/// Fields of bytes stay as they are. Stops where the message is not valid.
pub fn repair(message: &mut [u8]) {
    repair_fields(message, ROOT);
}

fn repair_fields(message: &mut [u8], name: &str) -> Option<()> {
    let fields = TYPES.get(name)?;
    let mut at = 0;
    while at < message.len() {
        let mut rest = &message[at..];
        let (number, wire) = decode_key(&mut rest).ok()?;
        let length = match wire {
            WireType::Varint => decode_varint(&mut rest).ok().map(|_| 0)?,
            WireType::SixtyFourBit => 8,
            WireType::ThirtyTwoBit => 4,
            WireType::LengthDelimited => usize::try_from(decode_varint(&mut rest).ok()?).ok()?,
            WireType::StartGroup | WireType::EndGroup => return None,
        };
        let start = message.len() - rest.len();
        at = start.checked_add(length)?;
        let content = message.get_mut(start..at)?;
        match fields.get(&number).filter(|_| wire == WireType::LengthDelimited) {
            Some(Kind::Text) => repair_text(content),
            Some(Kind::Message(name)) => repair_fields(content, name)?,
            None => {}
        }
    }
    Some(())
}

fn repair_text(text: &mut [u8]) {
    for at in 0..text.len() {
        // No valid text has these two bytes in a row.
        if let Some([0xed, 0xa0..=0xbf, 0x80..=0xbf]) = text.get(at..at + 3) {
            text[at..at + 3].copy_from_slice(&REPLACEMENT);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Content, InvocationResponse, ParameterBinding, StreamingMessage, TypedData, typed_data::Data};
    use prost::Message;
    use prost::bytes::Bytes;

    /// A message with these bytes as a text within other messages, and with the same bytes as bytes.
    fn message(text: &[u8]) -> (StreamingMessage, Bytes) {
        let place = "x".repeat(text.len());
        let output =
            |name: &str, data| ParameterBinding { name: name.to_owned(), data: Some(TypedData { data: Some(data) }) };
        let bytes = Bytes::copy_from_slice(text);
        let output_data = vec![output("a", Data::String(place.clone())), output("b", Data::Bytes(bytes))];
        let message = StreamingMessage::new(Content::InvocationResponse(InvocationResponse {
            invocation_id: "1".to_owned(),
            output_data,
            ..InvocationResponse::default()
        }));
        let mut encoded = message.encode_to_vec();
        let at = encoded.windows(place.len()).position(|part| part == place.as_bytes()).unwrap();
        encoded[at..at + text.len()].copy_from_slice(text);
        (message, encoded.into())
    }

    #[test]
    fn lone_surrogates_in_texts_are_replaced() {
        let text = b"cut \xed\xa0\xbd, \xed\xbf\xbf and \xf0\x9f\xa6\x80";
        let (mut expected, encoded) = message(text);
        let Some(Content::InvocationResponse(response)) = &mut expected.content else { unreachable!() };
        response.output_data[0].data = Some(TypedData::string("cut \u{fffd}, \u{fffd} and 🦀"));
        assert_eq!(StreamingMessage::read(encoded).unwrap(), expected);
    }

    #[test]
    fn other_texts_that_are_not_utf8_are_refused() {
        for text in [&b"abc\xff"[..], b"\xed\xa0", b"\xc3("] {
            assert!(StreamingMessage::read(message(text).1).is_err());
        }
        let (_, encoded) = message(b"\xed\xa0\xbd");
        for length in 0..encoded.len() {
            let _ = StreamingMessage::read(encoded.slice(..length));
        }
    }
}
