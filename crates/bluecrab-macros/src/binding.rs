//! The kinds of triggers, inputs and outputs, each with its options: one table for all of them.

use crate::kind::{Kind, Opt};
use crate::option;
use syn::Ident;

/// A kind of trigger.
pub struct Trigger {
    pub kind: Kind,
    /// The member whose parameters `Path` reads.
    pub path: Option<&'static str>,
    /// Whether it can bring several items at once.
    pub has_batches: bool,
    /// Whether the platform supports a retry policy.
    pub has_retry: bool,
}

const CONNECTION: Opt = ("connection", "connection", option::text);
const QUEUE_NAME: Opt = ("queue", "queueName", option::queue_name);
const BLOB_PATH: Opt = ("path", "path", option::blob_path);
const EVENT_HUB_NAME: Opt = ("hub", "eventHubName", option::text);
const DATABASE: Opt = ("database", "databaseName", option::text);
const CONTAINER: Opt = ("container", "containerName", option::text);
const PARTITION_KEY: Opt = ("partition_key", "partitionKey", option::text);
const ROW_KEY: Opt = ("row_key", "rowKey", option::text);
const BUS_QUEUE: Opt = ("queue", "queueName", option::text);
const TOPIC: Opt = ("topic", "topicName", option::text);

/// A binding of any type. It has the options of the v4 model, in Rust's spelling.
const fn any(name: &'static str, example: &'static str) -> Kind {
    Kind { name, r#type: None, first: Some(("type", "type", option::text)), options: &[], needs: &[&["type"]], example }
}

const fn kind(name: &'static str, r#type: &'static str, example: &'static str) -> Kind {
    Kind { name, r#type: Some(r#type), first: None, options: &[], needs: &[], example }
}

const fn trigger(kind: Kind) -> Trigger {
    Trigger { kind, path: None, has_batches: false, has_retry: false }
}

// What a trigger, an input and an output of the same service have in common.

const fn blob(kind: Kind) -> Kind {
    Kind { first: Some(BLOB_PATH), options: &[CONNECTION], needs: &[&["path"]], ..kind }
}

const fn queue(kind: Kind) -> Kind {
    Kind { first: Some(QUEUE_NAME), options: &[CONNECTION], needs: &[&["queueName"]], ..kind }
}

const fn event_hub(kind: Kind) -> Kind {
    Kind { first: Some(EVENT_HUB_NAME), options: &[CONNECTION], needs: &[&["eventHubName"]], ..kind }
}

const fn table(kind: Kind) -> Kind {
    Kind { first: Some(("table", "tableName", option::text)), needs: &[&["tableName"]], ..kind }
}

const fn cosmos_db(kind: Kind) -> Kind {
    Kind { needs: &[&["databaseName", "containerName"]], ..kind }
}

pub static HTTP: Trigger = Trigger {
    path: Some("route"),
    ..trigger(Kind {
        options: &[
            ("methods", "methods", option::methods),
            ("route", "route", option::route),
            ("auth", "authLevel", option::auth),
        ],
        ..kind("http", "httpTrigger", "http(methods = [\"GET\"])")
    })
};

pub static TIMER: Trigger = Trigger {
    has_retry: true,
    ..trigger(Kind {
        first: Some(("schedule", "schedule", option::schedule)),
        options: &[("run_on_startup", "runOnStartup", option::flag), ("use_monitor", "useMonitor", option::flag)],
        needs: &[&["schedule"]],
        ..kind("timer", "timerTrigger", "timer(\"0 */5 * * * *\")")
    })
};

pub static QUEUE: Trigger = trigger(queue(kind("queue", "queueTrigger", "queue(\"jobs\")")));

pub static BLOB: Trigger = Trigger {
    path: Some("path"),
    ..trigger(Kind {
        options: &[CONNECTION, ("source", "source", option::source)],
        ..blob(kind("blob", "blobTrigger", "blob(\"pictures/{name}\")"))
    })
};

pub static SERVICE_BUS: Trigger = Trigger {
    has_batches: true,
    ..trigger(Kind {
        options: &[
            BUS_QUEUE,
            TOPIC,
            ("subscription", "subscriptionName", option::text),
            CONNECTION,
            ("sessions", "isSessionsEnabled", option::flag),
        ],
        needs: &[&["queueName"], &["topicName", "subscriptionName"]],
        ..kind(
            "service_bus",
            "serviceBusTrigger",
            "service_bus(queue = \"orders\")` or `service_bus(topic = \"orders\", subscription = \"all\")",
        )
    })
};

pub static EVENT_HUB: Trigger = Trigger {
    has_batches: true,
    has_retry: true,
    ..trigger(Kind {
        options: &[CONNECTION, ("consumer_group", "consumerGroup", option::text)],
        ..event_hub(kind("event_hub", "eventHubTrigger", "event_hub(\"readings\")"))
    })
};

pub static EVENT_GRID: Trigger = trigger(kind("event_grid", "eventGridTrigger", "event_grid"));

pub static COSMOS_DB: Trigger = Trigger {
    has_retry: true,
    ..trigger(Kind {
        options: &[
            DATABASE,
            CONTAINER,
            CONNECTION,
            ("lease_connection", "leaseConnection", option::text),
            ("lease_database", "leaseDatabaseName", option::text),
            ("lease_container", "leaseContainerName", option::text),
            ("lease_prefix", "leaseContainerPrefix", option::text),
            ("create_lease_container", "createLeaseContainerIfNotExists", option::flag),
            ("feed_poll_delay", "feedPollDelay", option::number),
            ("max_items", "maxItemsPerInvocation", option::number),
            ("start_from_beginning", "startFromBeginning", option::flag),
            ("start_from_time", "startFromTime", option::text),
            ("preferred_locations", "preferredLocations", option::text),
        ],
        ..cosmos_db(kind("cosmos_db", "cosmosDBTrigger", "cosmos_db(database = \"shop\", container = \"orders\")"))
    })
};

pub static MCP_TOOL: Trigger = trigger(Kind {
    options: &[("tool", "toolName", option::text), ("description", "description", option::text)],
    ..kind("mcp_tool", "mcpToolTrigger", "mcp_tool")
});

pub static CALLABLE: Trigger = trigger(kind("callable", "callable", "callable"));

pub static ANY: Trigger = Trigger {
    has_batches: true,
    has_retry: true,
    ..trigger(any("trigger", "trigger(\"kafkaTrigger\", topic = \"orders\")"))
};

pub static INPUTS: [Kind; 4] = [
    blob(kind("blob", "blob", "blob(\"pictures/{name}\")")),
    Kind {
        options: &[
            PARTITION_KEY,
            ROW_KEY,
            ("filter", "filter", option::text),
            ("take", "take", option::number),
            CONNECTION,
        ],
        ..table(kind("table", "table", "table(\"people\", partition_key = \"staff\", row_key = \"{id}\")"))
    },
    Kind {
        options: &[
            DATABASE,
            CONTAINER,
            CONNECTION,
            PARTITION_KEY,
            ("id", "id", option::text),
            ("sql_query", "sqlQuery", option::text),
            ("preferred_locations", "preferredLocations", option::text),
        ],
        ..cosmos_db(kind(
            "cosmos_db",
            "cosmosDB",
            "cosmos_db(database = \"shop\", container = \"orders\", id = \"{id}\")",
        ))
    },
    any("binding", "binding(\"sql\", command_text = \"…\")"),
];

pub static OUTPUTS: [Kind; 8] = [
    blob(kind("blob", "blob", "blob(\"small/{name}\")")),
    queue(kind("queue", "queue", "queue(\"done\")")),
    Kind { options: &[PARTITION_KEY, ROW_KEY, CONNECTION], ..table(kind("table", "table", "table(\"log\")")) },
    Kind {
        options: &[BUS_QUEUE, TOPIC, CONNECTION],
        needs: &[&["queueName"], &["topicName"]],
        ..kind("service_bus", "serviceBus", "service_bus(queue = \"orders\")` or `service_bus(topic = \"orders\")")
    },
    event_hub(kind("event_hub", "eventHub", "event_hub(\"readings\")")),
    Kind {
        options: &[
            ("topic_endpoint_uri", "topicEndpointUri", option::text),
            ("topic_key_setting", "topicKeySetting", option::text),
            CONNECTION,
        ],
        needs: &[&["topicEndpointUri", "topicKeySetting"], &["connection"]],
        ..kind("event_grid", "eventGrid", "event_grid(connection = \"Topic\")")
    },
    Kind {
        options: &[
            DATABASE,
            CONTAINER,
            CONNECTION,
            PARTITION_KEY,
            ("create_if_not_exists", "createIfNotExists", option::flag),
        ],
        ..cosmos_db(kind("cosmos_db", "cosmosDB", "cosmos_db(database = \"shop\", container = \"orders\")"))
    },
    any("binding", "binding(\"kafka\", topic = \"orders\")"),
];

/// The kind with this name.
pub fn find(kinds: &'static [Kind], name: &Ident) -> Option<&'static Kind> {
    kinds.iter().find(|kind| name == kind.name)
}

/// The names of kinds, for a message.
pub fn names(kinds: &[Kind]) -> String {
    let names: Vec<String> = kinds.iter().map(|kind| format!("`{}`", kind.name)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;
    use serde_json::{Value, json};
    use syn::parse::{ParseStream, Parser};

    fn parse(kind: &Kind, text: &str) -> std::result::Result<Value, String> {
        let read = |input: ParseStream<'_>| {
            let members = kind.parse(input, &[], &mut |_, _| Ok(false))?;
            kind.check(&members, Span::call_site())?;
            Ok(Value::Object(members))
        };
        read.parse_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn options_become_members() {
        let expected = json!({ "type": "eventHubTrigger", "eventHubName": "readings", "consumerGroup": "mine" });
        assert_eq!(parse(&EVENT_HUB.kind, r#""readings", consumer_group = "mine""#), Ok(expected));
        let expected = json!({ "type": "kafkaTrigger", "topic": "orders", "lagThreshold": 10, "protocol": "plain" });
        assert_eq!(
            parse(&ANY.kind, r#""kafkaTrigger", topic = "orders", lag_threshold = 10, protocol = "plain""#),
            Ok(expected)
        );
    }

    #[test]
    fn exactly_one_set_of_required_options_is_complete() {
        let bus = |text| parse(&SERVICE_BUS.kind, text);
        assert!(bus(r#"queue = "q""#).is_ok() && bus(r#"topic = "t", subscription = "s""#).is_ok());
        for wrong in
            ["", r#"topic = "t""#, r#"queue = "q", topic = "t", subscription = "s""#, r#"queue = "q", topic = "t""#]
        {
            assert!(bus(wrong).unwrap_err().starts_with("write the options as in `service_bus(queue"), "{wrong}");
        }
        assert_eq!(parse(&TIMER.kind, ""), Err("write the options as in `timer(\"0 */5 * * * *\")`".to_owned()));
    }
}
