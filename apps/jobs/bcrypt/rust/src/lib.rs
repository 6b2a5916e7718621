//! Passwords hashed, and held against their hashes.

use bcrypt::Version;
use bluecrab::{Json, Problem, http};
use serde::Deserialize;

/// What `hash` takes.
#[derive(Deserialize)]
pub struct ToHash {
    password: String,
    /// 16 bytes in hexadecimal.
    salt: String,
    cost: u32,
}

/// The hash of a password with a given salt.
#[http(methods = ["POST"])]
pub fn hash(Json(ToHash { password, salt, cost }): Json<ToHash>) -> Result<String, Problem> {
    if !(4..=14).contains(&cost) {
        return Err(Problem::bad_request("cost: 4 to 14 is expected"));
    }
    let salt = from_hex(&salt).ok_or_else(|| Problem::bad_request("salt: 32 digits are expected"))?;
    let parts = bcrypt::hash_with_salt(password, cost, salt)?;
    Ok(parts.format_for_version(Version::TwoB))
}

/// What `verify` takes.
#[derive(Deserialize)]
pub struct ToVerify {
    password: String,
    hash: String,
}

/// Whether a hash is that of a password.
#[http(methods = ["POST"])]
pub fn verify(Json(ToVerify { password, hash }): Json<ToVerify>) -> Result<Json<bool>, Problem> {
    let matches = bcrypt::verify(password, &hash);
    matches.map(Json).map_err(|error| Problem::bad_request(format!("hash: {error}")))
}

fn from_hex(text: &str) -> Option<[u8; 16]> {
    let is_salt = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_salt.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(u128::to_be_bytes)
}
