use bluecrab::service_bus;

#[service_bus(topic = "orders")]
fn order(_order: String) {}

fn main() {}
