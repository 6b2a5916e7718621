//! The attributes of functions, and the derive macros for inputs and outputs.

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
/// | `env = ["NAME", …]` | the environment variables that the function may read; all functions of a module share theirs
/// | no variables |
/// | `timeout = "30s"` | the deadline: a longer call is ended and answered with 504; units `ms`, `s`, `m` | 30 s |
/// | `max_body = "10MiB"` | a longer body is answered with 413; units `KiB`, `MiB`, `GiB`, or a number of bytes | 100
/// MiB |
/// | `max_memory = "512MiB"` | how far the module's memory may grow; the smallest limit of all its functions counts | 1
/// GiB |
/// | `run = "pool"` | `pool` runs all calls on worker threads; `auto` runs short calls on the event loop, if the module
/// has a metered copy; `fresh` runs each call on a worker thread in a new instance of the module | `auto` |
/// | `warm_up = example` | a function `fn() -> Request` that makes an example; the worker threads call the function
/// with it before the first request | no example |
///
/// Every argument implements [`FromRequestParts`](crate::FromRequestParts). The last argument may implement
/// [`FromRequest`](crate::FromRequest) instead, which reads the body. The return type implements
/// [`IntoResponse`](crate::IntoResponse).
pub use bluecrab_macros::http;

/// Declares a function that runs at certain times.
///
/// ```
/// use bluecrab::{Timer, timer};
///
/// /// Runs every five minutes.
/// #[timer("0 */5 * * * *", run_on_startup = true)]
/// fn report(timer: Timer) {
///     log::info!("the report of this run, which is {}", if timer.is_past_due { "late" } else { "in time" });
/// }
/// ```
///
/// | option | meaning | default |
/// |---|---|---|
/// | the first | the schedule: five or six fields (an optional second, minute, hour, day, month, weekday), a time span
/// such as `"00:05:00"`, or a setting such as `"%SCHEDULE%"` | |
/// | `run_on_startup = true` | also runs when the app starts | `false` |
/// | `use_monitor = false` | the host does not keep the times of its runs, so a missed run is not made up for | `true`
/// |
///
/// # Options of all triggers
///
/// Every attribute but [`#[http]`](http) has these options in addition to its own:
///
/// | option | meaning |
/// |---|---|
/// | `name`, `env`, `timeout`, `max_body`, `max_memory`, `run`, `warm_up` | as for [`#[http]`](http); an example for
/// `warm_up` is a [`Request::message`](crate::Request::message) |
/// | `output = queue("done")` | the return value goes to this output: any of [`Outputs`](derive@Outputs). A function
/// that returns `()` or `None` writes nothing |
/// | `retry = fixed_delay(5, "1s")` | a failed invocation is tried again five times, one second after each failure; -1
/// has no end. Only timers, Event Hubs, Cosmos DB and `#[trigger]` have retry policies |
/// | `retry = exponential_backoff(5, "1s", "1m")` | the same, after a time that grows from one second to one minute |
pub use bluecrab_macros::timer;

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
/// | `connection = "Storage"` | the app setting with the connection string, or the start of the names of its parts |
/// `AzureWebJobsStorage` |
///
/// A failed message comes again. After `maxDequeueCount` attempts (host.json, 5 by default) the platform moves it to
/// the queue `jobs-poison`.
///
/// It also has the [options of all triggers](macro@timer#options-of-all-triggers).
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
/// | `connection = "Storage"` | the app setting with the connection string, or the start of the names of its parts |
/// `AzureWebJobsStorage` |
/// | `source = "EventGrid"` | who reports blobs: a subscription of Event Grid, or `LogsAndContainerScan` | the scan |
///
/// It also has the [options of all triggers](macro@timer#options-of-all-triggers).
pub use bluecrab_macros::blob;

