//! Reads a function app from its folder: host.json, local.settings.json and the worker's environment.

mod config;
mod cors;
mod host_id;
mod http_settings;
mod ignored;
mod json;
mod log_levels;
mod overrides;
mod settings;
mod storage;
mod time_span;
mod values;

pub(crate) use cors::Cors;
pub(crate) use json::scalar;
pub use overrides::Overrides;
pub(crate) use storage::{BlobSettings, QueueSettings, SHORTEST_PAUSE};
pub(crate) use time_span::TimeSpan;

use crate::console::LogLevels;
use crate::error::HostError;
use crate::spans::Spans;
use crate::storage::{Connections, EmulatorPorts, Storage, StorageError};
use config::Config;
use http_settings::HttpSettings;
use json::read_object;
use settings::Settings;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use values::{arguments, body_bytes, check_runtime, check_version, function_timeout, route_prefix};

/// A function app, as its files describe it.
#[derive(Debug, Clone)]
pub struct App {
    /// The absolute path of the app's folder.
    pub root: PathBuf,
    /// The prefix of every route, without slashes at its ends. May be empty.
    pub route_prefix: String,
    /// How long an invocation may take; `None` if host.json sets no limit.
    pub function_timeout: Option<Duration>,
    /// Environment variables that the worker gets in addition to the host's own.
    pub settings: BTreeMap<String, String>,
    /// Command-line arguments for Node.js: `languageWorkers__node__arguments`.
    pub(crate) node_arguments: Vec<String>,
    /// The maximum size of a request body in bytes, if the app sets it: `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`.
    pub(crate) body_bytes: Option<u64>,
    /// `extensions.http` in host.json.
    pub(crate) http: HttpSettings,
    /// `extensions.mcp` in host.json, by lower-case name.
    pub(crate) mcp: BTreeMap<String, String>,
    /// `logging.logLevel` in host.json.
    pub(crate) log_levels: LogLevels,
    /// `Host.CORS` in local.settings.json.
    pub(crate) cors: Option<Cors>,
    /// `Host.CORSCredentials`, for origins of the command line.
    cors_credentials: bool,
    /// `Host.LocalHttpPort` in local.settings.json.
    pub port: Option<u16>,
    /// Whether host.json names an extension bundle, which only the platform needs.
    pub has_extension_bundle: bool,
    /// `extensions.queues` in host.json.
    pub(crate) queues: QueueSettings,
    /// `extensions.blobs` in host.json.
    pub(crate) blobs: BlobSettings,
    /// The storage accounts of the host. They stay open when the app is read again.
    connections: Connections,
    /// Where the spans of the invocations go. Stays when the app is read again.
    pub(crate) spans: Spans,
    /// A line that names the settings without effect on this host.
    pub(crate) ignored: Option<String>,
    /// When the app's files were read.
    pub(crate) read_at: Instant,
    /// If set, only these functions are loaded.
    only: Option<Only>,
    all_settings: Settings,
}

/// The only functions that are loaded, and who says so.
#[derive(Debug, Clone)]
struct Only {
    names: Vec<String>,
    place: &'static str,
}

/// Returns the absolute path of an app's folder.
///
/// # Errors
/// Returns an error if the folder does not exist or is not a function app.
pub fn app_folder(folder: &Path) -> Result<PathBuf, HostError> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    if !folder.is_dir() {
        let what = if folder.exists() { "is a file" } else { "does not exist" };
        return Err(HostError::NoFolder { folder, what });
    }
    match missing_file(&folder) {
        Some(missing) => Err(HostError::NotAnApp { near: app_near(&folder), folder, missing }),
        None => Ok(folder),
    }
}

/// Returns the file that keeps a folder from being a function app.
fn missing_file(folder: &Path) -> Option<&'static str> {
    ["host.json", "package.json"].into_iter().find(|file| !folder.join(file).is_file())
}

/// Returns the closest function app above a folder, or else the first one directly below it.
fn app_near(folder: &Path) -> Option<PathBuf> {
    let is_app = |folder: &PathBuf| missing_file(folder).is_none();
    let above = folder.ancestors().skip(1).map(Path::to_owned).find(is_app);
    let below = || fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).filter(is_app).min();
    above.or_else(below)
}

/// Checks an app's host.json, which the platform reads too.
///
/// # Errors
/// Returns an error if it cannot be read, or is not of version 2.0.
pub fn check_host_json(root: &Path) -> Result<(), HostError> {
    check_version(root, &read_object(&root.join("host.json"))?)
}

