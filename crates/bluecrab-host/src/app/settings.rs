//! The app settings: local.settings.json and the environment variables of the shell.

use super::cors::Cors;
use super::json::{read_object, scalar};
use crate::error::HostError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// The app's settings. A variable of the shell that is not empty takes precedence over local.settings.json, as in Azure
/// Functions Core Tools (`StartHostAction.UpdateEnvironmentVariables`).
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Settings from local.settings.json that are added to the worker's environment.
    for_worker: BTreeMap<String, String>,
    /// Names of settings in local.settings.json that a different value in the shell overrides.
    overridden: Vec<String>,
    /// All settings, by the name that .NET's configuration compares.
    all: BTreeMap<String, Setting>,
}

/// A setting, in the developer's spelling.
#[derive(Debug, Clone)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

/// What local.settings.json contains in addition to settings.
#[derive(Debug, Clone, Default)]
pub struct LocalHost {
    /// `Host.LocalHttpPort`.
    pub port: Option<u16>,
    /// `Host.CORS` and `Host.CORSCredentials`.
    pub cors: Option<Cors>,
    /// `Host.CORSCredentials`, even without `Host.CORS`.
    pub cors_credentials: bool,
    /// Members that have no effect on this host.
    pub ignored: Vec<String>,
}

impl Settings {
    /// Reads local.settings.json, if it exists, and combines it with environment variables.
    pub fn read(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(Self, LocalHost), HostError> {
        let root = if file.is_file() { read_object(file)? } else { Map::new() };
        let unreadable = |reason: String| HostError::Unreadable { file: file.to_path_buf(), reason };
        let mut settings = Self::default();
        let environment: BTreeMap<String, String> = environment.into_iter().collect();
        for (name, value) in local_values(&root).map_err(unreadable)? {
            let of_shell = environment.get(&name).filter(|value| !value.is_empty());
            if of_shell.is_some_and(|of_shell| *of_shell != value) {
                settings.overridden.push(name);
            } else if of_shell.is_none() {
                settings.all.insert(canonical(&name), Setting { name: name.clone(), value: value.clone() });
                settings.for_worker.insert(name, value);
            }
        }
        for (name, value) in environment.into_iter().filter(|(_, value)| !value.is_empty()) {
            settings.all.insert(canonical(&name), Setting { name, value });
        }
        Ok((settings, LocalHost::read(&root).map_err(unreadable)?))
    }

    /// Returns the settings that local.settings.json adds to the worker's environment.
    pub fn for_worker(&self) -> &BTreeMap<String, String> {
        &self.for_worker
    }

    /// Returns the names of settings in local.settings.json that a different value in the shell overrides.
    pub fn overridden_by_shell(&self) -> &[String] {
        &self.overridden
    }

    /// Returns a setting. Case does not matter, and `__` is equivalent to `:`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all.get(&canonical(name)).map(|setting| setting.value.as_str()).filter(|value| !value.is_empty())
    }

    /// Returns whether a setting is `1` or `true`.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
    }

    /// Returns the settings whose canonical name starts with a prefix, each with the remainder of its name.
    pub fn below(&self, prefix: &str) -> impl Iterator<Item = (&str, &Setting)> {
        let settings = self.all.range(prefix.to_owned()..=format!("{prefix}\u{10ffff}"));
        settings.map(move |(name, setting)| (&name[prefix.len()..], setting))
    }
}

fn canonical(name: &str) -> String {
    name.to_lowercase().replace("__", ":")
}

/// Collects `Values` and `ConnectionStrings`, the latter under the names that the platform uses for them.
fn local_values(root: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let mut values = Vec::new();
    for (name, value) in section(root, "Values")? {
        let text = scalar(value).ok_or_else(|| {
            format!("Values.{name} is an array or an object: a setting is text; write it as a string")
        })?;
        // An environment cannot contain a variable without a name or a value. Core Tools skip such settings too.
        if !name.is_empty() && !value.is_null() {
            values.push((name.clone(), text));
        }
    }
    if let Some((name, _)) = values.iter().find(|(name, text)| name.contains(['=', '\0']) || text.contains('\0')) {
        return Err(format!(
            "Values has {name:?}, with a `=` in its name or a NUL in its text: an environment variable cannot contain these"
        ));
    }
    for (name, value) in section(root, "ConnectionStrings")? {
        let text = value.as_str().or_else(|| value["ConnectionString"].as_str()).ok_or_else(|| {
            format!("ConnectionStrings.{name} is neither a string nor an object with a ConnectionString")
        })?;
        values.push((format!("ConnectionStrings:{name}"), text.to_owned()));
    }
    if root.get("IsEncrypted") == Some(&Value::Bool(true)) && !values.is_empty() {
        return Err("its values are encrypted, and only Azure Functions Core Tools can read them: run \
                    `func settings decrypt` in the app's folder"
            .to_owned());
    }
    Ok(values)
}