/// Declares a function that is called for each message of a Service Bus queue or topic.
///
/// ```
/// use bluecrab::metadata::{DeliveryCount, MessageId};
/// use bluecrab::testing::call;
/// use bluecrab::{Batch, Json, Request, service_bus};
///
/// #[service_bus(queue = "orders", connection = "Bus")]
/// fn order(MessageId(id): MessageId, DeliveryCount(count): DeliveryCount, order: String) {
///     log::info!("{id}, delivered {count} times: {order}");
/// }
///
/// /// Several messages in one call.
/// #[service_bus(topic = "prices", subscription = "totals", connection = "Bus")]
/// fn total(Batch(prices): Batch<Json<f64>>) {
///     log::info!("{}", prices.iter().map(|Json(price)| price).sum::<f64>());
/// }
///
/// let message = Request::message("a crab").with_metadata("messageId", "7").with_metadata("deliveryCount", 1);
/// assert_eq!(call(order, message).status(), 204);
/// assert_eq!(call(total, Request::batch(["1.5", "two"])).status(), 400);
/// ```
///
/// | option | meaning | default |
/// |---|---|---|
/// | `queue = "…"` | the queue | |
/// | `topic = "…", subscription = "…"` | instead, a topic and the subscription | |
/// | `connection = "Bus"` | the app setting with the connection string, or the start of the names of its parts |
/// `AzureWebJobsServiceBus` |
/// | `sessions = true` | the queue or subscription has sessions | `false` |
///
/// It also has the [options of all triggers](macro@timer#options-of-all-triggers).
pub use bluecrab_macros::service_bus;

/// Declares a function that is called for each event of Event Hubs, or for each [`Batch`](crate::Batch) of them.
///
/// ```
/// use bluecrab::metadata::{PartitionId, SequenceNumber};
/// use bluecrab::testing::call;
/// use bluecrab::{Json, Request, event_hub};
///
/// #[event_hub("readings", connection = "Hub", consumer_group = "alarms", retry = fixed_delay(3, "5s"))]
/// fn watch(PartitionId(partition): PartitionId, number: SequenceNumber, Json(reading): Json<f64>) {
///     if reading > 90.0 {
///         log::warn!("event {} of partition {partition}: {reading} degrees", number.0);
///     }
/// }
///
/// let event = Request::message("95.5")
///     .with_metadata("sequenceNumber", 7)
///     .with_metadata("partitionContext", serde_json::json!({ "partitionId": "0" }));
/// assert_eq!(call(watch, event).status(), 204);
/// ```
///
/// | option | meaning | default |
/// |---|---|---|
/// | the first | the event hub | |
/// | `connection = "Hub"` | the app setting with the connection string, or the start of the names of its parts | |
/// | `consumer_group = "…"` | the consumer group | `$Default` |
///
/// It also has the [options of all triggers](macro@timer#options-of-all-triggers).
pub use bluecrab_macros::event_hub;

