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
//! # A module
//!
//! A module is a library of functions, built for `wasm32-wasip1`:
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib", "rlib"] # the module, and for tests an ordinary library
//! ```
//!
//! ```sh
//! cargo build --release --target wasm32-wasip1
//! ```
//!
//! An ordinary Node.js function app registers it with one line: `registerModule('factors.wasm')`. The contract between
//! both is `docs/abi.md`.
//!
//! # Arguments
//!
//! | type | takes | the request is answered 400 where |
//! |---|---|---|
//! | [`Path<T>`](Path) | the route's parameters: one, a tuple by order, a struct by names | they are no `T` |
//! | [`Query<T>`](Query) | the query, as a struct, a map or a list of pairs | it is no `T` |
//! | [`Header<N, T>`](Header) | one header field, read as a `T` or a text | it is missing or no `T` |
//! | [`Headers`] | all header fields | |
//! | [`Json<T>`](Json) | the body, read as JSON | it is not the JSON of a `T`; 415 where no `Content-Type` says JSON |
//! | `String` | the body | it is not UTF-8 |
//! | [`Bytes`] | the body, without a copy | |
//! | [`Request`] | everything | |
//! | `Option` of one of them | | it is there, but wrong; `None` where it is not there |
//! | `Result<_, Problem>` of one of them | | never: the function decides |
//!
//! What takes the body stands last. Extractors of your own implement [`FromRequestHead`] or [`FromRequest`].
//!
//! # Responses and errors
//!
//! Whatever implements [`IntoResponse`]: texts, bytes, [`Json<T>`](Json), [`Response`], a status with one of them, and
//! `Option` and `Result` of them. [`Problem`] is the error for clients; `?` turns every other error, `anyhow::Error` and
//! `Box<dyn Error>` too, into a 500 whose reason is in the log only. A panic costs the request in which it happened
//! (500), and nothing else: its message and place are in the log, and the next request gets a new instance of the module.
//!
//! # What surrounds a function
//!
//! - The crate `log` and what a function prints reach the function's log in Azure, from the level information on. Another
//!   level is set by the app setting `BLUECRAB_LOG_LEVEL` or by `logging.logLevel` of host.json; `log::max_level` is that
//!   level, so entries below it cost nothing.
//! - `std::env::var` reads the variables that `#[http(env = […])]` names, `std::time` and `HashMap` work, and so does
//!   `std::thread::sleep`, except with `run = "inline"`; there are no files, sockets or threads.
//! - [`stage`] measures a part of a function, where the app sets `BLUECRAB_SERVER_TIMING=1`: the answer's header
//!   `Server-Timing` says how long each took.
//! - A `static` lives as long as an instance of the module. Instances come and go, and there may be several: use it to
//!   keep what is costly to compute (`LazyLock`), never to count.
//!
//! # Tests
//!
//! A function marked with `#[http]` stays a plain function: call it. [`testing::call`] sends it a whole request.

mod body;
mod extract;
mod handler;
mod head;
pub mod header;
mod headers;
mod problem;
mod request;
mod response;
mod stage;
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
pub use stage::stage;

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
/// | `max_memory = "512MiB"` | the most that the module's memory may grow to; the smallest of all functions counts | 1 GiB |
/// | `run = "inline"` | `pool`: on a worker thread; `inline`: on the event loop's, for microseconds of work | `pool` |
/// | `inline_up_to = "64KiB"` | with `pool`: bodies up to this size are run inline all the same | none |
///
/// Every argument implements [`FromRequestHead`]; the last one may implement [`FromRequest`] instead, which takes the
/// body. What the request's head must carry follows from the arguments. The return type implements [`IntoResponse`].
pub use bluecrab_macros::http;

/// Compiles the examples of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/writing-functions.md")]
struct Guide;
