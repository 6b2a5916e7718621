//! The derive macros for inputs and outputs.

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
/// | `#[table("people")]` | `partition_key`, `row_key`, `filter`, `take`, `connection`. With both keys it is an object, else a list |
/// | `#[cosmos_db(database = "…", container = "…")]` | `id`, `partition_key`, `sql_query`, `connection`, `preferred_locations` |
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
