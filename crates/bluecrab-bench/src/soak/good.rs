//! Requests that must be answered right: every size and form of a product, and what only moves bytes.

use super::case::{Case, Expected, Kind};
use anyhow::{Context, Result, anyhow};
use bluecrab_compare::matrices;
use bluecrab_compare::random::Random;
use bluecrab_matrix::{Form, Operand, Shape, multiply, npy, parse_pair, print, print_result};
use bytes::Bytes;

const SIZES: [usize; 9] = [1, 2, 3, 8, 20, 30, 60, 100, 300];
/// Of sizes up to this many, so many pairs; of larger ones one.
const SMALL: usize = 30;
const SEEDS: u64 = 4;
/// What multiply-rust takes on the event loop; see its `inline_up_to`.
const INLINE_UP_TO: usize = 16 << 10;

const JSON: &str = "application/json";
const NPY: &str = "application/x-npy";

/// Numbers that are read and printed in every way there is.
const NUMBERS: &str = "[[[1e21],[1e20],[0.000001],[1e-7],[-0],[5e-324],[1e400],[33093792212857.5625],[0.1]],[[1]]]";

/// All of them, the answers calculated here without WebAssembly.
pub fn cases() -> Result<Vec<Case>> {
    let mut cases = others();
    for size in SIZES {
        for seed in 0..if size <= SMALL { SEEDS } else { 1 } {
            let pair = matrices::pair(size, seed);
            let (one, two) = parse_pair(&pair).map_err(|error| anyhow!("a pair of our own: {error}"))?;
            cases.extend(products(&one, &two)?);
            if size <= SMALL {
                cases.push(product("multiply-mathjs", &pair, JSON, JSON)?);
            }
        }
    }
    let flat = [1.0, 0.1, -2.5, 1e-7, 1e21, 0.0];
    for (one, two) in [(Shape::Matrix(2, 3), Shape::Matrix(3, 2)), (Shape::Matrix(1, 6), Shape::Matrix(6, 1))] {
        let operand = |shape| Operand::new(shape, Form::Nested, flat.to_vec()).context("six numbers");
        cases.extend(products(&operand(one)?, &operand(two)?)?);
    }
    for body in ["[[1,2],[3,4]]", "[[1,2],[[3],[4]]]", "[2,[[1.1,-0]]]", "[[1,2],0.1]", "[2,3]", NUMBERS] {
        cases.push(product("multiply-rust", body.as_bytes(), JSON, JSON)?);
    }
    Ok(cases)
}

/// A product in every form in which it can be asked for.
fn products(one: &Operand<'_>, two: &Operand<'_>) -> Result<Vec<Case>> {
    let [one_nested, one_ndarray, two_nested, two_ndarray] =
        [(one, Form::Nested), (one, Form::NdArray), (two, Form::Nested), (two, Form::NdArray)].map(json);
    let list = |one: &str, two: &str| format!("[{one},{two}]");
    let arrays = [npy::print(one), npy::print(two)].concat();
    let nested = list(&one_nested, &two_nested);
    Ok(vec![
        product("multiply-rust", nested.as_bytes(), JSON, JSON)?,
        product("multiply-rust", nested.as_bytes(), JSON, NPY)?,
        product("multiply-rust", list(&one_ndarray, &two_ndarray).as_bytes(), JSON, "*/*")?,
        product("multiply-rust", list(&one_ndarray, &two_nested).as_bytes(), JSON, JSON)?,
        product("multiply-rust", list(&one_nested, &two_ndarray).as_bytes(), JSON, JSON)?,
        product(
            "multiply-rust",
            format!("{{\"matrixTwo\": {two_nested},\n\t\"matrixOne\": {one_nested}}}").as_bytes(),
            JSON,
            JSON,
        )?,
        product("multiply-rust", &arrays, NPY, NPY)?,
        product("multiply-rust", &arrays, NPY, JSON)?,
    ])
}

fn json((operand, form): (&Operand<'_>, Form)) -> String {
    let operand = Operand::new(operand.shape(), form, operand.data().to_vec());
    operand.map_or_else(String::new, |operand| String::from_utf8_lossy(&print(&operand)).into_owned())
}

fn product(function: &str, body: &[u8], content_type: &'static str, accept: &'static str) -> Result<Case> {
    let pair = if content_type == NPY { npy::parse_pair(body) } else { parse_pair(body) };
    let (one, two) = pair.map_err(|error| anyhow!("a body of our own: {error}"))?;
    let product = multiply(&one, &two).map_err(|error| anyhow!("a product of our own: {error}"))?;
    let expected = if accept == NPY { npy::print(&product) } else { print_result(&product) };
    let is_inline = function != "multiply-rust" || body.len() <= INLINE_UP_TO;
    let kind = if is_inline { Kind::Inline } else { Kind::Pooled };
    let case = Case::post(kind, function, body.to_vec(), Expected::Bytes(expected.into()));
    Ok(case.with("content-type", content_type).with("accept", accept))
}

/// The empty functions, and bodies that come back as they went.
fn others() -> Vec<Case> {
    let text = |kind, path, text: &'static str| Case::get(kind, path, Expected::Bytes(text.into()));
    let mut cases = vec![
        text(Kind::Inline, "hello-node", "Hello from Node.js"),
        text(Kind::Inline, "hello-rust", "Hello from Rust"),
        text(Kind::Pooled, "give-string", "grüße"),
        text(Kind::Pooled, "path-one/7", "7"),
        // No instance that has failed ever answers.
        text(Kind::Pooled, "fail-before", "false"),
    ];
    let mut random = Random(1);
    for length in [0, 1, 1000, 70_000, 1_000_000] {
        let bytes: Bytes = (0..length).map(|_| random.below(256) as u8).collect::<Vec<_>>().into();
        cases.push(Case::post(Kind::Pooled, "bytes", bytes.clone(), Expected::Bytes(bytes)));
    }
    cases
}
