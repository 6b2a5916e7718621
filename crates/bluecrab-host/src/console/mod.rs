//! Prints the host's messages in the style of Azure Functions Core Tools.

mod log_levels;
mod printer;
mod style;

pub use log_levels::{LogLevels, level_of};
pub use style::{Detail, LogStyle, flush, print_in_background, set_log_style, tell};

use bluecrab_rpc::RpcLog;
use bluecrab_rpc::rpc_log::{Level, RpcLogCategory};
use http::StatusCode;
use std::time::Duration;
use style::{Line, style};

/// Prints the list of the app's functions.
pub fn functions(lines: &[String]) {
    if style().json {
        lines.iter().for_each(|line| Line::new("information", "host", line.trim()).print(None, line, false));
    } else if !lines.is_empty() {
        let text = format!("\nFunctions:\n\n{}\n", lines.join("\n"));
        Line::new("information", "host", "").print(None, &text, false);
    }
}

/// Prints that the host is ready to serve requests.
pub fn ready(base: &str, after: Duration) {
    let text = format!("Ready on {base} after {} ms. Press Ctrl-C to stop.", after.as_millis());
    Line { url: Some(base), ..Line::new("information", "host", &text) }.print(None, &text, false);
}

/// Prints an error that the host recovers from.
pub fn error(message: &str) {
    Line::new("error", "host", message).print(Some("error"), message, true);
}

/// Prints why the app cannot be served, or why the emulator does not start, in the form of the command's errors.
pub fn failure(message: &str) {
    Line::new("error", "host", message).print(None, &format!("error: {message}"), true);
}

/// Prints a warning: the host works, but the developer probably wants something else.
pub fn warn(message: &str) {
    Line::new("warning", "host", message).print(Some("warn"), message, true);
}

/// Prints a step that the host takes.
pub fn note(message: &str) {
    step("host", message);
}

/// Prints a step that a part of the command takes, such as `build`.
pub fn step(part: &str, message: &str) {
    Line::new("information", part, message).print(Some(part), message, false);
}

/// Prints that a function starts (azure-webjobs-sdk, `FunctionInstanceLogger`).
pub fn executing(function: &str, reason: &str, id: &str, levels: &LogLevels) {
    if levels.prints_about(function, Level::Information) {
        about(function, id, "information", &executing_line(function, reason, id));
    }
}

/// Prints that a function has ended.
pub fn executed(function: &str, id: &str, duration: Duration, succeeded: bool, levels: &LogLevels) {
    let (result, level) = if succeeded { ("Succeeded", Level::Information) } else { ("Failed", Level::Error) };
    if levels.prints_about(function, level) {
        about(function, id, &name_of(level), &executed_line(function, id, duration, result));
    }
}

/// Prints the response to an HTTP call, if each call is to be printed.
pub fn answered(function: &str, id: &str, request: impl FnOnce() -> String, status: StatusCode, duration: Duration) {
    if style().detail == Detail::Verbose {
        let text = format!("{} → {} after {} ms ({function} {id})", request(), status.as_u16(), duration.as_millis());
        about(function, id, "information", &text);
    }
}

fn about(function: &str, id: &str, level: &str, text: &str) {
    let line = Line { function: Some(function), invocation_id: Some(id), ..Line::new(level, "host", text) };
    line.print(Some("host"), text, false);
}

/// Returns the name of a level in lower case, such as `information`.
fn name_of(level: Level) -> String {
    level.as_str_name().to_ascii_lowercase()
}

fn executing_line(function: &str, reason: &str, id: &str) -> String {
    format!("Executing 'Functions.{function}' (Reason='{reason}', Id={id})")
}

fn executed_line(function: &str, id: &str, duration: Duration, result: &str) -> String {
    format!("Executed 'Functions.{function}' ({result}, Id={id}, Duration={}ms)", duration.as_millis())
}

/// Prints a log entry that the worker has sent, unless its level is too low. `levels` filters the entries of functions.
/// The worker's own entries are printed from the level Warning upwards, and with `--verbose` from the level Debug.
///
/// Returns whether the level is high enough.
pub fn worker_log(log: &RpcLog, function: Option<&str>, levels: &LogLevels) -> bool {
    let is_of_function = log.log_category() == RpcLogCategory::User;
    let least = if style().detail == Detail::Verbose { Level::Debug } else { Level::Warning };
    let is_printed = match is_of_function {
        true => levels.prints(function, log.level()),
        false => log.level() as i32 >= least as i32,
    };
    if !is_printed {
        return false;
    }
    let origin = match function {
        Some(function) => format!("{function} {} ", log.invocation_id),
        None => String::new(),
    };
    let (level, message) = level_and_text(log);
    let line = Line {
        function,
        invocation_id: Some(log.invocation_id.as_str()).filter(|id| !id.is_empty()),
        ..Line::new(&level, if is_of_function { "function" } else { "worker" }, &message)
    };
    line.print(Some(&level), &format!("{origin}{message}"), false);
    true
}

/// Returns the level of a log entry and its text, with the exception that it reports.
pub fn level_and_text(log: &RpcLog) -> (String, String) {
    let mut text = log.message.trim_end().to_owned();
    if let Some(exception) = log.exception.as_ref().filter(|exception| !exception.message.is_empty()) {
        text += &format!("\n    {}", exception.message.trim_end());
    }
    (name_of(log.level()), text)
}

/// Prints a line from the standard output or standard error of the worker process.
pub fn worker_line(line: &str, error: bool) {
    // The platform's worker prefixes lines that it could not send over gRPC. The level follows the prefix.
    if let Some(entry) = line.strip_prefix("LanguageWorkerConsoleLog") {
        let severe = [("error", "[error]"), ("warning", "[warn]")];
        for (level, label) in severe {
            if let Some(message) = entry.strip_prefix(label) {
                let label = label.trim_matches(['[', ']']);
                Line::new(level, "worker", message.trim()).print(Some(label), message.trim(), true);
            }
        }
        return;
    }
    if !line.is_empty() {
        // What Node.js writes to standard error is often why it ends.
        let level = if error { "warning" } else { "information" };
        Line::new(level, "worker", line).print(Some("worker"), line, error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tools and tests search the log for these lines.
    #[test]
    fn says_when_a_function_runs_as_the_platform_does() {
        let line = executing_line("report", "Timer fired at 2026-11-26T17:05:00.0000000+00:00", "7");
        assert_eq!(
            line,
            "Executing 'Functions.report' (Reason='Timer fired at 2026-11-26T17:05:00.0000000+00:00', Id=7)"
        );
        let line = executed_line("report", "7", Duration::from_micros(8_900), "Failed");
        assert_eq!(line, "Executed 'Functions.report' (Failed, Id=7, Duration=8ms)");
    }
}
