//! What the host prints, in the manner of the platform's own tools.

use crate::app::LogLevels;
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
