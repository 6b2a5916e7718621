//! Hands the text of a value to serde_json's `RawValue`.

use crate::error::{Error, Result};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer};

/// The name by which serde_json's `RawValue` asks for the text of a value.
pub const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// The text of a value, in the form that `RawValue` expects: an object with one key.
pub struct RawAccess<'de>(pub Option<&'de str>);

impl<'de> de::MapAccess<'de> for RawAccess<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        match self.0 {
            Some(_) => seed.deserialize(RAW_VALUE.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(BorrowedStrDeserializer::new(self.0.take().unwrap_or_default()))
    }
}
