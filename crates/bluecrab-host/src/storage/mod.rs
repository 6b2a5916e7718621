//! Clients for the queues, blobs and tables of Azure Storage and of its emulator Azurite.

mod account;
mod blob;
mod client;
mod connections;
mod error;
mod queue;
mod sign;
mod table;
mod wake;
mod xml;

pub use account::{Account, EmulatorPorts};
pub use blob::{Blob, Container, Listed, Page, Receipt};
pub use client::Storage;
pub use connections::Connections;
pub use error::{StorageError, deepest};
pub use queue::{Message, Queue};
pub use table::{Entity, Table, quote};

/// Returns an HTTP date as the platform writes it into metadata: as JSON, with the offset of UTC. `null` for a text
/// that is not a date.
pub fn http_date_to_json(date: &str) -> String {
    let Ok(time) = httpdate::parse_http_date(date) else { return "null".to_owned() };
    let utc = prost_types::Timestamp::from(time).to_string();
    format!("\"{}+00:00\"", utc.trim_end_matches('Z'))
}
