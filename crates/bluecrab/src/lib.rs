//! Write CPU-bound Azure Functions in Rust and run them as WebAssembly on the Node.js runtime.
//!
//! A function is a plain synchronous Rust function. Its arguments say what it needs of the request, its return type
//! becomes the response, and `#[http]` makes it an export of the module and a line of the module's manifest:
//!
//! ```
//! use bluecrab::{Json, Path, Problem, http};
//!
//! #[derive(serde::Serialize)]
//! struct Factors {
//!     number: u64,
//!     factors: Vec<u64>,
//! }
//!
//! /// GET /api/factors/{number}
//! #[http(methods = ["GET"], route = "factors/{number}")]
//! fn factors(Path(number): Path<u64>) -> Result<Json<Factors>, Problem> {
//!     if number == 0 {
//!         return Err(Problem::bad_request("zero has no prime factors"));
//!     }
//!     let (mut rest, mut factors) = (number, Vec::new());
//!     for candidate in 2.. {
//!         if candidate * candidate > rest {
//!             break;
//!         }
//!         while rest % candidate == 0 {
//!             factors.push(candidate);
//!             rest /= candidate;
//!         }
//!     }
//!     factors.extend((rest > 1).then_some(rest));
//!     Ok(Json(Factors { number, factors }))
//! }
//!
//! // In a test it is what it looks like: a function. `testing::call` sends it a whole request.
//! assert_eq!(factors(Path(12)).unwrap().0.factors, [2, 2, 3]);
//! ```
//!
//! Build it as a `cdylib` for `wasm32-wasip1`, and register the module in an ordinary Node.js function app with one
//! line: `registerModule('factors.wasm')`. The contract between both is `docs/abi.md`.
//!
//! What the function logs with the crate `log`, what it prints, and a panic's message and place reach the function's
//! log in Azure. A panic costs the request it happened in (500), and nothing else.

mod body;
mod extract;
mod handler;
mod head;
pub mod header;
mod headers;
mod problem;
mod request;
mod response;
pub mod testing;
mod values;

#[doc(hidden)]
pub mod export;

pub use body::Bytes;
pub use extract::{FromRequest, FromRequestHead, Json, Path, Query};
pub use handler::Handler;
pub use head::{HeadFields, RequestHead};
pub use header::Header;
pub use headers::Headers;
pub use problem::Problem;
pub use request::Request;
pub use response::{IntoResponse, Response};

/// Declares an HTTP function.
///
/// | option | meaning | default |
/// |---|---|---|
/// | `methods = ["GET", …]` | the methods that it answers | GET and POST |
/// | `name = "…"` | its name in the app | the function's, with `-` for `_` |
/// | `route = "rows/{id}"` | its route behind the app's prefix | its name |
/// | `auth = "function"` | `anonymous`, `function` or `admin` | `anonymous` |
/// | `env = ["NAME", …]` | the environment variables that it reads; the module sees those of all its functions | none |
/// | `timeout = "30s"` | past it the call is ended and answered 504; `ms`, `s` or `m` | 30 s |
/// | `max_body = "10MiB"` | a longer body is answered 413; `KiB`, `MiB`, `GiB`, or a number of bytes | 100 MiB |
/// | `max_memory = "512MiB"` | the most that the module's memory may grow to; of all its functions the smallest counts | 1 GiB |
/// | `run = "inline"` | `pool`: on a worker thread; `inline`: on the event loop's own, for work of microseconds | `pool` |
/// | `inline_up_to = "64KiB"` | with `pool`: bodies up to this size are run inline all the same | none |
///
/// Every argument implements [`FromRequestHead`]; the last one may implement [`FromRequest`] instead, which takes the
/// body. What the request's head must carry follows from the arguments. The return type implements [`IntoResponse`].
pub use bluecrab_macros::http;
