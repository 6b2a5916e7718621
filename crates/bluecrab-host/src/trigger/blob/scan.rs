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
    let (mut seen, mut outage) = (HashMap::new(), Outage::default());
    while !stop.is_cancelled() {
        match look(&container, &functions, &receipts, &mut seen, &stop).await {
            Err(error) if !error.is_missing() => outage.begin(&error),
            // The container may be created later.
            _ => outage.end(),
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = woken.notified() => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Lists a container and writes messages for its new blobs. `seen` contains the version of each blob by name, so that
/// no clock decides which blobs are new. Looks at all blobs, even if the service refuses the receipt of one of them,
/// whose name may be too long.
async fn look(
    container: &Container,
    functions: &[Watching],
    receipts: &Receipts,
    seen: &mut HashMap<String, String>,
    stop: &CancellationToken,
) -> Result<(), StorageError> {
    let (mut listed, mut refused, mut marker) = (HashMap::new(), None, None);
    loop {
        let page = container.list(marker.as_deref()).await?;
        let mut new = JoinSet::new();
        for blob in page.blobs {
            if stop.is_cancelled() {
                return Ok(());
            }
            if seen.get(&blob.name) == Some(&blob.etag) {
                listed.insert(blob.name, blob.etag);
                continue;
            }
            if new.len() >= PARALLEL {
                refused = note(&mut new, &mut listed).await?.or(refused);
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
            refused = note(&mut new, &mut listed).await?.or(refused);
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
