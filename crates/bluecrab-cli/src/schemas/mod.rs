//! What the functions of an app read and return: a build with the feature `schemas` of the crate `bluecrab` adds
//! exports that describe it, and these run in an interpreter.

mod definitions;
mod openapi;
mod output;
mod types;
mod typescript;

pub use openapi::OpenApiArgs;
pub use openapi::run as openapi;
pub use types::TypesArgs;
pub use types::run as types;

use crate::app::App;
use crate::build::cargo;
use crate::crates::Crates;
use crate::manifest::{self, Function};
use crate::module::Module;
use anyhow::{Context, Result, anyhow};
use definitions::Definitions;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fs;
use std::time::Duration;

/// How long the description of one function may take in the interpreter.
const LIMIT: Duration = Duration::from_secs(30);

/// A module with what is known of its functions.
struct DescribedModule {
    /// The name of its file.
    name: String,
    functions: Vec<(Function, Description)>,
}

/// What the crate `bluecrab` says of a function. For functions in other languages all of it is empty.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    documentation: String,
    arguments: Vec<Argument>,
    responses: Vec<Response>,
    request_definitions: Map<String, Value>,
    response_definitions: Map<String, Value>,
    missing: Vec<String>,
    opaque: Option<String>,
}

#[derive(Deserialize)]
struct Argument {
    /// `path`, `query`, `header` or `body`.
    r#in: String,
    /// The name of a header, or the media type of a body.
    name: String,
    required: bool,
    schema: Value,
}

#[derive(Deserialize)]
struct Response {
    status: String,
    /// The media type. Empty if there is no body.
    r#type: String,
    schema: Value,
}

impl Description {
    /// Returns the argument that reads this part of a request.
    fn argument(&self, place: &'static str) -> Option<&Argument> {
        self.arguments_in(place).next()
    }

    /// Returns the arguments that read this part of a request.
    fn arguments_in(&self, place: &'static str) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(move |argument| argument.r#in == place)
    }

    /// Moves the definitions of this function to those of all functions.
    fn define(&mut self, all: &mut Definitions) {
        let rename = all.add(std::mem::take(&mut self.request_definitions));
        self.arguments.iter_mut().for_each(|argument| rename.apply(&mut argument.schema));
        let rename = all.add(std::mem::take(&mut self.response_definitions));
        self.responses.iter_mut().for_each(|response| rename.apply(&mut response.schema));
    }
}

/// Describes the functions of all modules of an app, and collects the definitions of their types.
fn describe(app: &App, all: &mut Definitions) -> Result<Vec<DescribedModule>> {
    let mut described = Vec::new();
    let crates = Crates::of(app)?;
    for package in crates.modules()? {
        if !package.dependencies.iter().any(|needed| needed.name == "bluecrab") {
            continue;
        }
        cargo::install_target(&crate::crates::folder_of(package))?;
        let file = cargo::build_description(package)?;
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut functions = manifest::functions(&bytes)?;
        // The linker chooses their order, and a file must not change with it.
        functions.sort_by(|one, other| one.name.cmp(&other.name));
        let exports: Vec<String> =
            functions.iter().map(|function| format!("bluecrab_schema_{}", function.name)).collect();
        let bodies = bluecrab_check::call(&bytes, &exports, LIMIT)
            .map_err(|reason| anyhow!("cannot describe the functions of {}: {reason}", package.name))?;
        let described_functions = functions.into_iter().zip(bodies).map(|(function, body)| {
            let mut description: Description =
                serde_json::from_slice(&body).context("cannot read what the crate bluecrab says of a function")?;
            note_missing(&function, &description);
            description.define(all);
            Ok((function, description))
        });
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        described.push(DescribedModule { name, functions: described_functions.collect::<Result<_>>()? });
    }
    for module in Module::all_in(&app.root)? {
        let name = module.name();
        if !described.iter().any(|known| known.name == name) {
            let functions = module.functions.into_iter().map(|function| (function, Description::default()));
            described.push(DescribedModule { name, functions: functions.collect() });
        }
    }
    if described.is_empty() {
        let has_commands = !app.package.bluecrab.build.is_empty();
        let mend = if has_commands { "run `bluecrab build` first" } else { "`bluecrab add NAME` adds a crate" };
        tell!("note: {} has no module, so no function is described: {mend}", app.root.display());
    }
    Ok(described)
}

fn note_missing(function: &Function, description: &Description) {
    for name in &description.missing {
        tell!(
            "note: {} has the type {name}, which has no schema: run `cargo add schemars`, and write \
             `#[derive(schemars::JsonSchema)]` before the types in it",
            function.name
        );
    }
    if let Some(name) = &description.opaque {
        tell!(
            "note: {} returns {name}, so its response is described as any content: return a `Json<T>` whose `T` has a \
             schema, a text or bytes, also in an `Option`, a `Result`, a pair with the status or a struct with \
             `#[derive(Outputs)]`",
            function.name
        );
    }
}