fn section<'a>(
    root: &'a Map<String, Value>,
    name: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, String> {
    match root.get(name) {
        None | Some(Value::Null) => Ok(None.into_iter().flatten()),
        Some(Value::Object(members)) => Ok(Some(members).into_iter().flatten()),
        Some(_) => Err(format!("{name} must be an object: {{ … }}")),
    }
}

impl LocalHost {
    fn read(root: &Map<String, Value>) -> Result<Self, String> {
        let known = ["IsEncrypted", "Values", "ConnectionStrings", "Host", "$schema"];
        let ignored = root.keys().filter(|name| !known.contains(&name.as_str())).cloned().collect();
        let mut host = Self { ignored, ..Self::default() };
        let (mut origins, mut credentials) = (String::new(), false);
        for (name, value) in section(root, "Host")? {
            let text = scalar(value).unwrap_or_default();
            match name.as_str() {
                "LocalHttpPort" => {
                    let port = text.parse().map_err(|_| format!("Host.LocalHttpPort is {value}: expected a port"))?;
                    host.port = Some(port).filter(|port| *port != 0);
                }
                "CORS" => origins = text,
                "CORSCredentials" => credentials = text.eq_ignore_ascii_case("true"),
                other => host.ignored.push(format!("Host.{other}")),
            }
        }
        host.cors = Cors::parse(&origins, credentials).map_err(|reason| format!("Host.CORS: {reason}"))?;
        host.cors_credentials = credentials;
        Ok(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<(Settings, LocalHost), String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("local.settings.json");
        std::fs::write(&file, text).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::read(&file, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn values_become_text_and_the_shell_takes_precedence() {
        let text = r#"{ "IsEncrypted": false,
            "Values": { "FLAG": true, "COUNT": 5, "RATE": 1.5, "WHOLE": 1e3, "NONE": null, "": "x", "SHELL": "file", "BLANK": "file" },
            "ConnectionStrings": { "one": "a", "two": { "ConnectionString": "b", "ProviderName": "p" } } }"#;
        let (settings, _) = read(text, &[("SHELL", "shell"), ("BLANK", ""), ("OTHER", "1")]).unwrap();
        let expected = [
            ("BLANK", "file"),
            ("COUNT", "5"),
            ("ConnectionStrings:one", "a"),
            ("ConnectionStrings:two", "b"),
            ("FLAG", "True"),
            ("RATE", "1.5"),
            ("WHOLE", "1000"),
        ];
        assert_eq!(settings.for_worker().iter().map(|(a, b)| (a.as_str(), b.as_str())).collect::<Vec<_>>(), expected);
        assert_eq!(settings.overridden_by_shell(), ["SHELL"]);
        assert_eq!((settings.get("shell"), settings.get("blank")), (Some("shell"), Some("file")));
        assert!(settings.is_on("flag") && settings.is_on("OTHER") && !settings.is_on("COUNT"));
    }

    #[test]
    fn reports_errors_and_settings_without_effect() {
        for (text, part) in [
            (r#"{"Values":{"A":[1]}}"#, "Values.A is an array"),
            (r#"{"Values":{"A=B":"x"}}"#, "\"A=B\""),
            (r#"{"Values":{"A":"x\u0000"}}"#, "NUL"),
            (r#"{"Values":[]}"#, "Values must be an object"),
            (r#"{"IsEncrypted":true,"Values":{"A":"b"}}"#, "func settings decrypt"),
            (r#"{"Host":{"LocalHttpPort":"x"}}"#, "expected a port"),
            (r#"{"Host":{"CORS":"*","CORSCredentials":true}}"#, "CORSCredentials"),
        ] {
            let error = read(text, &[]).map(|_| ()).unwrap_err();
            assert!(error.contains("local.settings.json") && error.contains(part), "{text}: {error}");
        }
        let (_, host) = read(r#"{"values":{},"Host":{"LocalHttpPort":7075,"Https":true}}"#, &[]).unwrap();
        assert_eq!(
            (host.port, host.ignored.as_slice()),
            (Some(7075), &["values".to_owned(), "Host.Https".to_owned()][..])
        );
    }
}
