//! Compares the answers of functions.

use crate::scenario::{Answers, Comparer};
use crate::system;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;

/// Fails if an answer does not agree with the baseline's, and shows the first difference.
pub async fn agree(rule: &Answers, answer: &[u8], expected: &[u8]) -> Result<()> {
    match rule {
        _ if answer == expected => Ok(()),
        Answers::Command(comparer) => run(comparer, answer, expected).await,
        Answers::Bytes => {
            let same = answer.iter().zip(expected).take_while(|(one, two)| one == two).count();
            bail!("byte {same} differs: {} instead of {}", around(answer, same), around(expected, same))
        }
        Answers::Numbers(tolerance) => {
            let answer: Value = serde_json::from_slice(answer).context("the answer is not JSON")?;
            let expected: Value = serde_json::from_slice(expected).context("the baseline's answer is not JSON")?;
            compare(*tolerance, &answer, &expected, &mut String::from("$"))
        }
    }
}

fn around(bytes: &[u8], at: usize) -> String {
    const SHOWN: usize = 24;
    let (from, to) = (at.saturating_sub(SHOWN).min(bytes.len()), (at + SHOWN).min(bytes.len()));
    let cut = |is: bool| if is { "…" } else { "" };
    format!("`{}{}{}`", cut(from > 0), String::from_utf8_lossy(&bytes[from..to]), cut(to < bytes.len()))
}

/// Compares values in depth; `path` is their place in JSONPath (RFC 9535).
fn compare(tolerance: f64, answer: &Value, expected: &Value, path: &mut String) -> Result<()> {
    let length = path.len();
    match (answer, expected) {
        (Value::Number(one), Value::Number(two)) => {
            let (one, two) = (one.as_f64().unwrap_or(f64::NAN), two.as_f64().unwrap_or(f64::NAN));
            let close = one == two || (one - two).abs() <= tolerance * one.abs().max(two.abs());
            if !close {
                bail!("the number at {path} differs: {one} instead of {two}");
            }
        }
        (Value::Array(one), Value::Array(two)) => {
            if one.len() != two.len() {
                bail!("the list at {path} has {} elements instead of {}", one.len(), two.len());
            }
            for (index, (one, two)) in one.iter().zip(two).enumerate() {
                path.push_str(&format!("[{index}]"));
                compare(tolerance, one, two, path)?;
                path.truncate(length);
            }
        }
        (Value::Object(one), Value::Object(two)) => {
            if let Some(name) = two.keys().find(|name| !one.contains_key(*name)) {
                bail!("the object at {path} has no `{name}`");
            }
            for (name, one) in one {
                path.push_str(&format!(".{name}"));
                let two = two.get(name).with_context(|| format!("the baseline has nothing at {path}"))?;
                compare(tolerance, one, two, path)?;
                path.truncate(length);
            }
        }
        (one, two) if one == two => {}
        (one, two) => bail!("the value at {path} differs: {} instead of {}", short(one), short(two)),
    }
    Ok(())
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 60 { text.chars().take(60).chain(['…']).collect() } else { text }
}

/// How many characters of a command's output are shown.
const SHOWN: usize = 2000;

