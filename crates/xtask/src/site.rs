//! The documentation as a site: `cargo xtask site`.
//!
//! mdBook builds it from a copy of `docs`. In the copy, links to files outside of `docs` lead to the repository,
//! because the site does not have these files.

use crate::build::target_folder;
use crate::command::{cargo, output, program, root, step};
use crate::files::{copy, remove_folder};
use crate::release::repository;
use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

const MDBOOK: &str = "0.5.4";

/// Builds the site in `target/site`, and fails if a link in it leads nowhere.
pub fn build() -> Result<()> {
    let mdbook = install_mdbook()?;
    let (source, site) = (target_folder()?.join("site-source"), target_folder()?.join("site"));
    copy_pages(&source)?;
    remove_folder(&site)?;
    let mut build = program(&mdbook.to_string_lossy(), &["build"]);
    build.arg(&source).arg("--dest-dir").arg(&site);
    if let Some(repository) = repository() {
        build.env("MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL", repository);
    }
    step("Build the site", build)?;
    println!("── Check the links of the site");
    let links = check_links(&site)?;
    println!("── {links} links are good; the site is {}", site.join("index.html").display());
    Ok(())
}

fn install_mdbook() -> Result<PathBuf> {
    let folder = target_folder()?.join("mdbook");
    let file = folder.join("bin").join(format!("mdbook{}", std::env::consts::EXE_SUFFIX));
    let is_there = || output(program(&file.to_string_lossy(), &["--version"])).is_ok_and(|text| text.contains(MDBOOK));
    if !file.is_file() || !is_there() {
        let mut install = cargo(&["install", "mdbook", "--locked", "--version", MDBOOK]);
        install.args(["--no-default-features", "--features", "search", "--root"]).arg(&folder);
        step("Install mdBook", install)?;
    }
    Ok(file)
}

/// Copies the pages, with links that work in the site.
fn copy_pages(to: &Path) -> Result<()> {
    remove_folder(to)?;
    let repository = repository().map(|repository| format!("{repository}/blob/main"));
    let elsewhere = repository.unwrap_or_else(|| format!("file://{}", root().display()));
    for page in output(program("git", &["ls-files", "docs"]))?.lines() {
        let (from, to) = (root().join(page), to.join(page));
        fs::create_dir_all(to.parent().unwrap_or(&to)).with_context(|| format!("cannot create {}", to.display()))?;
        let text = fs::read_to_string(&from).with_context(|| format!("cannot read {page}"))?;
        fs::write(&to, with_outer_links(&text, page, &elsewhere)).context("cannot write a page")?;
    }
    copy(&root().join("book.toml"), &to.join("book.toml"))
}

/// Makes the links that leave `docs` lead to files below the address `elsewhere`.
fn with_outer_links(text: &str, page: &str, elsewhere: &str) -> String {
    let mut pieces = text.split("](");
    let mut changed = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        changed += "](";
        let target = piece.split(')').next().unwrap_or_default();
        let path = joined(Path::new(page).parent().unwrap_or(Path::new("")), target);
        if target.starts_with("../") && !path.starts_with("docs/") {
            changed += &format!("{elsewhere}/{path}");
            changed += &piece[target.len()..];
        } else {
            changed += piece;
        }
    }
    changed
}

/// Returns a path without `..`, with slashes.
fn joined(folder: &Path, path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in folder.join(path).components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            _ => {}
        }
    }
    parts.join("/")
}

/// What a page of the site has.
struct Page {
    anchors: BTreeSet<String>,
    links: Vec<String>,
}

/// Fails if a link inside the site leads nowhere. Returns how many there are.
fn check_links(site: &Path) -> Result<usize> {
    let mut pages = BTreeMap::new();
    read_pages(site, "", &mut pages)?;
    let (mut count, mut broken) = (0, Vec::new());
    for (name, page) in &pages {
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        for link in page.links.iter().filter(|link| !link.contains(':')) {
            count += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = if path.is_empty() { name.clone() } else { joined(folder, path) };
            let is_good = match pages.get(&file) {
                Some(page) => anchor.is_empty() || page.anchors.contains(anchor),
                None => site.join(&file).is_file(),
            };
            if !is_good {
                broken.push(format!("{name}: {link}"));
            }
        }
    }
    ensure!(broken.is_empty(), "links of the site that lead nowhere:\n{}", broken.join("\n"));
    ensure!(count > 500, "only {count} links were found in the site: are they read rightly?");
    Ok(count)
}

fn read_pages(folder: &Path, prefix: &str, pages: &mut BTreeMap<String, Page>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let (file, name) = entry.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned()))?;
        if file.is_dir() {
            read_pages(&file, &format!("{prefix}{name}/"), pages)?;
        // The page for addresses that do not exist is served in any folder, so its links start at the site's root.
        } else if name.ends_with(".html") && name != "404.html" {
            let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let links = [values(&text, " href=\""), values(&text, " src=\"")].concat();
            let anchors = values(&text, " id=\"").into_iter().collect();
            pages.insert(format!("{prefix}{name}"), Page { anchors, links });
        }
    }
    Ok(())
}

fn values(html: &str, start: &str) -> Vec<String> {
    html.split(start).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_leave_the_pages_lead_to_the_repository() {
        let text = "[a](../npm/a.md#b) [c](c.md) [d](../abi.md) [e](https://e) [f](../../apps) [g](#g)";
        let changed = with_outer_links(text, "docs/triggers/queue.md", "https://host/own");
        let expected = "[a](../npm/a.md#b) [c](c.md) [d](../abi.md) [e](https://e) [f](https://host/own/apps) [g](#g)";
        assert_eq!(changed, expected);
        let changed = with_outer_links("[a](../npm/a.md#b)", "docs/abi.md", "https://host/own");
        assert_eq!(changed, "[a](https://host/own/npm/a.md#b)");
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let site = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(site.path().join(name), text).unwrap();
        let good =
            "<a href=\"b.html#x\"><a href=\"#y\"><b id=\"y\"><img src=\"c.png\"><a href=\"https://gone\">".repeat(200);
        write("a.html", &good);
        write("b.html", "<h1 id=\"x\">");
        write("c.png", "");
        assert_eq!(check_links(site.path()).unwrap(), 600);
        for bad in ["b.html#z", "gone.html", "#gone"] {
            write("b.html", &format!("<h1 id=\"x\"><a href=\"{bad}\">"));
            let said = check_links(site.path()).unwrap_err().to_string();
            assert!(said.contains(&format!("b.html: {bad}")), "{said}");
        }
    }
}
