//! Routes in ASP.NET's template syntax: which function answers a path.

mod constraint;
mod date_time;
mod parameter;
mod path;
mod table;
mod template;
mod text;

pub use path::normalize;
pub use table::{RouteMatch, RouteTable};
