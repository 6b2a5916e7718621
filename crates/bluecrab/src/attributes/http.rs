//! The attribute of HTTP functions.

/// Declares an HTTP function.
///
/// ```
/// use bluecrab::{Path, http};
///
/// /// `GET /api/squares/12` answers `144`.
/// #[http(methods = ["GET"], route = "squares/{number}", timeout = "5s")]
/// fn square(Path(number): Path<u32>) -> String {
///     u64::from(number).pow(2).to_string()
/// }
/// # assert_eq!(square(Path(12)), "144");
/// ```
///
/// | option | meaning | default |
/// |---|---|---|
/// | `methods = ["GET", …]` | the HTTP methods that the function answers | `GET` and `POST` |
/// | `name = "…"` | the function's name in the app | the Rust name, with `-` for `_` |
/// | `route = "rows/{id}"` | the route template, which follows the app's route prefix | the name |
/// | `auth = "function"` | the authorization level: `anonymous`, `function` or `admin` | `anonymous` |
/// | `env = ["NAME", …]` | the environment variables that the function may read; all functions of a module share theirs | no variables |
/// | `timeout = "30s"` | the deadline: a longer call is ended and answered with 504; units `ms`, `s`, `m` | 30 s |
/// | `max_body = "10MiB"` | a longer body is answered with 413; units `KiB`, `MiB`, `GiB`, or a number of bytes | 100 MiB |
/// | `max_memory = "512MiB"` | how far the module's memory may grow; the smallest limit of all its functions counts | 1 GiB |
/// | `run = "pool"` | `pool` runs all calls on worker threads; `auto` runs short calls on the event loop, if the module has a metered copy; `fresh` runs each call on a worker thread in a new instance of the module | `auto` |
/// | `warm_up = example` | a function `fn() -> Request` that makes an example; the worker threads call the function with it before the first request | no example |
///
/// Every argument implements [`FromRequestParts`](crate::FromRequestParts). The last argument may implement
/// [`FromRequest`](crate::FromRequest) instead, which reads the body. The return type implements
/// [`IntoResponse`](crate::IntoResponse).
pub use bluecrab_macros::http;
