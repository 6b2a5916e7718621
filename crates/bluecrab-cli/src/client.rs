//! Sends requests to the host that runs on this machine.

use crate::certificate;
use anyhow::{Context, Result, bail, ensure};
use bluecrab_host::Challenge;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HOST;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Much longer than a host takes to say what it serves.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// A connection, with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection to a running `bluecrab dev` on this machine.
pub struct LocalHost {
    port: u16,
    https: bool,
    connection: SendRequest<Full<Bytes>>,
    /// The master key of the app, if `bluecrab dev --auth` has made one.
    key: Option<String>,
    /// Whether the host asks for the key, and has proven that it knows it.
    takes_key: bool,
    answer_limit: Duration,
}

impl LocalHost {
    /// Connects to the host on a port. With `https`, the host must have the certificate of this user.
    pub async fn connect(port: u16, https: bool, key: Option<String>) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
            format!(
                "no host runs on port {port}: start one with `bluecrab dev`, or name the port of a running one with \
                 --port, or the app's folder with --app"
            )
        })?;
        let stream: Box<dyn Stream> =
            if https { in_time(port, ANSWER_LIMIT, secured(stream, port)).await? } else { Box::new(stream) };
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.with_context(|| did_not_answer(port))?;
        tokio::spawn(connection);
        Ok(Self { port, https, connection: sender, key, takes_key: false, answer_limit: ANSWER_LIMIT })
    }

    /// Returns the host's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Asks the host for something that it answers at once. If the host asks for the master key, it first has to prove
    /// that it knows the key: another program may listen on the port.
    pub async fn ask(&mut self, path: &str) -> Result<Response<Bytes>> {
        let (port, limit) = (self.port, self.answer_limit);
        let challenge = Challenge::new();
        let (name, text) = challenge.header();
        let request = Request::get(path).header(name, text).body(Full::default());
        let answer = in_time(port, limit, self.send(request.context("cannot make a request")?)).await?;
        let Some(key) = self.key.as_ref().filter(|_| answer.status() == StatusCode::UNAUTHORIZED) else {
            return Ok(answer);
        };
        ensure!(
            challenge.is_met(answer.headers(), key, port),
            "the program on port {port} asks for a key, but is not the host of this app, so the app's master key was \
             not sent: name the host's port with --port, or the folder of its app with --app"
        );
        self.takes_key = true;
        let request = Request::get(path).body(Full::default()).context("cannot make a request")?;
        in_time(port, limit, self.send_with_key(request)).await
    }

    /// Sends a request with the master key if the host takes it, unless the request has a key.
    pub async fn send_with_key(&mut self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        if let Some(key) = self.key.as_ref().filter(|_| self.takes_key) {
            let key = key.parse().context("the master key in .bluecrab/keys.json")?;
            request.headers_mut().entry("x-functions-key").or_insert(key);
        }
        self.send(request).await
    }

    /// Sends a request, whose URI is a path, and reads the whole response.
    pub async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        let port = self.port;
        let host = format!("localhost:{port}").try_into().context("the host's address")?;
        request.headers_mut().insert(HOST, host);
        self.connection.ready().await.with_context(|| did_not_answer(port))?;
        let response = self.connection.send_request(request).await.map_err(|error| {
            // A host with TLS answers something else than HTTP.
            let is_secured = error.is_parse() && !self.https;
            let hint = if is_secured { "; if it runs with --https, add --https here too" } else { "" };
            anyhow::Error::new(error).context(format!("{}{hint}", did_not_answer(port)))
        });
        let (head, body) = response?.into_parts();
        let body =
            body.collect().await.with_context(|| format!("the response of the host on port {port} broke off"))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

/// Begins TLS.
async fn secured(stream: TcpStream, port: u16) -> Result<Box<dyn Stream>> {
    let file = certificate::file()?;
    let mut roots = RootCertStore::empty();
    let trusted = CertificateDer::from_pem_file(&file)
        .map_err(anyhow::Error::from)
        .and_then(|certificate| Ok(roots.add(certificate)?));
    trusted.with_context(|| {
        format!("cannot read the certificate {}, which `bluecrab dev --https` makes", file.display())
    })?;
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost")?;
    let secured = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    Ok(Box::new(secured.with_context(|| format!("the host on port {port} serves no HTTPS"))?))
}

/// Waits for an answer. Another program on the port may never answer.
async fn in_time<T>(port: u16, limit: Duration, answer: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| {
        bail!(
            "the program on port {port} has not answered within {} s: if it is not `bluecrab dev`, name the port of \
             one with --port",
            limit.as_secs()
        )
    })
}

fn did_not_answer(port: u16) -> String {
    format!("the host on port {port} did not answer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[tokio::test]
    async fn a_program_that_never_answers_is_an_error() {
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = silent.local_addr().unwrap().port();
        let mut host = LocalHost::connect(port, false, None).await.unwrap();
        host.answer_limit = Duration::from_millis(50);
        let said = host.ask("/admin/functions").await.unwrap_err().to_string();
        assert!(said.starts_with(&format!("the program on port {port} has not answered ")), "{said}");
    }
}
