//! The scenario file: its fields as serde types that validate themselves, then the checks across fields.

use super::fault::Fault;
use super::{Answers, App, Comparer, Function, Load, Place, Probe, Scenario, Workers, payload};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Option<String>,
    note: Option<String>,
    rounds: Option<NonZeroUsize>,
    seconds: Option<Seconds>,
    warm_up: Option<Seconds>,
    #[serde(default)]
    workers: Workers,
    cores: Option<NonZeroUsize>,
    cold_starts: Option<usize>,
    call_limit: Option<Seconds>,
    apps: Spanned<BTreeMap<String, Spanned<AppFields>>>,
    functions: Spanned<Vec<Spanned<FunctionFields>>>,
    #[serde(default)]
    payloads: Vec<Spanned<payload::Fields>>,
    #[serde(default)]
    loads: Vec<Spanned<Load>>,
    #[serde(default)]
    answers: Answers,
    probe: Option<Probe>,
}

pub fn parse(text: &str, folder: &Path) -> Result<Scenario, Fault> {
    let file: File = toml::from_str(text)?;
    let time =
        |seconds: Option<Seconds>, default| Duration::from_secs_f64(seconds.map_or(default, |Seconds(time)| time));
    let apps = apps(file.apps, folder)?;
    let functions = functions(file.functions, &apps)?;
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let payloads = payload::read(file.payloads, folder, &names, &apps)?;
    let call_limit = time(file.call_limit, 60.0);
    let mut answers = file.answers;
    if let Answers::Command(comparer) = &mut answers {
        folder.clone_into(&mut comparer.folder);
        comparer.limit = call_limit;
    }
    Ok(Scenario {
        title: file.title.unwrap_or_else(|| "Comparison".to_owned()),
        note: file.note,
        rounds: file.rounds.map_or(10, NonZeroUsize::get),
        time: time(file.seconds, 1.0),
        warm_up: time(file.warm_up, 1.0),
        workers: file.workers,
        cores: file.cores.map(NonZeroUsize::get),
        cold_starts: file.cold_starts.unwrap_or(10),
        call_limit,
        apps,
        functions,
        payloads,
        loads: loads(file.loads)?,
        answers,
        probe: file.probe,
        text: text.to_owned(),
    })
}

/// A number of seconds greater than 0.
#[derive(Deserialize)]
#[serde(try_from = "f64")]
struct Seconds(f64);

impl TryFrom<f64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        let valid = Duration::try_from_secs_f64(seconds).is_ok_and(|time| !time.is_zero());
        if valid { Ok(Self(seconds)) } else { Err("a number of seconds greater than 0 is expected") }
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "an app is a folder, an address, or { folder = …, settings = { … } }"
)]
enum AppFields {
    Place(String),
    WithSettings {
        folder: String,
        #[serde(default)]
        settings: BTreeMap<String, String>,
    },
}

fn apps(fields: Spanned<BTreeMap<String, Spanned<AppFields>>>, folder: &Path) -> Result<BTreeMap<String, App>, Fault> {
    let all = fields.span();
    let mut apps = BTreeMap::new();
    for (name, app) in fields.into_inner() {
        let span = app.span();
        let (text, settings) = match app.into_inner() {
            AppFields::Place(text) => (text, BTreeMap::new()),
            AppFields::WithSettings { folder, settings } => (folder, settings),
        };
        let place = Place::new(&text, folder);
        let is_folder = matches!(place, Place::Folder(_));
        if is_folder && text.contains("://") {
            let message = format!("the app \"{name}\" is at \"{text}\": an address starts with http:// or https://");
            return Err(Fault::at(span, message));
        }
        if !is_folder && !settings.is_empty() {
            return Err(Fault::at(span, "an app at an address is running already: it takes no `settings`"));
        }
        apps.insert(name, App { place, settings });
    }
    if apps.is_empty() {
        return Err(Fault::at(all, "name at least one app: `apps = { NAME = \"FOLDER OR URL\" }`"));
    }
    Ok(apps)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionFields {
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

fn functions(
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
        let known = || apps.keys().cloned().collect::<Vec<_>>().join(", ");
        let app = match (app, apps.keys().next()) {
            (Some(app), _) if apps.contains_key(&app) => app,
            (Some(app), _) => return Err(fault(format!("there is no app \"{app}\"; there is {}", known()))),
            (None, Some(app)) if apps.len() == 1 => app.clone(),
            (None, _) => return Err(fault(format!("name the function's `app`: {}", known()))),
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadFields {
    closed: Option<usize>,
    open: Option<f64>,
}

impl TryFrom<LoadFields> for Load {
    type Error = &'static str;

    fn try_from(fields: LoadFields) -> Result<Self, Self::Error> {
        match fields {
            LoadFields { closed: Some(callers), open: None } if callers > 0 => Ok(Self::Closed(callers)),
            LoadFields { closed: None, open: Some(rate) } if rate > 0.0 && rate.is_finite() => Ok(Self::Open(rate)),
            _ => Err("a load is either `closed = CALLERS` or `open = CALLS-A-SECOND`, greater than 0"),
        }
    }
}

fn loads(entries: Vec<Spanned<Load>>) -> Result<Vec<Load>, Fault> {
    let mut loads: Vec<Load> = Vec::new();
    for load in entries {
        if loads.contains(load.get_ref()) {
            return Err(Fault::at(load.span(), "this load is there twice"));
        }
        loads.push(load.into_inner());
    }
    Ok(if loads.is_empty() { vec![Load::Closed(1)] } else { loads })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerFields {
    compare: Compare,
    tolerance: Option<f64>,
    command: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Compare {
    Bytes,
    Numbers,
    Command,
}

impl TryFrom<AnswerFields> for Answers {
    type Error = &'static str;

    fn try_from(AnswerFields { compare, tolerance, command }: AnswerFields) -> Result<Self, Self::Error> {
        match (compare, tolerance, command) {
            (Compare::Bytes, None, None) => Ok(Self::Bytes),
            (Compare::Numbers, Some(share), None) if (0.0..1.0).contains(&share) => Ok(Self::Numbers(share)),
            (Compare::Command, None, Some(command)) if !command.is_empty() => {
                Ok(Self::Command(Comparer { command, folder: ".".into(), limit: Duration::ZERO }))
            }
            (Compare::Bytes, ..) => Err("bytes take no `tolerance` and no `command`: they are equal or not"),
            (Compare::Numbers, ..) => Err("say by what share numbers may differ: `tolerance = 1e-12`"),
            (Compare::Command, ..) => Err(
                "name the program that compares two files: `command = [\"node\", \"same.mjs\"]`, without `tolerance`",
            ),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeFields {
    path: String,
    every: Option<Seconds>,
}

impl TryFrom<ProbeFields> for Probe {
    type Error = &'static str;

    fn try_from(ProbeFields { path, every }: ProbeFields) -> Result<Self, Self::Error> {
        if !path.starts_with('/') {
            return Err("the `path` of a probe must start with a slash");
        }
        Ok(Self { path, every: Duration::from_secs_f64(every.map_or(0.05, |Seconds(time)| time)) })
    }
}
