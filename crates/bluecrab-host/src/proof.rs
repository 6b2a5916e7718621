//! With `--auth`, the host proves to a client that it knows the app's master key. `bluecrab invoke` sends this key only
//! then, because any program may listen on the port.

use crate::keys::new_key;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use ring::hmac;

/// The header of a request for a proof. Its value is the client's own random text.
pub const CHALLENGE: &str = "x-bluecrab-challenge";
/// The header with the proof: an HMAC of that text.
pub const PROOF: &str = "x-bluecrab-proof";

/// What a client sends to a host, and compares with the answer.
pub struct Challenge(String);

impl Challenge {
    /// Makes a text that was never sent before.
    #[expect(clippy::new_without_default, reason = "each value differs")]
    pub fn new() -> Self {
        Self(new_key())
    }

    /// Returns the header to send, with its value.
    pub fn header(&self) -> (&'static str, &str) {
        (CHALLENGE, &self.0)
    }

    /// Returns whether an answer comes from the host on this port of the app with this key.
    pub fn is_met(&self, answer: &HeaderMap, master_key: &str, port: u16) -> bool {
        let proof = answer.get(PROOF).and_then(|proof| URL_SAFE_NO_PAD.decode(proof).ok());
        proof.is_some_and(|proof| hmac::verify(&key(master_key), &signed(&self.0, port), &proof).is_ok())
    }
}

/// Returns the proof that a host on this port knows the key.
pub fn prove(challenge: &str, master_key: &str, port: u16) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(&key(master_key), &signed(challenge, port)))
}

fn key(master_key: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, master_key.as_bytes())
}

/// The port belongs to what is signed, so that a program on another port cannot pass on the real host's proof.
fn signed(challenge: &str, port: u16) -> Vec<u8> {
    format!("bluecrab dev on port {port}: {challenge}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_of_the_key_on_the_port_meets_a_challenge() {
        let challenge = Challenge::new();
        let is_met = |proof: &str| {
            let mut answer = HeaderMap::new();
            answer.insert(PROOF, proof.parse().unwrap());
            challenge.is_met(&answer, "key", 7071)
        };
        assert!(is_met(&prove(&challenge.0, "key", 7071)));
        for (text, key, port) in
            [(&challenge.0, "another", 7071), (&challenge.0, "key", 7072), (&Challenge::new().0, "key", 7071)]
        {
            assert!(!is_met(&prove(text, key, port)), "{text} {key} {port}");
        }
        assert!(!is_met("") && !is_met(&challenge.0));
        assert!(!challenge.is_met(&HeaderMap::new(), "key", 7071));
    }
}
