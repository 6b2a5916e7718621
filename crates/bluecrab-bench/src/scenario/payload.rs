//! Request bodies: a file, a generator's output, or nothing.

use super::app::{App, Place, Settings};
use super::fault::Fault;
use super::generate::generate;
use bytes::Bytes;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// What a call sends.
#[derive(Debug, Clone, Default)]
pub struct Payload {
    /// Its name in the report.
    pub name: String,
    /// The payload's place on the axis of a sweep.
    pub size: Option<f64>,
    /// The request body, if there is one.
    pub body: Option<Body>,
    /// The bodies of functions that take the payload in another form.
    pub other: BTreeMap<String, Body>,
    /// App settings with which the hosts of folders serve this payload, in addition to the apps' own settings.
    pub settings: Settings,
}

/// A request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub bytes: Bytes,
    pub content_type: String,
}

impl Payload {
    /// Returns the body that a function gets.
    pub fn body(&self, function: &str) -> Option<&Body> {
        self.other.get(function).or(self.body.as_ref())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    name: Option<String>,
    file: Option<PathBuf>,
    generate: Option<Spanned<String>>,
    content_type: Option<String>,
    sizes: Option<Spanned<Vec<usize>>>,
    #[serde(default)]
    functions: BTreeMap<String, Spanned<BodyFields>>,
    #[serde(default)]
    settings: Settings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyFields {
    file: Option<PathBuf>,
    generate: Option<Spanned<String>>,
    content_type: Option<String>,
}

/// This text in a payload's name or recipe is replaced by each size of a sweep.
const SIZE: &str = "{size}";

pub fn read(
    entries: Vec<Spanned<Fields>>,
    folder: &Path,
    functions: &[&str],
    apps: &BTreeMap<String, App>,
) -> Result<Vec<Payload>, Fault> {
    let is_running = apps.values().any(|app| matches!(app.place, Place::Url(_)));
    let mut payloads: Vec<Payload> = Vec::new();
    for entry in entries {
        let span = entry.span();
        let Fields { name, file, generate, content_type, sizes, functions: other, settings } = entry.into_inner();
        if let Some((name, body)) = other.iter().find(|(name, _)| !functions.contains(&name.as_str())) {
            let message = format!("there is no function \"{name}\"; there is {}", functions.join(", "));
            return Err(Fault::at(body.span(), message));
        }
        if is_running && !settings.is_empty() {
            let message = "an app at an address is running already: no payload can change its `settings`";
            return Err(Fault::at(span, message));
        }
        let body = Spanned::new(span.clone(), BodyFields { file, generate, content_type });
        let one = |name: String, size: Option<usize>| -> Result<Payload, Fault> {
            let other = other.iter().map(|(name, body)| Ok((name.clone(), make(body, size, folder)?)));
            let other = other.collect::<Result<_, Fault>>()?;
            let (size, body) = (size.map(|size| size as f64), Some(make(&body, size, folder)?));
            Ok(Payload { name, size, body, other, settings: settings.clone() })
        };
        match sizes {
            None => payloads.push(one(name.unwrap_or_else(|| source(body.get_ref())), None)?),
            Some(sizes) => {
                check_sweep(&sizes, other.values().chain([&body]))?;
                for size in sizes.into_inner() {
                    let name = match &name {
                        Some(name) if name.contains(SIZE) => name.replace(SIZE, &size.to_string()),
                        Some(name) => format!("{name} {size}"),
                        None => size.to_string(),
                    };
                    payloads.push(one(name, Some(size))?);
                }
            }
        }
        let names: Vec<&String> = payloads.iter().map(|payload| &payload.name).collect();
        if let Some(twice) = (1..names.len()).find(|index| names[..*index].contains(&names[*index])) {
            return Err(Fault::at(span, format!("there are two payloads \"{}\"", names[twice])));
        }
    }
    if payloads.is_empty() {
        payloads.push(Payload { name: "no body".to_owned(), ..Payload::default() });
    }
    Ok(payloads)
}

fn source(body: &BodyFields) -> String {
    match (&body.file, &body.generate) {
        (Some(file), _) => file.display().to_string(),
        (None, recipe) => recipe.as_ref().map(|recipe| recipe.get_ref().clone()).unwrap_or_default(),
    }
}

fn check_sweep<'a>(
    sizes: &Spanned<Vec<usize>>,
    bodies: impl Iterator<Item = &'a Spanned<BodyFields>>,
) -> Result<(), Fault> {
    for body in bodies {
        match &body.get_ref().generate {
            Some(recipe) if recipe.get_ref().contains(SIZE) => {}
            recipe => {
                let span = recipe.as_ref().map_or(body.span(), Spanned::span);
                return Err(Fault::at(span, format!("a sweep needs {SIZE} in its `generate`, where the size goes")));
            }
        }
    }
    let list = sizes.get_ref();
    if list.first().is_none_or(|first| *first == 0) || !list.is_sorted_by(|one, two| one < two) {
        return Err(Fault::at(sizes.span(), "`sizes` must be numbers greater than 0, in ascending order"));
    }
    Ok(())
}

fn make(fields: &Spanned<BodyFields>, size: Option<usize>, folder: &Path) -> Result<Body, Fault> {
    let (bytes, usual) = match fields.get_ref() {
        BodyFields { file: Some(file), generate: None, .. } => {
            let path = folder.join(file);
            let bytes = std::fs::read(&path)
                .map_err(|error| Fault::at(fields.span(), format!("cannot read {}: {error}", path.display())))?;
            (bytes.into(), media_type(file))
        }
        BodyFields { file: None, generate: Some(recipe), .. } => {
            let text =
                size.map_or_else(|| recipe.get_ref().clone(), |size| recipe.get_ref().replace(SIZE, &size.to_string()));
            let made = generate(&text).map_err(|message| Fault::at(recipe.span(), message))?;
            (made.body, made.content_type)
        }
        _ => {
            let message = "a payload is a `file`, or `generate = \"…\"`, with `sizes = […]` for a sweep";
            return Err(Fault::at(fields.span(), message));
        }
    };
    let content_type = fields.get_ref().content_type.clone().unwrap_or_else(|| usual.to_owned());
    Ok(Body { bytes, content_type })
}

/// Returns the media type that belongs to a file's extension.
fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("json") => "application/json",
        Some("csv") => "text/csv",
        Some("txt" | "md" | "log") => "text/plain",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}
