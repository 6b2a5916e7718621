//! Serves the app's tools and resources over the Model Context Protocol, at `/runtime/webhooks/mcp`
//! (azure-functions-mcp-extension).

mod resource;
mod tool;

use super::{Fired, Triggers};
use crate::body::{Answer, BoxError};
use crate::worker::{Function, Worker, WorkerState};
use bluecrab_rpc::TypedData;
use bytes::Bytes;
use http::Request;
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Body;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, JsonObject,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};
use std::fmt::Display;
use std::sync::Arc;

/// The path of the endpoint, without the slash before it.
pub const PATH: &str = "runtime/webhooks/mcp";
/// The header field that names a client's session.
const SESSION: &str = "mcp-session-id";
/// The maximum size of a request.
const MOST_BYTES: usize = 4 << 20;

/// The endpoint for MCP clients. Clones share the sessions.
#[derive(Clone)]
pub struct Mcp(StreamableHttpService<Functions, LocalSessionManager>);

impl Mcp {
    /// Makes the endpoint. Its sessions end when the triggers are drained.
    pub fn new(triggers: Triggers) -> Self {
        // `/admin` and this endpoint share the check of who may call.
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .with_max_request_body_bytes(MOST_BYTES)
            .with_cancellation_token(triggers.drain.child_token());
        let service = move || Ok(Functions(triggers.clone()));
        Self(StreamableHttpService::new(service, Arc::default(), config))
    }

    /// Answers a request of a client.
    pub async fn answer<B>(&self, request: Request<B>) -> Answer
    where
        B: Body + Send + 'static,
        B::Error: Display,
    {
        let answer = self.0.handle(request).await;
        answer.map(|body: http_body_util::combinators::BoxBody<Bytes, _>| body.map_err(BoxError::from).boxed_unsync())
    }
}

/// The functions with an MCP trigger.
struct Functions(Triggers);

impl Functions {
    fn worker(&self) -> Result<Arc<Worker>, ErrorData> {
        match &*self.0.state.borrow() {
            WorkerState::Ready(worker) => Ok(Arc::clone(worker)),
            _ => Err(ErrorData::internal_error("no worker is ready; see the host's log", None)),
        }
    }

    /// Finds the function whose trigger has this value in a member.
    fn find(&self, kind: &str, member: &str, value: &str) -> Result<Option<Arc<Function>>, ErrorData> {
        let worker = self.worker()?;
        let mut functions = of_kind(&worker, kind);
        Ok(functions.find(|function| function.trigger()[member] == value).map(Arc::clone))
    }

    /// Runs a function for an MCP client.
    async fn run(&self, function: &Function, (value, metadata): Call) -> Result<Option<TypedData>, super::RunError> {
        let reason = "An MCP client called it.".to_owned();
        self.0.invoker.call(function, Fired { value, metadata, reason }).await
    }
}

/// The value and the metadata that a trigger brings.
type Call = (TypedData, Vec<(String, TypedData)>);

/// Makes what the trigger of a tool brings.
///
/// # Errors
/// Returns a sentence that names the arguments that are missing.
pub fn tool_call(function: &Function, arguments: JsonObject, session: &str) -> Result<Call, String> {
    tool::check(function, &arguments)?;
    let metadata = tool::metadata(&arguments);
    let value = json!({
        "name": function.trigger()["toolName"],
        "arguments": arguments,
        "sessionid": session,
        "transport": { "name": "http-streamable" },
    });
    Ok(call(function, &value, metadata, session))
}

/// Makes what the trigger of a resource brings.
pub fn resource_call(function: &Function, session: &str) -> Call {
    let uri = &function.trigger()["uri"];
    let value = json!({ "uri": uri, "sessionid": session, "transport": { "name": "http-streamable" } });
    call(function, &value, Vec::new(), session)
}

/// Adds the metadata that tools and resources share. The value is JSON as text, as on the platform.
fn call(function: &Function, value: &Value, mut metadata: Vec<(String, TypedData)>, session: &str) -> Call {
    let text = value.to_string();
    metadata.push((function.trigger_name.clone(), TypedData::string(text.clone())));
    metadata.push(("mcpsessionid".to_owned(), TypedData::string(session)));
    (TypedData::string(text), metadata)
}

impl ServerHandler for Functions {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let worker = self.worker().ok();
        let setting = |name, default: &str| {
            let configured = worker.as_ref().and_then(|worker| worker.app.mcp.get(name).cloned());
            configured.unwrap_or_else(|| default.to_owned())
        };
        let name = setting("servername", "Azure Functions MCP server");
        let config = ServerConfig::new(capabilities)
            .with_server_info(Implementation::new(name, setting("serverversion", "1.0.0")));
        match worker.and_then(|worker| worker.app.mcp.get("instructions").cloned()) {
            Some(instructions) => config.with_instructions(instructions),
            None => config,
        }
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let worker = self.worker()?;
        Ok(ListToolsResult::with_all_items(
            of_kind(&worker, tool::TRIGGER).map(|function| tool::describe(function)).collect(),
        ))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let function = self.find(tool::TRIGGER, "toolName", &request.name)?;
        let function = function
            .ok_or_else(|| ErrorData::invalid_params(format!("the app has no tool named {}", request.name), None))?;
        let arguments = request.arguments.unwrap_or_default();
        let call = tool_call(&function, arguments, &session(&context))
            .map_err(|reason| ErrorData::invalid_params(reason, None))?;
        let result = match self.run(&function, call).await {
            Ok(returned) => tool::result(&function, returned),
            Err(error) => Err(error.to_string()),
        };
        Ok(result.unwrap_or_else(|reason| CallToolResult::error(vec![ContentBlock::text(reason)])).into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let worker = self.worker()?;
        let resources = of_kind(&worker, resource::TRIGGER).map(|function| resource::describe(function));
        Ok(ListResourcesResult::with_all_items(resources.collect()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let function = self.find(resource::TRIGGER, "uri", &request.uri)?;
        let function = function
            .ok_or_else(|| ErrorData::resource_not_found(format!("the app has no resource {}", request.uri), None))?;
        match self.run(&function, resource_call(&function, &session(&context))).await {
            Ok(returned) => Ok(resource::result(&function, returned).into()),
            Err(error) => Err(ErrorData::internal_error(error.to_string(), None)),
        }
    }
}

/// Returns the functions with this trigger that no setting disables.
fn of_kind<'a>(worker: &'a Worker, kind: &'a str) -> impl Iterator<Item = &'a Arc<Function>> {
    worker
        .functions
        .iter()
        .filter(move |function| function.trigger_type.eq_ignore_ascii_case(kind) && !function.is_disabled)
}

fn session(context: &RequestContext<RoleServer>) -> String {
    let parts = context.extensions.get::<Parts>();
    let session = parts.and_then(|parts| parts.headers.get(SESSION)?.to_str().ok());
    session.unwrap_or_default().to_owned()
}
