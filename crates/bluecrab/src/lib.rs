//! Write CPU-bound Azure Functions in Rust and run them as WebAssembly on the Node.js runtime.
//!
//! A function is an ordinary Rust function with an attribute that names its trigger, such as [`#[http]`](http). Its
//! arguments read the request, and its return value becomes the response:
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
//! // A test calls it like any other function, or sends it a whole request with `testing::call`.
//! assert_eq!(factors(Path(12)).unwrap().0.factors, [2, 2, 3]);
//! ```
//!
//! # A module
//!
//! A module is a library of functions that is built for `wasm32-wasip1`:
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib", "rlib"] # the WebAssembly module, and an ordinary library for tests
//! ```
//!
//! ```sh
//! cargo build --release --target wasm32-wasip1
//! ```
//!
//! A Node.js function app registers all functions of a module with one line: `registerModule('factors.wasm')`. The file
//! `docs/abi.md` of the repository describes how the two sides talk to each other.
//!
//! # Arguments
//!
//! Each argument is an *extractor*: a type that reads a part of the request. A request that does not fit is rejected
//! with a [`Problem`] before the function runs.
//!
//! | argument | reads | rejects with 400 if |
//! |---|---|---|
//! | [`Path<T>`](Path) | the parameters of the route: one value, a tuple in their order, or a struct by their names | a parameter cannot be read as its type |
//! | [`Query<T>`](Query) | the query string: a struct, a map, or a list of pairs | a value is missing or cannot be read as its type |
//! | [`Header<N, T>`](Header) | one header field, as text or as a `T` | the field is missing or cannot be read as a `T` |
//! | [`Headers`] | all header fields | never |
//! | [`Json<T>`](Json) | the body as JSON | the body is not JSON that fits `T`; 415 if `Content-Type` does not say JSON |
//! | [`Multipart`] | the body as a form with files | it is not such a form; 415 if `Content-Type` does not say `multipart/form-data` |
//! | `String` | the body as text | the body is not UTF-8 |
//! | [`Bytes`] | the body, without a copy | never |
//! | [`Request`] | the whole request | never |
//! | `Option<E>` of an extractor `E` | `None` if the request does not have what `E` reads | `E` rejects what is there |
//! | `Result<E, Problem>` of an extractor `E` | what `E` reads, or its rejection | never |
//!
//! An extractor of the body must be the last argument. To write your own extractor, implement [`FromRequestParts`], or
//! [`FromRequest`] if it reads the body. The runtime sends a function only the parts of a request that its arguments
//! read.
//!
//! # Responses and errors
//!
//! A function returns any type that implements [`IntoResponse`]: text, bytes, [`Json<T>`](Json), a [`Response`], a
//! tuple of a status and one of these, or an `Option` or a `Result` of them.
//!
//! Return a [`Problem`] to tell the client what is wrong. The operator `?` turns every other error, including
//! `anyhow::Error` and `Box<dyn Error>`, into a response with status 500 and writes the reason to the log only. A panic
//! ends only the call in which it happens: the client receives status 500, the log names the message and the place, and
//! the next call gets a new instance of the module.
//!
//! # Other triggers, inputs and outputs
//!
//! Queues, timers, blobs and events call functions as HTTP does, and every function can read input bindings and write
//! output bindings. This one is called for each message of a queue, reads the blob that the message names, and writes
//! another blob:
//!
//! ```
//! use bluecrab::{Bytes, Inputs, Outputs, Problem, queue};
//!
//! #[derive(Inputs)]
//! struct Found {
//!     #[blob("pictures/{queueTrigger}", connection = "Pictures")]
//!     picture: Bytes,
//! }
//!
//! #[derive(Outputs)]
//! struct Made {
//!     #[blob("inverted/{queueTrigger}", connection = "Pictures")]
//!     inverted: Vec<u8>,
//! }
//!
//! #[queue("jobs", connection = "Pictures")]
//! fn invert(found: Found, name: String) -> Result<Made, Problem> {
//!     log::info!("inverts {name}");
//!     Ok(Made { inverted: found.picture.iter().map(|byte| !byte).collect() })
//! }
//! ```
//!
//! | attribute | what calls the function | what the last argument reads |
//! |---|---|---|
//! | [`#[http]`](http) | a request | its body |
//! | [`#[timer]`](timer) | the time | [`Timer`] |
//! | [`#[queue]`](queue) | a message of a storage queue | the message |
//! | [`#[blob]`](blob) | a new or changed blob | the blob; [`Path<T>`](Path) reads the parameters of its path |
//! | [`#[service_bus]`](service_bus) | a message of a queue or a topic, or a [`Batch`] | the message |
//! | [`#[event_hub]`](event_hub) | an event, or a [`Batch`] | the event |
//! | [`#[event_grid]`](event_grid) | an event | the event as JSON |
//! | [`#[cosmos_db]`](cosmos_db) | changed documents | a list of documents as JSON |
//! | [`#[mcp_tool]`](mcp_tool) | an agent | the tool's arguments as JSON |
//! | [`#[trigger]`](trigger) | any other trigger | what it brings |
//! | [`#[callable]`](callable) | JavaScript of the same app | what the caller passes |
//!
//! - Messages and events are read as [`Json<T>`](Json), `String` or [`Bytes`], without a `Content-Type` and exactly as
//!   they were sent. [`metadata`] has extractors for what the trigger tells about them.
//! - A [`Problem`], any other error with a status from 400 on, or a panic is a failed invocation: the platform tries it
//!   again or moves the message to its poison queue. The host's log has the sentence.
//! - [`Inputs`](derive@Inputs) is the derive macro for arguments that read input bindings, [`Outputs`](derive@Outputs)
//!   for return values that write output bindings. `output = queue("done")` sends the return value itself to one
//!   output.
//!
//! # Logs, time and state
//!
//! - The crate `log`, `println!` and `eprintln!` write to the function's log in Azure. The lowest level that is logged
//!   is *information*. The app setting `BLUECRAB_LOG_LEVEL` or `logging.logLevel` in host.json changes it. Entries
//!   below that level cost nothing, because `log::max_level` follows it.
//! - `std::env::var` reads the variables that `#[http(env = […])]` names. `std::time` and `HashMap` work, and so does
//!   `std::thread::sleep`. There are no files, sockets or threads.
//! - [`stage`] measures a part of a function. With the app setting `BLUECRAB_SERVER_TIMING=1` the response has a
//!   `Server-Timing` header that lists how long each part took.
//! - A `static` lives as long as an instance of the module. The runtime makes several instances and replaces them at
//!   any time. Use a `static` (such as `LazyLock`) to keep a costly value, never to count.
//!
//! # Memory
//!
//! In a module, this crate is the global allocator. It keeps up to 1 MiB of freed blocks of at most 508 bytes, and hands
//! them out again. To set another `#[global_allocator]`, turn it off: `bluecrab = { version = "…", default-features =
//! false }`.
//!
//! # Tests
//!
//! A function with such an attribute is still an ordinary function, so a test can call it directly. [`testing::call`]
//! sends it a whole request or message instead.

