//! Prints values for serde.

use crate::error::{Error, Result};
use crate::map_key::MapKey;
use crate::raw::RAW_VALUE;
use crate::writer::Writer;
use serde::Serialize;
use serde::ser;
use std::fmt::{self, Display, Write};

impl Writer {
    /// Opens an object whose only member has the name of a variant.
    fn open_variant(&mut self, variant: &str) -> Result<()> {
        self.byte(b'{');
        ser::Serializer::serialize_str(&mut *self, variant)?;
        self.byte(b':');
        Ok(())
    }

    fn open(&mut self, bracket: u8, end: &'static [u8]) -> Compound<'_> {
        self.byte(bracket);
        Compound { writer: self, is_first: true, end }
    }
}

macro_rules! integers {
    ($($method:ident $integer:ident)*) => {$(
        #[inline]
        fn $method(self, value: $integer) -> Result<()> {
            self.out.text(itoa::Buffer::new().format(value).as_bytes());
            Ok(())
        }
    )*};
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    integers! {
        serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64 serialize_i128 i128
        serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64 serialize_u128 u128
    }

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.out.text(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.out.single(value);
        Ok(())
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<()> {
        self.out.number(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<()> {
        if self.is_raw {
            self.out.text(value.as_bytes());
            return Ok(());
        }
        self.string(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.out.text(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<()> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.open_variant(variant)?;
        value.serialize(&mut *self)?;
        self.byte(b'}');
        Ok(())
    }

    #[inline]
    fn serialize_seq(self, _length: Option<usize>) -> Result<Compound<'a>> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple(self, length: usize) -> Result<Compound<'a>> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _name: &'static str, length: usize) -> Result<Compound<'a>> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Compound<'a>> {
        self.open_variant(variant)?;
        Ok(self.open(b'[', b"]}"))
    }

    #[inline]
    fn serialize_map(self, _length: Option<usize>) -> Result<Compound<'a>> {
        Ok(self.open(b'{', b"}"))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Compound<'a>> {
        if name == RAW_VALUE {
            self.is_raw = true;
            return Ok(Compound { writer: self, is_first: true, end: b"" });
        }
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Compound<'a>> {
        self.open_variant(variant)?;
        Ok(self.open(b'{', b"}}"))
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Result<()> {
        self.byte(b'"');
        let written = write!(Escaped(self), "{value}");
        self.byte(b'"');
        written.map_err(ser::Error::custom)
    }
}

/// Prints what a `Display` writes as a part of a string.
struct Escaped<'a>(&'a mut Writer);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.escaped(text);
        Ok(())
    }
}

/// A list or an object that is not complete yet.
pub struct Compound<'a> {
    writer: &'a mut Writer,
    is_first: bool,
    end: &'static [u8],
}

impl Compound<'_> {
    /// Prints the comma before an element, unless it is the first.
    #[inline(always)]
    fn separate(&mut self) {
        if !self.is_first {
            self.writer.byte(b',');
        }
        self.is_first = false;
    }

    #[inline]
    fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.separate();
        value.serialize(&mut *self.writer)
    }

    #[inline]
    fn member<T: ?Sized + Serialize>(&mut self, key: &str, value: &T) -> Result<()> {
        if !self.writer.is_raw {
            self.separate();
            ser::Serializer::serialize_str(&mut *self.writer, key)?;
            self.writer.byte(b':');
        }
        value.serialize(&mut *self.writer)
    }

    #[inline]
    fn finish(self) -> Result<()> {
        self.writer.is_raw = false;
        self.writer.out.text(self.end);
        Ok(())
    }
}

macro_rules! lists {
    ($($list:ident $method:ident)*) => {$(
        impl ser::$list for Compound<'_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
                self.element(value)
            }

            #[inline]
            fn end(self) -> Result<()> {
                self.finish()
            }
        }
    )*};
}

lists! {
    SerializeSeq serialize_element SerializeTuple serialize_element
    SerializeTupleStruct serialize_field SerializeTupleVariant serialize_field
}

macro_rules! structs {
    ($($object:ident)*) => {$(
        impl ser::$object for Compound<'_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<()> {
                self.member(key, value)
            }

            #[inline]
            fn end(self) -> Result<()> {
                self.finish()
            }
        }
    )*};
}

structs! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<()> {
        self.separate();
        key.serialize(MapKey(self.writer))
    }

    #[inline]
    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.writer.byte(b':');
        value.serialize(&mut *self.writer)
    }

    #[inline]
    fn end(self) -> Result<()> {
        self.finish()
    }
}
