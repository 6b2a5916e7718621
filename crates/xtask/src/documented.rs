//! Checks the commands that README and docs show: the programs must accept them, and their files must exist.

use crate::Arguments;
use crate::command::{output, program, root};
use anyhow::{Context, Result, bail, ensure};
use clap::{CommandFactory, error::ErrorKind};
use std::fs;
use std::path::Path;

/// Options of other programs, which Markdown names without their command.
const OTHERS: [&str; 7] =
    ["build-remote", "exportStart", "external:", "inspect", "instance-memory", "max-http-header-size", "use"];

/// Pages that name options of the past, which may no longer exist.
const PAST: [&str; 2] = ["CHANGELOG.md", "docs/internals/rejected-ideas.md"];

/// A command and its line on a page.
struct Shown {
    line: usize,
    words: Vec<String>,
}

/// Fails if a documented command would be refused, and lists all of them.
pub fn check(bluecrab: &Path) -> Result<()> {
    println!("── Try the commands that README and docs show, as far as their arguments and files");
    let help = all_help(bluecrab)?;
    let pages = output(program("git", &["ls-files", "*.md"]))?;
    let (mut commands, mut stale) = (0, Vec::new());
    for page in pages.lines().filter(|page| !PAST.contains(page) && root().join(page).is_file()) {
        let text = fs::read_to_string(root().join(page)).with_context(|| format!("cannot read {page}"))?;
        for shown in commands_of(&text) {
            commands += 1;
            if let Err(error) = check_command(&shown.words, bluecrab, &help) {
                stale.push(format!("{page}:{}: `{}`: {error:#}", shown.line, shown.words.join(" ")));
            }
        }
    }
    ensure!(stale.is_empty(), "documented commands that do not work:\n{}", stale.join("\n"));
    ensure!(commands > 50, "only {commands} commands were found in README and docs: are they read rightly?");
    Ok(())
}

fn check_command(words: &[String], bluecrab: &Path, help: &str) -> Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["cargo", "xtask", ..] => check_xtask(&words[2..])?,
        ["bluecrab", ..] => {
            // With `--help`, the program still refuses the arguments that come before it.
            drop(output(program(&bluecrab.to_string_lossy(), &[&words[1..], &["--help"]].concat()))?);
        }
        ["cargo", "install", ..] => check_profile(&words)?,
        [option, ..] => {
            let name = option.split('=').next().unwrap_or(option);
            ensure!(help.split([' ', ',', '\n', '[', ']']).any(|word| word == name), "no command has {name}");
        }
        [] => bail!("there is no command"),
    }
    words.iter().try_for_each(|word| check_file(word))
}

fn check_xtask(arguments: &[&str]) -> Result<()> {
    let words = [&["cargo xtask"], arguments, &["--help"]].concat();
    match Arguments::command().try_get_matches_from(words) {
        Err(error) if error.kind() != ErrorKind::DisplayHelp => bail!("{error}"),
        _ => Ok(()),
    }
}

fn check_profile(words: &[&str]) -> Result<()> {
    let Some(at) = words.iter().position(|word| *word == "--profile") else { return Ok(()) };
    let profile = words.get(at + 1).context("--profile needs a name")?;
    let manifest = fs::read_to_string(root().join("Cargo.toml")).context("cannot read Cargo.toml")?;
    ensure!(manifest.contains(&format!("[profile.{profile}]")), "Cargo.toml has no profile {profile}");
    Ok(())
}

/// A path that begins with a folder of the repository must exist.
fn check_file(word: &str) -> Result<()> {
    let is_ours = word.split_once('/').is_some_and(|(first, _)| !first.starts_with('.') && root().join(first).is_dir());
    ensure!(!is_ours || root().join(word).exists(), "the repository has no {word}");
    Ok(())
}

/// The help of every verb of both programs.
fn all_help(bluecrab: &Path) -> Result<String> {
    let mut help = String::new();
    for verb in Arguments::command().get_subcommands_mut() {
        help += &verb.render_long_help().to_string();
    }
    let bluecrab = bluecrab.to_string_lossy();
    let verbs = output(program(&bluecrab, &["--help"]))?;
    let (_, verbs) = verbs.split_once("Commands:\n").context("`bluecrab --help` names no commands")?;
    for verb in verbs.lines().map_while(|line| line.strip_prefix("  ")?.split(' ').next()) {
        help += &output(program(&bluecrab, &["help", verb]))?;
    }
    Ok(help + verbs)
}

/// The commands of a page: lines of its blocks of code, and what it puts between backticks.
fn commands_of(text: &str) -> Vec<Shown> {
    let mut shown = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let is_prose = line.contains('`') && !line.starts_with("    ");
        let codes = if is_prose { line.split('`').skip(1).step_by(2).collect() } else { vec![line.trim()] };
        let commands = codes.iter().flat_map(|code| code.split("&&"));
        let words = commands.map(words_of).filter(|words| is_ours(words, is_prose));
        shown.extend(words.map(|words| Shown { line: index + 1, words }));
    }
    shown
}

/// Splits a command as a shell does, up to a comment, a pipe, a redirection, or a backslash at the end of its line.
fn words_of(command: &str) -> Vec<String> {
    let words = shlex::split(command.trim_end_matches('\\')).unwrap_or_default();
    words.into_iter().take_while(|word| !["|", ">"].contains(&word.as_str())).collect()
}

fn is_ours(words: &[String], is_prose: bool) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["cargo", "xtask" | "install", ..] => true,
        // Not a dependency in a Cargo.toml, and not the size of the crate in what a command prints.
        ["bluecrab", verb, ..] => !verb.starts_with(|first: char| first == '=' || first.is_ascii_digit()),
        [option, ..] => {
            let name = option.strip_prefix("--").filter(|name| !name.is_empty());
            is_prose && name.is_some_and(|name| !OTHERS.iter().any(|other| name.starts_with(other)))
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_in_blocks_and_in_prose() {
        let text = "Run `cargo xtask test --only npm` or `--quick`, not `--inspect=9229`.\n\n    bluecrab new a && cd a # now\n    \
             bluecrab = { path = \"x\" }\n\n```\nbluecrab dev a/b\n```\nThe crate bluecrab is `bluecrab`.";
        let shown = commands_of(text);
        let shown: Vec<_> = shown.iter().map(|shown| (shown.line, shown.words.join(" "))).collect();
        let expected =
            [(1, "cargo xtask test --only npm"), (1, "--quick"), (3, "bluecrab new a"), (7, "bluecrab dev a/b")];
        assert_eq!(shown, expected.map(|(line, words)| (line, words.to_owned())));
    }

    #[test]
    fn words_are_those_of_a_shell() {
        let words = words_of("bluecrab invoke sum --data '[1, 2]' > out # comment");
        assert_eq!(words, ["bluecrab", "invoke", "sum", "--data", "[1, 2]"]);
    }

    #[test]
    fn a_stale_command_is_refused() {
        let check = |command: &str| check_command(&words_of(command), Path::new("bluecrab"), "  --quick  quickly");
        for good in
            ["cargo xtask bench --only matrix,jobs --quick", "--quick", "cargo install --profile tools --path crates"]
        {
            check(good).unwrap();
        }
        for stale in [
            "cargo xtask bench-matrix",
            "cargo xtask bench --only gone",
            "cargo xtask test --fast",
            "--fast",
            "cargo install --profile gone",
            "cargo install --path crates/gone",
        ] {
            assert!(check(stale).is_err(), "{stale}");
        }
    }
}
