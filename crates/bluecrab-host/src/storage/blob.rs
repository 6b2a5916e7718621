//! The client of one container of blobs.

use super::account::Service;
use super::client::{Answer, Request, Storage};
use super::error::StorageError;
use super::xml;
use bytes::Bytes;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use roxmltree::Document;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Notify;

/// The maximum size of a blob that a function can receive. A message to the worker has at most 2 GiB.
pub const MAX_READ_BYTES: u64 = (2 << 30) - (16 << 20);
/// Marks a receipt whose message is not in the queue yet.
const INCOMPLETE: &str = "x-ms-meta-incomplete";
/// How long a host may take from the receipt to the message (azure-sdk-for-net, `BlobTriggerExecutor`).
const RECEIPT_LEASE_SECONDS: u32 = 30;

/// A container. It need not exist.
#[derive(Clone)]
pub struct Container {
    storage: Storage,
    name: Arc<str>,
}

/// A blob in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The blob's name, without the container's.
    pub name: String,
    /// The version of its contents, without quotes.
    pub etag: String,
    /// When it was written. The service's clock counts in seconds.
    pub last_modified: SystemTime,
}

/// A part of a listing.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The blobs, in the order of their names.
    pub blobs: Vec<Listed>,
    /// Where the next part begins.
    pub next: Option<String>,
}

/// A blob that was read.
pub struct Blob {
    /// The contents.
    pub bytes: Bytes,
    /// Its properties and metadata.
    pub headers: HeaderMap,
}

/// What the receipt of a blob says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// There is no receipt.
    Missing,
    /// A host has begun to write the message.
    Incomplete,
    /// The message was written.
    Complete,
}

impl Container {
    /// Makes the client of a container.
    ///
    /// # Errors
    /// Returns an error if the service does not accept the name.
    pub fn new(storage: &Storage, name: &str) -> Result<Self, StorageError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_usual =
            (3..=63).contains(&name.len()) && name.bytes().all(allowed) && name.split('-').all(|part| !part.is_empty());
        if !is_usual && !matches!(name, "$root" | "$web" | "$logs") {
            return Err(StorageError::Settings(format!(
                "{name:?} is not the name of a container: use 3 to 63 lower-case letters, digits, and single \
                 dashes between them"
            )));
        }
        Ok(Self { storage: storage.clone(), name: name.into() })
    }

    /// Returns the container's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the account belongs to an emulator.
    pub fn is_emulated(&self) -> bool {
        self.storage.account().is_emulated()
    }

    /// Returns the address of a blob.
    pub fn url(&self, blob: &str) -> String {
        self.storage.url(Service::Blob, &self.path_of(blob))
    }

    /// Returns the signal that this host sends when it writes a blob to the container.
    pub fn woken(&self) -> Arc<Notify> {
        self.storage.wake_ups().of(&self.signal())
    }

    /// Creates the container if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn create(&self) -> Result<(), StorageError> {
        let what = format!("create container {}", self.name);
        let request = Request::new(Service::Blob, Method::PUT, format!("/{}", self.name), what);
        match self.storage.send(request.query("restype", "container")).await {
            Err(error) if error.has_code("ContainerAlreadyExists") => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Reads a part of the listing. `marker` is where it begins.
    ///
    /// # Errors
    /// Returns an error if the container does not exist, or if the service cannot be reached or refuses the request.
    pub async fn list(&self, marker: Option<&str>) -> Result<Page, StorageError> {
        let what = format!("list container {}", self.name);
        let mut request = Request::new(Service::Blob, Method::GET, format!("/{}", self.name), &what)
            .query("restype", "container")
            .query("comp", "list");
        if let Some(marker) = marker {
            request = request.query("marker", marker);
        }
        let text = self.storage.send_once(request).await?.text().await?;
        read_page(&text).map_err(|reason| StorageError::Unreadable { what, reason })
    }

    /// Reads a blob, if `etag` is given only this version of it. Returns `None` if the blob or the version does not
    /// exist.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request, or if the blob is too large for a
    /// function.
    pub async fn get(&self, blob: &str, etag: Option<&str>) -> Result<Option<Blob>, StorageError> {
        let mut request = self.request(Method::GET, blob, "read");
        if let Some(etag) = etag {
            request = request.header("if-match", format!("\"{etag}\""));
        }
        let Some(answer) = found(self.storage.send(request).await)? else { return Ok(None) };
        if let Some(length) = answer.length().filter(|length| *length > MAX_READ_BYTES) {
            return Err(StorageError::Invalid(format!(
                "blob {}/{blob} has {length} bytes, and a function can receive at most {MAX_READ_BYTES}: read it in \
                 parts with the library @azure/storage-blob",
                self.name
            )));
        }
        let headers = answer.headers().clone();
        Ok(Some(Blob { bytes: answer.bytes().await?, headers }))
    }

    /// Writes a blob, and wakes this host's listener. Creates the container if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the blob.
    pub async fn put(&self, blob: &str, bytes: Bytes) -> Result<(), StorageError> {
        let request = self.block_blob(blob).body("application/octet-stream", bytes);
        self.put_request(request).await?;
        self.storage.wake_ups().wake(&self.signal());
        Ok(())
    }

    /// Reads a receipt.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn receipt(&self, blob: &str) -> Result<Receipt, StorageError> {
        let answer = found(self.storage.send(self.request(Method::HEAD, blob, "read")).await)?;
        Ok(match answer {
            None => Receipt::Missing,
            Some(answer) if answer.headers().contains_key(INCOMPLETE) => Receipt::Incomplete,
            Some(_) => Receipt::Complete,
        })
    }

    /// Writes an incomplete receipt, unless there is one.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn create_receipt(&self, blob: &str) -> Result<(), StorageError> {
        let request = self.block_blob(blob).header("if-none-match", "*").header(INCOMPLETE, "true");
        match self.put_request(request).await {
            Err(error) if error.has_code("BlobAlreadyExists") => Ok(()),
            outcome => outcome,
        }
    }

    /// Takes a receipt, so that no other host writes its message. Returns `None` if another host has taken it.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn lease_receipt(&self, blob: &str) -> Result<Option<String>, StorageError> {
        let request = self.request(Method::PUT, blob, "lease").query("comp", "lease");
        let request = request
            .header("x-ms-lease-action", "acquire")
            .header("x-ms-lease-duration", RECEIPT_LEASE_SECONDS.to_string());
        match self.storage.send(request).await {
            Err(error) if error.has_code("LeaseAlreadyPresent") => Ok(None),
            outcome => Ok(Some(outcome?.header("x-ms-lease-id").to_owned())),
        }
    }

    /// Marks a receipt as complete, if `complete`, and lets other hosts take it.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn release_receipt(&self, blob: &str, lease: &str, complete: bool) -> Result<(), StorageError> {
        if complete {
            // Metadata that is not sent is deleted.
            let request = self.request(Method::PUT, blob, "complete").query("comp", "metadata");
            self.storage.send(request.header("x-ms-lease-id", lease)).await?;
        }
        let request = self.request(Method::PUT, blob, "release").query("comp", "lease");
        let request = request.header("x-ms-lease-action", "release").header("x-ms-lease-id", lease);
        self.storage.send(request).await.map(drop)
    }

    async fn put_request(&self, request: Request) -> Result<(), StorageError> {
        match self.storage.send(request.clone()).await {
            Err(error) if error.has_code("ContainerNotFound") => {
                self.create().await?;
                self.storage.send(request).await.map(drop)
            }
            outcome => outcome.map(drop),
        }
    }

    fn block_blob(&self, blob: &str) -> Request {
        self.request(Method::PUT, blob, "write").header("x-ms-blob-type", "BlockBlob")
    }

    fn request(&self, method: Method, blob: &str, verb: &str) -> Request {
        let what = format!("{verb} blob {}/{blob}", self.name);
        Request::new(Service::Blob, method, self.path_of(blob), what)
    }

    fn path_of(&self, blob: &str) -> String {
        format!("/{}/{blob}", self.name)
    }

    fn signal(&self) -> String {
        format!("blob/{}", self.name)
    }
}

