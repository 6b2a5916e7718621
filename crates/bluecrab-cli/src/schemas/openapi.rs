//! `bluecrab openapi`: the HTTP functions of an app as an OpenAPI document.

use super::definitions::Definitions;
use super::output::Output;
use super::{Argument, DescribedModule, Description, describe};
use crate::app::App;
use crate::manifest::Function;
use anyhow::Result;
use bluecrab_host::route::{Part, Presence, Template, escape};
use clap::Args;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The methods that a document can have.
const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];
/// Requests of these methods have no body.
const WITHOUT_BODY: [&str; 3] = ["GET", "HEAD", "TRACE"];
/// A document describes these header fields in another way.
const NOT_PARAMETERS: [&str; 3] = ["accept", "authorization", "content-type"];

/// The arguments of `bluecrab openapi`.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab openapi --output openapi.json")]
pub struct OpenApiArgs {
    /// The app's folder, which contains host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    #[command(flatten)]
    output: Output,
}

/// Writes the document.
pub fn run(arguments: &OpenApiArgs) -> Result<()> {
    let app = App::open(&arguments.app)?;
    arguments.output.check_file()?;
    let mut definitions = Definitions::default();
    definitions.reserve("Problem", problem());
    let modules = describe(&app, &mut definitions)?;
    let document = document(&app, &modules, &definitions)?;
    arguments.output.write(&format!("{}\n", serde_json::to_string_pretty(&document)?), "openapi")
}

fn document(app: &App, modules: &[DescribedModule], definitions: &Definitions) -> Result<Value> {
    let prefix = app.route_prefix()?;
    let functions = modules.iter().flat_map(|module| &module.functions).filter(|(function, _)| function.is_http());
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut has_keys = false;
    for (function, description) in functions {
        has_keys |= function.needs_key();
        let mut count = 0;
        for path in paths_of(&format!("{prefix}{}", function.route()))? {
            for method in function.methods().into_iter().filter(|method| METHODS.contains(method)) {
                count += 1;
                let id = if count == 1 { function.name.clone() } else { format!("{}-{count}", function.name) };
                let operation = operation(function, description, definitions, &path, method, id);
                paths.entry(path.clone()).or_default().insert(method.to_ascii_lowercase(), operation);
            }
        }
    }
    let name = app.name()?;
    let version = app.package.version.as_deref().unwrap_or("0.0.0");
    let mut components = json!({ "schemas": definitions.schemas });
    if has_keys {
        components["securitySchemes"] =
            json!({ "functionKey": { "type": "apiKey", "in": "header", "name": "x-functions-key" } });
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": { "title": name, "version": version },
        "paths": paths,
        "components": components,
    }))
}

/// Returns the paths of a route in the form of OpenAPI: `{id:int}` becomes `{id}`, and a route whose last parameter may
/// be left out has a path without it, too.
fn paths_of(route: &str) -> Result<Vec<String>> {
    let (mut path, mut paths) = (String::new(), Vec::new());
    for segment in Template::parse(route)?.segments() {
        path.push('/');
        for part in segment {
            match part {
                Part::Literal(text) => {
                    if text != "." {
                        paths.clear();
                    }
                    path.push_str(&escape(text));
                }
                Part::Parameter(parameter) => {
                    if parameter.presence == Presence::Optional || parameter.default.is_some() {
                        // The dot before an optional extension is left out with it.
                        paths.push(path.trim_end_matches(['/', '.']).to_owned());
                    } else {
                        paths.clear();
                    }
                    path.push_str(&format!("{{{}}}", parameter.name));
                }
            }
        }
    }
    paths.push(path);
    // A path begins with a slash, even an empty one.
    Ok(paths.into_iter().map(|path| if path.is_empty() { "/".to_owned() } else { path }).collect())
}

