//! What calls the function of a new app or crate.

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
    /// The name of the function in the template.
    pub fn function(self) -> &'static str {
        match self {
            Self::Http => "statistics",
            Self::Timer => "report",
            Self::Queue | Self::CosmosDb => "total",
            Self::Blob => "count",
            Self::ServiceBus => "words",
            Self::EventHub => "watch",
            Self::EventGrid => "created",
            Self::McpTool => "mean",
            Self::Callable => "checksum",
        }
    }

    /// Names the function after its crate, with an ending if the template or another crate's function may have the name.
    pub fn function_of(self, crate_name: &str) -> String {
        let name = crate_name.replace('-', "_");
        let uses = [format!("fn {name}("), format!("let {name} "), format!("testing::{name}}}")];
        let is_used = uses.iter().any(|usage| self.template().contains(usage))
            || Self::value_variants().iter().any(|other| other.function() == name);
        if is_used { format!("{name}_function") } else { name }
    }

    /// The source in `src/lib.rs` with a function of this name.
    pub fn source(self, function: &str) -> String {
        let in_rust = ["fn NAME(", "call(NAME,"].map(|usage| (usage, function.to_owned()));
        let in_app = ["/api/NAME", "'NAME'"].map(|usage| (usage, name_in_app(function)));
        let renames = in_rust.into_iter().chain(in_app);
        renames.fold(self.template().to_owned(), |source, (usage, new)| {
            source.replace(&usage.replace("NAME", self.function()), &usage.replace("NAME", &new))
        })
    }

    fn template(self) -> &'static str {
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
    pub fn first_attempt(self, command: &str) -> String {
        match self {
            Self::Callable => "curl localhost:7071/api/checksum --data crab".to_owned(),
            _ => self.attempt(self.function(), command),
        }
    }

    /// A command that calls the function while `bluecrab dev` serves the app. `command` is how the user calls
    /// `bluecrab`.
    pub fn attempt(self, function: &str, command: &str) -> String {
        let function = name_in_app(function);
        let data = match self {
            Self::Http => return format!("curl localhost:7071/api/{function} --json '[1, 2, 3]'"),
            Self::McpTool => {
                return "# an agent finds the tool at http://localhost:7071/runtime/webhooks/mcp".to_owned();
            }
            Self::Timer => "",
            Self::Queue => r#" --data '{"id": 7, "prices": [1.5, 2.5]}'"#,
            Self::Blob => r#" --data 'one two' --metadata '{"blobTrigger": "texts/a.txt"}'"#,
            Self::ServiceBus => r#" --data 'two crabs' --metadata '{"messageId": "7"}'"#,
            Self::EventHub => " --data 95.5",
            Self::EventGrid => r#" --data '{"subject": "/blobs/a", "data": {"contentLength": 2000000}}'"#,
            Self::CosmosDb => r#" --data '[{"id": "1", "prices": [1.5, 2.5]}]'"#,
            Self::Callable => " --data crab",
        };
        format!("{command} invoke {function}{data}")
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

/// Returns the name of a function in the app, as the attribute of its trigger makes it.
pub fn name_in_app(function: &str) -> String {
    function.replace('_', "-")
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
            let attempt = trigger.attempt(trigger.function(), "bluecrab");
            let Some(call) = attempt.strip_prefix("bluecrab invoke ") else {
                assert!(matches!(trigger, Trigger::Http | Trigger::McpTool), "{attempt}");
                continue;
            };
            let words = shlex::split(call).unwrap();
            assert!(trigger.template().contains(&format!("\nfn {}(", words[0])), "{attempt}");
            // An argument that reads metadata fails without it.
            let reads_metadata = trigger.template().contains("use bluecrab::metadata::");
            assert!(!reads_metadata || words.contains(&"--metadata".to_owned()), "{attempt}");
            let arguments = crate::Arguments::try_parse_from(shlex::split(&attempt).unwrap());
            assert!(arguments.is_ok(), "{attempt}: {}", arguments.err().unwrap());
        }
    }

    #[test]
    fn the_function_of_a_second_crate_has_its_name() {
        for trigger in Trigger::value_variants() {
            let function = trigger.function_of("my-sums");
            let source = trigger.source(&function);
            assert!(source.contains("\nfn my_sums(") && source.contains("call(my_sums, "), "{source}");
            let own = trigger.function();
            for usage in [format!("fn {own}("), format!("call({own},"), format!("/api/{own}"), format!("'{own}'")] {
                assert!(!source.contains(&usage), "{source}");
            }
        }
        assert!(Trigger::Http.source("my_sums").contains("/api/my-sums"));
        assert_eq!(Trigger::Http.source("statistics"), Trigger::Http.template());
        for (trigger, used) in [
            (Trigger::Http, "call"),
            (Trigger::Http, "statistics"),
            (Trigger::Http, "total"),
            (Trigger::Timer, "sentence"),
            (Trigger::Timer, "late"),
        ] {
            assert_eq!(trigger.function_of(used), format!("{used}_function"));
        }
    }
}
