//! All header fields of a request.

use crate::request::find;
use serde::Deserialize;
use std::sync::Arc;

/// All header fields, their names in lower case. A clone shares them.
///
/// As an argument it makes the runtime send all of them: [`Header`](crate::Header) takes just one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct Headers(Arc<[(String, String)]>);

impl Headers {
    /// The value of a field; several fields of the name come joined by `, `.
    pub fn get(&self, name: &str) -> Option<&str> {
        find(&self.0, name)
    }

    /// The names and values, sorted by name as the runtime sends them; several fields of a name come joined by `, `.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<(String, String)>> for Headers {
    fn from(fields: Vec<(String, String)>) -> Self {
        // Of no fields, `Arc` allocates nothing.
        if fields.is_empty() { Self::default() } else { Self(fields.into()) }
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let lower = |name: N| {
            let mut name: String = name.into();
            name.make_ascii_lowercase();
            name
        };
        fields.into_iter().map(|(name, value)| (lower(name), value.into())).collect::<Vec<_>>().into()
    }
}
