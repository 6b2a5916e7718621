//! The languages of new apps.

use crate::template::File;
use clap::ValueEnum;

/// The language of a new app's functions.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Rust
    #[default]
    Rust,
    /// C, compiled by Zig
    C,
    /// Zig
    Zig,
    /// Go
    Go,
    /// AssemblyScript, which resembles TypeScript
    #[value(name = "assemblyscript")]
    AssemblyScript,
}

/// A new app whose functions are not in Rust.
pub struct OtherLanguage {
    /// The language's name.
    pub name: &'static str,
    /// The files of the app that depend on the language. The first file contains the functions.
    pub files: &'static [File],
    /// The command in package.json that builds the module.
    pub build: &'static str,
    /// The npm package that the command needs, with its version.
    pub package: Option<(&'static str, &'static str)>,
    /// What the developer must install.
    pub compiler: &'static str,
    /// How to add a function.
    pub another: &'static str,
}

/// The manifest of a module that does not contain it.
const MANIFEST: File = ("{{stem}}.functions.json", include_str!("../templates/languages/functions.json"));

const C: OtherLanguage = OtherLanguage {
    name: "C",
    files: &[
        ("src/functions.c", include_str!("../templates/languages/c/functions.c")),
        ("src/bluecrab.h", include_str!("../templates/languages/c/bluecrab.h")),
    ],
    build: "zig cc -target wasm32-wasi -mexec-model=reactor -O3 -msimd128 -s -Wall -Wextra src/functions.c -o {{module}}",
    package: None,
    compiler: "Zig, which also compiles C (https://ziglang.org/download, or `pip install ziglang`)",
    another: "define it with the macro of `statistics`",
};

const ZIG: OtherLanguage = OtherLanguage {
    name: "Zig",
    files: &[
        ("src/functions.zig", include_str!("../templates/languages/zig/functions.zig")),
        ("src/bluecrab.zig", include_str!("../templates/languages/zig/bluecrab.zig")),
        MANIFEST,
    ],
    build: "zig build-exe src/functions.zig -target wasm32-freestanding -mcpu=generic+simd128 -O ReleaseFast -fstrip \
            -fno-entry -rdynamic -femit-bin={{module}}",
    package: None,
    compiler: "Zig 0.17 (https://ziglang.org/download, or `pip install ziglang`)",
    another: "export it with `bluecrab.exportFunction`, and write its line into `{{stem}}.functions.json`",
};

const GO: OtherLanguage = OtherLanguage {
    name: "Go",
    files: &[
        ("src/main.go", include_str!("../templates/languages/go/main.go")),
        ("src/go.mod", include_str!("../templates/languages/go/go.mod")),
        ("src/bluecrab/bluecrab.go", include_str!("../templates/languages/go/bluecrab/bluecrab.go")),
        MANIFEST,
    ],
    build: "GOOS=wasip1 GOARCH=wasm go build -C src -buildmode=c-shared -trimpath -ldflags=-s -o ../{{module}} .",
    package: None,
    compiler: "Go 1.24 or newer (https://go.dev/dl)",
    another: "export it with `//go:wasmexport`, and write its line into `{{stem}}.functions.json`",
};

const ASSEMBLY_SCRIPT: OtherLanguage = OtherLanguage {
    name: "AssemblyScript",
    files: &[
        ("src/index.ts", include_str!("../templates/languages/assemblyscript/index.ts")),
        ("src/bluecrab.ts", include_str!("../templates/languages/assemblyscript/bluecrab.ts")),
        MANIFEST,
    ],
    build: "node node_modules/assemblyscript/bin/asc.js src/index.ts -O3 --enable simd --exportStart _initialize \
            --use abort=src/bluecrab/abort --outFile {{module}}",
    package: Some(("assemblyscript", "0.28.20")),
    compiler: "nothing else: the compiler is an npm package",
    another: "export it, and write its line into `{{stem}}.functions.json`",
};

impl Language {
    /// Returns what an app needs if its functions are not in Rust.
    pub fn other(self) -> Option<&'static OtherLanguage> {
        match self {
            Self::Rust => None,
            Self::C => Some(&C),
            Self::Zig => Some(&ZIG),
            Self::Go => Some(&GO),
            Self::AssemblyScript => Some(&ASSEMBLY_SCRIPT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The guests show that these files are right. A published command has no access to the guests.
    #[test]
    fn the_files_of_the_module_abi_are_those_of_the_guests() {
        for (other, expected) in [
            (C, include_str!("../../../guests/c/bluecrab.h")),
            (ZIG, include_str!("../../../guests/zig/bluecrab.zig")),
            (GO, include_str!("../../../guests/go/bluecrab/bluecrab.go")),
            (ASSEMBLY_SCRIPT, include_str!("../../../guests/assemblyscript/assembly/bluecrab.ts")),
        ] {
            let (_, text) = other.files.iter().find(|(file, _)| file.contains("bluecrab.")).unwrap();
            assert!(*text == expected, "copy the file from the guest in {} to the templates", other.name);
        }
    }
}
