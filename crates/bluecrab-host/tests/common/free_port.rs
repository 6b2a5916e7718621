//! Ports for tests that must know a port before a program opens it.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Where no system takes the ports that it chooses for listeners and for connections. Linux begins at 32768, others
/// later, so that no program gets one of these by chance before the test uses it.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// Returns a free port, another one each time. Processes begin in different places.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let count = u32::from(PORTS.end - PORTS.start);
    loop {
        let place = (std::process::id().wrapping_mul(37) + GIVEN.fetch_add(1, Ordering::Relaxed)) % count;
        let port = PORTS.start + place as u16;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
