//! The arguments of `bluecrab dev`, and what follows from them.

use crate::app::{self, App};
use crate::build::component;
use crate::build::{self, Purpose};
use crate::certificate;
use crate::crates::{self, Crates};
use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bluecrab_host::{Detail, HostError, HostOptions, Limits, LogStyle, Overrides};
use clap::{Args, value_parser};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

/// The port on which Node.js expects debuggers.
const NODE_PORT: u16 = 9229;
/// With `--watch` two workers run for a moment, and the new one waits for the inspector's port.
const INSPECTOR: &str = include_str!("inspector.mjs");

/// The arguments of `bluecrab dev`.
#[derive(Args, Clone)]
#[command(after_help = "Example:\n    bluecrab dev --watch --port 8080")]
pub struct DevArgs {
    /// The app's folder, which contains host.json
    #[arg(default_value = ".")]
    pub app: PathBuf,
    /// Build the modules first (default if the app's Cargo.toml has one, or package.json has commands for it)
    #[arg(long)]
    build: bool,
    /// Run the modules that exist, without building them
    #[arg(long, conflicts_with = "build")]
    no_build: bool,
    /// Build and serve the app again at each change
    #[arg(long)]
    pub watch: bool,
    /// Files for --watch to ignore, as in .gitignore; may be repeated
    #[arg(long, value_name = "PATTERN", requires = "watch")]
    pub ignore: Vec<String>,
    /// The port; 0 picks a free port [default: the app's, or 7071]
    #[arg(long)]
    port: Option<u16>,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = address)]
    host: IpAddr,
    /// The folder of another Node.js worker, such as the platform's
    #[arg(long, value_name = "FOLDER")]
    worker_dir: Option<PathBuf>,
    /// The Node.js program (22 or 24; 20 also works) [default: node]
    #[arg(long, value_name = "PROGRAM")]
    node: Option<String>,
    /// Replace a worker whose event loop is blocked
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = value_parser!(u64).range(1..))]
    worker_timeout: u64,
    /// Answer 408 if a request's body pauses for this time
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = value_parser!(u64).range(1..))]
    body_pause: u64,
    /// Start no storage emulator, even if a function needs it
    #[arg(long)]
    pub no_storage: bool,
    /// Load only these functions; the app's folder, if given, comes before
    #[arg(long, value_name = "NAME", num_args = 1..)]
    functions: Vec<String>,
    /// Serve HTTPS, with a certificate that is made once
    #[arg(long)]
    https: bool,
    /// Let a debugger attach to the worker, on port 9229
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true)]
    inspect: Option<Option<u16>>,
    /// Debug functions in Rust: like --inspect, but with debug information, and without optimisation and deadlines
    #[arg(long)]
    debug: bool,
    /// Ask callers for the keys of functions, as Azure does
    #[arg(long)]
    auth: bool,
    /// Let web pages of these origins, with commas between them, or * read responses
    #[arg(long, value_name = "ORIGINS")]
    cors: Option<String>,
    /// Let these web pages send cookies
    #[arg(long)]
    cors_credentials: bool,
    /// Serve no page with functions and calls at /
    #[arg(long)]
    no_page: bool,
    /// Send a span for each invocation to this OpenTelemetry collector, such as http://localhost:4318
    #[arg(long, value_name = "URL")]
    otlp: Option<String>,
    /// Print each HTTP call, and what the worker itself logs
    #[arg(long, short)]
    verbose: bool,
    /// Print only warnings, errors and the address
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
    /// Print each line of the log as an object of JSON
    #[arg(long)]
    json: bool,
    /// How many connections may be open; further connections are answered 503
    #[arg(long, value_name = "NUMBER", default_value_t = 1024, value_parser = value_parser!(u32).range(1..))]
    max_connections: u32,
}

