//! The formats of bodies. The headers `Content-Type` and `Accept` choose them.

use bluecrab::{Problem, Response};
use bluecrab_matrix::{MultiplyError, Operand, ParseError, npy, parse_pair, print_result};

const NPY: &str = "application/x-npy";
const NPZ: &str = "application/x-npz";
const JSON: &str = "application/json";

/// The format of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON. It is also read if the content type is missing or different, because `curl -d` says that it sends a form.
    Json,
    /// NumPy's `.npy`, or `.npz`, which holds both operands.
    Npy,
}

impl Format {
    /// The format of a request's body.
    pub fn of_content_type(content_type: &str) -> Self {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if is(media_type, NPY) || is(media_type, NPZ) { Self::Npy } else { Self::Json }
    }

    /// Chooses the format of the response: the accepted format with the higher quality, or the request's format if both
    /// have the same quality.
    pub fn accepted(self, accept: &str) -> Result<Self, Problem> {
        if accept.is_empty() {
            return Ok(self);
        }
        let other = if self == Self::Json { Self::Npy } else { Self::Json };
        match (self.quality(accept), other.quality(accept)) {
            (0.0, 0.0) => Err(Problem::new(
                406,
                format!("this function answers in {JSON} or {NPY}, but the request accepts {accept}"),
            )),
            (own, others) => Ok(if own >= others { self } else { other }),
        }
    }

    /// The quality of the most specific media range that matches, by RFC 9110, section 12.5.1. Not acceptable is 0.
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

    /// Reads the two operands of a body.
    pub fn parse_pair(self, body: &[u8]) -> Result<(Operand<'_>, Operand<'_>), ParseError> {
        match self {
            Self::Json => parse_pair(body),
            Self::Npy => npy::parse_pair(body),
        }
    }

    /// Writes a product as the response.
    pub fn print(self, product: &Operand<'_>) -> Result<Response, MultiplyError> {
        Ok(match self {
            Self::Json => Response::json(print_result(product)?),
            Self::Npy => Response::new(npy::print(product)?).with_header("content-type", NPY),
        })
    }
}

fn is(media_type: &str, other: &str) -> bool {
    media_type.eq_ignore_ascii_case(other)
}
