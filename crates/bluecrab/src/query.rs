//! The query string as an argument.

use crate::extract::FromRequestParts;
use crate::fields::RequestFields;
use crate::head::RequestHead;
use crate::problem::Problem;
use crate::values;
use serde::de::DeserializeOwned;

/// The query string: a struct or a map by name, or a list of pairs in their order.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Query, Request, http};
///
/// #[derive(serde::Deserialize)]
/// struct Filter {
///     page: u32,
///     word: Option<String>,
///     #[serde(default)]
///     ids: Vec<u32>,
/// }
///
/// #[http(methods = ["GET"])]
/// fn list(Query(filter): Query<Filter>) -> String {
///     format!("page {}, word {:?}, ids {:?}", filter.page, filter.word, filter.ids)
/// }
///
/// let response = call(list, Request::get("/api/list?page=2&ids=7&ids=9"));
/// assert_eq!(response.text().unwrap(), "page 2, word None, ids [7, 9]");
/// assert_eq!(call(list, Request::get("/api/list?page=two")).status(), 400);
/// ```
///
/// A field that is a list reads all values of a repeated name. Names that the struct does not have are ignored.
///
/// # Rejections
///
/// | request | status |
/// |---|---|
/// | a value cannot be read as its type | 400; the problem names the field, its value and the reason |
/// | a field of the struct is missing, and is neither an `Option` nor has a default | 400 |
/// | a name occurs twice, and the field is not a list | 400 |
///
/// As `Option<Query<T>>` the argument is `None` if the request has no query string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts for Query<T> {
    const FIELDS: RequestFields = RequestFields::QUERY;

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        let read = values::read_query(&head.query);
        read.map(Self).map_err(|error| Problem::bad_request(format!("cannot read the query string: {error}")))
    }

    fn is_present(head: &RequestHead) -> bool {
        !head.query.is_empty()
    }
}
