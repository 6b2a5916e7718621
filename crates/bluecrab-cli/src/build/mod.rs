//! `bluecrab build`: builds an app's crates, puts the modules next to package.json, runs the commands that build modules
//! in other languages, writes the metered copies of all modules, and makes the bindings of components.

pub mod budget;
pub mod cargo;
pub mod commands;
pub mod component;
pub mod names;
pub mod sizes;

use crate::app::App;
use crate::crates::{Crates, folder_of};
use crate::manifest::{self, Function};
use crate::module::{self, Module};
use crate::npm::Manager;
use crate::undo::Before;
use anyhow::{Context, Result, bail};
use budget::Budget;
use cargo::{BuiltModule, build_for_debugger, build_module, install_target};
use cargo_metadata::Package;
use clap::Args;
use component::Component;
use names::Keep;
use sizes::Sizes;
use std::fs;
use std::path::{Path, PathBuf};

/// The arguments of `bluecrab build`.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab build --max-size 300kB --max-cold-start 200ms")]
pub struct BuildArgs {
    /// The app's folder, which contains host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    /// Print the parts of each module by size: the code of each crate, and the data
    #[arg(long)]
    sizes: bool,
    /// Keep the names of functions, so that the log can show where a call failed
    #[arg(long)]
    names: bool,
    #[command(flatten)]
    budget: Budget,
}

/// Builds the app and prints its modules and functions.
pub fn run(arguments: &BuildArgs) -> Result<()> {
    let app = App::open(&arguments.app)?;
    let purpose = if arguments.names { Purpose::Develop } else { Purpose::Deploy };
    let built = build(&app, "node", purpose)?;
    built.print(&app.route_prefix()?, arguments.sizes)?;
    built.check(&app, arguments.budget, arguments.sizes)
}

/// What modules are built for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Only what a module needs to run.
    Deploy,
    /// The same code, with the names of its functions, and with debug information if the release profile asks for it.
    Develop,
    /// Code that is not optimised, with debug information. It has no metered copy, which a debugger could not follow.
    Debug,
}

/// What a build has made.
pub struct Built {
    modules: Vec<Module>,
    components: Vec<Component>,
    /// The modules of crates in cargo's target folder, with names.
    unstripped: Vec<BuiltModule>,
}

impl Built {
    /// Returns a line for each module and component.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.modules.iter().map(Module::to_string).chain(self.components.iter().map(Component::to_string))
    }

    /// Fails if the modules exceed a budget, or the app's own. Then it prints their sizes, if they are not printed yet.
    pub fn check(&self, app: &App, budget: Budget, are_sizes_printed: bool) -> Result<()> {
        budget.or_of(app).check(app, &self.modules, |module| {
            let sizes = self.sizes(module)?;
            Ok((sizes.total(), (!are_sizes_printed).then_some(sizes)))
        })
    }

    fn sizes(&self, module: &Module) -> Result<Sizes> {
        let name = module.name();
        let mut unstripped = self.unstripped.iter().map(|built| &built.file);
        let file = unstripped.find(|file| file.file_name() == module.file.file_name()).unwrap_or(&module.file);
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        Sizes::of(&bytes, name.trim_end_matches(".wasm"))
    }

    /// Prints the modules with their functions and what calls them, and the components.
    fn print(&self, prefix: &str, with_sizes: bool) -> Result<()> {
        let functions = || self.modules.iter().flat_map(|module| &module.functions);
        let name_width = functions().map(|function| function.name.len()).max().unwrap_or_default();
        for module in &self.modules {
            say!("\n{module}\n");
            // In the order in which `dev` lists them. The linker chooses the order in the module.
            let mut functions: Vec<&Function> = module.functions.iter().collect();
            functions.sort_by_key(|function| function.name.to_uppercase());
            for function in functions {
                say!("    {:name_width$}  {}", function.name, function.trigger(prefix));
            }
            if with_sizes {
                say!("\n{}", self.sizes(module)?.to_string().trim_end());
            }
        }
        for component in &self.components {
            say!("\n{component}");
        }
        say!("");
        Ok(())
    }
}

