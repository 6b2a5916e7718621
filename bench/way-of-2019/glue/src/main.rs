//! Writes the JavaScript that loads a module of wasm-bindgen: `glue MODULE.wasm FOLDER`.

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder] = &arguments[..] else { bail!("usage: glue MODULE.wasm FOLDER") };
    Bindgen::new().input_path(module).nodejs(true)?.typescript(false).generate(folder)
}
