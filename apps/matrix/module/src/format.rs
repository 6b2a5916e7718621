//! The formats of bodies, chosen by Content-Type and Accept.

use bluecrab::{Problem, Response};
use bluecrab_matrix::{Operand, ParseError, npy, parse_pair, print_result};

const NPY: &str = "application/x-npy";
const NPZ: &str = "application/x-npz";
const JSON: &str = "application/json";

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, also where a client says nothing or something else: `curl -d` calls it a form.
    Json,
    /// NumPy's `.npy`, or `.npz` for two at once.
    Npy,
}

impl Format {
    /// What a request's body is in.
    pub fn of_content_type(content_type: &str) -> Self {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if is(media_type, NPY) || is(media_type, NPZ) { Self::Npy } else { Self::Json }
    }

    /// What to answer in: of the formats that the client accepts the one that it likes best, this one before the other.
    pub fn accepted(self, accept: &str) -> Result<Self, Problem> {
        if accept.is_empty() {
            return Ok(self);
        }
        let other = if self == Self::Json { Self::Npy } else { Self::Json };
        match (self.quality(accept), other.quality(accept)) {
            (0.0, 0.0) => Err(Problem::new(
                406,
                format!("this function answers in {JSON} or {NPY}, the request accepts {accept}"),
            )),
            (own, others) => Ok(if own >= others { self } else { other }),
        }
    }

    /// RFC 9110, section 12.5.1: the quality of the most specific range that fits; 0 is not acceptable.
    fn quality(self, accept: &str) -> f32 {
        let media_type = if self == Self::Json { JSON } else { NPY };
        let fitting = accept.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let specificity = match parts.next()? {
                "*/*" => 0,
                "application/*" => 1,
                range if is(range, media_type) => 2,
                _ => return None,
            };
            let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
            Some((specificity, quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0))))
        });
        fitting.max_by_key(|(specificity, _)| *specificity).map_or(0.0, |(_, quality)| quality)
    }

    /// The two operands of a body.
    pub fn parse_pair(self, body: &[u8]) -> Result<(Operand<'_>, Operand<'_>), ParseError> {
        match self {
            Self::Json => parse_pair(body),
            Self::Npy => npy::parse_pair(body),
        }
    }

    /// The answer with a product.
    pub fn print(self, product: &Operand<'_>) -> Response {
        match self {
            Self::Json => Response::json(print_result(product)),
            Self::Npy => Response::new(npy::print(product)).with_header("content-type", NPY),
        }
    }
}

fn is(media_type: &str, other: &str) -> bool {
    media_type.eq_ignore_ascii_case(other)
}
