//! All header fields of a request.

use serde::Deserialize;
use std::sync::Arc;

/// All header fields, with their names in lower case. A clone shares the fields instead of copying them.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Headers, Request, http};
///
/// #[http(methods = ["GET"])]
/// fn language(headers: Headers) -> String {
///     headers.get("accept-language").unwrap_or("en").to_owned()
/// }
///
/// let request = Request::get("/api/language").with_header("accept-language", "pt");
/// assert_eq!(call(language, request).text().unwrap(), "pt");
/// ```
///
/// As an argument it never rejects a request. It makes the runtime send all header fields; if you need only a few, a
/// [`Header`](crate::Header) for each is cheaper.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct Headers(Arc<[(String, String)]>);

impl Headers {
    /// The value of a field. The values of repeated fields are joined by commas.
    pub fn get(&self, name: &str) -> Option<&str> {
        find(&self.0, name)
    }

    /// The names and values, in the order in which the runtime sends them: sorted by name. The values of repeated
    /// fields are joined by commas.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<(String, String)>> for Headers {
    fn from(fields: Vec<(String, String)>) -> Self {
        // The default does not allocate, unlike an `Arc` of an empty vector.
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

/// The value of a field, whose name may be written in any case.
pub(crate) fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
