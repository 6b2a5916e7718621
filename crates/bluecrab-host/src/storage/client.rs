//! Sends requests to the services of a storage account.

use super::account::{Account, Credential, Endpoint, Service};
use super::error::{self, StorageError};
use super::sign::{Signed, authorization};
use super::wake::WakeUps;
use super::xml;
use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The version of the REST interface. Every Azurite that is still in use knows it.
const VERSION: &str = "2021-12-02";
/// How long a service may take to answer, and then for each part of the body (azure-sdk-for-net,
/// `RetryOptions.NetworkTimeout`). The whole body has no limit, because a blob may be large.
const ANSWER_LIMIT: Duration = Duration::from_secs(100);
/// The pauses before a request is sent again if it did not reach the service, or if the service had no capacity for
/// it (azure-sdk-for-net, `RetryOptions` and `ResponseClassifier`).
const PAUSES: [Duration; 3] = [Duration::from_millis(800), Duration::from_millis(1600), Duration::from_millis(3200)];

/// Azurite, like every Node.js server, closes a connection after 5 s without a request, and loses a request that
/// arrives at that moment.
const IDLE_TIME: Duration = Duration::from_secs(3);

/// The characters that a value in a query may not contain.
const IN_QUERY: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The characters that a path may not contain.
const IN_PATH: AsciiSet =
    IN_QUERY.remove(b'/').remove(b'(').remove(b')').remove(b'$').remove(b'\'').remove(b',').remove(b'=');

/// A storage account and the connections to it. Clones share both.
#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    account: Account,
    http: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    wake_ups: WakeUps,
}

/// A request to a service.
#[derive(Clone)]
pub struct Request {
    service: Service,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(HeaderName, String)>,
    body: Bytes,
    what: String,
}

impl Request {
    /// Makes a request without query, header fields and body. `path` is what follows the service's address, not
    /// encoded. `what` says in errors what the request does: `read queue jobs`.
    pub fn new(service: Service, method: Method, path: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            service,
            method,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Bytes::new(),
            what: what.into(),
        }
    }

    /// Adds a value to the query.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// Adds a header field.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((HeaderName::from_static(name), value.into()));
        self
    }

    /// Sets the body and its type.
    pub fn body(mut self, kind: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", kind)
    }
}

/// The answer to a request that succeeded.
pub struct Answer {
    endpoint: Endpoint,
    headers: HeaderMap,
    body: Incoming,
    what: String,
}

impl Answer {
    /// Returns the header fields.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns a header field, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns the length that the service has announced.
    pub fn length(&self) -> Option<u64> {
        self.header(CONTENT_LENGTH.as_str()).parse().ok()
    }

    /// Reads the body into one buffer, without a second copy in memory.
    pub async fn bytes(mut self) -> Result<Bytes, StorageError> {
        let mut bytes = BytesMut::with_capacity(self.length().and_then(|length| length.try_into().ok()).unwrap_or(0));
        loop {
            let frame = tokio::time::timeout(ANSWER_LIMIT, self.body.frame()).await;
            let frame = frame.map_err(|late| StorageError::unreachable(&self.endpoint, &late))?;
            let Some(frame) = frame else { return Ok(bytes.freeze()) };
            let frame = frame.map_err(|error| self.unreadable(&error))?;
            if let Ok(data) = frame.into_data() {
                bytes.extend_from_slice(&data);
            }
        }
    }

    /// Reads the body as text.
    pub async fn text(self) -> Result<String, StorageError> {
        let what = self.what.clone();
        let bytes = self.bytes().await?;
        String::from_utf8(bytes.into()).map_err(|error| StorageError::Unreadable { what, reason: error.to_string() })
    }

    fn unreadable(&self, reason: &impl ToString) -> StorageError {
        StorageError::Unreadable { what: self.what.clone(), reason: reason.to_string() }
    }
}

