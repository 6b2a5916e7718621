//! Passwords hashed, and held against their hashes.

use bcrypt::{HashParts, Version};
use bluecrab::{Json, Problem, http};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt::Display;
use std::ops::RangeInclusive;

/// Each step more takes twice the time: 14 takes about a second.
const COSTS: RangeInclusive<u32> = 4..=14;

/// What `hash` takes.
#[derive(Deserialize)]
struct ToHash {
    password: String,
    /// 16 bytes in hexadecimal.
    salt: String,
    /// JSON does not tell `4` from `4.0`.
    cost: f64,
}

/// The hash of a password with a given salt.
#[http(methods = ["POST"])]
pub fn hash(Json(body): Json<Map<String, Value>>) -> Result<String, Problem> {
    let ToHash { password, salt, cost } = read(body)?;
    let cost = if cost.fract() == 0.0 { cost as u32 } else { 0 };
    check_cost(cost)?;
    let salt = from_hex(&salt).ok_or_else(|| Problem::bad_request("salt: 32 digits are expected"))?;
    let parts = bcrypt::hash_with_salt(password, cost, salt)?;
    Ok(parts.format_for_version(Version::TwoB))
}

/// What `verify` takes.
#[derive(Deserialize)]
struct ToVerify {
    password: String,
    hash: String,
}

/// Whether a hash is that of a password.
#[http(methods = ["POST"])]
pub fn verify(Json(body): Json<Map<String, Value>>) -> Result<Json<bool>, Problem> {
    let ToVerify { password, hash } = read(body)?;
    let parts: HashParts = hash.parse().map_err(not_a_hash)?;
    // The crate takes the hashes of an old error of PHP, `2x`, and a cost of `+4` too.
    if hash.starts_with("$2x$") || hash.contains('+') {
        return Err(not_a_hash("its beginning is not `$2b$` and two digits"));
    }
    check_cost(parts.get_cost())?;
    bcrypt::verify(password, &hash).map(Json).map_err(not_a_hash)
}

fn not_a_hash(reason: impl Display) -> Problem {
    Problem::bad_request(format!("hash: not a hash of bcrypt: {reason}"))
}

/// An object, and not a list of its members' values, which serde takes for one.
fn read<T: DeserializeOwned>(body: Map<String, Value>) -> Result<T, Problem> {
    serde_json::from_value(Value::Object(body)).map_err(|error| Problem::bad_request(error.to_string()))
}

fn check_cost(cost: u32) -> Result<(), Problem> {
    if COSTS.contains(&cost) { Ok(()) } else { Err(Problem::bad_request("cost: 4 to 14 is expected")) }
}

fn from_hex(text: &str) -> Option<[u8; 16]> {
    let is_salt = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_salt.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(u128::to_be_bytes)
}
