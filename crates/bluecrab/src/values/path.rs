//! Reads route parameters.

use super::text::{Text, ValueError, of_the_only_text};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Reads pairs of a name and a text: as a struct or map by name, as a tuple by order, or a single pair as one value.
pub fn read<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, ValueError> {
    T::deserialize(Pairs(pairs))
}

struct Pairs<'a>(&'a [(String, String)]);

impl<'a> Pairs<'a> {
    fn only(&self) -> Result<Text<'a>, ValueError> {
        match self.0 {
            [(name, text)] => Ok(Text { name, text }),
            pairs => Err(ValueError::custom(format!(
                "expected one value, found {}: read several with a tuple or a struct",
                pairs.len()
            ))),
        }
    }
}

impl<'de> Deserializer<'de> for Pairs<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let pairs = self.0.iter().map(|(name, text)| (name.as_str(), Text { name, text }));
        visitor.visit_map(MapDeserializer::new(pairs))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(SeqDeserializer::new(self.0.iter().map(|(name, text)| Text { name, text })))
    }

    /// Only the last parameters of a route can be optional, so the values that are missing are the last of the tuple.
    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, ValueError> {
        let found = self.0.len();
        let wrong = || ValueError::invalid_length(found, &format!("{length} values").as_str());
        if found > length {
            return Err(wrong());
        }
        let given = self.0.iter().map(|(name, text)| Ok(Text { name, text }));
        let values = given.chain(std::iter::repeat_with(|| Err(wrong()))).take(length).map(Value);
        visitor.visit_seq(SeqDeserializer::new(values))
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

    of_the_only_text!();

    forward_to_deserialize_any! {
        bytes byte_buf unit unit_struct map struct identifier ignored_any
    }
}

/// A value of a tuple, or the error if the request has none and the tuple needs one.
struct Value<'a>(Result<Text<'a>, ValueError>);

impl<'de> IntoDeserializer<'de, ValueError> for Value<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'a> Value<'a> {
    fn only(self) -> Result<Text<'a>, ValueError> {
        self.0
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.0?.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.0.is_err() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    of_the_only_text!();

    forward_to_deserialize_any! {
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Named {
        b: u8,
        a: String,
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
    fn reads_custom_types() {
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
        assert_eq!(read::<Named>(&pairs(&[("a", "x"), ("b", "1")])), Ok(Named { b: 1, a: "x".to_owned() }));
        assert!(read::<u64>(&pairs(&[])).is_err());
    }

    #[test]
    fn an_optional_value_may_be_missing() {
        let (none, one, two) = (pairs(&[]), pairs(&[("a", "x")]), pairs(&[("a", "x"), ("b", "7")]));
        assert_eq!(read::<Option<String>>(&none), Ok(None));
        assert_eq!(read::<Option<String>>(&one), Ok(Some("x".to_owned())));
        type Both = (String, Option<Id>);
        assert_eq!(read::<Both>(&one), Ok(("x".to_owned(), None)));
        assert_eq!(read::<Both>(&two), Ok(("x".to_owned(), Some(Id(7)))));
        assert_eq!(read::<(String, Option<u8>, Option<u8>)>(&one), Ok(("x".to_owned(), None, None)));
        assert_eq!(read::<Both>(&none).unwrap_err().to_string(), "invalid length 0, expected 2 values");
        assert_eq!(read::<(String,)>(&two).unwrap_err().to_string(), "invalid length 2, expected 1 values");
        let wrong = read::<(String, Option<u8>)>(&pairs(&[("a", "x"), ("b", "y")])).unwrap_err().to_string();
        assert_eq!(wrong, "`b` is `y`: invalid digit found in string");
    }

    #[test]
    fn one_value_of_several_is_refused_with_the_way_to_read_them() {
        let two = pairs(&[("shop", "north"), ("id", "7")]);
        let expected = "expected one value, found 2: read several with a tuple or a struct";
        assert_eq!(read::<String>(&two).unwrap_err().to_string(), expected);
        assert_eq!(read::<Id>(&two).unwrap_err().to_string(), expected);
        assert_eq!(read::<(String, u64)>(&two), Ok(("north".to_owned(), 7)));
    }
}
