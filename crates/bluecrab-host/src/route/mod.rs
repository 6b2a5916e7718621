//! Route templates in the syntax of ASP.NET Core: finds the function for a path.

mod constraint;
mod date_time;
mod parameter;
mod path;
mod table;
mod template;
mod text;

pub use path::normalize;
pub use table::{RouteMatch, RouteTable};
pub use text::equal;