/// Turns the answer for a blob or a version that does not exist into `None`.
fn found(outcome: Result<Answer, StorageError>) -> Result<Option<Answer>, StorageError> {
    match outcome {
        Err(error) if error.is_missing() || error.is_other_version() => Ok(None),
        outcome => outcome.map(Some),
    }
}

fn read_page(text: &str) -> Result<Page, String> {
    let read = |document: &Document<'_>| {
        let blob = |node| {
            let name = xml::text(node, "Name");
            let is_encoded = xml::child(node, "Name").is_some_and(|name| name.attribute("Encoded") == Some("true"));
            let properties = xml::child(node, "Properties")?;
            Some(Listed {
                name: if is_encoded {
                    percent_decode_str(name).decode_utf8_lossy().into_owned()
                } else {
                    name.to_owned()
                },
                etag: xml::text(properties, "Etag").trim_matches('"').to_owned(),
                last_modified: httpdate::parse_http_date(xml::text(properties, "Last-Modified")).ok()?,
            })
        };
        let blobs = xml::elements(document, "Blob").filter_map(blob).collect();
        let next = Some(xml::text(document.root_element(), "NextMarker")).filter(|next| !next.is_empty());
        Page { blobs, next: next.map(str::to_owned) }
    };
    xml::parse(text, read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn reads_a_listing() {
        let text = "\u{feff}<?xml version=\"1.0\"?><EnumerationResults><Prefix /><Blobs>\
            <Blob><Name>a/b &amp; c.png</Name><Properties><Last-Modified>Thu, 01 Jan 1970 00:01:00 GMT</Last-Modified>\
            <Etag>0x8D</Etag></Properties></Blob>\
            <Blob><Name Encoded=\"true\">a%02b</Name><Properties><Last-Modified>Thu, 01 Jan 1970 00:00:00 GMT</Last-Modified>\
            <Etag>\"0x8E\"</Etag></Properties></Blob></Blobs><NextMarker>more</NextMarker></EnumerationResults>";
        let listed = |name: &str, etag: &str, seconds| Listed {
            name: name.to_owned(),
            etag: etag.to_owned(),
            last_modified: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
        };
        let blobs = vec![listed("a/b & c.png", "0x8D", 60), listed("a\u{2}b", "0x8E", 0)];
        assert_eq!(read_page(text).unwrap(), Page { blobs, next: Some("more".to_owned()) });
        let empty = "<EnumerationResults><Blobs /><NextMarker /></EnumerationResults>";
        assert_eq!(read_page(empty).unwrap(), Page { blobs: Vec::new(), next: None });
    }
}
