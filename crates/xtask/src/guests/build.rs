//! How each guest is compiled.

use super::tools;
use crate::command::root;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A guest, in the folder of its name.
pub struct Guest {
    pub name: &'static str,
    pub language: &'static str,
    kind: Kind,
}

enum Kind {
    C,
    Zig,
    AssemblyScript,
    Go,
}

pub const GUESTS: [Guest; 4] = [
    Guest { name: "c", language: "C", kind: Kind::C },
    Guest { name: "zig", language: "Zig", kind: Kind::Zig },
    Guest { name: "assemblyscript", language: "AssemblyScript", kind: Kind::AssemblyScript },
    Guest { name: "go", language: "Go", kind: Kind::Go },
];

// The guests include the same ABI file as the apps that `bluecrab new` makes. It is among the command's templates.
const C: &str = "-target wasm32-wasi -mexec-model=reactor -std=c17 -O3 -msimd128 -ffp-contract=off -s \
                 -Wall -Wextra -Werror -I../../crates/bluecrab-cli/templates/languages/c functions.c npy.c -o";
const ZIG: &str = "-target wasm32-freestanding -mcpu=generic+simd128 -O ReleaseFast -fstrip -fno-entry -rdynamic \
                   --dep bluecrab -Mroot=functions.zig \
                   -Mbluecrab=../../crates/bluecrab-cli/templates/languages/zig/bluecrab.zig";
const ASSEMBLY_SCRIPT: &str = "assembly/index.ts -O3 --enable simd --exportStart _initialize \
     --use abort=../../crates/bluecrab-cli/templates/languages/assemblyscript/bluecrab/abort --outFile";
const GO: &str = "build -buildmode=c-shared -trimpath -ldflags=-s -o";

impl Guest {
    /// The compiler, installed if it is missing.
    pub fn compiler(&self, folder: &Path) -> Result<PathBuf> {
        match self.kind {
            Kind::C | Kind::Zig => tools::zig(folder),
            Kind::AssemblyScript => tools::assemblyscript(),
            Kind::Go => tools::go(folder),
        }
    }

    /// The compilation, with its caches below the folder.
    pub fn command(&self, compiler: &Path, folder: &Path, module: &Path) -> Command {
        let mut command = Command::new(compiler);
        match self.kind {
            Kind::C => {
                command.arg("cc").args(C.split_whitespace()).arg(module);
            }
            Kind::Zig => {
                command.arg("build-exe").args(ZIG.split_whitespace());
                command.arg(format!("-femit-bin={}", module.display()));
            }
            Kind::AssemblyScript => {
                command = Command::new("node");
                command.arg(compiler).args(ASSEMBLY_SCRIPT.split_whitespace()).arg(module);
            }
            Kind::Go => {
                command.args(GO.split_whitespace()).arg(module).arg(".");
            }
        }
        tools::set_caches(&mut command, folder);
        command.current_dir(root().join("guests").join(self.name));
        command
    }
}
