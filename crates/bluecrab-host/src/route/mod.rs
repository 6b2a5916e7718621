//! Routes in ASP.NET's template syntax: which function answers a path.

mod constraint;
mod table;
mod template;

pub use table::{Found, RouteTable};
