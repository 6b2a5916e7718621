//! What serde's visitors use to read the elements of a list, the members of an object, and the variant of an enum.

use crate::error::{Error, Result};
use crate::key::Key;
use crate::reader::Reader;
use serde::de::{self, DeserializeSeed, Deserializer, Unexpected, Visitor};

/// The elements of a list.
pub struct ListAccess<'a, 'de> {
    reader: &'a mut Reader<'de>,
    is_first: bool,
}

impl<'a, 'de> ListAccess<'a, 'de> {
    #[inline(always)]
    pub fn new(reader: &'a mut Reader<'de>) -> Self {
        Self { reader, is_first: true }
    }

    /// Skips the comma before the next element. Returns false at the end of the list.
    #[inline(always)]
    fn next(&mut self) -> Result<bool> {
        let token = self.reader.peek_token();
        if token == Some(b']') {
            return Ok(false);
        }
        if self.is_first {
            self.is_first = false;
            return Ok(true);
        }
        if token != Some(b',') {
            return Err(self.reader.expected("`,` or `]`"));
        }
        self.reader.at += 1;
        if self.reader.peek_token() == Some(b']') {
            return Err(self.reader.error("a comma before the end of a list"));
        }
        Ok(true)
    }
}

impl<'de> de::SeqAccess<'de> for ListAccess<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.next()? { self.reader.part(seed).map(Some) } else { Ok(None) }
    }
}

/// The members of an object.
pub struct MapAccess<'a, 'de> {
    reader: &'a mut Reader<'de>,
    is_first: bool,
}

impl<'a, 'de> MapAccess<'a, 'de> {
    #[inline(always)]
    pub fn new(reader: &'a mut Reader<'de>) -> Self {
        Self { reader, is_first: true }
    }

    /// Skips the comma before the next key. Returns false at the end of the object.
    #[inline]
    fn next(&mut self) -> Result<bool> {
        let mut token = self.reader.peek_token();
        if token == Some(b'}') {
            return Ok(false);
        }
        if !self.is_first {
            if token != Some(b',') {
                return Err(self.reader.expected("`,` or `}`"));
            }
            self.reader.at += 1;
            token = self.reader.peek_token();
            if token == Some(b'}') {
                return Err(self.reader.error("a comma before the end of an object"));
            }
        }
        self.is_first = false;
        match token {
            Some(b'"') => Ok(true),
            _ => Err(self.reader.expected("a key in quotation marks")),
        }
    }
}

impl<'de> de::MapAccess<'de> for MapAccess<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if self.next()? { seed.deserialize(Key(self.reader)).map(Some) } else { Ok(None) }
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.reader.expect(b':', "`:`")?;
        self.reader.part(seed)
    }

    /// As serde does it, but always inlined, so that the value is not moved on its way.
    #[inline(always)]
    fn next_entry_seed<K: DeserializeSeed<'de>, V: DeserializeSeed<'de>>(
        &mut self,
        key: K,
        value: V,
    ) -> Result<Option<(K::Value, V::Value)>> {
        match self.next_key_seed(key)? {
            Some(key) => Ok(Some((key, self.next_value_seed(value)?))),
            None => Ok(None),
        }
    }
}

/// A variant with content: an object whose only key is the variant's name.
pub struct KeyAccess<'a, 'de>(pub &'a mut Reader<'de>);

impl<'de> de::EnumAccess<'de> for KeyAccess<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        if self.0.peek_token() != Some(b'"') {
            return Err(self.0.expected("the name of a variant in quotation marks"));
        }
        let variant = seed.deserialize(Key(self.0))?;
        self.0.expect(b':', "`:`")?;
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for KeyAccess<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        de::Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.0.deserialize_struct("", fields, visitor)
    }
}

/// A variant without content: a string.
pub struct UnitVariant<'a, 'de>(pub &'a mut Reader<'de>);

impl<'de> de::EnumAccess<'de> for UnitVariant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        Ok((seed.deserialize(&mut *self.0)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for UnitVariant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _seed: T) -> Result<T::Value> {
        Err(de::Error::invalid_type(Unexpected::UnitVariant, &"newtype variant"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, _visitor: V) -> Result<V::Value> {
        Err(de::Error::invalid_type(Unexpected::UnitVariant, &"tuple variant"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], _visitor: V) -> Result<V::Value> {
        Err(de::Error::invalid_type(Unexpected::UnitVariant, &"struct variant"))
    }
}
