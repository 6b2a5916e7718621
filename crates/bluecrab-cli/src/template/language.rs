//! The languages of new apps.

use clap::ValueEnum;

/// The path of a file in the new folder, and its text.
pub type File = (&'static str, &'static str);

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
    /// JavaScript, as a component
    #[value(name = "javascript")]
    JavaScript,
    /// Python, as a component
    Python,
}

/// A new app whose functions are not in Rust.
pub struct OtherLanguage {
    /// The language's name.
    pub name: &'static str,
    /// The files of the app that depend on the language. The first file contains the functions.
    pub files: &'static [File],
    /// The command in package.json that builds the module or component.
    pub build: &'static str,
    /// The npm packages that the command needs, with their versions.
    pub packages: &'static [(&'static str, &'static str)],
    /// The oldest version of Node.js that can run the module or component.
    pub oldest_node: &'static str,
    /// What the developer must install.
    pub compiler: &'static str,
    /// How to add a function.
    pub another: &'static str,
}

/// The oldest version of Node.js that can run modules.
pub const OLDEST_NODE: &str = "20";

/// The manifest of a module that does not contain it.
const MANIFEST: File = ("{{stem}}.functions.json", include_str!("../../templates/languages/functions.json"));

const C: OtherLanguage = OtherLanguage {
    name: "C",
    files: &[
        ("src/functions.c", include_str!("../../templates/languages/c/functions.c")),
        ("src/bluecrab.h", include_str!("../../templates/languages/c/bluecrab.h")),
    ],
    build: "zig cc -target wasm32-wasi -mexec-model=reactor -O3 -msimd128 -s -Wall -Wextra src/functions.c -o {{module}}",
    packages: &[],
    oldest_node: OLDEST_NODE,
    compiler: "Zig, which also compiles C (https://ziglang.org/download, or `pip install ziglang`)",
    another: "define it with the macro of `statistics`",
};

const ZIG: OtherLanguage = OtherLanguage {
    name: "Zig",
    files: &[
        ("src/functions.zig", include_str!("../../templates/languages/zig/functions.zig")),
        ("src/bluecrab.zig", include_str!("../../templates/languages/zig/bluecrab.zig")),
        MANIFEST,
    ],
    build: "zig build-exe src/functions.zig -target wasm32-freestanding -mcpu=generic+simd128 -O ReleaseFast -fstrip \
            -fno-entry -rdynamic -femit-bin={{module}}",
    packages: &[],
    oldest_node: OLDEST_NODE,
    compiler: "Zig 0.17 (https://ziglang.org/download, or `pip install ziglang`)",
    another: "export it with `bluecrab.exportFunction`, and write its line into `{{stem}}.functions.json`",
};

const GO: OtherLanguage = OtherLanguage {
    name: "Go",
    files: &[
        ("src/main.go", include_str!("../../templates/languages/go/main.go")),
        ("src/go.mod", include_str!("../../templates/languages/go/go.mod")),
        ("src/bluecrab/bluecrab.go", include_str!("../../templates/languages/go/bluecrab/bluecrab.go")),
        MANIFEST,
    ],
    build: "GOOS=wasip1 GOARCH=wasm go build -C src -buildmode=c-shared -trimpath -ldflags=-s -o ../{{module}} .",
    packages: &[],
    oldest_node: OLDEST_NODE,
    compiler: "Go 1.24 or newer (https://go.dev/dl)",
    another: "export it with `//go:wasmexport`, and write its line into `{{stem}}.functions.json`",
};

const ASSEMBLY_SCRIPT: OtherLanguage = OtherLanguage {
    name: "AssemblyScript",
    files: &[
        ("src/index.ts", include_str!("../../templates/languages/assemblyscript/index.ts")),
        ("src/bluecrab.ts", include_str!("../../templates/languages/assemblyscript/bluecrab.ts")),
        MANIFEST,
    ],
    build: "node node_modules/assemblyscript/bin/asc.js src/index.ts -O3 --enable simd --exportStart _initialize \
            --use abort=src/bluecrab/abort --outFile {{module}}",
    packages: &[("assemblyscript", "0.28.20")],
    oldest_node: OLDEST_NODE,
    compiler: "nothing else: the compiler is an npm package",
    another: "export it, and write its line into `{{stem}}.functions.json`",
};

/// What the tools that make components must know about `wasi:http`.
const INTERFACES: File = ("src/wasi.wit", include_str!("../../templates/languages/component/wasi.wit"));
/// A component is registered with options, and `bluecrab check` does not read it.
const README_OF_COMPONENTS: File = ("README.md", include_str!("../../templates/languages/component/README.md"));

const JAVASCRIPT: OtherLanguage = OtherLanguage {
    name: "JavaScript",
    files: &[
        ("src/app.js", include_str!("../../templates/languages/javascript/app.js")),
        ("index.js", include_str!("../../templates/languages/javascript/index.js")),
        INTERFACES,
        README_OF_COMPONENTS,
    ],
    build: "node node_modules/@bytecodealliance/componentize-js/src/cli.js src/app.js --wit src/wasi.wit --out {{module}}",
    // componentize-js imports preview2-shim, but does not depend on it.
    packages: &[("@bytecodealliance/componentize-js", "0.19.3"), ("@bytecodealliance/preview2-shim", "0.25.0")],
    oldest_node: OLDEST_NODE,
    compiler: "nothing else: componentize-js, which makes the component, is an npm package",
    another: "add it to `functions` in `src/app.js`",
};

const PYTHON: OtherLanguage = OtherLanguage {
    name: "Python",
    files: &[
        ("src/app.py", include_str!("../../templates/languages/python/app.py")),
        ("src/wasi_http.py", include_str!("../../templates/languages/python/wasi_http.py")),
        ("index.js", include_str!("../../templates/languages/python/index.js")),
        INTERFACES,
        README_OF_COMPONENTS,
    ],
    build: "componentize-py --wit-path src/wasi.wit componentize app --python-path src --output {{module}}",
    packages: &[],
    oldest_node: "22",
    compiler: "componentize-py (`pip install componentize-py==0.25.1`, or `uv tool install componentize-py==0.25.1`)",
    another: "add it to the last line of `src/app.py`",
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
            Self::JavaScript => Some(&JAVASCRIPT),
            Self::Python => Some(&PYTHON),
        }
    }
}
