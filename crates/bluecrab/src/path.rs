//! The route parameters as an argument.

use crate::extract::FromRequestParts;
use crate::fields::RequestFields;
use crate::head::RequestHead;
use crate::problem::Problem;
use crate::values;
use serde::de::DeserializeOwned;

/// The parameters of the route: one value, a tuple in the order of the route, or a struct by their names.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Path, Request, http};
///
/// /// `GET /api/tables/crabs/rows/7`
/// #[http(methods = ["GET"], route = "tables/{table}/rows/{row}")]
/// fn row(Path((table, row)): Path<(String, u32)>) -> String {
///     format!("row {row} of {table}")
/// }
///
/// let request = |row| Request::get("/api/tables/…").with_param("table", "crabs").with_param("row", row);
/// assert_eq!(call(row, request("7")).text().unwrap(), "row 7 of crabs");
/// assert_eq!(call(row, request("seven")).status(), 400);
/// ```
///
/// An optional parameter is an `Option`, in a tuple as well. A struct names its fields as the route does, so their order
/// does not matter:
///
/// ```
/// use bluecrab::{Path, http};
///
/// #[derive(serde::Deserialize)]
/// struct Place {
///     table: String,
///     row: Option<u32>,
/// }
///
/// #[http(methods = ["GET"], route = "tables/{table}/{row?}")]
/// fn describe(Path(place): Path<Place>) -> String {
///     match place.row {
///         Some(row) => format!("row {row} of {}", place.table),
///         None => format!("all of {}", place.table),
///     }
/// }
/// ```
///
/// # Rejections
///
/// | request | status |
/// |---|---|
/// | a parameter cannot be read as its type | 400; the problem names the parameter, its value and the reason |
/// | a field of the struct has no parameter | 400 |
/// | the route has fewer or more parameters than the tuple has members | 400; mostly a compile error already |
///
/// As `Option<Path<T>>` the argument is `None` if the request has no parameters at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts for Path<T> {
    const FIELDS: RequestFields = RequestFields::PARAMS;

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        let place = if head.is_http() { "route" } else { "path" };
        let read = values::read_path(&head.params);
        read.map(Self).map_err(|error| Problem::bad_request(format!("cannot read the {place} parameters: {error}")))
    }

    fn is_present(head: &RequestHead) -> bool {
        !head.params.is_empty()
    }
}
