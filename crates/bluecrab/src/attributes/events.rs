//! The attributes of functions that messages, events and changed documents call.

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
/// | `connection = "Bus"` | the app setting with the connection string; or, for an identity, what the names of its settings begin with: `Bus__fullyQualifiedNamespace` | `AzureWebJobsServiceBus` |
/// | `sessions = true` | the queue or subscription has sessions | `false` |
///
/// It also has the [options of all triggers](macro@crate::timer#options-of-all-triggers).
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
/// | `connection = "Hub"` | the app setting with the connection string; or, for an identity, what the names of its settings begin with: `Hub__fullyQualifiedNamespace` | |
/// | `consumer_group = "…"` | the consumer group | `$Default` |
///
/// It also has the [options of all triggers](macro@crate::timer#options-of-all-triggers).
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
/// It has the [options of all triggers](macro@crate::timer#options-of-all-triggers).
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
/// | `connection = "Cosmos"` | the app setting with the connection string; or, for an identity, what the names of its settings begin with: `Cosmos__accountEndpoint` | `CosmosDB` |
/// | `lease_connection`, `lease_database`, `lease_container`, `lease_prefix` | where the platform keeps how far it has read | a container `leases` of the same database |
/// | `create_lease_container = true` | creates that container if it does not exist | `false` |
/// | `feed_poll_delay = 5000` | the time between two looks for changes, in milliseconds | 5000 |
/// | `max_items = 100` | how many documents a call has at most | |
/// | `start_from_beginning = true`, `start_from_time = "…"` | where it starts to read if there are no leases yet | now |
/// | `preferred_locations = "…"` | regions, with commas between | |
///
/// It also has the [options of all triggers](macro@crate::timer#options-of-all-triggers).
pub use bluecrab_macros::cosmos_db;
