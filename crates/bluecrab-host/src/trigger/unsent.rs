//! Keeps the outputs that this host cannot send, so that a developer can look at them.

use super::item::Item;
use crate::sync::lock;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

/// How many outputs of a function are kept. Older ones are dropped.
const KEPT_OUTPUTS: usize = 100;
/// How many bytes of a function's outputs are kept.
const KEPT_BYTES: usize = 4 << 20;

/// The outputs that were not sent, by function.
#[derive(Default)]
pub struct UnsentOutputs(Mutex<HashMap<String, VecDeque<UnsentOutput>>>);

/// An output that was not sent.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnsentOutput {
    time: String,
    invocation_id: String,
    /// The binding, with its expressions resolved.
    binding: Value,
    items: Vec<Item>,
}

impl UnsentOutput {
    /// Makes a record of an output.
    pub fn new(invocation_id: &str, binding: Value, items: Vec<Item>) -> Self {
        Self { time: Timestamp::now().to_string(), invocation_id: invocation_id.to_owned(), binding, items }
    }

    /// Returns whether an invocation with this id wrote the output.
    pub fn is_of(&self, invocation_id: &str) -> bool {
        self.invocation_id == invocation_id
    }

    fn bytes(&self) -> usize {
        let bytes = |item: &Item| match item {
            Item::Bytes(bytes) => bytes.len(),
            Item::Text(text) => text.len(),
            Item::Json(json) => json.get().len(),
        };
        self.items.iter().map(bytes).sum()
    }
}

impl UnsentOutputs {
    /// Keeps an output of a function, and drops the oldest outputs if there are too many. The newest is always kept.
    pub fn keep(&self, function: &str, output: UnsentOutput) {
        let mut functions = lock(&self.0);
        let kept = functions.entry(function.to_owned()).or_default();
        kept.push_back(output);
        let mut bytes: usize = kept.iter().map(UnsentOutput::bytes).sum();
        while kept.len() > KEPT_OUTPUTS || (bytes > KEPT_BYTES && kept.len() > 1) {
            bytes -= kept.pop_front().map_or(0, |oldest| oldest.bytes());
        }
    }

    /// Returns the outputs of a function, the oldest first.
    pub fn of(&self, function: &str) -> Vec<UnsentOutput> {
        let functions = lock(&self.0);
        functions.get(function).into_iter().flatten().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keeps_the_newest_within_bounds() {
        let unsent = UnsentOutputs::default();
        for number in 0..KEPT_OUTPUTS + 5 {
            unsent.keep("f", UnsentOutput::new(&number.to_string(), json!({}), vec![Item::Text("x".to_owned())]));
        }
        let ids = |function| unsent.of(function).into_iter().map(|output| output.invocation_id).collect::<Vec<_>>();
        assert_eq!((ids("f").len(), ids("f")[0].as_str()), (KEPT_OUTPUTS, "5"));
        for id in ["large", "larger"] {
            unsent.keep("f", UnsentOutput::new(id, json!({}), vec![Item::Text("x".repeat(KEPT_BYTES + 1))]));
            assert_eq!(ids("f"), [id]);
        }
        assert!(ids("g").is_empty());
    }
}
