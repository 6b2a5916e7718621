//! Reads a module's manifest, the custom section in section 4 of `docs/abi.md`.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use wasmparser::{Parser, Payload};

const SECTION: &str = "bluecrab.functions.v1";
const PAGE_BYTES: u64 = 65_536;

/// A function of a module.
#[derive(Debug, Deserialize)]
pub struct Function {
    /// The function's name in the app.
    pub name: String,
    /// How far the module's memory may grow.
    #[serde(rename = "maxMemoryBytes", default = "gibibyte")]
    pub max_memory_bytes: u64,
    trigger: Trigger,
    #[serde(default)]
    inputs: Vec<Binding>,
    #[serde(default)]
    outputs: Vec<Binding>,
}

fn gibibyte() -> u64 {
    1 << 30
}

#[derive(Debug, Default, Deserialize)]
struct Binding {
    #[serde(default)]
    r#type: String,
    connection: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    methods: Vec<String>,
    auth_level: Option<String>,
    route: Option<String>,
    connection: Option<String>,
}

impl Function {
    /// Returns what calls the function, as the local host prints it: methods and route, or the type of another trigger.
    /// `prefix` is the app's route prefix.
    pub fn trigger(&self, prefix: &str) -> String {
        if !self.is_http() {
            return self.trigger.r#type.clone();
        }
        format!("[{}] {prefix}{}", self.methods().join(","), self.route())
    }

    /// Returns whether HTTP requests call the function.
    pub fn is_http(&self) -> bool {
        self.trigger.r#type == "httpTrigger"
    }

    /// Returns whether only JavaScript calls the function.
    pub fn is_callable(&self) -> bool {
        self.trigger.r#type == "callable"
    }

    /// Returns the HTTP methods of the function.
    pub fn methods(&self) -> Vec<&str> {
        let methods: Vec<&str> = self.trigger.methods.iter().map(String::as_str).collect();
        if methods.is_empty() { vec!["GET", "POST"] } else { methods }
    }

    /// Returns the route of the function after the app's prefix, without slashes at its ends.
    pub fn route(&self) -> &str {
        self.trigger.route.as_deref().unwrap_or(&self.name).trim_matches('/')
    }

    /// Returns whether the platform asks callers for a key.
    pub fn needs_key(&self) -> bool {
        self.trigger.auth_level.as_ref().is_some_and(|level| level != "anonymous")
    }

    /// Returns whether the platform needs the extension bundle for the function: it knows HTTP, timers and warm-up by
    /// itself, and does not call callables.
    pub fn needs_extension(&self) -> bool {
        let known = ["callable", "httpTrigger", "timerTrigger", "warmupTrigger"];
        !known.contains(&self.trigger.r#type.as_str()) || !self.inputs.is_empty() || !self.outputs.is_empty()
    }

    /// Returns the connections to storage accounts that the function uses; `None` is the app's own account.
    pub fn storage_connections(&self) -> impl Iterator<Item = Option<&str>> {
        let Trigger { r#type, connection, .. } = &self.trigger;
        let of_bindings = self.inputs.iter().chain(&self.outputs).map(|binding| (&binding.r#type, &binding.connection));
        let all = std::iter::once((r#type, connection)).chain(of_bindings);
        let of_storage = ["queueTrigger", "blobTrigger", "queue", "blob", "table"];
        all.filter(move |(kind, _)| of_storage.contains(&kind.as_str())).map(|(_, connection)| connection.as_deref())
    }
}

/// Returns the functions of a module in the order of its manifest, which the linker of a crate chooses.
pub fn functions(module: &[u8]) -> Result<Vec<Function>> {
    parse(text(module)?)
}

/// Returns the manifest of a module. It is empty if the module has none.
pub fn text(module: &[u8]) -> Result<Vec<u8>> {
    ensure!(Parser::is_core_wasm(module), "this file is not a WebAssembly module");
    let mut text = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(section) = payload.context("this file is not a valid WebAssembly module")?
            && section.name() == SECTION
        {
            text.extend_from_slice(section.data());
        }
    }
    Ok(text)
}

/// Returns how many bytes a module's memory has from the start.
pub fn memory_bytes(module: &[u8]) -> u64 {
    let memories = Parser::new(0).parse_all(module).filter_map(|payload| match payload {
        Ok(Payload::MemorySection(memories)) => memories.into_iter().next()?.ok(),
        _ => None,
    });
    memories.map(|memory| memory.initial.saturating_mul(PAGE_BYTES)).max().unwrap_or_default()
}

/// Returns the functions that the lines of a manifest declare.
pub fn parse(text: Vec<u8>) -> Result<Vec<Function>> {
    let text = String::from_utf8(text).context("its manifest is not UTF-8")?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let functions = lines.map(|line| serde_json::from_str(line).with_context(|| format!("its manifest has `{line}`")));
    functions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(name: &str, content: &str) -> Vec<u8> {
        let inside = [&[name.len() as u8], name.as_bytes(), content.as_bytes()].concat();
        let length = [inside.len() as u8 | 0x80, (inside.len() >> 7) as u8];
        [&[0], &length[..], &inside].concat()
    }

    #[test]
    fn reads_functions_from_several_sections() {
        let first =
            r#"{"name":"rows","export":"a","trigger":{"type":"httpTrigger","methods":["PUT"],"route":"rows/{id}"}}"#;
        let second = r#"{"name":"sum","export":"b","trigger":{"type":"httpTrigger"}}"#;
        let (one, two) = (custom("bluecrab.functions.v1", &format!("{first}\n")), custom("name", "x"));
        let timer = custom(
            "bluecrab.functions.v1",
            "\n{\"name\":\"tick\",\"export\":\"c\",\"trigger\":{\"type\":\"timerTrigger\"}}",
        );
        let module = [&b"\0asm\x01\0\0\0"[..], &one, &two, &custom("bluecrab.functions.v1", second), &timer].concat();
        let functions = functions(&module).unwrap();
        let shown: Vec<String> = functions.iter().map(|function| function.trigger("/api/")).collect();
        assert_eq!(shown, ["[PUT] /api/rows/{id}", "[GET,POST] /api/sum", "timerTrigger"]);
    }

    #[test]
    fn reports_invalid_modules() {
        let reason = |bytes: &[u8]| format!("{:#}", functions(bytes).unwrap_err());
        assert_eq!(reason(b"hello"), "this file is not a WebAssembly module");
        for cut_off in [&b"\0asm\x01\0\0\0\0\x7f"[..], b"\0asm\x01\0\0\0\0\xff\xff\xff\xff\xff\xff"] {
            let reason = reason(cut_off);
            assert!(reason.starts_with("this file is not a valid WebAssembly module: "), "{reason}");
        }
    }
}
