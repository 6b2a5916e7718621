//! The clients of the services, against Azurite.

use crate::azurite::Azurite;
use bluecrab_host::storage::{Account, Container, Entity, Message, Queue, Receipt, Storage, Table};
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LEASE: Duration = Duration::from_secs(600);

fn entity(value: Value) -> Entity {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn a_message_is_written_kept_released_and_deleted() {
    let queue = Queue::new(&Azurite::shared().storage(), "client-messages").unwrap();
    assert!(queue.receive(1, LEASE).await.unwrap_err().is_missing());
    let text = "<a> & \"b\" \u{1f980}\r\n ]]>";
    queue.put(text).await.unwrap();
    let mut message = queue.receive(32, LEASE).await.unwrap().remove(0);
    assert_eq!((message.text.as_str(), message.dequeue_count), (text, 1));
    assert_eq!(queue.receive(32, LEASE).await.unwrap(), []);
    let old = message.clone();
    message.pop_receipt = queue.renew(&message, LEASE).await.unwrap();
    assert_ne!(message.pop_receipt, old.pop_receipt);
    // The receiver with the newest pop receipt has the message.
    queue.delete(&old).await.unwrap();
    assert!(queue.renew(&old, LEASE).await.unwrap_err().is_lost());
    queue.release(&message, Duration::ZERO).await.unwrap();
    let message = queue.receive(32, LEASE).await.unwrap().remove(0);
    assert_eq!((message.text.as_str(), message.dequeue_count), (text, 2));
    queue.delete(&message).await.unwrap();
    queue.delete(&message).await.unwrap();
}

/// Otherwise a message that was processed would come again when its lease ends.
#[tokio::test]
async fn a_request_is_sent_again_after_its_connection_broke() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let account = format!("AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:{port}/a;");
    let queue = Queue::new(&Storage::new(Account::parse(&account).unwrap()).unwrap(), "client-broken").unwrap();
    let served = tokio::spawn(async move {
        drop(listener.accept().await.unwrap());
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 11];
        connection.read_exact(&mut request).await.unwrap();
        connection.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        request
    });
    queue.delete(&Message { id: "1".to_owned(), ..Message::default() }).await.unwrap();
    assert_eq!(&served.await.unwrap(), b"DELETE /a/c");
}

#[tokio::test]
async fn a_message_has_at_most_64_kib() {
    let queue = Queue::new(&Azurite::shared().storage(), "client-bounds").unwrap();
    queue.put(&"x".repeat(64 << 10)).await.unwrap();
    let message = queue.receive(1, LEASE).await.unwrap().remove(0);
    assert_eq!(message.text.len(), 64 << 10);
    let said = queue.put(&"x".repeat((64 << 10) + 1)).await.unwrap_err().to_string();
    assert!(said.contains("65537 bytes") && said.contains("client-bounds"), "{said}");
    let said = queue.put("\u{1}").await.unwrap_err().to_string();
    assert!(said.contains("messageEncoding"), "{said}");
}

#[tokio::test]
async fn a_blob_is_written_listed_and_read() {
    let container = Container::new(&Azurite::shared().storage(), "client-blobs").unwrap();
    assert!(container.list(None).await.unwrap_err().is_missing());
    assert!(container.get("a", None).await.unwrap().is_none());
    let name = "a b/c%20+(d)='e',&?#ü.txt";
    for contents in ["", "one"] {
        container.put(name, Bytes::from_static(contents.as_bytes())).await.unwrap();
        let blob = container.get(name, None).await.unwrap().unwrap();
        assert_eq!(blob.bytes, contents);
    }
    let first = container.list(None).await.unwrap().blobs.remove(0);
    assert_eq!(first.name, name);
    assert!(container.get(name, Some(&first.etag)).await.unwrap().is_some());
    container.put(name, Bytes::from_static(b"two")).await.unwrap();
    assert!(container.get(name, Some(&first.etag)).await.unwrap().is_none());
    assert_ne!(container.list(None).await.unwrap().blobs[0].etag, first.etag);
}

#[tokio::test]
async fn only_one_host_completes_a_receipt() {
    let container = Container::new(&Azurite::shared().storage(), "client-receipts").unwrap();
    let name = "blobreceipts/host/f/0x8D/in/a.png";
    assert_eq!(container.receipt(name).await.unwrap(), Receipt::Missing);
    container.create_receipt(name).await.unwrap();
    container.create_receipt(name).await.unwrap();
    let lease = container.lease_receipt(name).await.unwrap().unwrap();
    assert_eq!(container.lease_receipt(name).await.unwrap(), None);
    assert_eq!(container.receipt(name).await.unwrap(), Receipt::Incomplete);
    container.release_receipt(name, &lease, true).await.unwrap();
    assert_eq!(container.receipt(name).await.unwrap(), Receipt::Complete);
    assert!(container.lease_receipt(name).await.unwrap().is_some());
}

#[tokio::test]
async fn an_entity_is_inserted_replaced_and_found() {
    let table = Table::new(&Azurite::shared().storage(), "clientEntities").unwrap();
    assert_eq!(table.get("p", "1").await.unwrap(), None);
    assert_eq!(table.query("", None).await.unwrap(), [] as [Entity; 0]);
    let one = json!({ "PartitionKey": "it's p", "RowKey": "1", "Name": "ü", "Long": 9_007_199_254_740_993_i64, "Real": 0.5, "Yes": true });
    table.write(entity(one.clone()), [None, None]).await.unwrap();
    assert_eq!(table.get("it's p", "1").await.unwrap(), Some(entity(one.clone())));
    let said = table.write(entity(one.clone()), [None, None]).await.unwrap_err();
    assert!(said.has_code("EntityAlreadyExists"), "{said}");
    let replacement = json!({ "PartitionKey": "it's p", "RowKey": "1", "Name": "new" });
    let mut upsert = entity(replacement.clone());
    upsert.insert("etag".to_owned(), "*".into());
    table.write(upsert, [None, None]).await.unwrap();
    assert_eq!(table.get("it's p", "1").await.unwrap(), Some(entity(replacement)));
    for row in ["2", "3", "4"] {
        table.write(entity(json!({ "Number": row.parse::<i64>().unwrap() })), [Some("q"), Some(row)]).await.unwrap();
    }
    let rows = |entities: Vec<Entity>| {
        entities.iter().map(|entity| entity["RowKey"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rows(table.query("PartitionKey eq 'q'", None).await.unwrap()), ["2", "3", "4"]);
    assert_eq!(rows(table.query("PartitionKey eq 'q'", Some(2)).await.unwrap()), ["2", "3"]);
    assert_eq!(rows(table.query("PartitionKey eq 'q' and Number gt 3", None).await.unwrap()), ["4"]);
    assert!(!table.query("Number is 3", None).await.unwrap_err().is_temporary());
}
