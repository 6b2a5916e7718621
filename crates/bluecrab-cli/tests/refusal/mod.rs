//! Checks the errors of failing commands.

use crate::command::command;
use std::path::Path;
use std::process::Output;

/// Runs a command that must fail, and returns the error.
pub fn refused(folder: &Path, arguments: &[&str]) -> String {
    reason(command(folder).args(arguments).output().unwrap(), arguments)
}

/// Returns the error of a command that has failed with exit code 1.
pub fn reason(output: Output, what: &[&str]) -> String {
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "bluecrab {what:?}: {errors}");
    assert!(errors.lines().any(|line| line.starts_with("error: ")), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    errors
}
