//! What the machine needs: Rust, Node.js, a package manager, a free port.

use super::finding::Finding;
use crate::build::cargo::{self, WASM_TARGET};
use crate::crates::{Crates, folder_of};
use crate::npm::Manager;
use crate::tools;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The versions of Node.js that the platform runs, and when each gets its last fix (nodejs/Release, `schedule.json`).
const NODE_VERSIONS: [(u32, Date); 3] =
    [(20, jiff::civil::date(2026, 4, 30)), (22, jiff::civil::date(2027, 4, 30)), (24, jiff::civil::date(2028, 4, 30))];
/// The oldest version with which the library works.
const OLDEST_NODE: u32 = 20;
/// The oldest version of Rust that compiles the crate `bluecrab`.
const OLDEST_RUST: &str = env!("CARGO_PKG_RUST_VERSION");

/// Checks the compiler, and its target for modules, in the folder of each crate, which may choose a toolchain.
pub fn rust(app: &Path, crates: Option<&Crates>) -> Vec<Finding> {
    let modules = crates.and_then(|crates| crates.modules().ok()).unwrap_or_default();
    let folder = modules.first().map_or_else(|| app.to_owned(), |package| folder_of(package));
    let mut ask = tools::program("RUSTC", "rustc", &["--version"]);
    ask.current_dir(&folder);
    let version = match tools::output(ask) {
        Ok(version) => version.split(' ').nth(1).unwrap_or_default().to_owned(),
        Err(error) => return vec![Finding::error(&error)],
    };
    let compiler = if numbers(&version) < numbers(OLDEST_RUST) {
        let what = format!("Rust {version} is too old: the crate bluecrab needs {OLDEST_RUST}");
        Finding::problem(what, "run `rustup update`, or name a newer toolchain in rust-toolchain.toml")
    } else {
        Finding::ok(format!("Rust {version}"))
    };
    vec![compiler, target(folder)]
}

fn target(folder: PathBuf) -> Finding {
    match cargo::has_target(&folder) {
        Ok(true) => Finding::ok(format!("the Rust target {WASM_TARGET}")),
        Ok(false) => Finding::problem(
            format!("the Rust target {WASM_TARGET} is not installed"),
            format!("run `rustup target add {WASM_TARGET}`"),
        )
        .fixed_by(format!("installed the Rust target {WASM_TARGET}"), move || cargo::install_target(&folder)),
        Err(error) => Finding::error(&error),
    }
}

/// Checks whether Node.js runs the library, and whether its version is supported.
pub fn node(program: &str) -> Finding {
    let mut ask = Command::new(program);
    ask.arg("--version");
    match tools::output(ask) {
        Ok(version) => judge_node(version.trim().trim_start_matches('v'), today()),
        Err(error) => Finding::problem(
            format!("{error:#}"),
            "install Node.js 22 or 24 from https://nodejs.org, or name a program with --node",
        ),
    }
}

fn judge_node(version: &str, today: Date) -> Finding {
    let what = format!("Node.js {version}");
    let major = numbers(version).first().copied().unwrap_or_default();
    let install = "install Node.js 22 or 24 from https://nodejs.org";
    match NODE_VERSIONS.iter().find(|(known, _)| *known == major) {
        Some((_, end)) if today <= *end => Finding::ok(format!("{what}, which gets fixes until {end}")),
        Some((_, end)) => Finding::note(format!("{what} is out of date: its support ended on {end}"), install),
        None if major < OLDEST_NODE => Finding::problem(format!("{what} is too old for the library"), install),
        None => Finding::note(format!("{what} is not a version that Azure Functions runs"), install),
    }
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// Returns the numbers of a version such as `22.11.0`.
fn numbers(version: &str) -> Vec<u32> {
    version.split(['.', '-']).map_while(|part| part.parse().ok()).collect()
}

/// Checks whether the app's package manager can run.
pub fn package_manager(app: &Path) -> Finding {
    let found = Manager::of(app).and_then(|manager| {
        let mut ask = manager.command(&["--version"]);
        ask.current_dir(app);
        Ok(format!("{} {}", manager.name(), tools::output(ask)?.trim()))
    });
    found.map_or_else(|error| Finding::error(&error), Finding::ok)
}

/// Checks whether the host could listen on a port.
pub fn port(port: u16) -> Finding {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Finding::ok(format!("the port {port} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::note(
            format!("the port {port} is in use, perhaps by a running `bluecrab dev`"),
            "end that program, or choose another port: `bluecrab dev --port 0` takes a free one",
        ),
        Err(error) => Finding::note(
            format!("the port {port} cannot be used: {error}"),
            "choose another port, from 1024 on: `bluecrab dev --port 7071`",
        ),
    }
}

/// Returns whether git would commit a file: the folder is in a repository, and nothing ignores the file.
pub fn would_be_committed(folder: &Path, file: &str) -> bool {
    let mut ask = Command::new("git");
    let status = tools::run(ask.args(["check-ignore", "--quiet", file]).current_dir(folder).stderr(Stdio::null()));
    status.is_ok_and(|output| output.status.code() == Some(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn judges_node_by_the_day() {
        let day = jiff::civil::date(2026, 11, 26);
        for (version, state) in [
            ("18.20.8", State::Problem),
            ("20.19.0", State::Note),
            ("21.7.3", State::Note),
            ("22.11.0", State::Ok),
            ("24.1.0", State::Ok),
            ("99.0.0-nightly", State::Note),
        ] {
            assert_eq!(judge_node(version, day).treat(false).0, state, "{version}");
        }
        let later = jiff::civil::date(2027, 5, 1);
        assert_eq!(judge_node("22.11.0", later).treat(false).0, State::Note);
    }

    #[test]
    fn compares_versions_by_their_numbers() {
        assert!(numbers("1.100.0-nightly") > numbers("1.95") && numbers("1.95.0") >= numbers("1.95"));
    }
}
