//! Prints the keys of maps, which JSON knows as strings only.

use crate::error::{Error, Result};
use crate::writer::Writer;
use serde::Serialize;
use serde::ser::{self, Impossible};

/// Prints one key.
pub struct MapKey<'a>(pub &'a mut Writer);

#[cold]
fn not_a_string() -> Error {
    Error::new("the key of a map must be a text, a number or a boolean")
}

macro_rules! quoted {
    ($($method:ident $type:ident)*) => {$(
        fn $method(self, value: $type) -> Result<()> {
            self.0.byte(b'"');
            ser::Serializer::$method(&mut *self.0, value)?;
            self.0.byte(b'"');
            Ok(())
        }
    )*};
}

macro_rules! finite {
    ($($method:ident $type:ident)*) => {$(
        fn $method(self, value: $type) -> Result<()> {
            if !value.is_finite() {
                return Err(Error::new("a key of a map must be finite"));
            }
            self.0.byte(b'"');
            ser::Serializer::$method(&mut *self.0, value)?;
            self.0.byte(b'"');
            Ok(())
        }
    )*};
}

impl ser::Serializer for MapKey<'_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Impossible<(), Error>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    quoted! {
        serialize_bool bool
        serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64 serialize_i128 i128
        serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64 serialize_u128 u128
    }
    finite! { serialize_f32 f32 serialize_f64 f64 }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<()> {
        self.0.serialize_str(value)
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.0.serialize_char(value)
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<()> {
        self.0.serialize_str(variant)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn collect_str<T: ?Sized + std::fmt::Display>(self, value: &T) -> Result<()> {
        self.0.collect_str(value)
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<()> {
        Err(not_a_string())
    }

    fn serialize_none(self) -> Result<()> {
        Err(not_a_string())
    }

    fn serialize_unit(self) -> Result<()> {
        Err(not_a_string())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        Err(not_a_string())
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<()> {
        Err(not_a_string())
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Self::SerializeSeq> {
        Err(not_a_string())
    }

    fn serialize_tuple(self, _length: usize) -> Result<Self::SerializeTuple> {
        Err(not_a_string())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<Self::SerializeTupleStruct> {
        Err(not_a_string())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        Err(not_a_string())
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Self::SerializeMap> {
        Err(not_a_string())
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Self::SerializeStruct> {
        Err(not_a_string())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant> {
        Err(not_a_string())
    }
}
