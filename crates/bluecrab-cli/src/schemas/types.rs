//! `bluecrab types`: the functions of an app's modules as declarations of TypeScript.

use super::definitions::Definitions;
use super::output::Output;
use super::typescript::{comment, declarations, type_of};
use super::{DescribedModule, Description, describe};
use crate::app::App;
use crate::manifest::Function;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// The arguments of `bluecrab types`.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab types --output bluecrab.d.ts")]
pub struct TypesArgs {
    /// The app's folder, which contains host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    #[command(flatten)]
    output: Output,
}

/// Writes the declarations.
pub fn run(arguments: &TypesArgs) -> Result<()> {
    let app = App::open(&arguments.app)?;
    arguments.output.check_file()?;
    let mut definitions = Definitions::default();
    let modules = describe(&app, &mut definitions)?;
    let modules: String = modules.iter().map(module).collect();
    let text = format!(
        "// `bluecrab types` has written this file. Do not edit it.\n\nimport 'bluecrab/callable';\n\n{}declare module \
         'bluecrab/callable' {{\n  interface ModuleFunctions {{\n{modules}  }}\n}}\n",
        declarations(&definitions)
    );
    arguments.output.write(&text, "types")
}

fn module(module: &DescribedModule) -> String {
    let functions: String = module.functions.iter().map(|(name, description)| function(name, description)).collect();
    format!("    '{}': {{\n{functions}    }};\n", module.name)
}

/// Writes what a function reads and returns. What is not known is left out.
fn function(function: &Function, description: &Description) -> String {
    const INDENT: &str = "        ";
    let mut members = String::new();
    for (place, member) in [("path", "params"), ("query", "query"), ("body", "body")] {
        if let Some(argument) = description.argument(place) {
            let mark = if argument.required { "" } else { "?" };
            members.push_str(&format!("{INDENT}{member}{mark}: {};\n", type_of(&argument.schema, INDENT)));
        }
    }
    let mut results: Vec<String> = Vec::new();
    for response in description.responses.iter().filter(|response| response.status.starts_with('2')) {
        let result = match response.r#type.as_str() {
            "application/json" => type_of(&response.schema, INDENT),
            "text/plain" => "string".to_owned(),
            _ => continue,
        };
        if !results.contains(&result) {
            results.push(result);
        }
    }
    if !results.is_empty() {
        members.push_str(&format!("{INDENT}result: {};\n", results.join(" | ")));
    }
    let comment = comment(Some(&description.documentation), "      ");
    format!("{comment}      '{}': {{\n{members}      }};\n", function.name)
}
