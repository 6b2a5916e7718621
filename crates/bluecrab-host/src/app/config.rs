//! The values of host.json, after app settings have replaced some of them.
//!
//! An app setting `AzureFunctionsJobHost__PATH` takes precedence over the value at PATH in host.json.

use super::json::scalar;
use super::settings::Settings;
use crate::error::HostError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::str::FromStr;

const OVERRIDE: &str = "azurefunctionsjobhost:";

/// The values of host.json by path. Paths are in lower case with colons: `extensions:http:routeprefix`.
pub struct Config {
    values: BTreeMap<String, Entry>,
}

struct Entry {
    value: String,
    /// Where the developer wrote the value.
    place: Place,
}

enum Place {
    /// In host.json, at this path (in the developer's spelling).
    HostJson(String),
    /// In the app setting with this name.
    Setting(String),
}

impl Config {
    pub fn new(host_json: &Map<String, Value>, settings: &Settings) -> Self {
        let mut config = Self { values: BTreeMap::new() };
        for (name, value) in host_json {
            config.flatten(name, name.to_lowercase(), value);
        }
        for (path, setting) in settings.below(OVERRIDE) {
            let entry = Entry { value: setting.value.clone(), place: Place::Setting(setting.name.clone()) };
            config.values.insert(path.to_owned(), entry);
        }
        config
    }

    fn flatten(&mut self, shown: &str, path: String, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    self.flatten(&format!("{shown}.{name}"), format!("{path}:{}", name.to_lowercase()), member);
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.flatten(&format!("{shown}[{index}]"), format!("{path}:{index}"), element);
                }
            }
            single => {
                let value = scalar(single).unwrap_or_default();
                self.values.insert(path, Entry { value, place: Place::HostJson(shown.to_owned()) });
            }
        }
    }

    /// Returns the value at a path.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.values.get(path).map(|entry| entry.value.as_str())
    }

    /// Returns the values below a path, each with the remainder of its path.
    pub fn below(&self, path: &str) -> impl Iterator<Item = (&str, &str)> {
        let values = self.values.range(format!("{path}:")..=format!("{path}:\u{10ffff}"));
        values.map(move |(found, entry)| (&found[path.len() + 1..], entry.value.as_str()))
    }

    /// Returns the paths whose values come from app settings, with the names of these settings.
    pub fn overridden(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().filter_map(|(path, entry)| match &entry.place {
            Place::Setting(name) => Some((path.as_str(), name.as_str())),
            Place::HostJson(_) => None,
        })
    }

    /// Reads the value at a path with `read`, which returns `None` for an invalid value. An empty value counts as
    /// missing.
    pub fn read<T>(
        &self,
        path: &str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, HostError> {
        let Some(value) = self.text(path).filter(|value| !value.is_empty()) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| self.wrong(path, expected))
    }

    /// Reads a whole number from 1 upwards. Returns `None` if the value is missing, or is -1, which means no limit.
    pub fn limit(&self, path: &str) -> Result<Option<usize>, HostError> {
        let read = |value: &str| match i64::from_str(value.trim()).ok()? {
            -1 => Some(None),
            number => usize::try_from(number).ok().filter(|number| *number > 0).map(Some),
        };
        Ok(self.read(path, "a whole number from 1 on, or -1 for no limit", read)?.flatten())
    }

    /// Returns the error for an invalid value, which names the place where the developer wrote it.
    pub fn wrong(&self, path: &str, expected: &'static str) -> HostError {
        let (place, value) = match self.values.get(path) {
            Some(Entry { value, place: Place::Setting(name) }) => (format!("the app setting {name}"), value.clone()),
            Some(Entry { value, place: Place::HostJson(shown) }) => (format!("{shown} in host.json"), value.clone()),
            None => (format!("{path} in host.json"), String::new()),
        };
        HostError::WrongSetting { place, value, expected }
    }
}
