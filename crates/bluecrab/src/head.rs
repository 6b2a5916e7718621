//! The head of a request: all but its body.

use crate::headers::Headers;
use serde::Deserialize;

/// Which members of the head a function needs; the others are neither sent nor parsed.
///
/// ```
/// use bluecrab::HeadFields;
///
/// const HEAD: HeadFields = HeadFields::METHOD.union(HeadFields::header("x-api-version"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadFields {
    members: u8,
    headers: [&'static str; Self::MAX_HEADERS],
    header_count: usize,
}

impl HeadFields {
    /// Nothing: the head is empty.
    pub const NONE: Self = Self::members(0);
    /// The method.
    pub const METHOD: Self = Self::members(1);
    /// The URL.
    pub const URL: Self = Self::members(2);
    /// The values of the route's parameters.
    pub const PARAMS: Self = Self::members(4);
    /// The query's pairs.
    pub const QUERY: Self = Self::members(8);
    /// All header fields.
    pub const HEADERS: Self = Self::members(16);
    /// Everything.
    pub const ALL: Self = Self::members(31);

    /// The names in the manifest, in the order of the bits.
    const NAMES: [&'static str; 5] = ["method", "url", "params", "query", "headers"];
    /// A function that needs more than these gets all header fields.
    const MAX_HEADERS: usize = 16;
    /// How many entries the manifest can have.
    pub(crate) const MAX_ENTRIES: usize = Self::NAMES.len() + Self::MAX_HEADERS;

    const fn members(members: u8) -> Self {
        Self { members, headers: [""; Self::MAX_HEADERS], header_count: 0 }
    }

    /// One header field, its name in lower case.
    ///
    /// # Panics
    /// Where no header field can have this name; in a constant that is an error of the compiler.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        assert!(is_field_name(name), "the name of a header field is lower case letters, digits, `-` and `_`");
        let mut fields = Self::NONE;
        fields.headers[0] = name;
        fields.header_count = 1;
        fields
    }

    /// What either needs.
    #[must_use]
    pub const fn union(mut self, other: Self) -> Self {
        self.members |= other.members;
        let mut index = 0;
        while index < other.header_count {
            self = self.with_header(other.headers[index]);
            index += 1;
        }
        if self.has(Self::HEADERS) {
            self = Self::members(self.members);
        }
        self
    }

    const fn with_header(mut self, name: &'static str) -> Self {
        let mut index = 0;
        while index < self.header_count {
            if equal(self.headers[index], name) {
                return self;
            }
            index += 1;
        }
        if index == Self::MAX_HEADERS {
            return Self::members(self.members | Self::HEADERS.members);
        }
        self.headers[index] = name;
        self.header_count += 1;
        self
    }

    /// Whether all the members of `other` are needed.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.members & other.members == other.members
    }

    /// The header fields that are needed by name.
    pub(crate) fn named(&self) -> &[&'static str] {
        &self.headers[..self.header_count]
    }

    /// An entry of the manifest, in two parts; nothing where the one of this index is not needed.
    pub(crate) const fn entry(&self, index: usize) -> Option<[&'static str; 2]> {
        if index < Self::NAMES.len() {
            return if self.members >> index & 1 == 1 { Some(["", Self::NAMES[index]]) } else { None };
        }
        let index = index - Self::NAMES.len();
        if index < self.header_count { Some(["header:", self.headers[index]]) } else { None }
    }
}

const fn is_field_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') {
            return false;
        }
        index += 1;
    }
    index > 0
}

const fn equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
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
    pub headers: Headers,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_names_a_header_once() {
        const ACCEPT: HeadFields = HeadFields::header("accept");
        let fields = ACCEPT.union(HeadFields::header("range")).union(ACCEPT).union(HeadFields::QUERY);
        assert_eq!(fields.named(), ["accept", "range"]);
        assert!(fields.has(HeadFields::QUERY) && !fields.has(HeadFields::HEADERS));
    }

    #[test]
    fn all_headers_hold_the_named_ones() {
        let fields = HeadFields::header("accept").union(HeadFields::HEADERS).union(HeadFields::header("range"));
        assert_eq!(fields, HeadFields::HEADERS);
    }

    #[test]
    fn many_named_headers_become_all() {
        const NAMES: [&str; 17] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"];
        let union = |names: &[&'static str]| {
            names.iter().fold(HeadFields::URL, |fields, name| fields.union(HeadFields::header(name)))
        };
        assert_eq!(union(&NAMES[..16]).named(), &NAMES[..16]);
        assert_eq!(union(&NAMES), HeadFields::URL.union(HeadFields::HEADERS));
    }
}
