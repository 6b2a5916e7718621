//! From the file as it is written to a scenario that makes sense.

use super::{Answers, App, Compare, Function, Load, Neighbour, Raw, RawAnswers, RawFunction, RawLoad, RawNeighbour};
use super::{Scenario, payload};
use crate::comparer::Comparer;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;
use toml::Spanned;

/// What is wrong, and where.
pub(super) struct Wrong {
    pub span: Option<Range<usize>>,
    pub message: String,
}

pub(super) fn wrong(span: Range<usize>, message: impl Into<String>) -> Wrong {
    Wrong { span: Some(span), message: message.into() }
}

type Checked<T> = Result<T, Wrong>;

pub(super) fn scenario(raw: Raw, text: &str, folder: &Path) -> Checked<Scenario> {
    let rounds = match raw.rounds {
        Some(rounds) if *rounds.get_ref() == 0 => return Err(wrong(rounds.span(), "`rounds` must be at least 1")),
        rounds => rounds.map_or(10, Spanned::into_inner),
    };
    let apps = apps(raw.apps, folder)?;
    let functions = functions(raw.functions, &apps)?;
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let payloads = payload::read(raw.payloads, folder, &names)?;
    let call_limit = seconds("call_limit", raw.call_limit, 60.0)?;
    Ok(Scenario {
        title: raw.title.unwrap_or_else(|| "Comparison".to_owned()),
        rounds,
        time: seconds("seconds", raw.seconds, 1.0)?,
        warm_up: seconds("warm_up", raw.warm_up, 1.0)?,
        workers: raw.workers.unwrap_or_default(),
        cold_starts: raw.cold_starts.unwrap_or(10),
        call_limit,
        apps,
        functions,
        payloads,
        loads: loads(raw.loads)?,
        answers: raw.answers.map_or(Ok(Answers::Bytes), |raw| answers(raw, folder, call_limit))?,
        neighbour: raw.neighbour.map(neighbour).transpose()?,
        text: text.to_owned(),
    })
}

fn seconds(name: &str, value: Option<Spanned<f64>>, usual: f64) -> Checked<Duration> {
    let Some(value) = value else { return Ok(Duration::from_secs_f64(usual)) };
    match Duration::try_from_secs_f64(*value.get_ref()) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err(wrong(value.span(), format!("`{name}` must be a number of seconds greater than 0"))),
    }
}

fn apps(raw: Spanned<BTreeMap<String, String>>, folder: &Path) -> Checked<BTreeMap<String, App>> {
    let span = raw.span();
    let mut apps = BTreeMap::new();
    for (name, place) in raw.into_inner() {
        let app = App::of(&place, folder);
        if matches!(app, App::Folder(_)) && place.contains("://") {
            return Err(wrong(
                span,
                format!("the app \"{name}\" is at \"{place}\": an address starts with http:// or https://"),
            ));
        }
        apps.insert(name, app);
    }
    if apps.is_empty() {
        return Err(wrong(span, "name at least one app: `apps = { NAME = \"FOLDER OR URL\" }`"));
    }
    Ok(apps)
}

fn functions(raw: Spanned<Vec<Spanned<RawFunction>>>, apps: &BTreeMap<String, App>) -> Checked<Vec<Function>> {
    let all = raw.span();
    let mut names = BTreeSet::new();
    let mut functions = Vec::new();
    let mut baseline: Option<usize> = None;
    for function in raw.into_inner() {
        let span = function.span();
        let function = function.into_inner();
        if !names.insert(function.name.clone()) {
            return Err(wrong(span, format!("there are two functions \"{}\"", function.name)));
        }
        if function.baseline && baseline.replace(functions.len()).is_some() {
            return Err(wrong(span, "a second function is the baseline; there can be only one"));
        }
        let known = || apps.keys().cloned().collect::<Vec<_>>().join(", ");
        let app = match (function.app, apps.keys().next()) {
            (Some(app), _) if apps.contains_key(&app) => app,
            (Some(app), _) => return Err(wrong(span, format!("there is no app \"{app}\"; there is {}", known()))),
            (None, Some(app)) if apps.len() == 1 => app.clone(),
            (None, _) => return Err(wrong(span, format!("say in which `app` it is: {}", known()))),
        };
        let path = function.path.unwrap_or_else(|| format!("/api/{}", function.name));
        if !path.starts_with('/') {
            return Err(wrong(span, format!("`path` must start with a slash: \"/{path}\"")));
        }
        let headers = headers(function.headers).map_err(|message| wrong(span, message))?;
        functions.push(Function { name: function.name, app, path, method: function.method, headers });
    }
    match baseline {
        Some(baseline) => functions[..=baseline].rotate_right(1),
        None => return Err(wrong(all, "no function is the baseline: write `baseline = true` in one of them")),
    }
    Ok(functions)
}

