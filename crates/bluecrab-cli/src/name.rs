//! What an app may be called: its crate, its npm package and its module have the same name.

use anyhow::{Result, bail};

const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
    super trait true try type typeof unsafe unsized use virtual where while yield";

/// Crates that the app has, or that Rust has; and files that Windows does not have.
const TAKEN: &str = "alloc aux bluecrab bluecrab-macros con core node_modules nul prn proc-macro proc_macro serde \
    serde_json std test";

/// Fails with what is wrong with a name.
pub fn check(name: &str) -> Result<()> {
    let is_part =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || "-_".contains(character);
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.chars().all(is_part) || name.len() > 64 {
        bail!("`{name}` is no name for an app: a small letter, then small letters, digits, - and _, at most 64");
    }
    if KEYWORDS.split_whitespace().any(|keyword| keyword == name) {
        bail!("`{name}` is a keyword of Rust, which cannot be the name of a crate: choose another name");
    }
    if TAKEN.split_whitespace().any(|taken| taken == name) {
        bail!("`{name}` is the name of something else that the app needs: choose another name");
    }
    Ok(())
}

/// The file that cargo makes of a crate of this name.
pub fn module_of(name: &str) -> String {
    format!("{}.wasm", name.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_cargo_and_npm_take() {
        for good in ["a", "hello", "hello-world", "rows_2", &"x".repeat(64)] {
            check(good).unwrap();
        }
        for bad in ["", "Hello", "2rows", "-a", "_a", "a b", "a/b", "ä", "a.b", "fn", "serde", "std", &"x".repeat(65)]
        {
            assert!(check(bad).unwrap_err().to_string().starts_with(&format!("`{bad}` is ")));
        }
        assert_eq!(module_of("hello-world"), "hello_world.wasm");
    }
}
