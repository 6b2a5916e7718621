//! The addresses that the host listens on.

use crate::error::HostError;
use std::io::{ErrorKind, Result};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::{TcpListener, TcpStream};

/// With a free port of IPv4, the same port of IPv6 may be taken: so often another one is tried.
const PORT_TRIES: usize = 10;

/// The listeners of a host. On 127.0.0.1 it listens on `[::1]` too, since `localhost` may mean either.
pub struct Listeners {
    first: TcpListener,
    second: Option<TcpListener>,
}

impl Listeners {
    /// Listens on an address.
    ///
    /// # Errors
    /// If the port is taken, or the address is not of this machine.
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
                // A machine without IPv6: `localhost` means 127.0.0.1 only.
                Err(_) => return Ok(Self { first, second: None }),
            }
        }
    }

    /// The address that was asked for, with the port that the system has chosen.
    ///
    /// # Errors
    /// The system's.
    pub fn address(&self) -> Result<SocketAddr> {
        self.first.local_addr()
    }

    /// The next connection.
    ///
    /// # Errors
    /// The system's.
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
