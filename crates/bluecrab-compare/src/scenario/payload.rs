//! What functions are called with: nothing, a file, or what a generator makes.

use super::check::{Wrong, wrong};
use super::generate::generate;
use bytes::Bytes;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// What a call sends.
#[derive(Debug, Clone)]
pub struct Payload {
    /// What it is called in the report.
    pub name: String,
    /// Its place on the axis of a sweep.
    pub size: Option<f64>,
    /// What is sent; where there is nothing, a request has no body.
    pub body: Option<Body>,
    /// The same in another form, for functions by their names.
    pub other: BTreeMap<String, Body>,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The bytes.
    pub bytes: Bytes,
    /// Their media type.
    pub content_type: String,
}

impl Payload {
    /// What a function gets.
    pub fn of(&self, function: &str) -> Option<&Body> {
        self.other.get(function).or(self.body.as_ref())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPayload {
    name: Option<String>,
    file: Option<PathBuf>,
    generate: Option<Spanned<String>>,
    content_type: Option<String>,
    sizes: Option<Spanned<Vec<usize>>>,
    #[serde(default)]
    functions: BTreeMap<String, Spanned<RawBody>>,
}

/// A body of one function's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBody {
    file: Option<PathBuf>,
    generate: Option<Spanned<String>>,
    content_type: Option<String>,
}

/// What stands for the size in a sweep.
const SIZE: &str = "{size}";

pub(super) fn read(raw: Vec<Spanned<RawPayload>>, folder: &Path, functions: &[&str]) -> Result<Vec<Payload>, Wrong> {
    let mut payloads = Vec::new();
    for payload in raw {
        let span = payload.span();
        let raw = payload.into_inner();
        for (name, body) in &raw.functions {
            if !functions.contains(&name.as_str()) {
                let message = format!("there is no function \"{name}\"; there is {}", functions.join(", "));
                return Err(wrong(body.span(), message));
            }
        }
        let body = RawBody { file: raw.file, generate: raw.generate, content_type: raw.content_type };
        let body = Spanned::new(span, body);
        match raw.sizes {
            Some(sizes) => payloads.extend(sweep(raw.name, &body, &sizes, &raw.functions, folder)?),
            None => {
                let usual = match (&body.get_ref().file, &body.get_ref().generate) {
                    (Some(file), _) => file.display().to_string(),
                    (None, recipe) => recipe.as_ref().map(|recipe| recipe.get_ref().clone()).unwrap_or_default(),
                };
                let name = raw.name.unwrap_or(usual);
                payloads.push(one(name, None, &body, &raw.functions, folder)?);
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
        payloads.push(Payload { name: "no body".to_owned(), size: None, body: None, other: BTreeMap::new() });
    }
    Ok(payloads)
}

fn sweep(
    name: Option<String>,
    body: &Spanned<RawBody>,
    sizes: &Spanned<Vec<usize>>,
    functions: &BTreeMap<String, Spanned<RawBody>>,
    folder: &Path,
) -> Result<Vec<Payload>, Wrong> {
    for body in functions.values().chain([body]) {
        match &body.get_ref().generate {
            Some(recipe) if recipe.get_ref().contains(SIZE) => {}
            recipe => {
                let span = recipe.as_ref().map_or(body.span(), Spanned::span);
                return Err(wrong(span, format!("a sweep's `generate` says where the size goes: {SIZE}")));
            }
        }
    }
    if sizes.get_ref().is_empty() || !sizes.get_ref().is_sorted_by(|one, two| one < two) || sizes.get_ref()[0] == 0 {
        return Err(wrong(sizes.span(), "`sizes` must be numbers greater than 0 that grow"));
    }
    let of_size = |&size: &usize| {
        let text = size.to_string();
        let name = match &name {
            Some(name) if name.contains(SIZE) => name.replace(SIZE, &text),
            Some(name) => format!("{name} {text}"),
            None => text,
        };
        one(name, Some(size), body, functions, folder)
    };
    sizes.get_ref().iter().map(of_size).collect()
}

fn one(
    name: String,
    size: Option<usize>,
    body: &Spanned<RawBody>,
    functions: &BTreeMap<String, Spanned<RawBody>>,
    folder: &Path,
) -> Result<Payload, Wrong> {
    let other = functions.iter().map(|(name, body)| Ok((name.clone(), made(body, size, folder)?)));
    let other = other.collect::<Result<_, Wrong>>()?;
    Ok(Payload { name, size: size.map(|size| size as f64), body: Some(made(body, size, folder)?), other })
}

fn made(raw: &Spanned<RawBody>, size: Option<usize>, folder: &Path) -> Result<Body, Wrong> {
    match raw.get_ref() {
        RawBody { file: Some(file), generate: None, content_type } => {
            let path = folder.join(file);
            let bytes = std::fs::read(&path)
                .map_err(|error| wrong(raw.span(), format!("cannot read {}: {error}", path.display())))?;
            let content_type = content_type.clone().unwrap_or_else(|| by_name(file).to_owned());
            Ok(Body { bytes: bytes.into(), content_type })
        }
        RawBody { file: None, generate: Some(recipe), content_type } => {
            let text = match size {
                Some(size) => recipe.get_ref().replace(SIZE, &size.to_string()),
                None => recipe.get_ref().clone(),
            };
            let made = generate(&text).map_err(|message| wrong(recipe.span(), message))?;
            let content_type = content_type.clone().unwrap_or_else(|| made.content_type.to_owned());
            Ok(Body { bytes: made.body, content_type })
        }
        _ => {
            let message = "a payload is a `file`, or `generate = \"…\"`, with `sizes = […]` where it is a sweep";
            Err(wrong(raw.span(), message))
        }
    }
}

/// The media type of a file that goes by the usual names.
fn by_name(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("json") => "application/json",
        Some("csv") => "text/csv",
        Some("txt" | "md" | "log") => "text/plain",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}
