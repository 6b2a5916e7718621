//! Functions that Service Bus, Event Hubs, Event Grid, Cosmos DB and other triggers call.

use bluecrab::metadata::{DeliveryCount, MessageId, PartitionId, SequenceNumber};
use bluecrab::{Batch, Bytes, Json, Outputs, cosmos_db, event_grid, event_hub, service_bus, trigger};
use serde_json::{Value, json};

/// Where messages and events go.
#[derive(Outputs)]
pub struct Sent {
    #[service_bus(queue = "bus-out", connection = "Bus")]
    bus: Vec<String>,
    #[event_hub("hub-out", connection = "Hub")]
    hub: Vec<Bytes>,
    #[event_grid(connection = "Topic")]
    grid: Option<Json<Value>>,
}

/// Sends a message on.
#[service_bus(queue = "bus-in", connection = "Bus")]
pub fn bus_one(MessageId(id): MessageId, DeliveryCount(count): DeliveryCount, message: String) -> Sent {
    Sent { bus: vec![message, format!("{id} {count}")], hub: Vec::new(), grid: None }
}

/// Sends all messages of a batch on.
#[service_bus(topic = "bus-topic", subscription = "all", connection = "Bus")]
pub fn bus_batch(Batch(messages): Batch<String>) -> Sent {
    Sent { bus: messages, hub: Vec::new(), grid: None }
}

/// Sends an event on.
#[event_hub("hub-in", connection = "Hub", consumer_group = "one")]
pub fn hub_one(PartitionId(partition): PartitionId, SequenceNumber(number): SequenceNumber, event: Bytes) -> Sent {
    let place = json!({ "partition": partition, "number": number });
    Sent { bus: Vec::new(), hub: vec![event], grid: Some(Json(place)) }
}

/// Sends all events of a batch on.
#[event_hub("hub-in", connection = "Hub", consumer_group = "many", retry = exponential_backoff(2, "1s", "4s"))]
pub fn hub_batch(Batch(events): Batch<Bytes>) -> Sent {
    Sent { bus: Vec::new(), hub: events, grid: None }
}

/// Writes an event of Event Grid to a queue.
#[event_grid(output = queue("grid-out"))]
pub fn grid_event(Json(event): Json<Value>) -> Json<Value> {
    Json(event)
}

/// Writes the changed documents with one more member.
#[derive(Outputs)]
pub struct Documents {
    #[cosmos_db(database = "shop", container = "copies", connection = "Cosmos")]
    documents: Vec<Json<Value>>,
}

/// Copies changed documents.
#[cosmos_db(database = "shop", container = "orders", connection = "Cosmos", create_lease_container = true)]
pub fn cosmos_documents(Json(documents): Json<Vec<Value>>) -> Documents {
    let mark = |mut document: Value| {
        document["copied"] = true.into();
        Json(document)
    };
    Documents { documents: documents.into_iter().map(mark).collect() }
}

/// Logs the events of a trigger that the crate does not know.
#[trigger("kafkaTrigger", topic = "orders", broker_list = "%BROKERS%", lag_threshold = 100)]
pub fn kafka_orders(Batch(orders): Batch<String>) {
    log::info!("orders: {}", orders.join(", "));
}
