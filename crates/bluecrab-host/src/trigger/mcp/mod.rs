//! Serves the app's tools, resources and prompts over the Model Context Protocol, at `/runtime/webhooks/mcp`
//! (azure-functions-mcp-extension).

mod call;
mod prompt;
mod resource;
mod tool;
mod values;

pub use call::{Caller, prompt_call, resource_call, tool_call};

use super::Triggers;
use super::invoker::{Fired, RunError};
use super::metadata::TriggerData;
use crate::body::{Answer, BoxError};
use crate::worker::{Function, TriggerKind, Worker, WorkerState};
use bluecrab_rpc::TypedData;
use http::{Method, Request};
use http_body_util::BodyExt;
use hyper::body::Body;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, GetPromptRequestParams, GetPromptResponse,
    Implementation, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use std::fmt::Display;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// The path of the endpoint, without the slash before it.
pub const PATH: &str = "runtime/webhooks/mcp";
/// The maximum size of a request.
const MOST_BYTES: usize = 4 << 20;

/// The endpoint for MCP clients. Clones share the sessions.
#[derive(Clone)]
pub struct Mcp {
    service: StreamableHttpService<Functions, LocalSessionManager>,
    running: TaskTracker,
}

impl Mcp {
    /// Makes the endpoint. Its sessions end when the host stops, after the last call.
    pub fn new(triggers: Triggers) -> Self {
        // `/admin` and this endpoint share the check of who may call.
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .with_max_request_body_bytes(MOST_BYTES)
            .with_cancellation_token(triggers.stopped.child_token());
        let running = triggers.running.clone();
        let service = move || Ok(Functions(triggers.clone()));
        Self { service: StreamableHttpService::new(service, Arc::default(), config), running }
    }

    /// Answers a request of a client.
    pub async fn answer<B>(&self, request: Request<B>) -> Answer
    where
        B: Body + Send + 'static,
        B::Error: Display,
    {
        // A GET opens the stream of a session's notifications, which does not end by itself.
        let running = (request.method() != Method::GET).then(|| self.running.token());
        self.service.handle(request).await.map(|body| {
            // A call is running until its result has been sent. The end of its session would lose the result.
            body.map_err(move |error| {
                let _ = &running;
                BoxError::from(error)
            })
            .boxed_unsync()
        })
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

    /// Finds the function whose trigger has this value in a member, in any case.
    fn find(&self, kind: TriggerKind, member: &str, value: &str) -> Result<Option<Arc<Function>>, ErrorData> {
        let worker = self.worker()?;
        let mut functions = of_kind(&worker, kind);
        let is_named = |function: &&Arc<Function>| {
            function.trigger()[member].as_str().is_some_and(|name| name.eq_ignore_ascii_case(value))
        };
        Ok(functions.find(is_named).map(Arc::clone))
    }

    /// Runs a function for an MCP client.
    async fn run(&self, function: &Function, (value, metadata): TriggerData) -> Result<Option<TypedData>, RunError> {
        // The function goes on if its client disconnects.
        let _running = self.0.running.token();
        let reason = "An MCP client called it.".to_owned();
        self.0.invoker.call(function, Fired { value, metadata, reason }).await
    }
}

impl ServerHandler for Functions {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().build();
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
            of_kind(&worker, TriggerKind::McpTool).map(|function| tool::describe(function)).collect(),
        ))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let function = self.find(TriggerKind::McpTool, "toolName", &request.name)?;
        let function = function
            .ok_or_else(|| ErrorData::invalid_params(format!("the app has no tool named {}", request.name), None))?;
        let arguments = request.arguments.unwrap_or_default();
        let call = tool_call(&function, arguments, &Caller::of(&context))
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
        let resources = of_kind(&worker, TriggerKind::McpResource).filter(|function| !resource::is_template(function));
        Ok(ListResourcesResult::with_all_items(resources.map(|function| resource::describe(function)).collect()))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let worker = self.worker()?;
        let templates = of_kind(&worker, TriggerKind::McpResource).filter(|function| resource::is_template(function));
        let templates = templates.map(|function| resource::describe_template(function));
        Ok(ListResourceTemplatesResult::with_all_items(templates.collect()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let worker = self.worker()?;
        let templates =
            || of_kind(&worker, TriggerKind::McpResource).find(|function| resource::fits(function, &request.uri));
        let function =
            self.find(TriggerKind::McpResource, "uri", &request.uri)?.or_else(|| templates().map(Arc::clone));
        let function = function
            .ok_or_else(|| ErrorData::resource_not_found(format!("the app has no resource {}", request.uri), None))?;
        let result = match self.run(&function, resource_call(&function, &request.uri, &Caller::of(&context))).await {
            Ok(returned) => resource::result(&function, &request.uri, returned),
            Err(error) => Err(error.to_string()),
        };
        result.map(Into::into).map_err(|reason| ErrorData::internal_error(reason, None))
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let worker = self.worker()?;
        let prompts = of_kind(&worker, TriggerKind::McpPrompt).map(|function| prompt::describe(function));
        Ok(ListPromptsResult::with_all_items(prompts.collect()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let function = self.find(TriggerKind::McpPrompt, "promptName", &request.name)?;
        let function = function
            .ok_or_else(|| ErrorData::invalid_params(format!("the app has no prompt named {}", request.name), None))?;
        let arguments = request.arguments.unwrap_or_default();
        let call = prompt_call(&function, arguments, &Caller::of(&context))
            .map_err(|reason| ErrorData::invalid_params(reason, None))?;
        let result = match self.run(&function, call).await {
            Ok(returned) => prompt::result(&function, returned),
            Err(error) => Err(error.to_string()),
        };
        result.map(Into::into).map_err(|reason| ErrorData::internal_error(reason, None))
    }
}

/// Returns the functions with this trigger that no setting disables.
fn of_kind(worker: &Worker, kind: TriggerKind) -> impl Iterator<Item = &Arc<Function>> {
    worker.functions.iter().filter(move |function| function.trigger_kind == kind && !function.is_disabled)
}
