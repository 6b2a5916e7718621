//! A tool for agents, and functions that JavaScript calls.

use bluecrab::{Bytes, Json, Problem, ToolArguments, callable, mcp_tool};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The arguments of `mcp_divide`.
#[derive(Deserialize, ToolArguments)]
#[serde(rename_all = "camelCase")]
pub struct Division {
    /// The number to divide.
    dividend: f64,
    /// The number to divide by.
    divided_by: f64,
    /// How many decimal places the quotient has.
    places: Option<usize>,
    /// Names for the log.
    #[serde(default)]
    names: Vec<String>,
}

/// Divides two numbers.
#[mcp_tool]
pub fn mcp_divide(Json(division): Json<Division>) -> Result<String, Problem> {
    if division.divided_by == 0.0 {
        return Err(Problem::bad_request("a number cannot be divided by zero"));
    }
    log::info!("for {:?}", division.names);
    Ok(format!("{:.*}", division.places.unwrap_or(6), division.dividend / division.divided_by))
}

/// The sum of all bytes.
#[callable]
pub fn callable_sum(body: Bytes) -> String {
    body.iter().map(|byte| u64::from(*byte)).sum::<u64>().to_string()
}

/// A point in the plane.
#[derive(Serialize, Deserialize)]
pub struct Point {
    x: f64,
    y: f64,
}

/// Swaps the coordinates.
#[callable]
pub fn callable_swap(Json(Point { x, y }): Json<Point>) -> Json<Point> {
    Json(Point { x: y, y: x })
}

/// Fails in the way that the body names.
#[callable(timeout = "500ms")]
pub fn callable_fail(way: String) -> Result<(), Problem> {
    match way.as_str() {
        "panic" => panic!("the caller wants a panic"),
        "sleep" => std::thread::sleep(Duration::from_secs(3600)),
        _ => {}
    }
    Err(Problem::new(422, format!("`{way}` is not a way to fail")))
}
