//! A function of a running host, as `/admin/functions` describes it.

use super::callable::Callable;
use crate::client::LocalHost;
use anyhow::{Context, Result, bail, ensure};
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;

/// A function of a running host.
#[derive(Deserialize)]
pub struct Function {
    /// The function's name, as the app spells it.
    pub name: String,
    invoke_url_template: Option<String>,
    config: Config,
}

#[derive(Deserialize)]
struct Config {
    bindings: Vec<Value>,
}

impl Function {
    /// Asks the host for a function. Case does not matter in its name. The error also names the app's callables.
    pub async fn find(host: &mut LocalHost, name: &str, callables: &[Callable]) -> Result<Self> {
        let answer = host.ask("/admin/functions").await?;
        ensure!(
            answer.status() != StatusCode::UNAUTHORIZED,
            "the host asks for a key (`bluecrab dev --auth`): name the app's folder with --app, so that its \
             .bluecrab/keys.json is read"
        );
        ensure!(
            answer.status() == StatusCode::OK,
            "the program on this port is not `bluecrab dev`, or refuses to list its functions: it answered {} to GET \
             /admin/functions",
            answer.status()
        );
        let functions: Vec<Self> = serde_json::from_slice(answer.body())
            .context("the program on this port is not `bluecrab dev`: it does not list functions")?;
        ensure!(!functions.is_empty(), "the host serves no function: its worker is not ready yet; see the host's log");
        let mut names: Vec<String> = functions.iter().map(|function| function.name.clone()).collect();
        names.extend(callables.iter().map(|callable| callable.name.clone()));
        match functions.into_iter().find(|function| function.name.eq_ignore_ascii_case(name)) {
            Some(function) => Ok(function),
            None => {
                bail!(
                    "the app on port {} has no function `{name}`; its functions are {}",
                    host.port(),
                    names.join(", ")
                )
            }
        }
    }

    /// Returns whether the function has an HTTP trigger.
    pub fn is_http(&self) -> bool {
        self.invoke_url_template.is_some()
    }

    /// Returns whether `bluecrab dev --auth` asks for a key before it calls the function.
    pub fn needs_key(&self) -> bool {
        self.binding()["authLevel"].as_str().is_none_or(|level| !level.eq_ignore_ascii_case("anonymous"))
    }

    /// Returns the route's template, with the app's prefix.
    pub fn route(&self) -> &str {
        self.invoke_url_template.as_deref().unwrap_or_default()
    }

    /// Returns the trigger's type.
    pub fn trigger(&self) -> &str {
        self.binding()["type"].as_str().unwrap_or_default()
    }

    /// Returns the usual method if the function has it, or else the function's first method.
    pub fn method_like(&self, usual: Method) -> Method {
        let methods = self.binding()["methods"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let methods: Vec<Method> = methods.filter_map(|name| name.to_uppercase().parse().ok()).collect();
        match methods.first() {
            Some(first) if !methods.contains(&usual) => first.clone(),
            _ => usual,
        }
    }

    fn binding(&self) -> &Value {
        let is_trigger = |binding: &&Value| {
            binding["type"].as_str().is_some_and(|kind| kind.to_ascii_lowercase().ends_with("trigger"))
        };
        self.config.bindings.iter().find(is_trigger).unwrap_or(&Value::Null)
    }
}
