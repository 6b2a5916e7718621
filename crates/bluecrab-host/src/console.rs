//! What the host prints, in the manner of the platform's own tools.

use crate::app::LogLevels;
use crate::worker::Function;
use bluecrab_rpc::RpcLog;
use bluecrab_rpc::rpc_log::{Level, RpcLogCategory};
use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static DROPS_UNREAD: AtomicBool = AtomicBool::new(false);

/// From here on lines are dropped where nobody reads them any more, as behind `| head`. Without it they are printed by
/// `println!`, which tests capture, and which panics then.
pub fn drop_unread_lines() {
    DROPS_UNREAD.store(true, Ordering::Relaxed);
}

fn print(line: impl fmt::Display) {
    if DROPS_UNREAD.load(Ordering::Relaxed) {
        drop(writeln!(std::io::stdout(), "{line}"));
    } else {
        println!("{line}");
    }
}

fn print_error(line: impl fmt::Display) {
    if DROPS_UNREAD.load(Ordering::Relaxed) {
        drop(writeln!(std::io::stderr(), "{line}"));
    } else {
        eprintln!("{line}");
    }
}

/// The app's functions with their methods and addresses, a line each.
pub fn lines_of(functions: &[Function], base: &str, prefix: &str) -> Vec<String> {
    let width = functions.iter().map(|function| function.name.len()).max().unwrap_or_default();
    let disabled = |function: &Function| if function.is_disabled { " (disabled by an app setting)" } else { "" };
    let line_of = |function: &Function| match &function.http {
        Some(http) => {
            let methods: Vec<&str> = http.methods.iter().map(hyper::Method::as_str).collect();
            let route = format!("{prefix}/{}", http.route.trim_matches('/'));
            let url = format!("{base}/{}", route.trim_matches('/'));
            format!("    {:width$}  [{}] {url}{}", function.name, methods.join(","), disabled(function))
        }
        None => format!("    {:width$}  {}{}", function.name, function.trigger_type, disabled(function)),
    };
    functions.iter().map(line_of).collect()
}

/// Prints the app's functions.
pub fn functions(lines: &[String]) {
    print(format_args!("\nFunctions:\n\n{}\n", lines.join("\n")));
}

/// Prints that the host answers from now on.
pub fn ready(base: &str, after: Duration) {
    print(format_args!("Ready on {base} after {} ms. Ctrl-C ends it.", after.as_millis()));
}

/// Prints that something went wrong that is not the end.
pub fn error(message: &str) {
    print_error(format_args!("[error] {message}"));
}

/// Prints something that is probably not what the developer wants.
pub fn warn(message: &str) {
    print_error(format_args!("[warn] {message}"));
}

/// Prints what the host does.
pub fn note(message: &str) {
    print(format_args!("[host] {message}"));
}

/// Prints a log entry of the worker: one of a function if the levels let it through, its own diagnostics from warnings on.
pub fn worker_log(log: &RpcLog, function: Option<&str>, levels: &LogLevels) {
    let is_printed = match log.log_category() {
        RpcLogCategory::User => levels.prints(function, log.level()),
        _ => log.level() as i32 >= Level::Warning as i32,
    };
    if !is_printed {
        return;
    }
    let level = log.level().as_str_name().to_ascii_lowercase();
    let origin = match function {
        Some(function) => format!(" {function} {}", log.invocation_id),
        None => String::new(),
    };
    print(format_args!("[{level}]{origin} {}", log.message.trim_end()));
    if let Some(exception) = log.exception.as_ref().filter(|exception| !exception.message.is_empty()) {
        print(format_args!("    {}", exception.message.trim_end()));
    }
}

/// Prints a line that the worker's process printed.
pub fn worker_line(line: &str, error: bool) {
    // With this prefix the platform's worker tells its host what its stream could not carry, by level.
    if let Some(entry) = line.strip_prefix("LanguageWorkerConsoleLog") {
        let severe = ["[error]", "[warn]"].into_iter().find(|level| entry.starts_with(level));
        if let Some(level) = severe {
            print_error(format_args!("{level} {}", entry[level.len()..].trim()));
        }
        return;
    }
    if line.is_empty() {
        return;
    }
    if error { print_error(format_args!("[worker] {line}")) } else { print(format_args!("[worker] {line}")) }
}
