//! Compares the pages of this repository with its files and its code.

use crate::command::root;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const CONFIGURATION: &str = "docs/configuration.md";

/// The files that git tracks, by the end of their names.
fn tracked(ends: &[&str]) -> Vec<String> {
    let output = Command::new("git").arg("-C").arg(root()).arg("ls-files").output().expect("git lists the files");
    let files = String::from_utf8(output.stdout).unwrap();
    let wanted = |file: &&str| ends.iter().any(|end| file.ends_with(end)) && root().join(file).is_file();
    let files: Vec<String> = files.lines().filter(wanted).map(str::to_owned).collect();
    assert!(!files.is_empty(), "git lists no file that ends with {ends:?}");
    files
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The lines of a page that are not in a fenced code block.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    page.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The anchors that GitHub makes of a page's headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = prose(page).filter(|line| line.starts_with('#'));
    let slug = |heading: &str| -> String {
        let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
        heading.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect()
    };
    headings.map(|heading| slug(heading).replace(' ', "-")).collect()
}

/// The targets of a page's links.
fn targets(page: &str) -> Vec<&str> {
    let links = prose(page).flat_map(|line| line.split("](").skip(1));
    links.filter_map(|rest| rest.split(')').next()).collect()
}

#[test]
fn every_link_between_pages_resolves() {
    let mut broken = Vec::new();
    for page in tracked(&[".md"]) {
        let own = text(&page);
        for target in targets(&own) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let folder = root().join(Path::new(&page).parent().unwrap());
            let file = if path.is_empty() { root().join(&page) } else { folder.join(path) };
            let has_anchor = || anchor.is_empty() || anchors(&fs::read_to_string(&file).unwrap()).contains(anchor);
            if !file.exists() || !has_anchor() {
                broken.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

/// The site has only the pages that its table of contents names.
#[test]
fn the_table_of_contents_has_every_page_once() {
    const CONTENTS: &str = "docs/SUMMARY.md";
    let page = text(CONTENTS);
    let mut listed: Vec<String> = targets(&page).into_iter().map(|target| format!("docs/{target}")).collect();
    listed.sort();
    let is_page = |file: &String| file.starts_with("docs/") && file != CONTENTS;
    let pages: Vec<String> = tracked(&[".md"]).into_iter().filter(is_page).collect();
    assert_eq!(listed, pages, "{CONTENTS} on the left, the pages on the right");
}

/// Comments and messages name pages, such as `docs/abi.md`. A name of one letter is an example in a test.
#[test]
fn every_page_that_code_names_exists() {
    let mut missing = Vec::new();
    for file in tracked(&[".rs", ".ts", ".mjs", ".js", ".toml", ".h", ".go", ".zig", ".yml"]) {
        let code = text(&file);
        for rest in code.split("docs/").skip(1) {
            let name = rest.split(|letter: char| !letter.is_ascii_lowercase() && !"/-.".contains(letter)).next();
            let Some((name, _)) = name.and_then(|name| name.split_once(".md")) else { continue };
            if name.rsplit('/').next().is_some_and(|stem| stem.len() > 1)
                && !root().join(format!("docs/{name}.md")).is_file()
            {
                missing.push(format!("{file}: docs/{name}.md"));
            }
        }
    }
    assert!(missing.is_empty(), "pages that do not exist:\n{}", missing.join("\n"));
}

/// In Markdown, a row of a table is one line. rustdoc would show the rest of a longer row as a row of its own.
#[test]
fn every_row_of_a_table_in_comments_is_one_line() {
    let mut broken = Vec::new();
    for file in tracked(&[".rs"]) {
        let code = text(&file);
        let mut is_table = false;
        for (index, line) in code.lines().enumerate() {
            let comment = line.trim_start().strip_prefix("///").or_else(|| line.trim_start().strip_prefix("//!"));
            let comment = comment.unwrap_or_default().trim();
            is_table = comment.starts_with('|') || is_table && !comment.is_empty();
            if is_table && !(comment.starts_with('|') && comment.ends_with('|')) {
                broken.push(format!("{file}:{}: {comment}", index + 1));
            }
        }
    }
    assert!(broken.is_empty(), "rows of tables that are several lines:\n{}", broken.join("\n"));
}

/// The page has the beginning or another part of each message. In it, `…` stands for values.
#[test]
fn the_messages_of_the_troubleshooting_page_exist() {
    let sources =
        tracked(&[".rs", ".ts"]).into_iter().filter(|file| file.contains("/src/") && !file.contains("/xtask/"));
    // In Rust, a line that ends with a backslash goes on in the next line.
    let joined = |code: String| code.split("\\\n").map(str::trim_start).collect::<String>();
    let code: String = sources.map(|file| joined(text(&file))).collect();
    let page = text("docs/troubleshooting.md").replace("\\`", "`");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| message "));
    let messages: Vec<&str> = rows.filter_map(|row| row.split(" | ").next()?.strip_prefix("| ")).collect();
    assert!(messages.len() > 30, "the page has {} messages", messages.len());
    let is_missing = |part: &&str| part.len() > 3 && !code.contains(*part);
    // Node.js, V8 and Rust themselves write these.
    let others = [
        "panicked at",
        "symbol `bluecrab_call_",
        "is already defined",
        "cannot find `bluecrab` in the crate root",
        "memory access out of bounds",
        "memory allocation of",
        "bytes failed",
        "environment variable not found",
        "operation not supported on this platform",
        "No such file or directory (os error 44)",
        "Response body object should not be disturbed or locked",
    ];
    let missing: Vec<&str> = messages
        .iter()
        .flat_map(|message| message.split('…'))
        .map(|part| part.trim_matches(['`', ' ', '"']))
        .filter(|part| !others.contains(part))
        .filter(is_missing)
        .collect();
    assert!(missing.is_empty(), "no source file has {missing:?}");
}

/// The app settings and variables that a text names.
fn settings(text: &str) -> BTreeSet<String> {
    const START: &str = "BLUECRAB_";
    let names = text.split(START).skip(1).map(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_uppercase() && letter != '_').unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    // Each function has a setting of its own.
    let names = names.map(|name| if name.starts_with("TIMEOUT_") { "TIMEOUT_NAME".to_owned() } else { name });
    names.filter(|name| !name.is_empty()).map(|name| START.to_owned() + &name).collect()
}

#[test]
fn every_setting_is_described_and_every_described_setting_exists() {
    let is_ours = |file: &String| {
        let folder = ["npm/bluecrab/src/", "npm/worker/src/", "crates/"].iter().any(|folder| file.starts_with(folder));
        folder && file.contains("/src/") && !file.starts_with("crates/xtask/")
    };
    let files = tracked(&[".rs", ".ts"]).into_iter().filter(is_ours);
    let code: BTreeSet<String> = files.flat_map(|file| settings(&text(&file))).collect();
    assert_eq!(settings(&text(CONFIGURATION)), code, "{CONFIGURATION} on the left, the code on the right");
    for page in ["docs/limits.md", "docs/recipes.md", "docs/errors.md", "docs/deploy.md"] {
        let unknown: Vec<_> = settings(&text(page)).difference(&code).cloned().collect();
        assert!(unknown.is_empty(), "{page} names {unknown:?}, which do not exist");
    }
}

/// The quoted texts of a line or list in a source file.
fn quoted(file: &str, start: &str, end: &str) -> Vec<String> {
    let code = text(file);
    let (_, rest) = code.split_once(start).unwrap_or_else(|| panic!("{file} has no `{start}`"));
    rest.split_once(end).unwrap().0.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_option_and_member_is_described() {
    let page = text(CONFIGURATION);
    let host_json = quoted("crates/bluecrab-host/src/app/ignored.rs", "const SUPPORTED", "];");
    let local = quoted("crates/bluecrab-host/src/app/settings.rs", "let known =", "];");
    let mut options = quoted("crates/bluecrab-macros/src/attribute.rs", "const OPTIONS", ";");
    options.extend(["methods", "route", "auth", "output", "retry"].map(str::to_owned));
    let members = host_json.iter().chain(&local).filter(|name| *name != "$schema").map(|name| name.replace(':', "."));
    let options = options.iter().map(|option| format!("`{option} = "));
    let lower = page.to_lowercase();
    let missing: Vec<String> = members.chain(options).filter(|name| !lower.contains(&name.to_lowercase())).collect();
    assert!(missing.is_empty(), "{CONFIGURATION} does not describe {missing:?}");
}

/// Every option of a trigger, an input or an output stands on the page about triggers or in the crate's documentation.
#[test]
fn every_option_of_a_binding_is_described() {
    let is_attribute = |file: &String| file.starts_with("crates/bluecrab/src/attributes/");
    let files = tracked(&[".rs"]).into_iter().filter(is_attribute).chain(["docs/triggers.md".to_owned()]);
    let pages: String = files.map(|file| text(&file)).collect();
    let table = text("crates/bluecrab-macros/src/binding.rs");
    // Such as `("take", "take", option::number)`.
    let options = table.split("(\"").skip(1).filter(|rest| rest.split(')').next().unwrap().contains("option::"));
    let options: BTreeSet<&str> = options.filter_map(|rest| rest.split('"').next()).collect();
    assert!(options.len() > 20, "the table shows {options:?}");
    // The option that is written first has no name.
    let is_first = |option: &&str| ["schedule", "path", "hub", "table", "type"].contains(option);
    let missing: Vec<_> = options.into_iter().filter(|option| !is_first(option) && !pages.contains(option)).collect();
    assert!(missing.is_empty(), "neither docs/triggers.md nor crates/bluecrab/src/attributes describes {missing:?}");
}

#[test]
fn the_described_defaults_are_those_of_the_code() {
    const CODE: &str = "npm/bluecrab/src/settings.ts";
    let (code, page) = (text(CODE), text(CONFIGURATION));
    let mut checked = 0;
    // Such as `wholeNumber('BLUECRAB_QUEUE', 64, 0)`.
    for call in code.split("wholeNumber('").skip(1) {
        let Some((name, rest)) = call.split_once("', ") else { continue };
        let numbers = rest.split(',').next().unwrap_or_default().split(" << ").map(str::parse::<u64>);
        let Ok(numbers) = numbers.collect::<Result<Vec<_>, _>>() else { continue };
        let default = numbers.into_iter().reduce(|number, bits| number << bits).unwrap();
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |"))).unwrap_or_default();
        assert!(row.contains(&format!("| `{default}` |")), "{name} is {default} in {CODE}, and on the page: {row}");
        checked += 1;
    }
    assert!(checked >= 4, "{CODE} shows {checked} defaults");
}
