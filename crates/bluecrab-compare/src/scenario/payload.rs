//! What functions are called with: nothing, a file, or what a generator makes.

use super::check::{Wrong, wrong};
use bytes::Bytes;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The body of a request.
#[derive(Debug, Clone)]
pub struct Payload {
    /// What it is called in the report.
    pub name: String,
    /// Its place on the axis of a sweep.
    pub size: Option<f64>,
    /// The bytes; where there are none, a request has no body.
    pub body: Option<Bytes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPayload {
    name: Option<String>,
    file: Option<PathBuf>,
    generate: Option<Spanned<String>>,
    sizes: Option<Spanned<Vec<usize>>>,
}

/// What stands for the size in a sweep.
const SIZE: &str = "{size}";

pub(super) fn read(raw: Vec<Spanned<RawPayload>>, folder: &Path) -> Result<Vec<Payload>, Wrong> {
    let mut payloads = Vec::new();
    for payload in raw {
        let span = payload.span();
        match payload.into_inner() {
            RawPayload { name, file: Some(file), generate: None, sizes: None } => {
                let path = folder.join(&file);
                let body = std::fs::read(&path)
                    .map_err(|error| wrong(span, format!("cannot read {}: {error}", path.display())))?;
                let name = name.unwrap_or_else(|| file.display().to_string());
                payloads.push(Payload { name, size: None, body: Some(body.into()) });
            }
            RawPayload { name, file: None, generate: Some(recipe), sizes: None } => {
                let body = generate(recipe.get_ref()).map_err(|message| wrong(recipe.span(), message))?;
                let name = name.unwrap_or_else(|| recipe.into_inner());
                payloads.push(Payload { name, size: None, body: Some(body) });
            }
            RawPayload { name, file: None, generate: Some(recipe), sizes: Some(sizes) } => {
                payloads.extend(sweep(name, &recipe, &sizes)?);
            }
            _ => {
                let message = "a payload is a `file`, or `generate = \"…\"`, with `sizes = […]` where it is a sweep";
                return Err(wrong(span, message));
            }
        }
    }
    for index in 1..payloads.len() {
        if payloads[..index].iter().any(|payload| payload.name == payloads[index].name) {
            let message = format!("there are two payloads \"{}\"", payloads[index].name);
            return Err(Wrong { span: None, message });
        }
    }
    if payloads.is_empty() {
        payloads.push(Payload { name: "no body".to_owned(), size: None, body: None });
    }
    Ok(payloads)
}

fn sweep(name: Option<String>, recipe: &Spanned<String>, sizes: &Spanned<Vec<usize>>) -> Result<Vec<Payload>, Wrong> {
    if !recipe.get_ref().contains(SIZE) {
        return Err(wrong(recipe.span(), format!("a sweep's `generate` says where the size goes: {SIZE}")));
    }
    if sizes.get_ref().is_empty() || !sizes.get_ref().is_sorted_by(|one, two| one < two) || sizes.get_ref()[0] == 0 {
        return Err(wrong(sizes.span(), "`sizes` must be numbers greater than 0 that grow"));
    }
    let one = |&size: &usize| {
        let text = size.to_string();
        let body = generate(&recipe.get_ref().replace(SIZE, &text)).map_err(|message| wrong(recipe.span(), message))?;
        let name = match &name {
            Some(name) if name.contains(SIZE) => name.replace(SIZE, &text),
            Some(name) => format!("{name} {text}"),
            None => text,
        };
        Ok(Payload { name, size: Some(size as f64), body: Some(body) })
    };
    sizes.get_ref().iter().map(one).collect()
}

/// Follows a recipe: `matrix 300x300 seed 1` gives the JSON of two matrices of random decimals.
fn generate(recipe: &str) -> Result<Bytes, String> {
    let usage = || format!("\"{recipe}\" is no generator; there is \"matrix ROWSxCOLUMNS seed NUMBER\"");
    let words: Vec<&str> = recipe.split_whitespace().collect();
    let ["matrix", size, "seed", seed] = words[..] else { return Err(usage()) };
    let (rows, columns) = size.split_once('x').ok_or_else(usage)?;
    let (rows, columns): (usize, usize) = rows.parse().ok().zip(columns.parse().ok()).ok_or_else(usage)?;
    let seed = seed.parse().map_err(|_| usage())?;
    if rows != columns || rows == 0 {
        return Err(format!("\"{recipe}\": two matrices of one size can be multiplied only where it is square"));
    }
    Ok(bluecrab_bench::payload::pair(rows, seed))
}
