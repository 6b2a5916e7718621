//! How lines are printed: as text, with or without color, or as JSON; and which lines.

use super::printer::Printer;
use jiff::Timestamp;
use serde::Serialize;
use std::io::Write;
use std::sync::{Arc, OnceLock};

/// How many bytes may wait for somebody who reads them.
const UNREAD_BYTES: usize = 4 << 20;

static PRINTER: OnceLock<Arc<Printer>> = OnceLock::new();
static STYLE: OnceLock<LogStyle> = OnceLock::new();

/// How the host of this process prints.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogStyle {
    /// Which lines are printed.
    pub detail: Detail,
    /// Whether each line is an object of JSON, on standard output.
    pub json: bool,
    /// Whether the beginning of a line shows its level by a color.
    pub color: bool,
}

/// Which lines are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Warnings, errors and the address.
    Quiet,
    /// Also what the functions log, and what the host does.
    #[default]
    Usual,
    /// Also each HTTP call, and what the worker itself logs.
    Verbose,
}

/// Sets how the host of this process prints. Only the first call has an effect.
pub fn set_log_style(style: LogStyle) {
    STYLE.set(style).ok();
}

/// Lets a thread print from now on, so that the host runs on when nobody reads its output. What nobody can read any
/// more is dropped. By default lines go through `println!`, which tests can capture, but which waits for the reader, and
/// panics when the pipe is closed.
pub fn print_in_background() {
    PRINTER.get_or_init(|| Printer::start(UNREAD_BYTES, write_now, note_of_dropped));
}

/// Waits until everything is printed, or until nobody reads it any more. A process calls this before it ends.
pub fn flush() {
    if let Some(printer) = PRINTER.get() {
        printer.flush();
    }
}

/// Prints a line to standard error, in order with the host's own lines. If nobody can read it, it is dropped.
pub fn tell(line: String) {
    match PRINTER.get() {
        Some(printer) => printer.print(line, true),
        None => write_now(&line, true),
    }
}

/// Returns how the host of this process prints.
pub fn style() -> LogStyle {
    STYLE.get().copied().unwrap_or_default()
}

/// A line of the log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line<'a> {
    /// `trace`, `debug`, `information`, `warning`, `error` or `critical`.
    pub level: &'a str,
    /// `host`, `worker`, `function`, or the part of the command that speaks, such as `build`.
    pub source: &'a str,
    /// The function that the line is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<&'a str>,
    /// The invocation that the line is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_id: Option<&'a str>,
    /// What happened.
    pub message: &'a str,
    /// Where the host serves the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// Makes a line.
    pub fn new(level: &'a str, source: &'a str, message: &'a str) -> Self {
        Self { level, source, function: None, invocation_id: None, message, url: None }
    }

    /// Prints the line: as JSON, or else `text`, which begins with `label` in brackets if there is a label.
    pub fn print(&self, label: Option<&str>, text: &str, to_errors: bool) {
        let style = style();
        let is_serious = ["warning", "error", "critical"].contains(&self.level);
        if style.detail == Detail::Quiet && !is_serious && self.url.is_none() {
            return;
        }
        let (line, to_errors) = (self.formatted(label, text), to_errors && !style.json);
        match PRINTER.get() {
            Some(printer) => printer.print(line, to_errors),
            None if to_errors => eprintln!("{line}"),
            None => println!("{line}"),
        }
    }

    fn formatted(&self, label: Option<&str>, text: &str) -> String {
        let style = style();
        match label {
            _ if style.json => self.json(),
            Some(label) if style.color => format!("{}[{label}]\x1b[0m {text}", color(self.level)),
            Some(label) => format!("[{label}] {text}"),
            None => text.to_owned(),
        }
    }

    fn json(&self) -> String {
        #[derive(Serialize)]
        struct Timed<'a> {
            time: String,
            #[serde(flatten)]
            line: &'a Line<'a>,
        }
        serde_json::to_string(&Timed { time: Timestamp::now().to_string(), line: self }).unwrap_or_default()
    }
}

/// Returns the sequence that begins a color: red for errors, yellow for warnings, grey for details, cyan for the rest.
fn color(level: &str) -> &'static str {
    match level {
        "error" | "critical" => "\x1b[31m",
        "warning" => "\x1b[33m",
        "trace" | "debug" => "\x1b[90m",
        _ => "\x1b[36m",
    }
}

fn write_now(line: &str, to_errors: bool) {
    drop(if to_errors { writeln!(std::io::stderr(), "{line}") } else { writeln!(std::io::stdout(), "{line}") });
}

/// Returns the line that says how many lines were dropped.
fn note_of_dropped(count: usize) -> (String, bool) {
    let message = format!("{count} lines are missing here, because nobody read the output");
    (Line::new("warning", "host", &message).formatted(Some("warn"), &message), !style().json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_line_of_json_has_what_is_known() {
        let line = Line {
            function: Some("sum"),
            invocation_id: Some("7"),
            ..Line::new("warning", "function", "two\nlines \"quoted\"")
        };
        let text = line.json();
        assert!(!text.contains('\n'), "{text}");
        let mut json: Value = serde_json::from_str(&text).unwrap();
        let time = json.as_object_mut().unwrap().remove("time").unwrap();
        assert!(time.as_str().unwrap().parse::<Timestamp>().is_ok());
        let expected = serde_json::json!({ "level": "warning", "source": "function", "function": "sum",
            "invocationId": "7", "message": "two\nlines \"quoted\"" });
        assert_eq!(json, expected);
    }
}
