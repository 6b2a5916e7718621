//! The head of a request: all but its body.

use serde::Deserialize;

/// Which members of the head a function needs; the others are neither sent nor parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadFields(u8);

impl HeadFields {
    /// Nothing: the head is empty.
    pub const NONE: Self = Self(0);
    /// The method.
    pub const METHOD: Self = Self(1);
    /// The URL.
    pub const URL: Self = Self(2);
    /// The values of the route's parameters.
    pub const PARAMS: Self = Self(4);
    /// The query's pairs.
    pub const QUERY: Self = Self(8);
    /// The header fields.
    pub const HEADERS: Self = Self(16);
    /// Everything.
    pub const ALL: Self = Self(31);

    /// The names in the manifest, in the order of the bits.
    pub(crate) const NAMES: [&'static str; 5] = ["method", "url", "params", "query", "headers"];

    /// What either needs.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the member of this index is needed.
    pub(crate) const fn has(self, index: usize) -> bool {
        self.0 >> index & 1 == 1
    }
}

/// The head of a request. Members that the function did not ask for are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RequestHead {
    /// The method, in capitals.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The decoded values of the route's parameters, in the order of the route.
    #[serde(deserialize_with = "pairs_of_object")]
    pub params: Vec<(String, String)>,
    /// The query's decoded pairs, in their order.
    pub query: Vec<(String, String)>,
    /// The header fields, names in lower case.
    pub headers: Vec<(String, String)>,
}

fn pairs_of_object<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    struct Pairs;
    impl<'de> serde::de::Visitor<'de> for Pairs {
        type Value = Vec<(String, String)>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an object of texts")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }
    deserializer.deserialize_map(Pairs)
}