async fn run(comparer: &Comparer, answer: &[u8], expected: &[u8]) -> Result<()> {
    let Comparer { command, folder, limit } = comparer;
    let folder = if folder.as_os_str().is_empty() { ".".as_ref() } else { folder.as_path() };
    let line = command.join(" ");
    let files = tempfile::tempdir().context("cannot make a folder for the answers")?;
    let write = |name: &str, bytes: &[u8]| -> Result<PathBuf> {
        let file = files.path().join(name);
        std::fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    };
    let (expected, answer) = (write("baseline", expected)?, write("answer", answer)?);
    let (program, arguments) = command.split_first().context("the command is empty")?;
    let mut run = system::command(program);
    run.args(arguments).args([expected, answer]).current_dir(folder).stdin(Stdio::null());
    let output = tokio::time::timeout(*limit, run.output()).await;
    let output = output.with_context(|| format!("`{line}` did not end within {} s", limit.as_secs_f64()))?;
    let output = output.with_context(|| format!("cannot start `{line}` in {}", folder.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).trim().to_owned());
    let printed: String = printed.join("\n").trim().chars().take(SHOWN).collect();
    let printed = if printed.is_empty() { "nothing".to_owned() } else { printed };
    bail!("`{line}` ended with {}, and printed: {printed}", output.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn differ(rule: &Answers, answer: &str, expected: &str) -> String {
        agree(rule, answer.as_bytes(), expected.as_bytes()).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn the_first_byte_that_differs_is_shown() {
        assert!(agree(&Answers::Bytes, b"same", b"same").await.is_ok());
        assert_eq!(differ(&Answers::Bytes, "[1,2]", "[1,3]").await, "byte 3 differs: `[1,2]` instead of `[1,3]`");
        assert_eq!(differ(&Answers::Bytes, "[1", "[1]").await, "byte 2 differs: `[1` instead of `[1]`");
        let long = "x".repeat(100);
        let error = differ(&Answers::Bytes, &format!("{long}a"), &format!("{long}b")).await;
        assert!(error.starts_with("byte 100 differs: `…xxx"), "{error}");
    }

    #[tokio::test]
    async fn the_first_number_that_differs_too_much_is_shown() {
        let rule = &Answers::Numbers(1e-9);
        assert!(agree(rule, br#"{"b":[1.0000000000001],"a":null}"#, br#"{"a":null,"b":[1]}"#).await.is_ok());
        let error = differ(rule, r#"{"result":[[1,2.1]]}"#, r#"{"result":[[1,2]]}"#).await;
        assert_eq!(error, "the number at $.result[0][1] differs: 2.1 instead of 2");
        assert_eq!(differ(rule, "[1]", "[1,2]").await, "the list at $ has 1 elements instead of 2");
        assert_eq!(differ(rule, r#"{"a":1}"#, r#"{"a":"1"}"#).await, "the value at $.a differs: 1 instead of \"1\"");
        assert_eq!(differ(rule, "{}", r#"{"a":1}"#).await, "the object at $ has no `a`");
        assert_eq!(differ(rule, r#"{"a":1}"#, "{}").await, "the baseline has nothing at $.a");
        assert_eq!(differ(rule, "oops", "1").await, "the answer is not JSON");
    }

    #[tokio::test]
    async fn a_command_decides_and_its_output_is_shown() {
        let comparer = |program: &str, script: &str, seconds: f64| {
            let command = [program, "-e", script].map(str::to_owned).to_vec();
            Answers::Command(Comparer { command, folder: PathBuf::new(), limit: Duration::from_secs_f64(seconds) })
        };
        let rounded = comparer(
            "node",
            "const [one, two] = process.argv.slice(1).map((file) => require('fs').readFileSync(file, 'utf8'));
            if (Math.round(one) !== Math.round(two)) { console.log(`${one} is not ${two}`); process.exit(3); }",
            60.0,
        );
        agree(&rounded, b"1.9", b"2.1").await.unwrap();
        let error = differ(&rounded, "1.9", "3").await;
        assert!(error.contains("3, and printed: 3 is not 1.9"), "{error}");
        let error = differ(&comparer("node", "process.exit(1)", 60.0), "1", "2").await;
        assert!(error.ends_with("printed: nothing"), "{error}");
        let error = differ(&comparer("node", "setInterval(() => {}, 1000)", 0.5), "1", "2").await;
        assert!(error.contains("did not end within 0.5 s"), "{error}");
        let error = differ(&comparer("no-such-program", "", 60.0), "1", "2").await;
        assert!(error.starts_with("cannot start `no-such-program"), "{error}");
    }
}
