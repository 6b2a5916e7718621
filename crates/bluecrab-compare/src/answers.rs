//! Whether two functions answer the same.

use crate::scenario::Answers;
use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Fails where an answer differs from the baseline's, and shows the first difference.
pub async fn agree(rule: &Answers, answer: &[u8], expected: &[u8]) -> Result<()> {
    match rule {
        _ if answer == expected => Ok(()),
        Answers::Command(comparer) => comparer.agree(answer, expected).await,
        Answers::Bytes => {
            let same = answer.iter().zip(expected).take_while(|(one, two)| one == two).count();
            bail!("byte {same} differs: {} instead of {}", around(answer, same), around(expected, same))
        }
        Answers::Numbers(tolerance) => {
            let answer: Value = serde_json::from_slice(answer).context("the answer is not JSON")?;
            let expected: Value = serde_json::from_slice(expected).context("the baseline's answer is not JSON")?;
            values(*tolerance, &answer, &expected, &mut String::from("$"))
        }
    }
}

fn around(bytes: &[u8], at: usize) -> String {
    const SHOWN: usize = 24;
    let (from, to) = (at.saturating_sub(SHOWN).min(bytes.len()), (at + SHOWN).min(bytes.len()));
    let cut = |is: bool| if is { "…" } else { "" };
    format!("`{}{}{}`", cut(from > 0), String::from_utf8_lossy(&bytes[from..to]), cut(to < bytes.len()))
}

/// Compares in depth; `path` is where the values stand, as JSONPath writes it (RFC 9535).
fn values(tolerance: f64, answer: &Value, expected: &Value, path: &mut String) -> Result<()> {
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
                values(tolerance, one, two, path)?;
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
                values(tolerance, one, two, path)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn differ(rule: &Answers, answer: &str, expected: &str) -> String {
        agree(rule, answer.as_bytes(), expected.as_bytes()).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn shows_the_first_byte_that_differs() {
        assert!(agree(&Answers::Bytes, b"same", b"same").await.is_ok());
        assert_eq!(differ(&Answers::Bytes, "[1,2]", "[1,3]").await, "byte 3 differs: `[1,2]` instead of `[1,3]`");
        assert_eq!(differ(&Answers::Bytes, "[1", "[1]").await, "byte 2 differs: `[1` instead of `[1]`");
        let long = "x".repeat(100);
        let error = differ(&Answers::Bytes, &format!("{long}a"), &format!("{long}b")).await;
        assert!(error.starts_with("byte 100 differs: `…xxx"), "{error}");
    }

    #[tokio::test]
    async fn shows_the_first_number_that_differs_too_much() {
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
}
