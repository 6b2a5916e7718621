//! The HTTP client: calls over kept connections, with their latency up to the last byte of the answer.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Request, Uri};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Connections;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A request that can be sent again and again; clones share its connections.
#[derive(Clone)]
pub struct Call {
    connections: Connections<HttpsConnector<HttpConnector>, Full<Bytes>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    limit: Duration,
}

/// A complete answer.
pub struct Answer {
    pub body: Bytes,
    pub latency: Duration,
    pub headers: HeaderMap,
}

impl Call {
    /// A request to an address: POST if there is a body, else GET, unless a method is given.
    pub fn new(
        method: Option<&str>,
        uri: &str,
        headers: impl IntoIterator<Item = (String, String)>,
        body: Option<Bytes>,
        limit: Duration,
    ) -> Result<Self> {
        let uri = Uri::try_from(uri).with_context(|| format!("\"{uri}\" is not an address"))?;
        let usual = if body.is_some() { "POST" } else { "GET" };
        let method = method.unwrap_or(usual);
        let mut fields = HeaderMap::new();
        for (name, value) in headers {
            let field = HeaderName::try_from(&name).with_context(|| format!("\"{name}\" is not a header's name"))?;
            fields.insert(field, HeaderValue::try_from(value).with_context(|| format!("the header {name}"))?);
        }
        Ok(Self {
            connections: Connections::builder(TokioExecutor::new()).build(connector(&uri)?),
            method: Method::try_from(method).with_context(|| format!("\"{method}\" is not a method"))?,
            uri,
            headers: fields,
            body: body.unwrap_or_default(),
            limit,
        })
    }

    /// Makes a GET request.
    pub fn get(uri: &str, limit: Duration) -> Result<Self> {
        Self::new(None, uri, [], None, limit)
    }

    /// Sends the request.
    pub async fn send(&self) -> Result<Answer> {
        self.send_since(Instant::now()).await
    }

    /// Sends the request. The latency counts from `start`, which may be past.
    pub async fn send_since(&self, start: Instant) -> Result<Answer> {
        let answer = tokio::time::timeout(self.limit, self.exchange(start)).await;
        let answer = answer.with_context(|| format!("no answer within {} s", self.limit.as_secs_f64())).flatten();
        answer.with_context(|| format!("calling {}", self.uri))
    }

    async fn exchange(&self, start: Instant) -> Result<Answer> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let (head, body) = self.connections.request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let latency = start.elapsed();
        if !head.status.is_success() {
            bail!("{}: {}", head.status, String::from_utf8_lossy(&body[..body.len().min(300)]));
        }
        Ok(Answer { body, latency, headers: head.headers })
    }
}

fn connector(uri: &Uri) -> Result<HttpsConnector<HttpConnector>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.enforce_http(false);
    let tls = if uri.scheme_str() == Some("https") {
        trusting_the_system()?
    } else {
        ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
    };
    Ok(HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(connector))
}

/// Reads the system's certificates once.
fn trusting_the_system() -> Result<ClientConfig> {
    static CONFIGURATION: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(configuration) = CONFIGURATION.get() {
        return Ok(configuration.clone());
    }
    let trusting = ClientConfig::builder().with_native_roots().context(
        "https needs the certificates of this system (on Linux the package ca-certificates), or SSL_CERT_FILE",
    )?;
    Ok(CONFIGURATION.get_or_init(|| trusting.with_no_client_auth()).clone())
}
