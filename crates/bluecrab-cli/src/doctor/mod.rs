//! `bluecrab doctor`: looks for what keeps an app from being built, run or deployed, and mends what it safely can.

mod app;
mod finding;
mod machine;
mod modules;

use crate::app::App;
use crate::crates::Crates;
use crate::interrupts;
use crate::module::{Module, RENAME, same_names};
use anyhow::Result;
use clap::Args;
use finding::{Finding, State};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `bluecrab doctor`.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab doctor --fix")]
pub struct DoctorArgs {
    /// The app's folder, which contains host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    /// Mend what can be mended without a decision of yours
    #[arg(long)]
    fix: bool,
    /// The port that `bluecrab dev` is to use [default: the app's, or 7071]
    #[arg(long)]
    port: Option<u16>,
    /// The Node.js program [default: node]
    #[arg(long, value_name = "PROGRAM", default_value = "node", hide_default_value = true)]
    node: String,
}

/// Prints a line for each finding. Fails if a problem remains.
pub fn run(arguments: &DoctorArgs) -> Result<ExitCode> {
    let mut report = Report { fixes: arguments.fix, ..Report::default() };
    look(arguments, &mut report)?;
    interrupts::check()?;
    Ok(report.end())
}

/// Looks at everything, in the order in which the parts need each other: the library loads the modules only after the
/// packages have been installed.
fn look(arguments: &DoctorArgs, report: &mut Report) -> Result<()> {
    let node = &arguments.node;
    let app = match App::open(&arguments.app) {
        Ok(app) => app,
        Err(error) => {
            // Someone who has no app yet wants to know whether the machine is ready.
            let here = Path::new(".");
            report.add(machine::rust(here, None))?;
            return report.add([machine::node(node), machine::package_manager(here), Finding::error(&error)]);
        }
    };
    let crates = Crates::of(&app);
    let has_crates = crates.as_ref().map_or(true, |crates| !crates.is_empty());
    if has_crates {
        report.add(machine::rust(&app.root, crates.as_ref().ok()))?;
    }
    match &crates {
        Ok(crates) => report.add(crates.check_names().err().map(|error| Finding::error(&error)))?,
        Err(error) => report.add([Finding::error(error)])?,
    }
    report.add([machine::node(node), machine::package_manager(&app.root), app::packages(&app)])?;
    report.add(app::settings(&app))?;
    let settings = match bluecrab_host::App::read(&app.root) {
        Ok(settings) => settings,
        Err(error) => return report.add([Finding::error(&error.into())]),
    };
    report.add([machine::port(arguments.port.or(settings.port).unwrap_or(7071))])?;
    let modules = match Module::all_in(&app.root) {
        Ok(modules) => modules,
        Err(error) => return report.add([Finding::error(&error)]),
    };
    report.add(same_names(&modules).into_iter().map(|same| Finding::note(same, RENAME)))?;
    report.add(modules::library(&app, &modules, has_crates, node))?;
    report.add(app::extension_bundle(&app, &settings, &modules))?;
    report.add(app::storage(&app, &settings, &modules))?;
    report.add(modules::deployed_files(&app, crates.unwrap_or_default()))
}

/// Prints the findings and counts them.
#[derive(Default)]
struct Report {
    /// Whether to mend what can be mended.
    fixes: bool,
    problems: usize,
    notes: usize,
    mendable: usize,
}

impl Report {
    /// Mends the findings that can be mended, if this is wanted, and prints them.
    fn add(&mut self, findings: impl IntoIterator<Item = Finding>) -> Result<()> {
        for finding in findings {
            // Without this, a program that has ended early would look like a problem.
            interrupts::check()?;
            let (state, is_mendable) = finding.treat(self.fixes);
            match state {
                State::Ok | State::Fixed => continue,
                State::Note => self.notes += 1,
                State::Problem => self.problems += 1,
            }
            self.mendable += usize::from(is_mendable && !self.fixes);
        }
        Ok(())
    }

    fn end(&self) -> ExitCode {
        let Self { problems, notes, mendable, .. } = self;
        let mend = if *mendable > 0 { format!("; `bluecrab doctor --fix` mends {mendable}") } else { String::new() };
        say!("\nProblems: {problems}, notes: {notes}{mend}");
        if *problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
