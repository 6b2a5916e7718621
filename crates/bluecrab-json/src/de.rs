//! Reads values for serde.

use crate::access::{KeyAccess, ListAccess, MapAccess, UnitVariant};
use crate::error::{Error, Result};
use crate::number::Number;
use crate::raw::{RAW_VALUE, RawAccess};
use crate::reader::{Reader, Text};
use serde::de::{DeserializeSeed, Deserializer, Visitor};
use std::any::type_name;

impl<'de> Reader<'de> {
    /// Adds the place to an error that a visitor returned. The value stays where it is: the processor waits when a move
    /// loads in one piece what was just stored in several.
    #[inline(always)]
    pub fn placed<T>(&self, mut result: Result<T>, offset: usize) -> Result<T> {
        if let Err(error) = &mut result {
            error.set_place(self.bytes, offset);
        }
        result
    }

    /// Skips the closing bracket of a list or an object that a visitor has read.
    #[inline(always)]
    fn closed<T>(&mut self, mut result: Result<T>, bracket: u8, name: &'static str) -> Result<T> {
        self.levels_left += 1;
        match &mut result {
            Ok(_) => {
                if let Err(error) = self.expect(bracket, name) {
                    result = Err(error);
                }
            }
            Err(error) => self.close_after(error, bracket),
        }
        result
    }

    /// Sets the place of a visitor's error, and skips the bracket if it comes next. The program may go on after the
    /// error: `T::deserialize(deserializer).unwrap_or_default()` in a function for `#[serde(deserialize_with = "…")]`.
    #[cold]
    #[inline(never)]
    fn close_after(&mut self, error: &mut Error, bracket: u8) {
        error.set_place(self.bytes, self.at);
        if self.peek_token() == Some(bracket) {
            self.at += 1;
        }
    }

    /// Reads an element of a list, or the value of a member. An error that came without a place, such as from
    /// `#[serde(try_from = "…")]`, gets the last byte of this value.
    #[inline(always)]
    pub fn part<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        let part = seed.deserialize(&mut *self);
        self.placed(part, self.at.saturating_sub(1))
    }

    #[inline]
    fn visit_number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let start = self.at;
        let visited = match self.number()? {
            Number::Unsigned(number) => visitor.visit_u64(number),
            Number::Signed(number) => visitor.visit_i64(number),
            Number::Float(number) => visitor.visit_f64(number),
        };
        self.placed(visited, start)
    }

    #[inline]
    fn visit_str<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        if keeps_strings::<V::Value>() {
            return self.visit_string(visitor);
        }
        let start = self.at;
        let visited = match self.string()? {
            Text::Borrowed(text) => visitor.visit_borrowed_str(text),
            Text::Copied(text) => visitor.visit_str(text),
        };
        self.placed(visited, start)
    }

    /// Hands over a string that the visitor keeps.
    #[inline]
    fn visit_string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let start = self.at;
        let visited = visitor.visit_string(self.owned_string()?);
        self.placed(visited, start)
    }

    #[inline]
    fn visit_list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.open()?;
        let visited = visitor.visit_seq(ListAccess::new(self));
        self.closed(visited, b']', "`]`")
    }

    #[inline]
    fn visit_map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.open()?;
        let visited = visitor.visit_map(MapAccess::new(self));
        self.closed(visited, b'}', "`}`")
    }

    #[inline(never)]
    fn visit_any_list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.visit_list(visitor)
    }

    #[inline(never)]
    fn visit_any_map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.visit_map(visitor)
    }

    /// Skips the opening bracket.
    fn open(&mut self) -> Result<()> {
        self.levels_left =
            self.levels_left.checked_sub(1).ok_or_else(|| self.error("lists and objects nested too deep"))?;
        self.at += 1;
        Ok(())
    }

    fn visit_null<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let start = self.at;
        self.word("null")?;
        let visited = visitor.visit_unit();
        self.placed(visited, start)
    }

    fn visit_bool<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let start = self.at;
        let value = self.peek() == Some(b't');
        self.word(if value { "true" } else { "false" })?;
        let visited = visitor.visit_bool(value);
        self.placed(visited, start)
    }

    /// Reads the text of a value for `RawValue`.
    fn visit_raw<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.peek_token();
        let start = self.at;
        self.skip_value()?;
        match std::str::from_utf8(&self.bytes[start..self.at]) {
            Ok(text) => visitor.visit_map(RawAccess(Some(text))),
            Err(error) => {
                let offset = start + error.valid_up_to();
                Err(Error::new("a string that is not valid UTF-8").at(self.bytes, offset))
            }
        }
    }
}

