//! Checks the name of an app. The crate, the npm package and the module share this name.

use anyhow::{Result, bail};

const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
    super trait true try type typeof unsafe unsized use virtual where while yield";

/// Names of crates that the app or Rust uses, of folders that tools write, and names that Windows reserves.
const TAKEN: &str = "alloc aux bluecrab bluecrab-macros con core node_modules nul prn proc-macro proc_macro serde \
    serde_json std target test vendor";

/// Returns an error that says what is wrong with a name.
pub fn check(name: &str) -> Result<()> {
    if !is_spelt_right(name) {
        bail!(
            "`{name}` is not a valid name for an app or a crate: use a lower-case letter, then lower-case letters, \
             digits, - and _, at most 64 characters{}",
            suggestion(name).map(|name| format!("; for example `{name}`")).unwrap_or_default()
        );
    }
    if is_in(KEYWORDS, name) {
        bail!("`{name}` is a keyword of Rust, which cannot be the name of a crate: choose another name");
    }
    let is_device = ["com", "lpt"].iter().any(|start| {
        name.strip_prefix(start)
            .is_some_and(|rest| rest.len() == 1 && rest.is_ascii() && rest.as_bytes()[0].is_ascii_digit())
    });
    if is_in(TAKEN, name) || is_device {
        bail!("`{name}` is the name of something else that the app needs: choose another name");
    }
    Ok(())
}

fn is_spelt_right(name: &str) -> bool {
    let is_part =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || "-_".contains(character);
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(is_part) && name.len() <= 64
}

fn is_in(words: &str, name: &str) -> bool {
    words.split_whitespace().any(|word| word == name)
}

/// Returns a valid name that resembles an invalid name.
fn suggestion(name: &str) -> Option<String> {
    let kept = name.to_lowercase().replace(|character: char| !character.is_ascii_alphanumeric(), "-");
    let words: Vec<&str> = kept.split('-').filter(|word| !word.is_empty()).collect();
    let name = words.join("-");
    (is_spelt_right(&name) && !is_in(KEYWORDS, &name) && !is_in(TAKEN, &name)).then_some(name)
}

/// Returns the file name of the module that cargo makes from a crate.
pub fn module_of(name: &str) -> String {
    format!("{}.wasm", name.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_that_cargo_and_npm_accept() {
        for good in ["a", "hello", "hello-world", "rows_2", &"x".repeat(64)] {
            check(good).unwrap();
        }
        for bad in [
            "",
            "Hello",
            "2rows",
            "-a",
            "_a",
            "a b",
            "a/b",
            "ä",
            "a.b",
            "fn",
            "serde",
            "std",
            "com1",
            "target",
            "vendor",
            &"x".repeat(65),
        ] {
            assert!(check(bad).unwrap_err().to_string().starts_with(&format!("`{bad}` is ")));
        }
        for (bad, suggested) in [("Hello", "`hello`"), ("My App", "`my-app`"), ("a.b", "`a-b`"), ("_x", "`x`")] {
            assert!(check(bad).unwrap_err().to_string().ends_with(&format!("; for example {suggested}")), "{bad}");
        }
        for bad in ["2nd", "äö", "Fn", ""] {
            assert!(check(bad).unwrap_err().to_string().ends_with("at most 64 characters"), "{bad}");
        }
        assert_eq!(module_of("hello-world"), "hello_world.wasm");
    }
}
