//! Reads the manifest (section 4) and its version (section 7).

use crate::report::{Broken, Report};
use serde::Deserialize;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use wasmi::Module;

const VERSION: u32 = 1;
const METHODS: [&str; 9] = ["GET", "POST", "DELETE", "HEAD", "PATCH", "PUT", "OPTIONS", "TRACE", "CONNECT"];
/// The longest delay of a Node.js timer.
const LONGEST_TIMEOUT_MS: u64 = (1 << 31) - 1;
const HEAD: [&str; 9] = ["method", "url", "params", "query", "headers", "invocationId", "trace", "retry", "metadata"];
const REQUIRES: [&str; 5] = ["trigger", "inputs", "outputs", "retry", "fresh"];

/// A line of the manifest, which declares a function.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) export: String,
    pub(crate) trigger: Trigger,
    #[serde(default)]
    pub(crate) head: Vec<String>,
    #[serde(default)]
    pub(crate) inputs: Vec<Binding>,
    #[serde(default)]
    pub(crate) outputs: Vec<Binding>,
    retry: Option<Retry>,
    #[serde(default)]
    requires: Vec<String>,
    pub(crate) warm_up: Option<String>,
    #[serde(default)]
    pub(crate) run: Run,
    #[serde(default = "thirty_seconds")]
    timeout_ms: u64,
    #[serde(default = "hundred_mebibytes")]
    pub(crate) max_body_bytes: u64,
    #[serde(default = "gibibyte")]
    pub(crate) max_memory_bytes: u64,
    #[serde(default)]
    env: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trigger {
    pub(crate) r#type: String,
    #[serde(default)]
    pub(crate) cardinality: Cardinality,
    #[serde(default)]
    methods: Vec<String>,
    #[serde(default)]
    auth_level: AuthLevel,
    route: Option<String>,
}

