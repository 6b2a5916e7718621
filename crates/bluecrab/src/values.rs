//! Texts of a query or a route, read as the types that a function asks for.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

type ValueError = serde::de::value::Error;

/// Reads pairs of name and text as a struct or map by name, as a tuple by order, or, where there is one, as one value.
pub fn read<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, ValueError> {
    T::deserialize(Pairs(pairs))
}

struct Pairs<'a>(&'a [(String, String)]);

impl<'a> Pairs<'a> {
    fn only(&self) -> Result<Text<'a>, ValueError> {
        match self.0 {
            [(name, text)] => Ok(Text { name, text }),
            pairs => Err(ValueError::custom(format!("expected one value, found {}", pairs.len()))),
        }
    }
}

macro_rules! of_the_only_value {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            self.only()?.$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Pairs<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let pairs = self.0.iter().map(|(name, text)| (name.as_str(), Text { name, text }));
        visitor.visit_map(MapDeserializer::new(pairs))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(SeqDeserializer::new(self.0.iter().map(|(name, text)| Text { name, text })))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, ValueError> {
        if self.0.len() != length {
            return Err(ValueError::invalid_length(self.0.len(), &format!("{length} values").as_str()));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.only()?.deserialize_enum(name, variants, visitor)
    }

    of_the_only_value! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
    }

    forward_to_deserialize_any! {
        bytes byte_buf option unit unit_struct map struct identifier ignored_any
    }
}

/// One text, and the name under which the request has it.
#[derive(Clone, Copy)]
struct Text<'a> {
    name: &'a str,
    text: &'a str,
}

impl Text<'_> {
    fn wrong(self, reason: impl std::fmt::Display) -> ValueError {
        ValueError::custom(format!("`{}` is `{}`: {reason}", self.name, self.text))
    }
}

impl<'de> IntoDeserializer<'de, ValueError> for Text<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            let value = self.text.parse::<$type>().map_err(|error| self.wrong(error))?;
            visitor.$visit::<ValueError>(value).map_err(|error| self.wrong(error))
        }
    )*};
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_str::<ValueError>(self.text).map_err(|error| self.wrong(error))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let name: serde::de::value::StrDeserializer<'_, ValueError> = self.text.into_deserializer();
        visitor.visit_enum(name).map_err(|error| self.wrong(error))
    }

    parsed! {
        deserialize_bool visit_bool bool
        deserialize_i8 visit_i8 i8 deserialize_i16 visit_i16 i16 deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64 deserialize_i128 visit_i128 i128
        deserialize_u8 visit_u8 u8 deserialize_u16 visit_u16 u16 deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64 deserialize_u128 visit_u128 u128
        deserialize_f32 visit_f32 f32 deserialize_f64 visit_f64 f64 deserialize_char visit_char char
    }

    forward_to_deserialize_any! {
        str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Filter {
        page: u32,
        word: Option<String>,
    }

    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Id(u64);

    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Place(Id, String);

    #[derive(serde::Deserialize, PartialEq, Debug)]
    #[serde(rename_all = "lowercase")]
    enum Order {
        Up,
        Down,
    }

    #[test]
    fn reads_types_of_the_author() {
        let one = pairs(&[("id", "7")]);
        assert_eq!(read::<Id>(&one), Ok(Id(7)));
        assert_eq!(read::<Place>(&pairs(&[("id", "7"), ("at", "x")])), Ok(Place(Id(7), "x".to_owned())));
        assert_eq!(read::<Order>(&pairs(&[("order", "down")])), Ok(Order::Down));
        let error = read::<Order>(&pairs(&[("order", "left")])).unwrap_err().to_string();
        assert_eq!(error, "`order` is `left`: unknown variant `left`, expected `up` or `down`");
        assert_eq!(read::<Place>(&one).unwrap_err().to_string(), "invalid length 1, expected 2 values");
    }

    #[test]
    fn reads_structs_tuples_and_single_values() {
        let one = pairs(&[("id", "7")]);
        assert_eq!(read::<u64>(&one), Ok(7));
        assert_eq!(read::<String>(&one), Ok("7".to_owned()));
        assert_eq!(read::<(u8, String)>(&pairs(&[("a", "1"), ("b", "x")])), Ok((1, "x".to_owned())));
        assert_eq!(read::<Filter>(&pairs(&[("page", "2")])), Ok(Filter { page: 2, word: None }));
        let error = read::<Filter>(&pairs(&[("page", "two")])).unwrap_err().to_string();
        assert_eq!(error, "`page` is `two`: invalid digit found in string");
        assert!(read::<u64>(&pairs(&[])).is_err());
    }
}