/// Builds an app's modules, writes the metered copies of all modules in its folder, makes the bindings of all
/// components with the given Node.js program, and installs its npm packages if one is missing.
pub fn build(app: &App, node: &str, purpose: Purpose) -> Result<Built> {
    let crates = Crates::of(app)?;
    let has_commands = !app.package.bluecrab.build.is_empty();
    let needs_no_crate = crates.have_no_module() && (has_commands || has_wasm(app)?);
    let packages = if needs_no_crate { Vec::new() } else { crates.some_modules(app)? };
    if has_commands {
        // A compiler may be one of the packages.
        install_packages(app)?;
        commands::run(app)?;
    }
    let unstripped = build_crates(&packages, purpose)?;
    unstripped.iter().try_for_each(|built| put_in_place(built, purpose, &app.root))?;
    module::remove_copies(&app.root, |module| purpose == Purpose::Debug || !module.exists())?;
    let mut modules = Module::all_in(&app.root)?;
    modules.iter().try_for_each(Module::check_memory)?;
    for same in module::same_names(&modules) {
        tell!("note: {same}; {}", module::RENAME);
    }
    if purpose != Purpose::Debug {
        modules.iter_mut().try_for_each(Module::meter)?;
    }
    let components = component::bind_all(&app.root, node)?;
    install_packages(app)?;
    Ok(Built { modules, components, unstripped })
}

/// Returns whether an app has modules or components, which other tools may have made.
pub fn has_wasm(app: &App) -> Result<bool> {
    Ok(!Module::all_in(&app.root)?.is_empty() || !Component::all_in(&app.root)?.is_empty())
}

/// Builds crates and returns their modules in cargo's target folder.
fn build_crates(packages: &[&Package], purpose: Purpose) -> Result<Vec<BuiltModule>> {
    let Some(first) = packages.first() else { return Ok(Vec::new()) };
    install_target(&folder_of(first))?;
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        if std::env::var_os(variable).is_some_and(|flags| !flags.is_empty()) {
            tell!(
                "warning: {variable} replaces all other compiler flags: the modules use no SIMD and contain paths of \
                 this machine"
            );
        }
    }
    let build = if purpose == Purpose::Debug { build_for_debugger } else { build_module };
    packages.iter().map(|package| build(package)).collect()
}

/// Puts a module next to package.json.
fn put_in_place(BuiltModule { file: built, has_debug_info }: &BuiltModule, purpose: Purpose, app: &Path) -> Result<()> {
    let bytes = fs::read(built).with_context(|| format!("cannot read {}", built.display()))?;
    let file = app.join(built.file_name().unwrap_or_default());
    let unusable = || format!("{} cannot be used", built.display());
    let functions = manifest::functions(&bytes).with_context(unusable)?;
    if functions.is_empty() {
        bail!(
            "{} declares no function: mark a function with `#[http]` or the attribute of another trigger",
            file.display()
        );
    }
    let keep = match purpose {
        Purpose::Deploy => Keep::Nothing,
        Purpose::Develop | Purpose::Debug if *has_debug_info => Keep::DebugInfo,
        Purpose::Develop | Purpose::Debug => Keep::Names,
    };
    let bytes = names::strip(&bytes, keep).with_context(unusable)?;
    // Leave an identical file alone: writing it would look like a change to `dev --watch`.
    if fs::read(&file).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    bluecrab_host::replace_file(&file, &bytes).with_context(|| format!("cannot replace {}", file.display()))
}

fn install_packages(app: &App) -> Result<()> {
    let Some(missing) = app.missing_package() else { return Ok(()) };
    let manager = Manager::of(&app.root)?;
    tell!("Installing the packages with {} ({missing} is missing)", manager.name());
    let before = Before::of(&app.root, None)?;
    // Half of the packages would look like all of them to the next build.
    manager.install(&app.root).inspect_err(|_| before.restore())
}
