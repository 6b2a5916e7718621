//! Reads the keys of objects. A key is a string, and serde may ask for a number or a boolean in it.

use crate::error::{Error, Result};
use crate::raw::RAW_VALUE;
use crate::reader::{Reader, Text};
use serde::de::{Deserializer, Error as _, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

/// A key whose quotation mark has been checked.
pub struct Key<'a, 'de>(pub &'a mut Reader<'de>);

macro_rules! numeric_keys {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.0.at += 1;
            let Some(b'-' | b'0'..=b'9') = self.0.peek() else {
                return Err(self.0.expected("a number in quotation marks"));
            };
            let value = self.0.$method(visitor)?;
            if self.0.peek() != Some(b'"') {
                return Err(self.0.expected("the quotation mark after a number"));
            }
            self.0.at += 1;
            Ok(value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Key<'_, 'de> {
    type Error = Error;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.deserialize_string(visitor)
    }

    numeric_keys! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let start = self.0.at;
        let visited = match self.0.string()? {
            Text::Borrowed("true") => visitor.visit_bool(true),
            Text::Borrowed("false") => visitor.visit_bool(false),
            Text::Borrowed(text) | Text::Copied(text) => Err(Error::invalid_type(Unexpected::Str(text), &visitor)),
        };
        self.0.placed(visited, start)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if name == RAW_VALUE {
            return self.0.deserialize_newtype_struct(name, visitor);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.deserialize_bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.deserialize_bytes(visitor)
    }

    forward_to_deserialize_any! {
        char str unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
