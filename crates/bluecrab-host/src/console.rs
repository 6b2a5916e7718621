//! Prints the host's messages in the style of Azure Functions Core Tools.

use crate::app::LogLevels;
use bluecrab_rpc::RpcLog;
use bluecrab_rpc::rpc_log::{Level, RpcLogCategory};
use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static DROPS_UNREAD: AtomicBool = AtomicBool::new(false);

/// Makes the host drop lines that nobody can read any more, for example after `| head` has ended. By default lines go
/// through `println!`, which tests can capture but which panics when the pipe is closed.
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

/// Prints the list of the app's functions.
pub fn functions(lines: &[String]) {
    print(format_args!("\nFunctions:\n\n{}\n", lines.join("\n")));
}

/// Prints that the host is ready to serve requests.
pub fn ready(base: &str, after: Duration) {
    print(format_args!("Ready on {base} after {} ms. Press Ctrl-C to stop.", after.as_millis()));
}

/// Prints an error that the host recovers from.
pub fn error(message: &str) {
    print_error(format_args!("[error] {message}"));
}

/// Prints a warning: the host works, but the developer probably wants something else.
pub fn warn(message: &str) {
    print_error(format_args!("[warn] {message}"));
}

/// Prints a step that the host takes.
pub fn note(message: &str) {
    print(format_args!("[host] {message}"));
}

/// Prints that a function starts (azure-webjobs-sdk, `FunctionInstanceLogger`).
pub fn executing(function: &str, reason: &str, id: &str, levels: &LogLevels) {
    if levels.prints_about(function, Level::Information) {
        print(executing_line(function, reason, id));
    }
}

/// Prints that a function has ended.
pub fn executed(function: &str, id: &str, duration: Duration, succeeded: bool, levels: &LogLevels) {
    let (result, level) = if succeeded { ("Succeeded", Level::Information) } else { ("Failed", Level::Error) };
    if levels.prints_about(function, level) {
        print(executed_line(function, id, duration, result));
    }
}

fn executing_line(function: &str, reason: &str, id: &str) -> String {
    format!("[host] Executing 'Functions.{function}' (Reason='{reason}', Id={id})")
}

fn executed_line(function: &str, id: &str, duration: Duration, result: &str) -> String {
    format!("[host] Executed 'Functions.{function}' ({result}, Id={id}, Duration={}ms)", duration.as_millis())
}

/// Prints a log entry that the worker has sent. `levels` filters the entries of functions; the worker's own entries are
/// printed from the level Warning upwards.
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

/// Prints a line from the standard output or standard error of the worker process.
pub fn worker_line(line: &str, error: bool) {
    // The platform's worker prefixes lines that it could not send over gRPC. The level follows the prefix.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Tools and tests search the log for these lines.
    #[test]
    fn says_when_a_function_runs_as_the_platform_does() {
        let line = executing_line("report", "Timer fired at 2026-11-26T17:05:00.0000000+00:00", "7");
        assert_eq!(
            line.strip_prefix("[host] "),
            Some("Executing 'Functions.report' (Reason='Timer fired at 2026-11-26T17:05:00.0000000+00:00', Id=7)")
        );
        let line = executed_line("report", "7", Duration::from_micros(8_900), "Failed");
        assert_eq!(line.strip_prefix("[host] "), Some("Executed 'Functions.report' (Failed, Id=7, Duration=8ms)"));
    }
}
