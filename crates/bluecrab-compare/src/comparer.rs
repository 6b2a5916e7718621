//! A user's command that says whether two answers are equal.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// How to run it: with the names of two files behind its own arguments, the baseline's answer first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparer {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Where it runs.
    pub folder: PathBuf,
    /// How long it may take.
    pub limit: Duration,
}

/// How much of its output is shown, in letters.
const SHOWN: usize = 2000;

impl Comparer {
    /// Fails where it does not exit with 0; shows what it said.
    pub async fn agree(&self, answer: &[u8], expected: &[u8]) -> Result<()> {
        let command = self.command.join(" ");
        let files = tempfile::tempdir().context("cannot make a folder for the answers")?;
        let write = |name: &str, bytes: &[u8]| -> Result<PathBuf> {
            let file = files.path().join(name);
            std::fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
            Ok(file)
        };
        let (expected, answer) = (write("baseline", expected)?, write("answer", answer)?);
        let (program, arguments) = self.command.split_first().context("the command is empty")?;
        let mut run = Command::new(program);
        run.args(arguments).args([expected, answer]).current_dir(&self.folder).stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(self.limit, run.output()).await;
        let output = output.with_context(|| {
            format!("`{command}` did not say within {} s whether the answers are equal", self.limit.as_secs_f64())
        })?;
        let output = output.with_context(|| format!("cannot start `{command}` in {}", self.folder.display()))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).trim().to_owned());
        let said: String = said.join("\n").trim().chars().take(SHOWN).collect();
        let said = if said.is_empty() { "nothing".to_owned() } else { said };
        bail!("`{command}` ended with {}, and said: {said}", output.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparer(script: &str, seconds: f64) -> Comparer {
        let command = ["node", "-e", script].map(str::to_owned).to_vec();
        Comparer { command, folder: PathBuf::from("."), limit: Duration::from_secs_f64(seconds) }
    }

    const ROUNDED: &str =
        "const [one, two] = process.argv.slice(1).map((file) => require('fs').readFileSync(file, 'utf8'));
        if (Math.round(one) !== Math.round(two)) { console.log(`${one} is not ${two}`); process.exit(3); }";

    #[tokio::test]
    async fn its_exit_decides_and_its_output_is_shown() {
        comparer(ROUNDED, 60.0).agree(b"1.9", b"2.1").await.unwrap();
        let error = comparer(ROUNDED, 60.0).agree(b"1.9", b"3").await.unwrap_err().to_string();
        assert!(error.contains("3, and said: 3 is not 1.9"), "{error}");
        let error = comparer("process.exit(1)", 60.0).agree(b"1", b"2").await.unwrap_err().to_string();
        assert!(error.ends_with("said: nothing"), "{error}");
    }

    #[tokio::test]
    async fn one_that_hangs_or_is_missing_is_said() {
        let error = comparer("setInterval(() => {}, 1000)", 0.5).agree(b"1", b"2").await.unwrap_err().to_string();
        assert!(error.contains("did not say within 0.5 s"), "{error}");
        let missing = Comparer { command: vec!["no-such-program".to_owned()], ..comparer("", 60.0) };
        let error = missing.agree(b"1", b"2").await.unwrap_err().to_string();
        assert!(error.starts_with("cannot start `no-such-program` in ."), "{error}");
    }
}