fn operation(
    function: &Function,
    description: &Description,
    definitions: &Definitions,
    path: &str,
    method: &str,
    id: String,
) -> Value {
    let mut operation = json!({ "operationId": id });
    if !description.documentation.is_empty() {
        operation["description"] = json!(description.documentation);
    }
    let mut parameters = path_parameters(description, definitions, path);
    parameters.extend(description.arguments_in("query").flat_map(|query| query_parameters(query, definitions)));
    let headers = description.arguments_in("header").filter(|header| !NOT_PARAMETERS.contains(&header.name.as_str()));
    parameters.extend(headers.map(|Argument { name, required, schema, .. }| {
        json!({ "name": name, "in": "header", "required": required, "schema": schema })
    }));
    let mut seen = Vec::new();
    parameters.retain(|parameter| {
        let key = (parameter["in"].clone(), parameter["name"].clone());
        let is_new = !seen.contains(&key);
        seen.push(key);
        is_new
    });
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    if let Some(body) = description.argument("body").filter(|_| !WITHOUT_BODY.contains(&method)) {
        operation["requestBody"] =
            json!({ "required": body.required, "content": { &body.name: { "schema": body.schema } } });
    }
    operation["responses"] = responses(description);
    if function.needs_key() {
        operation["security"] = json!([{ "functionKey": [] }]);
    }
    operation
}

fn path_parameters(description: &Description, definitions: &Definitions, path: &str) -> Vec<Value> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let schema = description.argument("path").map(|argument| definitions.resolve(&argument.schema));
    let parameter = |(index, name): (usize, &str)| {
        let own = schema.and_then(|schema| {
            let properties = schema.get("properties").and_then(|properties| properties.get(name));
            let item = schema.get("prefixItems").and_then(|items| items.get(index));
            let is_scalar = schema.get("properties").is_none() && schema.get("prefixItems").is_none();
            properties.or(item).or(is_scalar.then_some(schema))
        });
        let schema = own.cloned().unwrap_or_else(|| json!({ "type": "string" }));
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    };
    names.enumerate().map(parameter).collect()
}

/// Returns a parameter for each field of a struct, or one for all parameters if their names are not known.
fn query_parameters(query: &Argument, definitions: &Definitions) -> Vec<Value> {
    let schema = definitions.resolve(&query.schema);
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        let any = json!({ "type": "object", "additionalProperties": true });
        return vec![json!({ "name": "query", "in": "query", "style": "form", "explode": true, "schema": any })];
    };
    let is_required = |name: &str| {
        let required = schema.get("required").and_then(Value::as_array);
        query.required && required.is_some_and(|names| names.iter().any(|known| known == name))
    };
    let parameter = |(name, schema): (&String, &Value)| json!({ "name": name, "in": "query", "required": is_required(name), "schema": schema });
    properties.iter().map(parameter).collect()
}

fn responses(description: &Description) -> Value {
    let mut responses = json!({
        "default": {
            "description": "The function has failed, or the request does not fit.",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        },
    });
    for response in &description.responses {
        let known = &mut responses[&response.status];
        if known.is_null() {
            let what = match response.status.as_str() {
                "204" => "There is no content.",
                "404" => "What the request asks for does not exist.",
                _ => "The function's response.",
            };
            *known = json!({ "description": what });
        }
        if !response.r#type.is_empty() {
            known["content"][&response.r#type] = json!({ "schema": response.schema });
        }
    }
    responses
}

/// The schema of the errors that the crate `bluecrab` and the library write.
fn problem() -> Value {
    json!({
        "description": "A problem (RFC 9457).",
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_become_paths() {
        for (route, expected) in [
            ("/api/rows", vec!["/api/rows"]),
            ("/api/rows/{id:int}", vec!["/api/rows/{id}"]),
            ("/api/{a}-{b}/{*rest}", vec!["/api/{a}-{b}/{rest}"]),
            ("/api/tables/{table}/{row?}", vec!["/api/tables/{table}", "/api/tables/{table}/{row}"]),
            ("/{page=1}", vec!["/", "/{page}"]),
            (r"/rows/{id:regex(^\d{{3}}$)}/x", vec!["/rows/{id}/x"]),
            ("/rows/{id:regex(^a?b=c$)}", vec!["/rows/{id}"]),
            ("/files/{name}.{ext?}", vec!["/files/{name}", "/files/{name}.{ext}"]),
            ("/{a?}/{b?}", vec!["/", "/{a}", "/{a}/{b}"]),
            ("/rows/{year=2026}/x", vec!["/rows/{year}/x"]),
            ("/", vec!["/"]),
            ("/{{x}}/{id}", vec!["/%7Bx%7D/{id}"]),
        ] {
            assert_eq!(paths_of(route).unwrap(), expected, "{route}");
        }
    }
}