#[cfg(any(test, all(feature = "allocator", target_arch = "wasm32")))]
mod allocator;
mod attributes;
mod batch;
mod body;
mod extract;
mod fields;
mod handler;
mod head;
pub mod header;
mod headers;
mod input;
mod into_output;
mod invocation;
mod json;
mod json_pointer;
mod json_text;
pub mod metadata;
mod multipart;
mod output;
mod path;
mod problem;
mod query;
mod request;
mod response;
#[cfg(feature = "schemas")]
mod schemas;
mod stage;
pub mod testing;
mod timer;
mod tool;
mod values;

#[doc(hidden)]
pub mod export;

pub use attributes::*;
pub use batch::Batch;
pub use body::Bytes;
pub use extract::{FromRequest, FromRequestParts};
pub use fields::RequestFields;
pub use handler::Handler;
pub use head::RequestHead;
pub use header::Header;
pub use headers::Headers;
pub use input::FromInput;
pub use into_output::IntoOutput;
pub use json::Json;
pub use metadata::Metadata;
pub use multipart::{Multipart, Part};
pub use output::{Output, OutputKind, Written};
pub use path::Path;
pub use problem::Problem;
pub use query::Query;
pub use request::Request;
pub use response::{IntoResponse, Response};
pub use stage::stage;
pub use timer::{Schedule, ScheduleStatus, Timer};
pub use tool::{ToolArgument, ToolArguments};

// Compiles and runs the examples of README and of the guides as tests.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct CrateReadme;

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/writing-functions.md")]
struct Guide;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/getting-started-nodejs.md")]
struct GettingStarted;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/triggers.md")]
#[doc = include_str!("../../../docs/triggers/timer.md")]
#[doc = include_str!("../../../docs/triggers/queue.md")]
#[doc = include_str!("../../../docs/triggers/blob.md")]
#[doc = include_str!("../../../docs/triggers/service-bus.md")]
#[doc = include_str!("../../../docs/triggers/event-hubs.md")]
#[doc = include_str!("../../../docs/triggers/event-grid.md")]
#[doc = include_str!("../../../docs/triggers/cosmos-db.md")]
#[doc = include_str!("../../../docs/triggers/mcp-tool.md")]
#[doc = include_str!("../../../docs/triggers/others.md")]
struct Triggers;
