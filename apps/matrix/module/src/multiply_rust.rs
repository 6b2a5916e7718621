//! The product with the crate bluecrab-matrix, which converts bytes directly to numbers and numbers directly to bytes.

use crate::example::example;
use crate::format::Format;
use bluecrab::header::{Accept, ContentType};
use bluecrab::{Bytes, Header, Problem, Query, Response, http, stage};
use bluecrab_matrix::{Error, MultiplyError, multiply, multiply_fused};
use serde::Deserialize;

/// The options in the query string.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Options {
    /// `fma=1` fuses multiplications and additions if the runtime can. This is faster, but some bits differ from
    /// Math.js.
    fma: Fused,
}

/// Whether to fuse multiplications and additions.
#[derive(Default, Deserialize)]
enum Fused {
    /// Round after each multiplication and each addition, as JavaScript does.
    #[default]
    #[serde(rename = "0")]
    No,
    /// Round once after both.
    #[serde(rename = "1")]
    Yes,
}

/// Multiplies two matrices in JSON or in NumPy's format. The JSON has the same bytes as the JSON from Math.js.
#[http(methods = ["POST"], warm_up = example)]
pub fn multiply_rust(
    content_type: Option<Header<ContentType>>,
    accept: Option<Header<Accept>>,
    Query(options): Query<Options>,
    body: Bytes,
) -> Result<Response, Problem> {
    let format = Format::of_content_type(content_type.as_deref().map_or("", String::as_str));
    let answer = format.accepted(accept.as_deref().map_or("", String::as_str))?;
    let operands = stage("parse", || format.parse_pair(&body));
    let product = operands.map_err(Error::from).and_then(|(one, two)| {
        let multiply = if matches!(options.fma, Fused::Yes) { multiply_fused } else { multiply };
        Ok(stage("multiply", || multiply(&one, &two))?)
    });
    drop(body);
    let response = product.and_then(|product| Ok(stage("print", || answer.print(&product))?));
    response.map_err(|error| problem(&error))
}

fn problem(error: &Error) -> Problem {
    let problem = match error {
        Error::Multiply(MultiplyError::TooLarge { .. }) => Problem::new(413, error.to_string()),
        _ => Problem::bad_request(error.to_string()),
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::Request;
    use bluecrab::testing::call;
    use bluecrab_matrix::{Form, Operand, Shape, npy};

    const JSON: &str = "[[[1,2],[3,4]],[[5],[6]]]";

    fn post(body: impl Into<Bytes>) -> Request {
        Request::post("/api/multiply-rust").with_body(body)
    }

    fn column(numbers: [f64; 2]) -> Vec<u8> {
        npy::print(&Operand::new(Shape::Matrix(2, 1), Form::Nested, numbers.to_vec()).unwrap()).unwrap()
    }

    fn arrays() -> Vec<u8> {
        let one = Operand::new(Shape::Matrix(2, 2), Form::Nested, vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        [npy::print(&one).unwrap(), column([5.0, 6.0])].concat()
    }

    #[test]
    fn accept_chooses_the_format_of_the_response() {
        for (content_type, accept, body, is_npy) in [
            ("", "", JSON.as_bytes().to_vec(), false),
            ("application/json", "*/*", JSON.into(), false),
            ("application/json; charset=utf-8", "application/x-npy", JSON.into(), true),
            ("application/x-www-form-urlencoded", "text/html, */*;q=0.1", JSON.into(), false),
            ("application/x-npy", "", arrays(), true),
            ("application/x-npy", "*/*", arrays(), true),
            ("Application/X-NPY", "application/json", arrays(), false),
            ("application/x-npy", "application/json;q=0.5, application/x-npy", arrays(), true),
            ("application/x-npy", "application/json, application/x-npy;q=0", arrays(), false),
        ] {
            let headers = [("content-type", content_type), ("accept", accept)];
            let request = headers.into_iter().filter(|(_, value)| !value.is_empty());
            let request = request.fold(post(body), |request, (name, value)| request.with_header(name, value));
            let response = call(multiply_rust, request);
            assert_eq!(response.status(), 200, "{content_type} {accept}");
            let expected = if is_npy { column([17.0, 39.0]) } else { br#"{"result":[[17],[39]]}"#.to_vec() };
            assert_eq!(response.body(), expected, "{content_type} {accept}");
        }
    }

    #[test]
    fn the_query_option_fma_is_zero_or_one() {
        let status = |query: &str| {
            call(multiply_rust, Request::post(&format!("/api/multiply-rust?{query}")).with_body(JSON)).status()
        };
        assert_eq!(status("fma=1"), 200);
        assert_eq!(status("fma=0"), 200);
        assert_eq!(status("other=x"), 200);
        assert_eq!(status("fma=yes"), 400);
    }

    #[test]
    fn refuses_formats_that_it_cannot_read_or_write() {
        let response = call(multiply_rust, post(JSON).with_header("accept", "text/csv"));
        assert_eq!(response.status(), 406);
        let response = call(multiply_rust, post(JSON).with_header("content-type", "application/x-npy"));
        assert_eq!(response.status(), 400);
    }
}
