//! `bluecrab invoke`: calls a function of a running `bluecrab dev`, or a `#[callable]` function of a module.

mod callable;
mod function;
mod route;

use crate::app;
use crate::client::LocalHost;
use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use bytes::Bytes;
use callable::Callable;
use clap::Args;
use function::Function;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Members = serde_json::Map<String, Value>;

/// The arguments of `bluecrab invoke`.
#[derive(Args)]
#[command(after_help = "Examples:\n    bluecrab invoke statistics --data '[1, 2, 3]'\n    bluecrab invoke thumbnail \
                        --file cat.png --param size=64\n    bluecrab invoke nightly-report")]
pub struct InvokeArgs {
    /// The function's name
    #[arg(value_name = "NAME")]
    name: String,
    /// The request's body, or the value of another trigger
    #[arg(long, short, value_name = "TEXT")]
    data: Option<String>,
    /// The same, from a file; - is the standard input
    #[arg(long, short, value_name = "FILE", conflicts_with = "data")]
    file: Option<PathBuf>,
    /// A value for {NAME} in the route, or else for the query; may be repeated
    #[arg(long, short, value_name = "NAME=VALUE", value_parser = parameter)]
    param: Vec<(String, String)>,
    /// A header field of the request; may be repeated
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The metadata of another trigger, such as '{"messageId": "7"}'
    #[arg(long, value_name = "JSON", value_parser = object)]
    metadata: Option<Members>,
    /// The request's method [default: POST with a body, else GET, if the function has it]
    #[arg(long, short = 'X', value_name = "METHOD", value_parser = method)]
    method: Option<Method>,
    /// The host's port [default: the app's, or 7071]
    #[arg(long)]
    port: Option<u16>,
    /// Call a host that runs with --https
    #[arg(long)]
    https: bool,
    /// The app's folder, for its port and keys
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    app: PathBuf,
}

/// Calls the function and prints what it returned. Fails if the function did.
pub fn run(arguments: &InvokeArgs) -> Result<ExitCode> {
    let app = arguments.app.as_path();
    ensure!(app.is_dir(), "the folder {} does not exist: name the app's folder with --app", app.display());
    let data = arguments.data()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("cannot start a client")?.block_on(async {
        let callables = Callable::all_in(app);
        let find = async {
            let (port, key) = (app::port(arguments.port, app), bluecrab_host::master_key(app));
            let mut host = LocalHost::connect(port, arguments.https, key).await?;
            let function = Function::find(&mut host, &arguments.name, &callables).await?;
            anyhow::Ok((host, function))
        };
        let (mut host, function) = match find.await {
            Ok(found) => found,
            Err(error) => {
                let is_it = |callable: &&Callable| callable.name.eq_ignore_ascii_case(&arguments.name);
                let callable = callables.iter().find(is_it).ok_or(error)?;
                return callable.call(arguments, data.as_deref());
            }
        };
        if function.is_http() {
            call(arguments, &mut host, &function, data).await
        } else {
            fire(arguments, &mut host, &function, data).await
        }
    })
}

impl InvokeArgs {
    /// Returns the options that were given and are only for HTTP functions.
    fn options_of_http(&self) -> impl Iterator<Item = &'static str> {
        let options = [
            ("--param", !self.param.is_empty()),
            ("--header", !self.headers.is_empty()),
            ("--method", self.method.is_some()),
        ];
        options.into_iter().filter(|(_, is_given)| *is_given).map(|(option, _)| option)
    }

    /// Returns the options that were given and are only for functions with a trigger.
    fn options_of_triggers(&self) -> impl Iterator<Item = &'static str> {
        self.options_of_http().chain(self.metadata.is_some().then_some("--metadata"))
    }

    fn data(&self) -> Result<Option<Bytes>> {
        let bytes = match (&self.data, &self.file) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(file)) if file == Path::new("-") => {
                let mut bytes = Vec::new();
                std::io::stdin().read_to_end(&mut bytes).context("cannot read the standard input")?;
                bytes
            }
            (None, Some(file)) => std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?,
            (None, None) => return Ok(None),
        };
        Ok(Some(bytes.into()))
    }
}

