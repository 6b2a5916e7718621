//! HTTPS for the connections of clients.

use crate::error::HostError;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// A certificate and its private key, in PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate, and after it the certificates that lead to its root.
    pub certificate: Vec<u8>,
    /// The private key.
    pub private_key: Vec<u8>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    /// Returns an acceptor for the connections of clients.
    ///
    /// # Errors
    /// Returns an error if it is not a certificate with its key.
    pub fn acceptor(&self) -> Result<TlsAcceptor, HostError> {
        let wrong = |reason: String| HostError::WrongOption { option: "--https", reason };
        let chain = CertificateDer::pem_slice_iter(&self.certificate).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| wrong(format!("the certificate cannot be read: {error}")))?;
        let key = PrivateKeyDer::from_pem_slice(&self.private_key)
            .map_err(|error| wrong(format!("the private key cannot be read: {error}")))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config = builder
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| wrong(format!("the certificate cannot be used: {error}")))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