impl App {
    /// Reads the app in a folder, with the environment variables of this process.
    ///
    /// # Errors
    /// Returns an error if the folder is not a function app, or if one of its files is invalid.
    pub fn read(folder: &Path) -> Result<Self, HostError> {
        let variables = std::env::vars_os();
        Self::read_in(
            folder,
            variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    pub(crate) fn read_in(
        folder: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, HostError> {
        let read_at = Instant::now();
        let root = app_folder(folder)?;
        let host_json = read_object(&root.join("host.json"))?;
        let (settings, local) = Settings::read(&root.join("local.settings.json"), environment)?;
        let config = Config::new(&host_json, &settings);
        check_version(&root, &host_json)?;
        check_runtime(&settings)?;
        Ok(Self {
            route_prefix: route_prefix(&config)?,
            function_timeout: function_timeout(&config)?,
            settings: settings.for_worker().clone(),
            node_arguments: arguments(settings.get("languageWorkers:node:arguments").unwrap_or_default()),
            body_bytes: body_bytes(&settings)?,
            http: HttpSettings::read(&config)?,
            mcp: config.below("extensions:mcp").map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            log_levels: log_levels::read(&config)?,
            queues: QueueSettings::read(&config)?,
            blobs: BlobSettings::read(&config)?,
            connections: Connections::default(),
            spans: Spans::default(),
            ignored: ignored::line(&host_json, &config, &settings, &local),
            only: only(&config),
            has_extension_bundle: config.text("extensionbundle:id").is_some(),
            cors: local.cors,
            cors_credentials: local.cors_credentials,
            port: local.port,
            all_settings: settings,
            root,
            read_at,
        })
    }

    /// Sets the connections to storage accounts, and where the spans go.
    pub(crate) fn with(self, connections: Connections, spans: Spans) -> Self {
        Self { connections, spans, ..self }
    }

    /// Returns an app setting. Case does not matter, and an empty value counts as missing.
    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        self.all_settings.get(name)
    }

    /// Checks the setting that a binding's `connection` names. Returns the ports if it means an emulator on this
    /// machine.
    ///
    /// # Errors
    /// Returns an error that names the setting that is missing or wrong.
    pub fn check_storage(&self, connection: Option<&str>) -> Result<Option<EmulatorPorts>, StorageError> {
        self.connections.check(connection, |name| self.setting(name))
    }

    /// Returns the storage account that a binding's `connection` names. Waits for an emulator that is being started.
    ///
    /// # Errors
    /// Returns an error that names the setting that is missing or wrong.
    pub(crate) async fn storage(&self, connection: Option<&str>) -> Result<Storage, StorageError> {
        self.connections.of(connection, |name| self.setting(name)).await
    }

    /// Returns the connections to storage accounts, for another version of the app.
    pub(crate) fn connections(&self) -> Connections {
        self.connections.clone()
    }

    /// Returns the ports of the emulator that a binding's `connection` means, if it means one.
    pub(crate) fn emulator(&self, connection: Option<&str>) -> Option<EmulatorPorts> {
        self.check_storage(connection).ok()?
    }

    /// Returns the id that all hosts of the app on this machine share.
    pub(crate) fn host_id(&self) -> String {
        match self.setting("AzureFunctionsWebHost:hostid") {
            Some(id) => host_id::shorten(id),
            None => host_id::host_id(&self.root),
        }
    }

    /// Returns whether this function is to be loaded.
    pub(crate) fn loads(&self, function: &str) -> bool {
        let is_it = |name: &String| name.to_lowercase() == function.to_lowercase();
        self.only.as_ref().is_none_or(|only| only.names.iter().any(is_it))
    }

    /// Returns the functions that are to be loaded but are not among these names. Before each stands who asks for it: a
    /// file or an option.
    pub(crate) fn missing<'a>(&'a self, names: &[&str]) -> impl Iterator<Item = (&'static str, &'a str)> {
        let only = self.only.iter().flat_map(|only| only.names.iter().map(|name| (only.place, name.as_str())));
        only.filter(move |(_, name)| !names.iter().any(|found| found.to_lowercase() == name.to_lowercase()))
    }

    /// Returns whether an app setting disables a function (azure-webjobs-sdk, `FunctionIndexer.IsDisabled`).
    pub(crate) fn disables(&self, function: &str) -> bool {
        [format!("AzureWebJobs.{function}.Disabled"), format!("AzureWebJobs_{function}_Disabled")]
            .iter()
            .any(|name| self.all_settings.is_on(name))
    }
}

fn only(config: &Config) -> Option<Only> {
    let names: Vec<String> = config.below("functions").map(|(_, name)| name.to_owned()).collect();
    (!names.is_empty()).then_some(Only { names, place: "`functions` in host.json" })
}

#[cfg(test)]
mod tests;