impl Storage {
    /// Makes the client of an account. Connections are opened when they are needed.
    ///
    /// # Errors
    /// Returns an error if an address is HTTPS and the system has no list of certificates.
    pub fn new(account: Account) -> Result<Self, StorageError> {
        let services = [Service::Blob, Service::Queue, Service::Table];
        let is_secure = services.iter().filter_map(|service| account.endpoint(*service)).any(Endpoint::is_secure);
        let tls = if is_secure {
            let with_roots = ClientConfig::builder().with_native_roots();
            with_roots
                .map_err(|error| StorageError::Settings(format!("cannot read the system's certificates: {error}")))?
        } else {
            // Reading the system's certificates takes longer than a call.
            ClientConfig::builder().with_root_certificates(RootCertStore::empty())
        };
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls.with_no_client_auth());
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let connector = connector.https_or_http().enable_http1().wrap_connector(http);
        let http = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME)
            .build(connector);
        Ok(Self(Arc::new(Inner { account, http, wake_ups: WakeUps::default() })))
    }

    /// Returns the account to which the requests go.
    pub fn account(&self) -> &Account {
        &self.0.account
    }

    /// Returns what wakes listeners of this host after it has written to the account.
    pub fn wake_ups(&self) -> &WakeUps {
        &self.0.wake_ups
    }

    /// Returns the address of a service's object, as it appears in metadata.
    pub fn url(&self, service: Service, path: &str) -> String {
        let encoded = utf8_percent_encode(path, &IN_PATH);
        self.0.account.endpoint(service).map(|endpoint| format!("{endpoint}{encoded}")).unwrap_or_default()
    }

    /// Sends a request. It is sent again if the service cannot be reached or has no capacity for it.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn send(&self, request: Request) -> Result<Answer, StorageError> {
        for pause in PAUSES {
            match self.send_once(request.clone()).await {
                Err(error) if error.is_temporary() => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
        }
        self.send_once(request).await
    }

    /// Sends a request, and does not send it again.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn send_once(&self, request: Request) -> Result<Answer, StorageError> {
        let account = &self.0.account;
        let endpoint = account.endpoint(request.service).ok_or_else(|| {
            StorageError::Settings(format!(
                "cannot {}: the connection string has no address for this service",
                request.what
            ))
        })?;
        let what = request.what.clone();
        let invalid = |reason: String| StorageError::Invalid(format!("cannot {what}: {reason}"));
        let message = message(request, account, endpoint).map_err(invalid)?;
        let answer = tokio::time::timeout(ANSWER_LIMIT, self.0.http.request(message)).await;
        let answer = match answer {
            Ok(answer) => answer.map_err(|error| StorageError::unreachable(endpoint, &error))?,
            Err(late) => return Err(StorageError::unreachable(endpoint, &late)),
        };
        let (parts, body) = answer.into_parts();
        let answer = Answer { endpoint: endpoint.clone(), headers: parts.headers, body, what };
        if parts.status.is_success() { Ok(answer) } else { Err(refusal(parts.status, answer).await) }
    }
}

/// Builds the HTTP request, with the credential.
fn message(request: Request, account: &Account, endpoint: &Endpoint) -> Result<http::Request<Full<Bytes>>, String> {
    let path = format!("{}{}", endpoint.path, utf8_percent_encode(&request.path, &IN_PATH));
    let mut query = request.query;
    if let Credential::Sas(signature) = &account.credential {
        query.extend(signature.iter().cloned());
    }
    let encode = |text: &str| utf8_percent_encode(text, &IN_QUERY).to_string();
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let mark = if pairs.is_empty() { "" } else { "?" };
    let uri = format!("{}://{}{path}{mark}{}", endpoint.scheme, endpoint.authority, pairs.join("&"));
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers {
        let value = HeaderValue::from_str(&value).map_err(|_| format!("{name} cannot be {value:?}"))?;
        headers.insert(name, value);
    }
    let own = [("x-ms-version", VERSION.to_owned()), ("x-ms-date", httpdate::fmt_http_date(SystemTime::now()))];
    for (name, value) in own {
        headers.insert(name, HeaderValue::from_str(&value).map_err(|error| error.to_string())?);
    }
    if let Credential::Key(key) = &account.credential {
        let signed = Signed {
            service: request.service,
            account: &account.name,
            method: &request.method,
            path: &path,
            query: &query,
            headers: &headers,
            length: request.body.len(),
        };
        let value = HeaderValue::from_str(&authorization(&signed, key)).map_err(|error| error.to_string())?;
        headers.insert(AUTHORIZATION, value);
    }
    if matches!(request.method, Method::PUT | Method::POST) {
        // The service requires a length for an empty blob too.
        headers.insert(CONTENT_LENGTH, request.body.len().into());
    }
    let mut message = http::Request::new(Full::new(request.body));
    *message.method_mut() = request.method;
    *message.uri_mut() = uri.parse().map_err(|error| format!("{uri} is not an address ({error})"))?;
    *message.headers_mut() = headers;
    Ok(message)
}

/// Reads why the service refused a request.
async fn refusal(status: StatusCode, answer: Answer) -> StorageError {
    let (what, mut code) = (answer.what.clone(), answer.header("x-ms-error-code").to_owned());
    let text = answer.text().await.unwrap_or_default();
    let (in_body, message) = xml::error(&text).or_else(|| error::of_json(&text)).unwrap_or_default();
    if code.is_empty() {
        code = in_body;
    }
    // Only the first line says why. The others name the request and the time.
    let message = message.lines().next().unwrap_or_default().trim().to_owned();
    StorageError::Refused { what, status, code, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn gives_up_a_body_that_does_not_go_on() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let account = format!("AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:{port}/a;");
        let storage = Storage::new(Account::parse(&account).unwrap()).unwrap();
        let serving = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            connection.read_exact(&mut [0; 3]).await.unwrap();
            connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await.unwrap();
            connection
        });
        let request = Request::new(Service::Queue, Method::GET, "jobs/messages", "read queue jobs");
        let answer = storage.send_once(request).await.unwrap();
        let _open = serving.await.unwrap();
        // From now on, Tokio's clock jumps whenever everything waits.
        tokio::time::pause();
        let error = answer.bytes().await.unwrap_err();
        assert!(matches!(error, StorageError::Unreachable { .. }), "{error}");
    }
}
