//! The head of a request: everything except the body.

use crate::headers::Headers;
use serde::Deserialize;

/// Which parts of a request's head an extractor reads. The runtime sends a function only these.
///
/// An extractor that reads the method and one header field:
///
/// ```
/// use bluecrab::RequestFields;
///
/// const FIELDS: RequestFields = RequestFields::METHOD.union(RequestFields::header("x-api-version"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestFields {
    members: u8,
    headers: [&'static str; Self::MAX_HEADERS],
    header_count: usize,
}

impl RequestFields {
    /// No parts: the head is empty.
    pub const NONE: Self = Self::members(0);
    /// The method.
    pub const METHOD: Self = Self::members(1);
    /// The URL.
    pub const URL: Self = Self::members(2);
    /// The route parameters.
    pub const PARAMS: Self = Self::members(4);
    /// The pairs of the query string.
    pub const QUERY: Self = Self::members(8);
    /// All header fields.
    pub const HEADERS: Self = Self::members(16);
    /// The whole head.
    pub const ALL: Self = Self::members(31);

    /// The names of the members in the manifest, in the order of their bits.
    const NAMES: [&'static str; 5] = ["method", "url", "params", "query", "headers"];
    /// A function that reads more header fields than this is sent all of them.
    const MAX_HEADERS: usize = 16;
    /// How many entries `head` can have in a line of the manifest.
    pub(crate) const MAX_ENTRIES: usize = Self::NAMES.len() + Self::MAX_HEADERS;

    const fn members(members: u8) -> Self {
        Self { members, headers: [""; Self::MAX_HEADERS], header_count: 0 }
    }

    /// One header field. The name must be in lower case.
    ///
    /// # Panics
    /// Panics if no header field can have this name. In a constant, this is a compile error.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        assert!(
            is_field_name(name),
            "the name of a header field must consist of lower case letters, digits, `-` and `_`"
        );
        let mut fields = Self::NONE;
        fields.headers[0] = name;
        fields.header_count = 1;
        fields
    }

    /// The parts of both.
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

    /// Whether these include all members of `other`. Does not compare header fields by name.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.members & other.members == other.members
    }

    /// The names of single header fields.
    pub(crate) fn named(&self) -> &[&'static str] {
        &self.headers[..self.header_count]
    }

    /// The entry of the manifest with this index, as a prefix and a name. `None` if the function does not read it.
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

/// The head of a request. Parts that the function did not ask for are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RequestHead {
    /// The method, in capitals.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The names and decoded values of the route parameters, in the order of the route.
    #[serde(deserialize_with = "pairs_of_object")]
    pub params: Vec<(String, String)>,
    /// The decoded pairs of the query string, in their order.
    pub query: Vec<(String, String)>,
    /// The header fields, with their names in lower case.
    pub headers: Headers,
}

/// Reads a JSON object as pairs, because a map would lose the order of the route parameters.
fn pairs_of_object<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    struct Pairs;
    impl<'de> serde::de::Visitor<'de> for Pairs {
        type Value = Vec<(String, String)>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an object with texts as values")
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
        const ACCEPT: RequestFields = RequestFields::header("accept");
        let fields = ACCEPT.union(RequestFields::header("range")).union(ACCEPT).union(RequestFields::QUERY);
        assert_eq!(fields.named(), ["accept", "range"]);
        assert!(fields.has(RequestFields::QUERY) && !fields.has(RequestFields::HEADERS));
    }

    #[test]
    fn all_headers_include_named_headers() {
        let fields =
            RequestFields::header("accept").union(RequestFields::HEADERS).union(RequestFields::header("range"));
        assert_eq!(fields, RequestFields::HEADERS);
    }

    #[test]
    fn many_named_headers_become_all_headers() {
        const NAMES: [&str; 17] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"];
        let union = |names: &[&'static str]| {
            names.iter().fold(RequestFields::URL, |fields, name| fields.union(RequestFields::header(name)))
        };
        assert_eq!(union(&NAMES[..16]).named(), &NAMES[..16]);
        assert_eq!(union(&NAMES), RequestFields::URL.union(RequestFields::HEADERS));
    }
}
