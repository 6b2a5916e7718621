//! Tests that `docs/commands.md` has every verb, and every option with its default.

use crate::Arguments;
use clap::CommandFactory;
use std::collections::BTreeMap;

#[test]
fn the_page_of_commands_has_every_verb_with_its_options_and_defaults() {
    let page = include_str!("../../../docs/commands.md");
    let command = Arguments::command();
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(headings.len(), command.get_subcommands().count(), "{headings:?}");
    for verb in command.get_subcommands() {
        let name = verb.get_name();
        let (_, rest) = page.split_once(&format!("\n## {name}\n")).unwrap_or_else(|| panic!("{name} has no section"));
        let section = rest.split("\n## ").next().unwrap_or(rest);
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `--"));
        let described: BTreeMap<&str, &str> =
            rows.filter_map(|row| Some((row.split(['`', ' ']).next()?, row))).collect();
        let shown = verb.get_arguments().filter(|argument| !argument.is_hide_set());
        let options: BTreeMap<&str, _> = shown.filter_map(|argument| Some((argument.get_long()?, argument))).collect();
        assert!(described.keys().eq(options.keys()), "{name}: the page has {:?}", described.keys());
        for (option, argument) in options {
            let row = described[option];
            for default in argument.get_default_values().iter().filter_map(|value| value.to_str()) {
                let is_named = row.contains(default) || row.contains("as for [new](#new)");
                assert!(is_named || default == "false", "{name} --{option}: {default} is not in {row}");
            }
        }
    }
}
