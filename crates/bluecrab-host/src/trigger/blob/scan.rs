//! Looks for new blobs, and writes a message for each of them.

use super::message::BlobMessage;
use super::path::BlobPath;
use crate::storage::{Container, Listed, Queue, Receipt, StorageError};
use crate::trigger::queue::Outage;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How many receipts are written at the same time.
const PARALLEL: usize = 16;

/// A function that new blobs of a container fire.
pub struct Watching {
    /// The function's id in receipts and messages: `Host.Functions.NAME`.
    pub id: String,
    /// Which blobs fire it.
    pub path: Arc<BlobPath>,
}

/// Where a host notes that it has seen a blob.
#[derive(Clone)]
pub struct Receipts {
    /// The container `azure-webjobs-hosts`.
    pub container: Container,
    /// The internal queue.
    pub queue: Queue,
    /// The host's id.
    pub host_id: Arc<str>,
}

/// Looks at a container until `stop` is cancelled.
pub async fn scan(
    container: Container,
    functions: Vec<Watching>,
    receipts: Receipts,
    every: Duration,
    stop: CancellationToken,
) {
    let woken = container.woken();
    let (mut seen, mut outage, mut new) = (HashMap::new(), Outage::default(), JoinSet::new());
    while !stop.is_cancelled() {
        match look(&container, &functions, &receipts, &mut seen, &mut new, &stop).await {
            Err(error) if !error.is_missing() => outage.begin(&error),
            // The container may be created later.
            _ => outage.end(),
        }
        // Wait until each message has its receipt. Without it, the next look would write the message again.
        while new.join_next().await.is_some() {}
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = woken.notified() => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Lists a container and writes messages for its new blobs. `seen` contains the version of each blob by name, so that
/// no clock decides which blobs are new. Looks at all blobs, even if the service refuses the receipt of one of them,
/// whose name may be too long. If it ends early, `new` has the messages that are still being written.
async fn look(
    container: &Container,
    functions: &[Watching],
    receipts: &Receipts,
    seen: &mut HashMap<String, String>,
    new: &mut JoinSet<Noted>,
    stop: &CancellationToken,
) -> Result<(), StorageError> {
    let (mut listed, mut refused, mut marker) = (HashMap::new(), None, None);
    loop {
        let page = container.list(marker.as_deref()).await?;
        for blob in page.blobs {
            if stop.is_cancelled() {
                return Ok(());
            }
            if seen.get(&blob.name) == Some(&blob.etag) {
                listed.insert(blob.name, blob.etag);
                continue;
            }
            if new.len() >= PARALLEL {
                refused = note(new, &mut listed).await?.or(refused);
            }
            let matching = functions.iter().filter(|function| function.path.parameters(&blob.name).is_some());
            let messages: Vec<_> = matching
                .map(|function| BlobMessage::new(&function.id, container.name(), &blob.name, &blob.etag))
                .collect();
            let receipts = receipts.clone();
            new.spawn(async move {
                let mut is_settled = true;
                for message in messages {
                    is_settled &= write_once(&receipts, &message).await?;
                }
                Ok(is_settled.then_some(blob))
            });
        }
        while !new.is_empty() {
            refused = note(new, &mut listed).await?.or(refused);
        }
        marker = page.next;
        if marker.is_none() {
            break;
        }
    }
    *seen = listed;
    refused.map_or(Ok(()), Err)
}

type Noted = Result<Option<Listed>, StorageError>;

/// Waits for the next blob whose messages are written. A blob that another host is working on, and a blob whose receipt
/// the service refuses, is looked at again. Returns the refusal.
async fn note(
    new: &mut JoinSet<Noted>,
    listed: &mut HashMap<String, String>,
) -> Result<Option<StorageError>, StorageError> {
    match new.join_next().await {
        Some(Ok(Ok(Some(blob)))) => drop(listed.insert(blob.name, blob.etag)),
        Some(Ok(Err(error))) if error.is_temporary() => return Err(error),
        Some(Ok(Err(error))) => return Ok(Some(error)),
        _ => {}
    }
    Ok(None)
}

/// Writes a message unless its receipt says that it was written. Returns false if another host is writing it
/// (azure-sdk-for-net, `BlobTriggerExecutor.cs`).
async fn write_once(receipts: &Receipts, message: &BlobMessage) -> Result<bool, StorageError> {
    let name = message.receipt(&receipts.host_id);
    let container = &receipts.container;
    match container.receipt(&name).await? {
        Receipt::Complete => return Ok(true),
        Receipt::Incomplete => {}
        Receipt::Missing => container.create_receipt(&name).await?,
    }
    let Some(lease) = container.lease_receipt(&name).await? else { return Ok(false) };
    // Another host may have finished before this one took the lease.
    let is_new = container.receipt(&name).await? == Receipt::Incomplete;
    if is_new {
        receipts.queue.put(&message.encode()).await?;
    }
    container.release_receipt(&name, &lease, is_new).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Account, Storage};
    use http_body_util::Full;
    use hyper::{Method, Request, Response, body::Incoming, service::service_fn};
    use hyper_util::rt::TokioIo;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use tokio::net::TcpListener;

    /// A storage that accepts all messages but the first only after a scan is stopped.
    #[derive(Default)]
    struct Service {
        messages: AtomicUsize,
        completed: AtomicUsize,
        stop: CancellationToken,
    }

    impl Service {
        async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<bytes::Bytes>>, http::Error> {
            let query = request.uri().query().unwrap_or_default();
            let mut body = String::new();
            if query.contains("comp=list") {
                let blobs = (0..PARALLEL + 2).map(|blob| {
                    let written = "<Last-Modified>Thu, 01 Jan 1970 00:00:00 GMT</Last-Modified>";
                    format!("<Blob><Name>{blob}</Name><Properties>{written}<Etag>1</Etag></Properties></Blob>")
                });
                body = format!("<EnumerationResults>{}</EnumerationResults>", blobs.collect::<String>());
            } else if query.contains("comp=metadata") {
                self.completed.fetch_add(1, Relaxed);
                self.stop.cancel();
            } else if request.method() == Method::POST && self.messages.fetch_add(1, Relaxed) > 0 {
                self.stop.cancelled().await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            let answer = Response::builder().header("x-ms-meta-incomplete", "true").header("x-ms-lease-id", "1");
            answer.body(body.into())
        }
    }

    /// Otherwise the next scan, after a reload, writes the message again.
    #[tokio::test]
    async fn completes_the_receipt_of_each_message_when_it_is_stopped() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/a", listener.local_addr().unwrap());
        let account = format!("AccountName=a;AccountKey=YQ==;QueueEndpoint={address};BlobEndpoint={address}");
        let storage = Storage::new(Account::parse(&account).unwrap()).unwrap();
        let service = Arc::new(Service::default());
        let served = Arc::clone(&service);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let service = Arc::clone(&served);
                let answer = service_fn(move |request| {
                    let service = Arc::clone(&service);
                    async move { service.answer(request).await }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), answer),
                );
            }
        });
        let receipts = Receipts {
            container: Container::new(&storage, "azure-webjobs-hosts").unwrap(),
            queue: Queue::new(&storage, "azure-webjobs-blobtrigger-test").unwrap(),
            host_id: "test".into(),
        };
        let path = Arc::new(BlobPath::parse("many/{name}").unwrap());
        let functions = vec![Watching { id: "Host.Functions.test".to_owned(), path }];
        let container = Container::new(&storage, "many").unwrap();
        scan(container, functions, receipts, Duration::ZERO, service.stop.clone()).await;
        let [messages, completed] = [&service.messages, &service.completed].map(|count| count.load(Relaxed));
        assert!(messages >= PARALLEL, "{messages} messages");
        assert_eq!(messages, completed);
    }
}
