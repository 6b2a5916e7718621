//! Sends requests to the host that runs on this machine.

use crate::certificate;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::{Request, Response};
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

/// A running `bluecrab dev` on this machine.
pub struct LocalHost {
    port: u16,
    /// Whether it serves HTTPS, with the certificate of this user.
    https: bool,
    /// The master key of the app, if `bluecrab dev --auth` has made one.
    key: Option<String>,
    answer_limit: Duration,
}

impl LocalHost {
    /// Names the host on a port. The first request shows whether there is one.
    pub fn on(port: u16, https: bool, key: Option<String>) -> Self {
        Self { port, https, key, answer_limit: ANSWER_LIMIT }
    }

    /// Returns the host's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Asks the host for something that it answers at once. Another program on the port may never answer.
    pub async fn ask(&self, path: &str) -> Result<Response<Bytes>> {
        let request = Request::get(path).body(Full::default()).context("cannot make a request")?;
        let answer = tokio::time::timeout(self.answer_limit, self.send_with_key(request)).await;
        answer.unwrap_or_else(|_| {
            bail!(
                "the program on port {} has not answered within {} s: if it is not `bluecrab dev`, name the port of \
                 one with --port",
                self.port,
                self.answer_limit.as_secs()
            )
        })
    }

    /// Sends a request with the master key, unless it has a key.
    pub async fn send_with_key(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        if let Some(key) = &self.key {
            let key = key.parse().context("the master key in .bluecrab/keys.json")?;
            request.headers_mut().entry("x-functions-key").or_insert(key);
        }
        self.send(request).await
    }

    /// Begins TLS if the host serves HTTPS.
    async fn secured(&self, stream: TcpStream) -> Result<Box<dyn Stream>> {
        if !self.https {
            return Ok(Box::new(stream));
        }
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
        Ok(Box::new(secured.with_context(|| format!("the host on port {} serves no HTTPS", self.port))?))
    }

    /// Sends a request, whose URI is a path, and reads the whole response.
    pub async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        let port = self.port;
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
            format!(
                "no host runs on port {port}: start one with `bluecrab dev`, or name the port of a running one with \
                 --port"
            )
        })?;
        let broke_off = || format!("the host on port {port} did not answer");
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(self.secured(stream).await?)).await.with_context(broke_off)?;
        tokio::spawn(connection);
        let host = format!("localhost:{port}").try_into().context("the host's address")?;
        request.headers_mut().insert(HOST, host);
        let response = sender.send_request(request).await.map_err(|error| {
            // A host with TLS answers something else than HTTP.
            let is_secured = error.is_parse() && !self.https;
            let hint = if is_secured { "; if it runs with --https, add --https here too" } else { "" };
            anyhow::Error::new(error).context(format!("{}{hint}", broke_off()))
        });
        let (head, body) = response?.into_parts();
        let body =
            body.collect().await.with_context(|| format!("the response of the host on port {port} broke off"))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[tokio::test]
    async fn a_program_that_never_answers_is_an_error() {
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = silent.local_addr().unwrap().port();
        let host = LocalHost { answer_limit: Duration::from_millis(50), ..LocalHost::on(port, false, None) };
        let said = host.ask("/admin/functions").await.unwrap_err().to_string();
        assert!(said.starts_with(&format!("the program on port {port} has not answered ")), "{said}");
    }
}
