//! Route templates in the syntax of ASP.NET Core: finds the function for a path, and makes paths of templates.

mod constraint;
mod date_time;
mod parameter;
mod path;
mod table;
mod template;
mod text;

pub use parameter::{Parameter, Presence};
pub use path::escape;
pub(crate) use path::normalize;
pub(crate) use table::{RouteMatch, RouteTable};
pub use template::{Part, Template, TemplateError};
pub(crate) use text::equal;
