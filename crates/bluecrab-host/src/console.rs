//! What the host prints, in the manner of the platform's own tools.

use crate::worker::Function;
use bluecrab_rpc::RpcLog;
use bluecrab_rpc::rpc_log::{Level, RpcLogCategory};
use std::time::Duration;

/// Prints the app's functions with their methods and addresses.
pub fn functions(functions: &[Function], base: &str, prefix: &str) {
    if functions.is_empty() {
        error(
            "the app has registered no function: is `main` in its package.json the file, or the pattern, that does it?",
        );
        return;
    }
    println!("\nFunctions:\n");
    let width = functions.iter().map(|function| function.name.len()).max().unwrap_or_default();
    for function in functions {
        match &function.http {
            Some(http) => {
                let methods: Vec<&str> = http.methods.iter().map(hyper::Method::as_str).collect();
                let route = format!("{prefix}/{}", http.route.trim_matches('/'));
                let url = format!("{base}/{}", route.trim_matches('/'));
                println!("    {:width$}  [{}] {url}", function.name, methods.join(","));
            }
            None => println!("    {:width$}  {}", function.name, function.trigger_type),
        }
    }
    println!();
}

/// Prints that the host answers from now on.
pub fn ready(base: &str, after: Duration) {
    println!("Ready on {base} after {} ms. Ctrl-C ends it.", after.as_millis());
}

/// Prints that something went wrong that is not the end.
pub fn error(message: &str) {
    eprintln!("[error] {message}");
}

/// Prints what the host does.
pub fn note(message: &str) {
    println!("[host] {message}");
}

/// Prints a log entry of the worker; its own diagnostics only from warnings on.
pub fn worker_log(log: &RpcLog, function: Option<&str>) {
    let user = log.log_category() == RpcLogCategory::User;
    if !user && (log.level() as i32) < Level::Warning as i32 {
        return;
    }
    let level = log.level().as_str_name().to_ascii_lowercase();
    let origin = match function {
        Some(function) => format!(" {function} {}", log.invocation_id),
        None => String::new(),
    };
    println!("[{level}]{origin} {}", log.message.trim_end());
    if let Some(exception) = log.exception.as_ref().filter(|exception| !exception.message.is_empty()) {
        println!("    {}", exception.message.trim_end());
    }
}

/// Prints a line that the worker's process printed.
pub fn worker_line(line: &str, error: bool) {
    // With this prefix the platform's worker tells its host what its stream could not carry, by level.
    if let Some(entry) = line.strip_prefix("LanguageWorkerConsoleLog") {
        let severe = ["[error]", "[warn]"].into_iter().find(|level| entry.starts_with(level));
        if let Some(level) = severe {
            eprintln!("{level} {}", entry[level.len()..].trim());
        }
        return;
    }
    if line.is_empty() {
        return;
    }
    if error { eprintln!("[worker] {line}") } else { println!("[worker] {line}") }
}
