//! Options of the command line that take precedence over the app's files.

use super::{App, Cors, Only};
use crate::error::HostError;
use crate::spans::{SERVICE_NAME, service_name};

/// OpenTelemetry's setting for the collector.
const OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// The library's setting that runs all calls of modules on the event loop, without a deadline.
const DEBUG: &str = "BLUECRAB_DEBUG";

/// Options of the command line that take precedence over the app's files.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Origins with commas between them, or `*`, instead of `Host.CORS` in local.settings.json.
    pub cors: Option<String>,
    /// Whether pages of these origins may send cookies, even if `Host.CORSCredentials` does not say so.
    pub cors_credentials: bool,
    /// The only functions that are loaded, instead of `functions` in host.json. If it is empty, host.json decides.
    pub functions: Vec<String>,
    /// The collector for the app's spans. Libraries read it as the app setting `OTEL_EXPORTER_OTLP_ENDPOINT`, and the
    /// name of the app as `OTEL_SERVICE_NAME`.
    pub otlp: Option<String>,
    /// Arguments of Node.js, after those of `languageWorkers__node__arguments`.
    pub node_arguments: Vec<String>,
    /// Whether a developer debugs the functions of modules. Then calls have no time limit: neither `functionTimeout`
    /// nor the deadlines of functions apply.
    pub debug: bool,
}

impl App {
    /// Applies what the command line says.
    ///
    /// # Errors
    /// Returns an error that names the option if it makes no sense.
    pub(crate) fn with_overrides(mut self, overrides: &Overrides) -> Result<Self, HostError> {
        if !overrides.functions.is_empty() {
            self.only = Some(Only { names: overrides.functions.clone(), place: "--functions" });
        }
        self.node_arguments.extend(overrides.node_arguments.iter().cloned());
        if let Some(collector) = &overrides.otlp {
            self.settings.insert(OTLP_ENDPOINT.to_owned(), collector.clone());
            // Otherwise the library would call the app `unknown_service:node`.
            self.settings.insert(SERVICE_NAME.to_owned(), service_name(&self));
        }
        if overrides.debug {
            self.function_timeout = None;
            self.settings.insert(DEBUG.to_owned(), "1".to_owned());
        }
        let credentials = self.cors_credentials || overrides.cors_credentials;
        self.cors = match (&overrides.cors, self.cors.take()) {
            (Some(list), _) => Cors::parse(list, credentials),
            (None, Some(cors)) => cors.with_credentials(credentials).map(Some),
            (None, None) => Ok(None),
        }
        .map_err(|reason| HostError::WrongOption { option: "--cors", reason })?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(local_settings: &str) -> App {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("host.json", r#"{ "version": "2.0", "functions": ["a"] }"#), ("package.json", "{}")] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        std::fs::write(folder.path().join("local.settings.json"), local_settings).unwrap();
        App::read_in(folder.path(), []).unwrap()
    }

    #[test]
    fn the_command_line_wins() {
        let overrides = Overrides {
            cors: Some("http://localhost:3000".to_owned()),
            cors_credentials: false,
            functions: vec!["B".to_owned()],
            otlp: Some("http://localhost:4318".to_owned()),
            node_arguments: vec!["--inspect".to_owned()],
            debug: true,
        };
        let file = r#"{ "Host": { "CORS": "http://a.example", "CORSCredentials": true } }"#;
        let app = app(file).with_overrides(&overrides).unwrap();
        let cors = app.cors.as_ref().unwrap();
        assert!(cors.allows("http://localhost:3000") && !cors.allows("http://a.example") && cors.credentials);
        assert_eq!(app.node_arguments, ["--inspect"]);
        assert_eq!(app.settings["OTEL_EXPORTER_OTLP_ENDPOINT"], "http://localhost:4318");
        assert_eq!(app.root.file_name().unwrap().to_str(), Some(app.settings["OTEL_SERVICE_NAME"].as_str()));
        assert_eq!((app.function_timeout, app.settings["BLUECRAB_DEBUG"].as_str()), (None, "1"));
        assert!(app.loads("b") && !app.loads("a"));
        assert_eq!(app.missing(&[]).collect::<Vec<_>>(), [("--functions", "B")]);
    }

    #[test]
    fn credentials_are_added_to_the_origins_of_the_file() {
        let overrides = Overrides { cors_credentials: true, ..Overrides::default() };
        let cors = |file: &str| app(file).with_overrides(&overrides).map(|app| app.cors);
        assert!(cors(r#"{ "Host": { "CORS": "http://a.example" } }"#).unwrap().unwrap().credentials);
        assert!(cors("{}").unwrap().is_none());
        let refused = cors(r#"{ "Host": { "CORS": "*" } }"#).unwrap_err().to_string();
        assert!(refused.starts_with("--cors: ") && refused.contains("name the origins"), "{refused}");
    }
}
