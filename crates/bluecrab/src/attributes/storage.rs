//! The attributes of functions that Azure Storage calls.

/// Declares a function that is called for each message of a storage queue.
///
/// ```
/// use bluecrab::metadata::DequeueCount;
/// use bluecrab::testing::call;
/// use bluecrab::{Json, Problem, Request, queue};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize)]
/// struct Job {
///     number: u64,
/// }
///
/// #[derive(Serialize)]
/// struct Done {
///     square: u64,
/// }
///
/// /// Reads messages of `jobs`, and writes a message to `done`.
/// #[queue("jobs", connection = "Storage", output = queue("done", connection = "Storage"))]
/// fn square(DequeueCount(count): DequeueCount, Json(job): Json<Job>) -> Result<Json<Done>, Problem> {
///     let square = job.number.checked_mul(job.number);
///     let square = square.ok_or_else(|| Problem::new(422, format!("attempt {count}: the square is too large")))?;
///     Ok(Json(Done { square }))
/// }
///
/// let message = Request::message(r#"{"number": 12}"#).with_metadata("dequeueCount", 1);
/// assert_eq!(call(square, message).text().unwrap(), r#"{"square":144}"#);
/// ```
///
/// | option | meaning | default |
/// |---|---|---|
/// | the first | the queue's name | |
/// | `connection = "Storage"` | the app setting with the connection string; or, for an identity, what the names of its settings begin with: `Storage__queueServiceUri` | `AzureWebJobsStorage` |
///
/// A failed message comes again. After `maxDequeueCount` attempts (host.json, 5 by default) the platform moves it to
/// the queue `jobs-poison`.
///
/// It also has the [options of all triggers](macro@crate::timer#options-of-all-triggers).
pub use bluecrab_macros::queue;

/// Declares a function that is called for each new or changed blob.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Bytes, Outputs, Path, Request, blob};
///
/// #[derive(Outputs)]
/// struct Made {
///     #[blob("headers/{name}.bin")]
///     header: Bytes,
///     #[queue("indexed")]
///     names: Vec<String>,
/// }
///
/// #[blob("pictures/{name}.{extension}")]
/// fn index(Path((name, extension)): Path<(String, String)>, picture: Bytes) -> Made {
///     Made { header: picture[..4].into(), names: vec![name, extension] }
/// }
///
/// let picture = Request::message("PNG 1234").with_param("name", "cat").with_param("extension", "png");
/// let made = call(index, picture);
/// assert_eq!(made.output("header").unwrap().bytes(), b"PNG ");
/// assert_eq!(made.outputs_named("names").count(), 2);
/// ```
///
/// | option | meaning | default |
/// |---|---|---|
/// | the first | the container and the pattern of the blobs' names; [`Path<T>`](crate::Path) reads its parameters | |
/// | `connection = "Storage"` | the app setting with the connection string; or, for an identity, what the names of its settings begin with: `Storage__blobServiceUri` | `AzureWebJobsStorage` |
/// | `source = "EventGrid"` | who reports blobs: a subscription of Event Grid, or `LogsAndContainerScan` | the scan |
///
/// It also has the [options of all triggers](macro@crate::timer#options-of-all-triggers).
pub use bluecrab_macros::blob;
