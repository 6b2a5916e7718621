//! Reads the pairs of a query string, in which names may be repeated.

use super::text::{Text, ValueError, of_the_only_text};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Reads pairs as a list of pairs in their order, or as a struct or map. In a struct or map, a list reads all values of
/// a repeated name.
pub fn read<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, ValueError> {
    T::deserialize(Query(pairs))
}

type Pair = (String, String);

struct Query<'a>(&'a [Pair]);

impl<'de> Deserializer<'de> for Query<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let mut sorted: Vec<&Pair> = self.0.iter().collect();
        // The sort is stable, so the values of a repeated name keep their order.
        sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
        let groups = sorted.chunk_by(|(one, _), (other, _)| one == other).map(Values);
        visitor.visit_map(MapDeserializer::new(groups.map(|values| (values.name(), values))))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let pairs = self.0.iter().map(|(name, text)| (name.as_str(), Text { name, text }));
        MapDeserializer::new(pairs).deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The values of one name. There is at least one value.
struct Values<'a>(&'a [&'a Pair]);

impl<'a> Values<'a> {
    fn name(&self) -> &'a str {
        self.0.first().map_or("", |(name, _)| name)
    }

    fn only(&self) -> Result<Text<'a>, ValueError> {
        match self.0 {
            [(name, text)] => Ok(Text { name, text }),
            _ => Err(self.too_many()),
        }
    }

    fn too_many(&self) -> ValueError {
        ValueError::custom(format!("`{}` is given {} times", self.name(), self.0.len()))
    }
}

impl<'de> IntoDeserializer<'de, ValueError> for Values<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Values<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.only()?.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let mut values = SeqDeserializer::new(self.0.iter().map(|(name, text)| Text { name, text }));
        let read = visitor.visit_seq(&mut values)?;
        values.end().map(|()| read).map_err(|_| self.too_many())
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    of_the_only_text!();

    forward_to_deserialize_any! {
        bytes byte_buf unit unit_struct tuple_struct map struct identifier
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Filter {
        page: u32,
        word: Option<String>,
        #[serde(default)]
        ids: Vec<u8>,
    }

    fn parse<T: DeserializeOwned>(query: &str) -> Result<T, String> {
        let pairs: Vec<Pair> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        read(&pairs).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_structs() {
        assert_eq!(parse("page=2"), Ok(Filter { page: 2, word: None, ids: vec![] }));
        let expected = Filter { page: 2, word: Some("a b".to_owned()), ids: vec![9, 7] };
        assert_eq!(parse("ids=9&other=1&page=2&other=2&ids=7&word=a+b"), Ok(expected));
    }

    #[test]
    fn names_what_is_wrong() {
        let wrong = |query| parse::<Filter>(query).unwrap_err();
        assert_eq!(wrong("word=a"), "missing field `page`");
        assert_eq!(wrong("page=two"), "`page` is `two`: invalid digit found in string");
        assert_eq!(wrong("page=1&page=2"), "`page` is given 2 times");
        assert_eq!(wrong("page=1&ids=1&ids=256"), "`ids` is `256`: number too large to fit in target type");
        #[derive(serde::Deserialize, Debug)]
        #[allow(dead_code, reason = "only its length matters")]
        struct Place {
            at: [u8; 2],
        }
        assert!(parse::<Place>("at=1&at=2").is_ok());
        assert_eq!(parse::<Place>("at=1&at=2&at=3").unwrap_err(), "`at` is given 3 times");
    }

    #[test]
    fn reads_maps_and_lists_of_pairs() {
        type Texts<T> = BTreeMap<String, T>;
        let map: Texts<Vec<u8>> = parse("b=1&a=2&b=3").unwrap();
        assert_eq!(map, Texts::from([("a".to_owned(), vec![2]), ("b".to_owned(), vec![1, 3])]));
        assert_eq!(parse::<Texts<u8>>("b=1&b=3"), Err("`b` is given 2 times".to_owned()));
        let pairs = vec![("b".to_owned(), 1), ("a".to_owned(), 2), ("b".to_owned(), 3)];
        assert_eq!(parse::<Vec<(String, u8)>>("b=1&a=2&b=3"), Ok(pairs));
    }
}