/// An input or an output.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Binding {
    pub(crate) name: String,
    pub(crate) r#type: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "strategy", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Retry {
    FixedDelay { max_retry_count: i32, delay_ms: u64 },
    ExponentialBackoff { max_retry_count: i32, minimum_ms: u64, maximum_ms: u64 },
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cardinality {
    #[default]
    One,
    Many,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AuthLevel {
    #[default]
    Anonymous,
    Function,
    Admin,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Run {
    #[default]
    Auto,
    Pool,
    /// Each call has a new instance.
    Fresh,
}

fn thirty_seconds() -> u64 {
    30_000
}

fn hundred_mebibytes() -> u64 {
    100 << 20
}

fn gibibyte() -> u64 {
    1 << 30
}

impl Function {
    /// Returns a function without options that an export runs.
    pub(crate) fn of_export(export: &str) -> Self {
        let trigger = Trigger {
            r#type: "callable".to_owned(),
            cardinality: Cardinality::One,
            methods: Vec::new(),
            auth_level: AuthLevel::Anonymous,
            route: None,
        };
        Self {
            name: export.to_owned(),
            export: export.to_owned(),
            trigger,
            head: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            retry: None,
            requires: Vec::new(),
            warm_up: None,
            run: Run::Auto,
            timeout_ms: thirty_seconds(),
            max_body_bytes: hundred_mebibytes(),
            max_memory_bytes: gibibyte(),
            env: Vec::new(),
        }
    }
}

/// Reads the manifest. If this fails, the report says why and there are no functions.
pub(crate) fn read(module: &Module, file: &Path, report: &mut Report<'_>) -> Vec<Function> {
    match of_module(module, file) {
        Ok(functions) => {
            let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
            report.pass(4, format!("the manifest declares {}", names.join(", ")));
            functions
        }
        Err(broken) => {
            report.fail(broken.section, format!("cannot read the manifest: {}", broken.what));
            Vec::new()
        }
    }
}

pub(crate) fn of_module(module: &Module, file: &Path) -> Result<Vec<Function>, Broken> {
    let text = String::from_utf8(text(module, file)?).map_err(|_| Broken::new(4, "it is not UTF-8"))?;
    let lines = (1..).zip(text.split('\n')).filter(|(_, line)| !line.trim().is_empty());
    let functions =
        lines.map(|(number, line)| parse(line).map_err(|what| Broken::new(4, format!("line {number}: {what}"))));
    let functions = functions.collect::<Result<Vec<_>, _>>()?;
    let mut names = HashSet::new();
    match functions.iter().find(|function| !names.insert(function.name.to_lowercase())) {
        Some(twice) => Err(Broken::new(4, format!("the function {} is declared twice", twice.name))),
        None if functions.is_empty() => Err(Broken::new(4, "it declares no functions")),
        None => Ok(functions),
    }
}

/// The content of the module's sections, or of the file next to the module if there are no sections.
fn text(module: &Module, file: &Path) -> Result<Vec<u8>, Broken> {
    let section = format!("bluecrab.functions.v{VERSION}");
    let parts: Vec<&[u8]> =
        module.custom_sections().filter(|custom| custom.name() == section).map(|custom| custom.data()).collect();
    if !parts.is_empty() {
        return Ok(parts.concat());
    }
    let sidecar = file.with_extension("functions.json");
    if let Ok(text) = std::fs::read(&sidecar) {
        return Ok(text);
    }
    let others: BTreeSet<&str> =
        module.custom_sections().filter_map(|custom| custom.name().strip_prefix("bluecrab.functions.v")).collect();
    if others.is_empty() {
        return Err(Broken::new(
            4,
            format!("the module has no section {section}, and there is no file {}", sidecar.display()),
        ));
    }
    Err(Broken::new(
        7,
        format!("it has version {}, but only version {VERSION} is supported", Vec::from_iter(others).join(" and ")),
    ))
}

fn parse(line: &str) -> Result<Function, String> {
    let function: Function = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let mut characters = function.name.chars();
    let is_name = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'));
    if !is_name || function.name.len() > 127 {
        return Err(format!(
            "`{}` cannot be the name of a function: use a letter, then letters, digits, - and _",
            function.name
        ));
    }
    let kind = &function.trigger.r#type;
    if kind != "callable" && !kind.to_lowercase().ends_with("trigger") {
        return Err(format!("`{kind}` is not the type of a trigger: it must end with `Trigger`"));
    }
    check_bindings(&function)?;
    let is_method = |method: &&String| METHODS.contains(&method.to_uppercase().as_str());
    if let Some(method) = function.trigger.methods.iter().find(|method| !is_method(method)) {
        return Err(format!("`{method}` is not an HTTP method"));
    }
    if !(1..=LONGEST_TIMEOUT_MS).contains(&function.timeout_ms) {
        return Err(format!("timeoutMs is {}, but must be from 1 to {LONGEST_TIMEOUT_MS}", function.timeout_ms));
    }
    let is_named = |member: &str| member.starts_with("header:") || member.starts_with("metadata:");
    let is_member = |member: &&String| HEAD.contains(&member.as_str()) || is_named(member);
    if let Some(member) = function.head.iter().find(|member| !is_member(member)) {
        return Err(format!("`{member}` is not a member of a request head"));
    }
    Ok(function)
}

fn check_bindings(function: &Function) -> Result<(), String> {
    let mut names = HashSet::new();
    for Binding { name, r#type } in function.inputs.iter().chain(&function.outputs) {
        if !names.insert(name) {
            return Err(format!("two bindings have the name `{name}`"));
        }
        if name.is_empty() || r#type.is_empty() {
            return Err("a binding has an empty name or type".to_owned());
        }
    }
    match function.requires.iter().find(|name| !REQUIRES.contains(&name.as_str())) {
        Some(name) => Err(format!("it requires `{name}`, which this version of the ABI does not have")),
        None => Ok(()),
    }
}