/// A value `$NAME` is the environment's.
fn headers(raw: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
    let from_environment = |(name, value): (String, String)| {
        let variable = value.strip_prefix('$').filter(|variable| {
            !variable.is_empty() && variable.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        match variable.map(std::env::var) {
            None => Ok((name, value)),
            Some(Ok(value)) => Ok((name, value)),
            Some(Err(_)) => {
                let variable = &value[1..];
                Err(format!("the header `{name}` is to be the variable {variable} of the environment: set it"))
            }
        }
    };
    raw.into_iter().map(from_environment).collect()
}

fn loads(raw: Vec<Spanned<RawLoad>>) -> Checked<Vec<Load>> {
    let load = |load: Spanned<RawLoad>| match *load.get_ref() {
        RawLoad { closed: Some(callers), open: None } if callers > 0 => Ok(Load::Closed(callers)),
        RawLoad { closed: None, open: Some(rate) } if rate > 0.0 && rate.is_finite() => Ok(Load::Open(rate)),
        _ => {
            let either = "a load is either `closed = CALLERS` or `open = CALLS-A-SECOND`, greater than 0";
            Err(wrong(load.span(), either))
        }
    };
    let mut loads: Vec<Load> = Vec::new();
    for raw in raw {
        let span = raw.span();
        let load = load(raw)?;
        if loads.contains(&load) {
            return Err(wrong(span, "this load is there twice"));
        }
        loads.push(load);
    }
    Ok(if loads.is_empty() { vec![Load::Closed(1)] } else { loads })
}

fn answers(raw: Spanned<RawAnswers>, folder: &Path, limit: Duration) -> Checked<Answers> {
    let span = raw.span();
    match raw.into_inner() {
        RawAnswers { compare: Compare::Bytes, tolerance: None, command: None } => Ok(Answers::Bytes),
        RawAnswers { compare: Compare::Bytes, .. } => {
            Err(wrong(span, "bytes have no `tolerance` and no `command`: they are equal or not"))
        }
        RawAnswers { compare: Compare::Numbers, tolerance: Some(share), command: None }
            if (0.0..1.0).contains(&share) =>
        {
            Ok(Answers::Numbers(share))
        }
        RawAnswers { compare: Compare::Numbers, .. } => {
            Err(wrong(span, "say by what share numbers may differ: `tolerance = 1e-12`"))
        }
        RawAnswers { compare: Compare::Command, tolerance: None, command: Some(command) } if !command.is_empty() => {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder }.to_owned();
            Ok(Answers::Command(Comparer { command, folder, limit }))
        }
        RawAnswers { compare: Compare::Command, .. } => {
            let usage =
                "say which program compares two files: `command = [\"node\", \"same.mjs\"]`, without `tolerance`";
            Err(wrong(span, usage))
        }
    }
}

fn neighbour(raw: Spanned<RawNeighbour>) -> Checked<Neighbour> {
    let span = raw.span();
    let raw = raw.into_inner();
    let every = raw.every.unwrap_or(0.05);
    match Duration::try_from_secs_f64(every) {
        Ok(every) if !every.is_zero() && raw.path.starts_with('/') => Ok(Neighbour { path: raw.path, every }),
        _ => {
            Err(wrong(span, "a neighbour has a `path` that starts with a slash, and is called `every` so many seconds"))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{Answers, App, Load, Scenario, Workers};
    use std::path::{Path, PathBuf};

    const GOOD: &str = r#"
apps = { one = "app", two = "http://two.example/" }
[[functions]]
name = "a"
app = "one"
[[functions]]
name = "b"
app = "two"
path = "/b?x=1"
baseline = true
[[payloads]]
generate = "matrix {size}x{size} seed 1"
sizes = [2, 3]
[[loads]]
open = 12.5
[answers]
compare = "numbers"
tolerance = 1e-9
"#;

    fn parse(text: &str) -> anyhow::Result<Scenario> {
        Scenario::parse(text, "x.toml", Path::new("folder"))
    }

    #[test]
    fn reads_a_scenario_with_the_baseline_first() {
        let scenario = parse(GOOD).unwrap();
        assert_eq!(scenario.functions[0].name, "b");
        let plan = "Comparison: 2 functions, 2 payloads, 1 load, 10 rounds: at least 44 s, and 10 cold starts of each function";
        assert_eq!(scenario.plan(), plan);
        assert_eq!(scenario.functions[1].path, "/api/a");
        assert_eq!(scenario.apps["one"], App::Folder(PathBuf::from("folder/app")));
        assert_eq!(scenario.apps["two"], App::Url("http://two.example".to_owned()));
        assert_eq!(scenario.payloads.iter().map(|payload| payload.size).collect::<Vec<_>>(), [Some(2.0), Some(3.0)]);
        assert_eq!((scenario.loads[0], &scenario.answers), (Load::Open(12.5), &Answers::Numbers(1e-9)));
    }

    #[test]
    fn fresh_workers_are_warmed_up_in_each_round() {
        assert_eq!(parse(GOOD).unwrap().workers, Workers::Kept);
        let scenario =
            parse(&format!("rounds = 8\nworkers = \"fresh\"\nneighbour = {{ path = \"/n\" }}{GOOD}")).unwrap();
        assert_eq!(scenario.workers, Workers::Fresh);
        // In 8 rounds of 2 functions 2 payloads, their warm-ups, and the neighbour alone, 1 second each.
        assert!(scenario.plan().contains("at least 80 s"), "{}", scenario.plan());
    }

    #[test]
    fn says_what_is_wrong_and_in_which_line() {
        let wrong = |from: &str, to: &str| {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD);
            parse(&text).unwrap_err().to_string()
        };
        for (from, to, line, says) in [
            ("open = 12.5", "open = ", 15, "expected"),
            ("http://two", "htp://two", 2, "an address starts with http:// or https://"),
            ("open = 12.5", "openn = 12.5", 15, "openn"),
            ("apps", "workers = \"new\"\napps", 2, "expected `kept` or `fresh`"),
            ("open = 12.5", "open = -1", 14, "greater than 0"),
            ("app = \"one\"", "app = \"three\"", 3, "no app \"three\"; there is one, two"),
            ("app = \"one\"", "app = \"one\"\nheaders = { key = \"$NO_SUCH_KEY\" }", 3, "variable NO_SUCH_KEY"),
            ("baseline = true", "", 3, "no function is the baseline"),
            ("app = \"one\"", "app = \"one\"\nbaseline = true", 7, "a second function"),
            ("matrix {size}x{size} seed 1", "sudoku {size}", 12, "matrix NxN"),
            ("sizes", "functions.c = { file = \"x\" }\nsizes", 13, "no function \"c\"; there is b, a"),
            ("sizes", "functions.b = { generate = \"npy 2x2 seed 1\" }\nsizes", 13, "{size}"),
            ("generate =", "file =", 11, "a sweep's `generate`"),
            ("tolerance = 1e-9", "", 16, "tolerance = 1e-12"),
            ("compare = \"numbers\"", "compare = \"command\"", 16, "command = [\"node\", \"same.mjs\"]"),
            ("name = \"b\"", "name = \"a\"", 6, "two functions \"a\""),
        ] {
            let error = wrong(from, to);
            assert!(error.starts_with(&format!("x.toml:{line}: ")) && error.contains(says), "{to}: {error}");
        }
    }

    #[test]
    fn a_function_may_get_its_payload_in_another_form() {
        let own = "functions.b = { generate = \"npy {size}x{size} seed 1\", content_type = \"x/npy\" }\nsizes";
        let scenario = parse(&GOOD.replacen("sizes", own, 1)).unwrap();
        let body = |size: usize, function: &str| scenario.payloads[size].of(function).unwrap().clone();
        assert_eq!((body(0, "a").content_type.as_str(), &body(0, "a").bytes[..2]), ("application/json", &b"[["[..]));
        assert_eq!((body(1, "b").content_type.as_str(), body(1, "b").bytes.len()), ("x/npy", 2 * (128 + 72)));
    }
}