impl DevArgs {
    /// Returns the options of the host.
    ///
    /// # Errors
    /// Returns an error if the certificate for HTTPS cannot be made.
    pub fn host(&self) -> Result<HostOptions> {
        Ok(HostOptions {
            address: self.host,
            port: self.port(),
            worker_folder: self.worker_dir.clone(),
            node: self.node.clone(),
            worker_timeout: Duration::from_secs(self.worker_timeout),
            limits: Limits {
                body_pause: Duration::from_secs(self.body_pause),
                connections: usize::try_from(self.max_connections).unwrap_or(usize::MAX),
                ..Limits::default()
            },
            auth: self.auth,
            page: !self.no_page,
            overrides: Overrides {
                cors: self.cors.clone(),
                cors_credentials: self.cors_credentials,
                functions: self.functions.clone(),
                otlp: self.otlp.clone(),
                node_arguments: self.inspect().into_iter().collect(),
                debug: self.debug,
            },
            identity: if self.https { Some(certificate::identity()?) } else { None },
            ..HostOptions::new(&self.app)
        })
    }

    /// Returns the argument of Node.js that lets a debugger attach.
    fn inspect(&self) -> Option<String> {
        let port = self.inspect.or(self.debug.then_some(None))?.unwrap_or(NODE_PORT);
        if !self.watch || port == 0 {
            return Some(format!("--inspect={port}"));
        }
        let script = STANDARD.encode(format!("const port = {port};\n{INSPECTOR}"));
        Some(format!("--import=data:text/javascript;base64,{script}"))
    }

    /// Returns how to print.
    pub fn log_style(&self) -> LogStyle {
        let detail = match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (false, true) => Detail::Verbose,
            (false, false) => Detail::Usual,
        };
        // Follows NO_COLOR, CLICOLOR_FORCE and TERM, and whether a terminal reads the lines.
        let color = AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
        LogStyle { detail, json: self.json, color }
    }

    /// Returns the port. The host reports errors in the app's files later.
    fn port(&self) -> u16 {
        app::port(self.port, &self.app)
    }

    /// Returns whether to build the modules before the app runs.
    pub fn builds(&self) -> bool {
        let has_commands = || App::open(&self.app).is_ok_and(|app| !app.package.bluecrab.build.is_empty());
        !self.no_build && (self.build || crates::builds_unasked(&self.app) || has_commands())
    }

    /// Checks that a port after `--inspect` is not taken for the app's folder.
    pub fn check_inspect(&self) -> Result<()> {
        let port = self.app.to_str().and_then(|app| app.parse::<u16>().ok());
        match port.filter(|_| self.inspect == Some(None) && !self.app.exists()) {
            Some(port) => bail!("the port of --inspect stands after `=`: --inspect={port}"),
            None => Ok(()),
        }
    }

    /// Checks that the host can listen on the address, before the build starts.
    pub fn check_port(&self) -> Result<(), HostError> {
        let port = self.port();
        match TcpListener::bind((self.host, port)) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => Err(HostError::PortInUse { port }),
            Err(reason) => {
                Err(HostError::CannotListen { address: SocketAddr::new(self.host, port).to_string(), reason })
            }
            Ok(_) => Ok(()),
        }
    }

    /// Prints which crates this command does not build. Crates in folders below the app are built only with `--build`.
    pub fn print_unbuilt_crates(&self, app: &App) -> Result<()> {
        if !self.no_build && !self.builds() {
            for package in Crates::of(app)?.modules()? {
                let name = &package.name;
                tell!(
                    "note: the crate {name} is in a folder below the app, so it is built only with --build; use \
                     --no-build to hide this note"
                );
            }
        }
        Ok(())
    }

    /// Returns the Node.js program.
    pub fn node(&self) -> &str {
        self.node.as_deref().unwrap_or("node")
    }

    /// Builds the modules, or only the bindings of components if nothing else is built.
    pub fn build(&self) -> Result<()> {
        let app = App::open(&self.app)?;
        if self.builds() {
            let purpose = if self.debug { Purpose::Debug } else { Purpose::Develop };
            build::build(&app, self.node(), purpose)?.lines().for_each(|line| bluecrab_host::step("build", &line));
        } else if !self.no_build {
            component::bind_all(&app.root, self.node())?;
        }
        Ok(())
    }
}

/// Reads the address after `--host`.
fn address(text: &str) -> Result<IpAddr> {
    if text == "localhost" {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse().context("write an IP address, such as 127.0.0.1, or 0.0.0.0 for callers on other machines")
}
