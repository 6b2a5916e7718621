//! The apps of a scenario.

use super::fault::Fault;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// App settings, which are environment variables of the host.
pub type Settings = BTreeMap<String, String>;

/// Where an app is, and the settings with which its host starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The app's folder or address.
    pub place: Place,
    pub settings: Settings,
}

/// Where an app is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder that `bluecrab dev` can serve.
    Folder(PathBuf),
    /// The address of a running app, without a slash at its end.
    Url(String),
}

impl Place {
    pub(super) fn new(text: &str, folder: &Path) -> Self {
        if text.starts_with("http://") || text.starts_with("https://") {
            Self::Url(text.trim_end_matches('/').to_owned())
        } else {
            Self::Folder(folder.join(text))
        }
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "an app is a folder, an address, or { folder = …, settings = { … } }"
)]
pub enum AppFields {
    Place(String),
    WithSettings {
        folder: String,
        #[serde(default)]
        settings: Settings,
    },
}

pub fn read(
    fields: Spanned<BTreeMap<String, Spanned<AppFields>>>,
    folder: &Path,
) -> Result<BTreeMap<String, App>, Fault> {
    let all = fields.span();
    let mut apps = BTreeMap::new();
    for (name, app) in fields.into_inner() {
        let span = app.span();
        let (text, settings) = match app.into_inner() {
            AppFields::Place(text) => (text, Settings::new()),
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

/// Lists the names of the apps.
pub fn names(apps: &BTreeMap<String, App>) -> String {
    apps.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Says that there is no app of this name.
pub fn unknown(apps: &BTreeMap<String, App>, name: &str) -> String {
    format!("there is no app \"{name}\"; there is {}", names(apps))
}