/// Whether a visitor makes a `String` of any text: the visitors of serde_json's `Value` and its keys. Without this name
/// they would copy the text themselves, which takes longer.
#[inline(always)]
fn keeps_strings<T>() -> bool {
    type_name::<T>().starts_with("serde_json::value::")
}

macro_rules! numbers {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.peek_token() {
                Some(b'-' | b'0'..=b'9') => self.visit_number(visitor),
                _ => Err(self.wrong_type(&visitor)),
            }
        }
    )*};
}

macro_rules! floats {
    ($($method:ident $read:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.peek_token() {
                Some(b'-' | b'0'..=b'9') => {
                    let start = self.at;
                    let visited = visitor.visit_f64(self.$read()?);
                    self.placed(visited, start)
                }
                _ => Err(self.wrong_type(&visitor)),
            }
        }
    )*};
}

macro_rules! long_integers {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.peek_token();
            let start = self.at;
            let parsed = self.integer()?.parse();
            let visited = match parsed {
                Ok(number) => visitor.$visit(number),
                Err(_) => Err(Error::new("an integer out of range")),
            };
            self.placed(visited, start)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    /// Inlined for strings and numbers, so that they are not moved, as for [`Reader::placed`].
    #[inline(always)]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek_token() {
            Some(b'"') => self.visit_str(visitor),
            Some(b'-' | b'0'..=b'9') => self.visit_number(visitor),
            Some(b'[') => self.visit_any_list(visitor),
            Some(b'{') => self.visit_any_map(visitor),
            Some(b'n') => self.visit_null(visitor),
            Some(b't' | b'f') => self.visit_bool(visitor),
            _ => Err(self.expected("a value")),
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }
    floats! { deserialize_f32 single deserialize_f64 float }
    long_integers! { deserialize_i128 visit_i128 deserialize_u128 visit_u128 }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek_token() {
            Some(b't' | b'f') => self.visit_bool(visitor),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek_token() {
            Some(b'"') => self.visit_str(visitor),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek_token() {
            Some(b'"') => self.visit_string(visitor),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek_token() {
            Some(b'"') => {
                let start = self.at;
                let visited = match self.byte_string()? {
                    Text::Borrowed(bytes) => visitor.visit_borrowed_bytes(bytes),
                    Text::Copied(bytes) => visitor.visit_bytes(bytes),
                };
                self.placed(visited, start)
            }
            Some(b'[') => self.visit_list(visitor),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek_token() != Some(b'n') {
            return visitor.visit_some(self);
        }
        self.word("null")?;
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek_token() {
            Some(b'n') => self.visit_null(visitor),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if name == RAW_VALUE { self.visit_raw(visitor) } else { visitor.visit_newtype_struct(self) }
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek_token() {
            Some(b'[') => self.visit_list(visitor),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek_token() {
            Some(b'{') => self.visit_map(visitor),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.peek_token() {
            Some(b'{') => self.visit_map(visitor),
            Some(b'[') => self.visit_list(visitor),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let start = self.at;
        match self.peek_token() {
            Some(b'"') => {
                let visited = visitor.visit_enum(UnitVariant(self));
                self.placed(visited, start)
            }
            Some(b'{') => {
                self.open()?;
                let visited = visitor.visit_enum(KeyAccess(self));
                self.closed(visited, b'}', "`}`")
            }
            _ => Err(self.expected("a variant, as a string or as an object with one key")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip_value()?;
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// The values are the same under any name, but reading them takes longer if the name is not known.
    #[test]
    fn the_value_of_serde_json_keeps_strings() {
        assert!(keeps_strings::<Value>());
        assert!(!keeps_strings::<&str>());
        assert!(!keeps_strings::<String>());
    }
}