/// Declares a function that is called for each event of Event Grid.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Json, Request, event_grid};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Event {
///     subject: String,
///     data: Created,
/// }
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Created {
///     content_length: u64,
/// }
///
/// #[event_grid]
/// fn created(Json(event): Json<Event>) {
///     log::info!("{} has {} bytes", event.subject, event.data.content_length);
/// }
///
/// let event = Request::message(r#"{"subject": "/blobs/a.png", "data": {"contentLength": 512}}"#);
/// assert_eq!(call(created, event).status(), 204);
/// ```
///
/// It has the [options of all triggers](macro@timer#options-of-all-triggers).
pub use bluecrab_macros::event_grid;

/// Declares a function that is called for changed documents of Cosmos DB.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Json, Outputs, Request, cosmos_db};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Order {
///     id: String,
///     prices: Vec<f64>,
/// }
///
/// #[derive(Outputs)]
/// struct Large {
///     #[cosmos_db(database = "shop", container = "large-orders", connection = "Cosmos")]
///     orders: Vec<Json<Order>>,
/// }
///
/// #[cosmos_db(database = "shop", container = "orders", connection = "Cosmos", create_lease_container = true)]
/// fn copy_large_orders(Json(orders): Json<Vec<Order>>) -> Large {
///     let is_large = |order: &Order| order.prices.iter().sum::<f64>() > 100.0;
///     Large { orders: orders.into_iter().filter(is_large).map(Json).collect() }
/// }
///
/// let changed = Request::message(r#"[{"id": "1", "prices": [99.5]}, {"id": "2", "prices": [99.5, 0.75]}]"#);
/// let large: Order = call(copy_large_orders, changed).output("orders").unwrap().read_json().unwrap();
/// assert_eq!(large.id, "2");
/// ```
///
/// | option | meaning | default |
/// |---|---|---|
/// | `database = "…"`, `container = "…"` | whose documents | |
/// | `connection = "Cosmos"` | the app setting with the connection string, or the start of the names of its parts | |
/// | `lease_connection`, `lease_database`, `lease_container`, `lease_prefix` | where the platform keeps how far it has
/// read | a container `leases` of the same database |
/// | `create_lease_container = true` | creates that container if it does not exist | `false` |
/// | `feed_poll_delay = 5000` | the time between two looks for changes, in milliseconds | 5000 |
/// | `max_items = 100` | how many documents a call has at most | |
/// | `start_from_beginning = true`, `start_from_time = "…"` | where it starts to read without leases | now |
/// | `preferred_locations = "…"` | regions, with commas between | |
///
/// It also has the [options of all triggers](macro@timer#options-of-all-triggers).
pub use bluecrab_macros::cosmos_db;

/// Declares a tool for agents, which call it by the Model Context Protocol.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Json, Problem, Request, ToolArguments, mcp_tool};
/// use serde::Deserialize;
///
/// #[derive(Deserialize, ToolArguments)]
/// struct Division {
///     /// The number to divide.
///     dividend: f64,
///     /// The number to divide by.
///     divisor: f64,
///     /// How many decimal places the quotient has. Six if it is left out.
///     places: Option<usize>,
/// }
///
/// /// Divides two numbers.
/// #[mcp_tool]
/// fn divide(Json(division): Json<Division>) -> Result<String, Problem> {
///     if division.divisor == 0.0 {
///         return Err(Problem::bad_request("a number cannot be divided by zero"));
///     }
///     Ok(format!("{:.*}", division.places.unwrap_or(6), division.dividend / division.divisor))
/// }
///
/// let arguments = Request::message(r#"{"dividend": 1, "divisor": 3, "places": 2}"#);
/// assert_eq!(call(divide, arguments).text().unwrap(), "0.33");
/// ```
///
/// The agent reads the description of the tool and of each argument, so write them for it. The descriptions are the
/// documentation comments, and the types come from [`ToolArguments`](derive@ToolArguments).
///
/// | option | meaning | default |
/// |---|---|---|
/// | `description = "…"` | what the tool does | the function's documentation comment |
/// | `tool = "…"` | the tool's name | the function's name |
///
/// It also has the [options of all triggers](macro@timer#options-of-all-triggers).
pub use bluecrab_macros::mcp_tool;

/// Declares a function with any other trigger, in the words of the v4 Node.js model.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Batch, Request, trigger};
///
/// #[trigger("kafkaTrigger", topic = "orders", broker_list = "%BROKERS%", consumer_group = "totals")]
/// fn count(Batch(orders): Batch<String>) {
///     log::info!("{} orders", orders.len());
/// }
///
/// assert_eq!(call(count, Request::batch(["a", "b"])).status(), 204);
/// ```
///
/// The first value is the trigger's `type`. Each option becomes a member of the trigger: `broker_list` is `brokerList`.
/// Values are texts, numbers, booleans, and lists of them.
///
/// It also has the [options of all triggers](macro@timer#options-of-all-triggers).
pub use bluecrab_macros::trigger;

/// Declares a function that the app's own JavaScript calls.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Bytes, Request, callable};
///
/// #[callable]
/// fn checksum(body: Bytes) -> String {
///     format!("{:08x}", body.iter().fold(0_u32, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte)))
/// }
///
/// assert_eq!(call(checksum, Request::message("crab")).text().unwrap(), "00304442");
/// ```
///
/// ```js
/// import { callable } from 'bluecrab/callable';
///
/// const checksum = callable('app.wasm', 'checksum');
/// const sum = (await checksum(bytes)).text();
/// ```
///
/// It has the [options of all triggers](macro@timer#options-of-all-triggers), without `output`.
pub use bluecrab_macros::callable;

/// Makes a struct an argument that reads input bindings: each field is an input.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Bytes, Inputs, Json, Path, Request, http};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Person {
///     #[serde(rename = "Name")]
///     name: String,
/// }
///
/// #[derive(Inputs)]
/// struct Found {
///     #[table("people", partition_key = "staff", row_key = "{id}")]
///     person: Json<Person>,
///     #[blob("portraits/{id}.png")]
///     portrait: Option<Bytes>,
/// }
///
/// #[http(methods = ["GET"], route = "people/{id}")]
/// fn person(Path(_id): Path<u32>, found: Found) -> String {
///     let portrait = found.portrait.map_or(0, |portrait| portrait.len());
///     format!("{}, with a portrait of {portrait} bytes", found.person.0.name)
/// }
///
/// let request = Request::get("/api/people/7").with_param("id", "7");
/// assert_eq!(call(person, request.clone()).status(), 404);
/// let request = request.with_input("person", r#"{"Name": "Ada"}"#);
/// assert_eq!(call(person, request).text().unwrap(), "Ada, with a portrait of 0 bytes");
/// ```
///
/// A field's type is any [`FromInput`](crate::FromInput): `Bytes`, `String`, `Json<T>`, or an `Option` of them, which
/// is `None` if the input does not exist. The field `small_picture` is the binding `smallPicture`; the names of a
/// function's bindings must differ. `{id}` is a parameter of the route or of the blob's path, or a member of the
/// trigger's metadata; `{queueTrigger}` is the text of a queue's message. The platform does not look into a message for
/// members of its JSON.
///
/// | attribute | options |
/// |---|---|
/// | `#[blob("pictures/{name}")]` | `connection` |
/// | `#[table("people")]` | `partition_key`, `row_key`, `filter`, `take`, `connection`. With both keys it is an object,
/// else a list |
/// | `#[cosmos_db(database = "…", container = "…")]` | `id`, `partition_key`, `sql_query`, `connection`,
/// `preferred_locations` |
/// | `#[binding("sql", command_text = "…")]` | any other input, in the words of the v4 model |
pub use bluecrab_macros::Inputs;

/// Makes a struct a return value that writes output bindings: each field is an output.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Json, Outputs, Problem, Request, http};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize)]
/// struct Order {
///     id: u32,
///     prices: Vec<f64>,
/// }
///
/// #[derive(Serialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Total {
///     partition_key: String,
///     row_key: String,
///     total: f64,
/// }
///
/// #[derive(Outputs)]
/// struct Accepted {
///     #[response]
///     answer: (u16, String),
///     #[queue("orders")]
///     order: Json<Order>,
///     #[table("totals")]
///     total: Option<Json<Total>>,
/// }
///
/// #[http(methods = ["POST"])]
/// fn order(Json(order): Json<Order>) -> Result<Accepted, Problem> {
///     if order.prices.is_empty() {
///         return Err(Problem::bad_request("an order needs at least one price"));
///     }
///     let (partition_key, row_key) = ("orders".to_owned(), order.id.to_string());
///     let total = Total { partition_key, row_key, total: order.prices.iter().sum() };
///     Ok(Accepted { answer: (202, "accepted".to_owned()), order: Json(order), total: Some(Json(total)) })
/// }
///
/// let response = call(order, Request::post("/api/order").with_json(&Order { id: 7, prices: vec![1.5, 2.5] }));
/// assert_eq!((response.status(), response.text().unwrap()), (202, "accepted"));
/// assert_eq!(response.output("total").unwrap().text().unwrap(), r#"{"PartitionKey":"orders","RowKey":"7","Total":4}"#);
/// ```
///
/// The field with `#[response]` is what the HTTP client or the tool's caller gets; without it, that is 204. Every other
/// field's type is any [`IntoOutput`](crate::IntoOutput): `Bytes`, `String`, `Json<T>`, an `Option` of them, which
/// writes nothing for `None`, or a `Vec` of them, which writes several messages, events, entities or documents. The
/// field `small_picture` is the binding `smallPicture`. An error writes nothing.
///
/// | attribute | options |
/// |---|---|
/// | `#[blob("small/{name}")]` | `connection` |
/// | `#[queue("done")]` | `connection` |
/// | `#[table("log")]` | `partition_key`, `row_key`, `connection` |
/// | `#[service_bus(queue = "…")]` or `#[service_bus(topic = "…")]` | `connection` |
/// | `#[event_hub("readings")]` | `connection` |
/// | `#[event_grid(connection = "…")]` | or `topic_endpoint_uri` with `topic_key_setting` |
/// | `#[cosmos_db(database = "…", container = "…")]` | `partition_key`, `create_if_not_exists`, `connection` |
/// | `#[binding("kafka", topic = "…")]` | any other output, in the words of the v4 model |
pub use bluecrab_macros::Outputs;

/// Describes the fields of a struct to the clients of an MCP tool. [`#[mcp_tool]`](mcp_tool) has an example.
///
/// The client learns the name, the type and the documentation comment of each field, and whether it can be left out: as
/// an `Option`, or with `#[serde(default)]`. `#[serde(rename = "…")]` and `#[serde(rename_all = "…")]` are respected. A
/// field's type is any [`ToolArgument`](trait@crate::ToolArgument).
pub use bluecrab_macros::ToolArguments;
