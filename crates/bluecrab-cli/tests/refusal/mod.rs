//! What a command says that fails.

use crate::command::command;
use std::path::Path;
use std::process::Output;

/// Runs a command that must fail; gives what it said.
pub fn refused(folder: &Path, arguments: &[&str]) -> String {
    reason(command(folder).args(arguments).output().unwrap(), arguments)
}

/// What a command said that has failed, with status 1 and an error.
pub fn reason(output: Output, what: &[&str]) -> String {
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "bluecrab {what:?}: {errors}");
    assert!(errors.lines().any(|line| line.starts_with("error: ")), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    errors
}
