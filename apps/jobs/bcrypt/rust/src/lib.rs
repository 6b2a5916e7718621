//! Hashes passwords and verifies hashes.

mod bcrypt;
mod pi;

use ::bcrypt::{BASE_64, HashParts};
use base64::Engine;
use bluecrab::{Json, Problem, http};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt::Display;
use std::ops::RangeInclusive;

/// The costs that are allowed. Each step doubles the time, and 14 takes about a second.
const COSTS: RangeInclusive<u32> = 4..=14;

/// The body of a request to `hash`.
#[derive(Deserialize)]
struct ToHash {
    password: String,
    /// 16 bytes in hexadecimal digits.
    salt: String,
    /// A float, because in JavaScript `4.0` is the same number as `4`.
    cost: f64,
}

/// Hashes a password with a given salt.
#[http(methods = ["POST"])]
pub fn hash(Json(body): Json<Map<String, Value>>) -> Result<String, Problem> {
    let ToHash { password, salt, cost } = read(body)?;
    let cost = if cost.fract() == 0.0 { cost as u32 } else { 0 };
    check_cost(cost)?;
    let salt = from_hex(&salt).ok_or_else(|| Problem::bad_request("salt: expected 32 hexadecimal digits"))?;
    let hash = bcrypt::bcrypt(cost, salt, password.as_bytes());
    Ok(format!("$2b${cost:02}${}{}", BASE_64.encode(salt), BASE_64.encode(hash)))
}

/// The body of a request to `verify`.
#[derive(Deserialize)]
struct ToVerify {
    password: String,
    hash: String,
}

/// Returns whether a password matches a hash.
#[http(methods = ["POST"])]
pub fn verify(Json(body): Json<Map<String, Value>>) -> Result<Json<bool>, Problem> {
    let ToVerify { password, hash } = read(body)?;
    let parts: HashParts = hash.parse().map_err(not_a_hash)?;
    // The crate also accepts the prefix `2x`, which marks hashes of an old bug in PHP, and a cost such as `+4`.
    if hash.starts_with("$2x$") || hash.contains('+') {
        return Err(not_a_hash("it must begin with `$2b$` and two digits"));
    }
    check_cost(parts.get_cost())?;
    let expected = BASE_64.encode(bcrypt::bcrypt(parts.get_cost(), parts.get_salt_raw(), password.as_bytes()));
    // Compares all bytes, so that the time does not tell how many of them are right.
    let difference = hash.bytes().rev().zip(expected.bytes().rev()).fold(0, |bits, (one, other)| bits | (one ^ other));
    Ok(Json(difference == 0))
}

fn not_a_hash(reason: impl Display) -> Problem {
    Problem::bad_request(format!("hash: expected a hash of bcrypt: {reason}"))
}

/// Reads an object. Serde would also accept a list of the members' values, so the caller passes a map.
fn read<T: DeserializeOwned>(body: Map<String, Value>) -> Result<T, Problem> {
    serde_json::from_value(Value::Object(body)).map_err(|error| Problem::bad_request(error.to_string()))
}

fn check_cost(cost: u32) -> Result<(), Problem> {
    if COSTS.contains(&cost) { Ok(()) } else { Err(Problem::bad_request("cost: expected a whole number from 4 to 14")) }
}

fn from_hex(text: &str) -> Option<[u8; 16]> {
    let is_salt = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_salt.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(u128::to_be_bytes)
}
