//! Tests that `docs/commands.md` has every verb and every option.

use crate::Arguments;
use clap::CommandFactory;
use std::collections::BTreeSet;

#[test]
fn the_page_of_commands_has_every_verb_with_its_options_and_no_other() {
    let page = include_str!("../../../docs/commands.md");
    let command = Arguments::command();
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(headings.len(), command.get_subcommands().count(), "{headings:?}");
    for verb in command.get_subcommands() {
        let name = verb.get_name();
        let (_, rest) = page.split_once(&format!("\n## {name}\n")).unwrap_or_else(|| panic!("{name} has no section"));
        let section = rest.split("\n## ").next().unwrap_or(rest);
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `--"));
        let described: BTreeSet<&str> = rows.filter_map(|row| row.split(['`', ' ']).next()).collect();
        let shown = verb.get_arguments().filter(|argument| !argument.is_hide_set());
        let options: BTreeSet<&str> = shown.filter_map(|argument| argument.get_long()).collect();
        assert_eq!(described, options, "{name}: the page on the left, the command on the right");
    }
}

#[test]
fn the_page_of_settings_has_every_option_of_dev_with_its_default() {
    let page = include_str!("../../../docs/configuration.md");
    let command = Arguments::command();
    let dev = command.find_subcommand("dev").unwrap();
    for argument in dev.get_arguments() {
        let Some(option) = argument.get_long() else { continue };
        let row = page.lines().find(|line| line.contains(&format!("`--{option}"))).unwrap_or_default();
        assert!(row.starts_with("| "), "--{option} has no row");
        for default in argument.get_default_values().iter().filter_map(|value| value.to_str()) {
            assert!(row.contains(default) || default == "false", "--{option}: {default} is not in {row}");
        }
    }
}
