//! Takes the Rust code of the recipes from their page.

use std::path::Path;
use std::{env, fs};

const PAGE: &str = "../../../docs/recipes.md";

fn main() {
    println!("cargo::rerun-if-changed={PAGE}");
    let page = fs::read_to_string(PAGE).expect("the page can be read");
    let blocks = page.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next());
    let modules: String = blocks.enumerate().map(|(at, code)| format!("mod recipe_{at} {{\n{code}}}\n\n")).collect();
    assert!(!modules.is_empty(), "{PAGE} has no Rust code");
    let folder = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join("recipes.rs"), modules).expect("the code can be written");
}
