//! What calls the function of a new app or crate.

use super::name;
use clap::ValueEnum;

/// The trigger of a new function.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Trigger {
    /// HTTP requests
    #[default]
    Http,
    /// The time
    Timer,
    /// Messages of a storage queue
    Queue,
    /// New and changed blobs
    Blob,
    /// Messages of Service Bus
    ServiceBus,
    /// Events of Event Hubs
    EventHub,
    /// Events of Event Grid
    EventGrid,
    /// Changed documents of Cosmos DB
    CosmosDb,
    /// Agents, by the Model Context Protocol
    McpTool,
    /// JavaScript of the same app
    Callable,
}

impl Trigger {
    /// The template of `src/lib.rs`.
    pub fn source(self) -> &'static str {
        match self {
            Self::Http => include_str!("../../templates/triggers/http.rs"),
            Self::Timer => include_str!("../../templates/triggers/timer.rs"),
            Self::Queue => include_str!("../../templates/triggers/queue.rs"),
            Self::Blob => include_str!("../../templates/triggers/blob.rs"),
            Self::ServiceBus => include_str!("../../templates/triggers/service_bus.rs"),
            Self::EventHub => include_str!("../../templates/triggers/event_hub.rs"),
            Self::EventGrid => include_str!("../../templates/triggers/event_grid.rs"),
            Self::CosmosDb => include_str!("../../templates/triggers/cosmos_db.rs"),
            Self::McpTool => include_str!("../../templates/triggers/mcp_tool.rs"),
            Self::Callable => include_str!("../../templates/triggers/callable.rs"),
        }
    }

    /// The same as [`attempt`](Self::attempt) for a new app, whose JavaScript calls a callable function.
    pub fn first_attempt(self, name: &str, command: &str) -> String {
        match self {
            Self::Callable => "curl localhost:7071/api/checksum --data crab".to_owned(),
            _ => self.attempt(name, command),
        }
    }

    /// A command that calls the function while `bluecrab dev` serves the app. `name` is the name of the crate, and
    /// `command` is how the user calls `bluecrab`.
    pub fn attempt(self, name: &str, command: &str) -> String {
        let call = match self {
            Self::Http => return "curl localhost:7071/api/statistics --json '[1, 2, 3]'".to_owned(),
            Self::McpTool => {
                return "# an agent finds the tool at http://localhost:7071/runtime/webhooks/mcp".to_owned();
            }
            Self::Callable => {
                let module = name::module_of(name);
                return format!(
                    "{command} invoke checksum --data crab    # the app's JavaScript: callable('{module}', 'checksum')"
                );
            }
            Self::Timer => "report",
            Self::Queue => r#"total --data '{"id": 7, "prices": [1.5, 2.5]}'"#,
            Self::Blob => r#"count --data 'one two' --metadata '{"blobTrigger": "texts/a.txt"}'"#,
            Self::ServiceBus => r#"words --data 'two crabs' --metadata '{"messageId": "7"}'"#,
            Self::EventHub => "watch --data 95.5",
            Self::EventGrid => r#"created --data '{"subject": "/blobs/a", "data": {"contentLength": 2000000}}'"#,
            Self::CosmosDb => r#"total --data '[{"id": "1", "prices": [1.5, 2.5]}]'"#,
        };
        format!("{command} invoke {call}")
    }

    /// The member of host.json with which the platform loads the extension for the trigger. HTTP and timers need no
    /// extension.
    pub fn bundle(self) -> &'static str {
        match self {
            Self::Http | Self::Timer | Self::Callable => "",
            _ => {
                "\n  \"extensionBundle\": { \"id\": \"Microsoft.Azure.Functions.ExtensionBundle\", \"version\": \"[4.*, 5.0.0)\" },"
            }
        }
    }

    /// The settings of local.settings.json that the function needs.
    pub fn settings(self) -> &'static str {
        match self {
            Self::Http | Self::Callable => "",
            _ => ",\n    \"AzureWebJobsStorage\": \"UseDevelopmentStorage=true\"",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use serde_json::Value;

    #[test]
    fn the_files_of_every_trigger_are_json() {
        for trigger in Trigger::value_variants() {
            let filled = |template: &str| {
                let text = template.replace("{{bundle}}", trigger.bundle()).replace("{{settings}}", trigger.settings());
                serde_json::from_str::<Value>(&text).unwrap()
            };
            let host = filled(include_str!("../../templates/app/host.json"));
            assert_eq!(host["version"], "2.0");
            let settings = filled(include_str!("../../templates/app/local.settings.json"));
            assert_eq!(settings["Values"]["FUNCTIONS_WORKER_RUNTIME"], "node");
        }
    }

    /// The function that a command calls is in the template, and its input is JSON.
    #[test]
    fn the_command_calls_the_function() {
        for trigger in Trigger::value_variants() {
            let attempt = trigger.attempt("hello", "bluecrab");
            let Some(call) = attempt.strip_prefix("bluecrab invoke ") else {
                assert!(matches!(trigger, Trigger::Http | Trigger::McpTool), "{attempt}");
                continue;
            };
            let words = shlex::split(call).unwrap();
            assert!(trigger.source().contains(&format!("\nfn {}(", words[0])), "{attempt}");
            // An argument that reads metadata fails without it.
            let reads_metadata = trigger.source().contains("use bluecrab::metadata::");
            assert!(!reads_metadata || words.contains(&"--metadata".to_owned()), "{attempt}");
            let arguments = crate::Arguments::try_parse_from(shlex::split(&attempt).unwrap());
            assert!(arguments.is_ok(), "{attempt}: {}", arguments.err().unwrap());
        }
    }
}
