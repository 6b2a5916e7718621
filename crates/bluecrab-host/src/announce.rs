//! Tells the developer when the app is served, and which functions it has.

use crate::app::App;
use crate::console;
use crate::keys::{AuthLevel, Keys};
use crate::trigger;
use crate::worker::{Function, Worker, WorkerState};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::sync::watch;

/// Prints the functions and the address when a worker first serves a version of the app. Prints one line when a worker
/// replaces one that has ended. Functions that have not changed are not listed again.
pub async fn announce(
    mut state: watch::Receiver<WorkerState>,
    scheme: &'static str,
    address: SocketAddr,
    keys: Option<Arc<Keys>>,
) {
    let base = format!("{scheme}://{}", display(address));
    let mut served: Option<(Arc<App>, Vec<String>)> = None;
    while state.changed().await.is_ok() {
        let worker: Arc<Worker> = match &*state.borrow_and_update() {
            WorkerState::Ready(worker) => Arc::clone(worker),
            _ => continue,
        };
        let app = Arc::clone(&worker.app);
        if served.as_ref().is_some_and(|(before, _)| Arc::ptr_eq(before, &app)) {
            console::note(&format!("a new worker is ready (process {})", worker.process_id));
            continue;
        }
        worker.routes.warnings().iter().for_each(|sentence| console::warn(sentence));
        if let Some(Err(error)) = keys.as_ref().map(|keys| keys.make_for(with_keys(&worker.functions))) {
            console::error(&error.to_string());
        }
        let functions = lines_of(&worker.functions, &base, &app.route_prefix);
        if let Some(keys) = keys.as_ref().filter(|_| served.is_none()) {
            console::note(&format!("callers need a key; the keys are in {}", keys.file().display()));
        }
        if served.is_none_or(|(_, before)| before != functions) {
            console::functions(&functions);
            if trigger::serves_mcp(&worker.functions) {
                console::note(&format!("MCP server endpoint: {base}/{}", trigger::MCP_PATH));
            }
            trigger::cannot_fire(&worker.functions).iter().for_each(|line| console::note(line));
        }
        console::ready(&base, app.read_at.elapsed());
        served = Some((app, functions));
    }
}

/// Returns the names of the functions that have keys of their own.
fn with_keys(functions: &[Arc<Function>]) -> impl Iterator<Item = &str> {
    let level = |function: &Function| function.http.as_ref().map(|http| http.auth_level);
    functions
        .iter()
        .filter(move |function| level(function) == Some(AuthLevel::Function))
        .map(|function| &*function.name)
}

fn display(address: SocketAddr) -> String {
    let is_localhost = address.ip() == Ipv4Addr::LOCALHOST;
    if is_localhost { format!("localhost:{}", address.port()) } else { address.to_string() }
}

/// Formats one line for each function, with its methods and address.
fn lines_of(functions: &[Arc<Function>], base: &str, prefix: &str) -> Vec<String> {
    let width = functions.iter().map(|function| function.name.len()).max().unwrap_or_default();
    let disabled = |function: &Function| if function.is_disabled { " (disabled by an app setting)" } else { "" };
    let line_of = |function: &Arc<Function>| match &function.http {
        Some(http) => {
            let methods: Vec<&str> = http.methods.iter().map(hyper::Method::as_str).collect();
            let route = http.route_below(prefix);
            format!("    {:width$}  [{}] {base}{route}{}", function.name, methods.join(","), disabled(function))
        }
        None => {
            let webhook = trigger::webhook(function).map(|path| format!(" {base}/{path}")).unwrap_or_default();
            format!("    {:width$}  {}{webhook}{}", function.name, function.trigger_type, disabled(function))
        }
    };
    functions.iter().map(line_of).collect()
}
