//! The product over bluecrab-matrix: bytes straight to numbers, numbers straight to bytes.

use bluecrab::{Bytes, Problem, Response, http};
use bluecrab_matrix::Error;

/// Multiplies two matrices; the answer is byte for byte that of Math.js.
#[http(methods = ["POST"])]
pub fn multiply_rust(body: Bytes) -> Result<Response, Problem> {
    bluecrab_matrix::multiply_json(&body).map(Response::json).map_err(|error| problem(&error))
}

fn problem(error: &Error) -> Problem {
    let problem = Problem::bad_request(error.to_string());
    let Error::Parse(place) = error else { return problem };
    let members = [("row", place.row), ("column", place.column)];
    let located = members.into_iter().filter_map(|(member, value)| Some((member, value?)));
    let problem =
        located.fold(problem.with("offset", place.offset), |problem, (member, value)| problem.with(member, value));
    match place.operand {
        Some(operand) => problem.with("operand", operand),
        None => problem,
    }
}