/// Calls an HTTP function by its route, and prints the response: its status to standard error, its body to standard
/// output.
async fn call(
    arguments: &InvokeArgs,
    host: &mut LocalHost,
    function: &Function,
    data: Option<Bytes>,
) -> Result<ExitCode> {
    ensure!(
        arguments.metadata.is_none(),
        "--metadata is for functions that HTTP does not call, and {} has the trigger {}",
        function.name,
        function.trigger()
    );
    let path = route::fill(function.route(), &arguments.param)?;
    let usual = if data.is_some() { Method::POST } else { Method::GET };
    let method = arguments.method.clone().unwrap_or_else(|| function.method_like(usual));
    let mut request = Request::builder().method(method).uri(path);
    let has_body = data.is_some();
    let mut has_type = !has_body;
    for (name, value) in &arguments.headers {
        let name = HeaderName::try_from(name).with_context(|| format!("`{name}` is not a header's name"))?;
        let value = HeaderValue::try_from(value)
            .with_context(|| format!("`{value}` cannot be the value of the header {name}"))?;
        has_type |= name == CONTENT_TYPE;
        request = request.header(name, value);
    }
    let chosen = data.as_deref().filter(|_| !has_type).map(type_of);
    if let Some((name, _)) = &chosen {
        request = request.header(CONTENT_TYPE, *name);
    }
    let request = request.body(Full::new(data.unwrap_or_default())).context("cannot make the request")?;
    let response = if function.needs_key() { host.send_with_key(request).await? } else { host.send(request).await? };
    tell!("{}", response.status());
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        match chosen {
            Some((name, Some(reason))) => {
                tell!("note: the data was sent as {name}, because it is not JSON: {reason}");
            }
            _ if !has_body => tell!("note: the request had no body: give it one with --data or --file"),
            _ => {}
        }
    }
    print(response.body())?;
    Ok(if response.status().as_u16() < 400 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Fires a function that HTTP does not call, waits for its end, and prints its return value and the outputs that this
/// host cannot send.
async fn fire(
    arguments: &InvokeArgs,
    host: &mut LocalHost,
    function: &Function,
    data: Option<Bytes>,
) -> Result<ExitCode> {
    if let Some(option) = arguments.options_of_http().next() {
        bail!("{option} is for HTTP functions, and {} has the trigger {}", function.name, function.trigger());
    }
    let metadata = arguments.metadata.clone().unwrap_or_default();
    // With a path in the metadata, the data is a blob's contents. Without it, the data is the path of an existing blob.
    let is_blob = metadata.keys().any(|name| name.eq_ignore_ascii_case("blobTrigger"));
    let mut body = match &data {
        None => json!({}),
        Some(data) => match std::str::from_utf8(data).ok().filter(|_| !is_blob) {
            Some(text) => json!({ "input": text }),
            None => json!({ "base64": base64::engine::general_purpose::STANDARD.encode(data) }),
        },
    };
    body["metadata"] = metadata.into();
    let request = Request::post(format!("/admin/functions/{}", function.name))
        .header(CONTENT_TYPE, "application/json")
        .header("prefer", "wait")
        .body(Full::new(body.to_string().into()))
        .context("cannot make the request")?;
    let response = host.send_with_key(request).await?;
    if response.status() != StatusCode::OK {
        let advice = match response.status() {
            StatusCode::BAD_REQUEST if data.is_none() => {
                " (this command sent no value: give it one with --data or --file)"
            }
            _ => "",
        };
        bail!("{}: {}{advice}", function.name, reason(&response));
    }
    let result: Value = serde_json::from_slice(response.body()).context("the host's answer is not JSON")?;
    tell!("{} has run (invocation {})", function.name, result["invocationId"].as_str().unwrap_or_default());
    say!("{:#}", json!({ "returned": result["returned"], "outputs": result["outputs"] }));
    Ok(ExitCode::SUCCESS)
}

/// Returns the sentence of a problem response, or its status.
fn reason(response: &Response<Bytes>) -> String {
    let problem: Option<Value> = serde_json::from_slice(response.body()).ok();
    let detail = problem.as_ref().and_then(|problem| problem["detail"].as_str());
    detail.map_or_else(|| format!("the host answered {}", response.status()), str::to_owned)
}

/// Writes a body as it is. In a terminal, a line end follows, so that the prompt begins a line.
fn print(body: &[u8]) -> Result<()> {
    let mut output = std::io::stdout().lock();
    let end: &[u8] = if output.is_terminal() && !body.is_empty() && !body.ends_with(b"\n") { b"\n" } else { b"" };
    match output.write_all(body).and_then(|()| output.write_all(end)).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("cannot print the body"),
        _ => Ok(()),
    }
}

/// Returns the content type of a body: JSON, text or bytes. For a text it also says why the text is not JSON.
fn type_of(body: &[u8]) -> (&'static str, Option<serde_json::Error>) {
    let Ok(text) = std::str::from_utf8(body) else { return ("application/octet-stream", None) };
    match serde_json::from_str::<&serde_json::value::RawValue>(text) {
        Ok(_) => ("application/json", None),
        Err(reason) => ("text/plain; charset=utf-8", Some(reason)),
    }
}

/// Reads an object of JSON.
fn object(text: &str) -> Result<Members> {
    serde_json::from_str(text).context("expected a JSON object")
}

/// Splits `NAME=VALUE`.
fn parameter(text: &str) -> Result<(String, String)> {
    pair(text, '=').map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// Splits `NAME: VALUE`. Spaces around the value do not belong to it.
fn header(text: &str) -> Result<(String, String)> {
    pair(text, ':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
}

fn pair(text: &str, separator: char) -> Result<(&str, &str)> {
    let parts = text.split_once(separator).map(|(name, value)| (name.trim(), value));
    parts.filter(|(name, _)| !name.is_empty()).with_context(|| format!("expected a name, `{separator}` and a value"))
}

/// Reads a method in any case: servers know the usual ones only in capital letters.
fn method(text: &str) -> Result<Method> {
    text.to_uppercase().parse().context("expected a method, such as PUT")
}
