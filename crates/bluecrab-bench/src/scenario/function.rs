//! The functions of a scenario.

use super::app::{self, App};
use super::fault::Fault;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A function under measurement.
#[derive(Debug, Clone)]
pub struct Function {
    /// The function's name in the report.
    pub name: String,
    /// The name of the function's app.
    pub app: String,
    /// The path of its requests, which starts with a slash.
    pub path: String,
    /// The method; without it, POST if there is a body, else GET.
    pub method: Option<String>,
    /// The header fields of each request.
    pub headers: BTreeMap<String, String>,
    /// Whether published tables compare the other functions with this one.
    pub subject: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionFields {
    name: String,
    app: Option<String>,
    path: Option<String>,
    method: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    baseline: bool,
    #[serde(default)]
    subject: bool,
}

pub fn read(
    fields: Spanned<Vec<Spanned<FunctionFields>>>,
    apps: &BTreeMap<String, App>,
) -> Result<Vec<Function>, Fault> {
    let all = fields.span();
    let mut functions: Vec<Function> = Vec::new();
    let mut baseline: Option<usize> = None;
    for function in fields.into_inner() {
        let span = function.span();
        let fault = |message: String| Fault::at(span.clone(), message);
        let FunctionFields { name, app, path, method, headers, baseline: is_baseline, subject } = function.into_inner();
        if functions.iter().any(|other| other.name == name) {
            return Err(fault(format!("there are two functions \"{name}\"")));
        }
        if is_baseline && baseline.replace(functions.len()).is_some() {
            return Err(fault("a second function is the baseline; there can be only one".to_owned()));
        }
        let app = match (app, apps.keys().next()) {
            (Some(app), _) if apps.contains_key(&app) => app,
            (Some(app), _) => return Err(fault(app::unknown(apps, &app))),
            (None, _) if apps.contains_key(&name) => name.clone(),
            (None, Some(app)) if apps.len() == 1 => app.clone(),
            (None, _) => return Err(fault(format!("name the function's `app`: {}", app::names(apps)))),
        };
        let path = path.unwrap_or_else(|| format!("/api/{name}"));
        if !path.starts_with('/') {
            return Err(fault(format!("`path` must start with a slash: \"/{path}\"")));
        }
        let headers = headers.into_iter().map(header).collect::<Result<_, _>>().map_err(fault)?;
        functions.push(Function { name, app, path, method, headers, subject });
    }
    let Some(baseline) = baseline else {
        return Err(Fault::at(all, "no function is the baseline: write `baseline = true` in one of them"));
    };
    functions[..=baseline].rotate_right(1);
    Ok(functions)
}

/// Takes a value such as `$NAME` from the environment.
fn header((name, value): (String, String)) -> Result<(String, String), String> {
    let is_name =
        |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let Some(variable) = value.strip_prefix('$').filter(is_name) else { return Ok((name, value)) };
    match std::env::var(variable) {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(format!("the header `{name}` takes its value from the environment variable {variable}: set it")),
    }
}
