//! The listeners of the host.

use crate::error::HostError;
use std::io::{ErrorKind, Result};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::{TcpListener, TcpStream};

/// A port that is free for IPv4 may be in use for IPv6; then another port is tried.
const PORT_TRIES: usize = 10;

/// The listeners of the host. A host on 127.0.0.1 also listens on `[::1]`, because `localhost` may resolve to either
/// address.
pub struct Listeners {
    first: TcpListener,
    second: Option<TcpListener>,
}

impl Listeners {
    /// Listens on an address.
    ///
    /// # Errors
    /// Returns an error if the port is in use or the address does not belong to this machine.
    pub async fn bind(address: SocketAddr) -> std::result::Result<Self, HostError> {
        let cannot_listen = |address: SocketAddr, reason: std::io::Error| match reason.kind() {
            ErrorKind::AddrInUse => HostError::PortInUse { port: address.port() },
            _ => HostError::CannotListen { address: address.to_string(), reason },
        };
        let mut tries = 0;
        loop {
            let first = TcpListener::bind(address).await.map_err(|reason| cannot_listen(address, reason))?;
            if address.ip() != Ipv4Addr::LOCALHOST {
                return Ok(Self { first, second: None });
            }
            let port = first.local_addr().map_err(|reason| cannot_listen(address, reason))?.port();
            let second = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port);
            match TcpListener::bind(second).await {
                Ok(second) => return Ok(Self { first, second: Some(second) }),
                Err(reason) if reason.kind() == ErrorKind::AddrInUse => {
                    tries += 1;
                    if address.port() != 0 || tries == PORT_TRIES {
                        return Err(cannot_listen(second, reason));
                    }
                }
                // Without IPv6, `localhost` means 127.0.0.1 only.
                Err(_) => return Ok(Self { first, second: None }),
            }
        }
    }

    /// Returns the requested address, with the port that the system chose.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn address(&self) -> Result<SocketAddr> {
        self.first.local_addr()
    }

    /// Accepts the next connection.
    ///
    /// # Errors
    /// Returns the system's error.
    pub async fn accept(&self) -> Result<(TcpStream, SocketAddr)> {
        match &self.second {
            Some(second) => tokio::select! {
                accepted = self.first.accept() => accepted,
                accepted = second.accept() => accepted,
            },
            None => self.first.accept().await,
        }
    }
}
