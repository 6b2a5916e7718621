//! Reads the texts of a query string or a route as the types of a function's arguments.

mod path;
mod query;
mod text;

pub use path::read as read_path;
pub use query::read as read_query;
