//! `bluecrab add`: adds a crate to an existing app.

use crate::app::App;
use crate::crates::Crates;
use crate::module::Module;
use crate::npm::Manager;
use crate::origin::Origin;
use crate::template::language::Language;
use crate::template::name;
use crate::template::trigger::{Trigger, name_in_app};
use crate::template::workspace::{self, Surroundings};
use crate::template::{self, Values};
use crate::tools;
use crate::undo::Before;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

/// A native package that the npm package `bluecrab` installs but does not need: it only sets thread priorities.
const NATIVE: &str = "/node_modules/@napi-rs/nice*";
/// What the command writes into an app's folder: modules, settings of this machine, and packages.
const MADE: [&str; 3] = ["/*.wasm", "/.bluecrab", "/*.zip"];

/// The arguments of `bluecrab add`.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab add sums ./shop")]
pub struct AddArgs {
    /// The name of the crate and of its new folder in the app
    name: String,
    /// The app's folder, which contains host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    /// What calls the function
    #[arg(long, value_enum, default_value_t)]
    trigger: Trigger,
    /// Take the crate and the npm package from this checkout of Bluecrab
    #[arg(long, value_name = "FOLDER")]
    checkout: Option<PathBuf>,
}

/// Adds the crate and the npm package, and prints the next steps.
pub fn run(arguments: &AddArgs) -> Result<()> {
    let (app, name) = (App::open(&arguments.app)?, &arguments.name);
    name::check(name)?;
    let folder = app.root.join(name);
    if folder.symlink_metadata().is_ok() {
        bail!("{} already exists and is not overwritten; choose another name", folder.display());
    }
    let module = app.root.join(name::module_of(name));
    if module.symlink_metadata().is_ok() {
        bail!("the crate's module would overwrite {}: choose another name", module.display());
    }
    // If a crate cannot be read, the build says so.
    let crates = Crates::of(&app).unwrap_or_default();
    if let Some(other) = crates.maker_of(&name::module_of(name)).ok().flatten() {
        bail!("{} already makes {}: choose another name", other.display(), name::module_of(name));
    }
    let origin = Origin::find(arguments.checkout.as_deref())?;
    let trigger = arguments.trigger;
    let is_first = crates.have_no_module() && Module::all_in(&app.root).is_ok_and(|modules| modules.is_empty());
    let function = if is_first { trigger.function().to_owned() } else { trigger.function_of(name) };
    let values = Values { name, library: "", origin: &origin, trigger, function: &function, language: Language::Rust };
    let before = Before::of(&app.root, Some(folder.clone()))?;
    let added = add(&app, &folder, &values);
    if added.is_err() {
        before.restore();
    }
    let advice = added?.map(|root| workspace::advice(&root)).unwrap_or_default();
    say!("{}{advice}", next_steps(&app, &values));
    Ok(())
}

/// Adds the crate and the npm package. Returns the root of the cargo workspace if the crate becomes a member of one.
fn add(app: &App, folder: &Path, values: &Values) -> Result<Option<PathBuf>> {
    let Values { name, origin, .. } = values;
    let surroundings = Surroundings::of(folder)?;
    template::write_crate(folder, values)?;
    let workspace = surroundings.fit_in(folder)?;
    add_line(&folder.join(".gitignore"), "/target")?;
    let funcignore = app.root.join(".funcignore");
    add_line(&funcignore, &format!("/{name}"))?;
    add_line_once(&funcignore, NATIVE)?;
    let gitignore = app.root.join(".gitignore");
    if gitignore.is_file() {
        MADE.iter().try_for_each(|pattern| add_line_once(&gitignore, pattern))?;
    }
    if !app.depends_on("bluecrab") {
        let manager = Manager::of(&app.root)?;
        let library = origin.library(&app.root)?;
        tell!("Installing the npm package bluecrab with {}", manager.name());
        manager.add("bluecrab", &library, false, &app.root)?;
        if let Some((name, versions)) = origin.command() {
            manager.add(name, &versions, true, &app.root)?;
        }
    }
    Ok(workspace)
}

/// Adds a line at the end of a file, which may not exist, or not end with a line end.
pub fn add_line(file: &Path, line: &str) -> Result<()> {
    let mut text = read(file)?;
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
    text.push('\n');
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Adds a pattern, unless the file has it for this folder or for all.
fn add_line_once(file: &Path, line: &str) -> Result<()> {
    let pattern = line.trim_start_matches('/');
    let is_there = read(file)?.lines().any(|known| known.trim_end().trim_start_matches('/') == pattern);
    if is_there { Ok(()) } else { add_line(file, line) }
}

/// Returns a file's text, or an empty text if the file does not exist.
fn read(file: &Path) -> Result<String> {
    if !file.is_file() {
        return Ok(String::new());
    }
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn next_steps(app: &App, &Values { name, trigger, function, .. }: &Values) -> String {
    let module = name::module_of(name);
    let is_module = app.package.r#type.as_deref() == Some("module") || app.root.join("tsconfig.json").is_file();
    let line = |before: &str, name: &str, arguments: &str| {
        if is_module {
            format!("import {{ {name} }} from 'bluecrab';\n    {before}{name}({arguments});")
        } else {
            format!("{before}require('bluecrab').{name}({arguments});")
        }
    };
    let (what, code) = if trigger == Trigger::Callable {
        let arguments = format!("'{module}', '{}'", name_in_app(function));
        let line = line(&format!("const {function} = "), "callable", &arguments);
        (
            "Call it from an async function of the app",
            format!("{line}\n    const text = (await {function}('crab')).text();"),
        )
    } else {
        ("Register it where the app registers its functions", line("", "registerModule", &format!("'{module}'")))
    };
    let attempt = trigger.attempt(function, tools::own_name());
    let advice = match trigger {
        Trigger::Http => streaming(&module, &name_in_app(function)),
        _ if trigger.bundle().is_empty() => String::new(),
        _ => settings(),
    };
    format!(
        "Created the crate {name} with one function. {what}:

    {code}

Then:

    {command} dev --build --watch    # build it and serve the app; repeat at each change
    {attempt}
{advice}",
        command = tools::own_name()
    )
}

/// Where the trigger's settings are looked for.
fn settings() -> String {
    format!(
        "
The trigger needs settings in host.json and local.settings.json. After the build, `{} doctor` names those that are
missing.",
        tools::own_name()
    )
}

/// How to register the function without a change of the other functions.
fn streaming(module: &str, function: &str) -> String {
    format!(
        "
registerModule enables HTTP streaming for the whole app, including its other functions. To leave that setting unchanged,
use `handler` from 'bluecrab' instead:

    app.http('{function}', {{ methods: ['POST'], handler: handler('{module}', '{function}') }});"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".gitignore");
        add_line(&file, "a").unwrap();
        fs::write(&file, "a\nb").unwrap();
        add_line(&file, "c").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "a\nb\nc\n");
    }
}
