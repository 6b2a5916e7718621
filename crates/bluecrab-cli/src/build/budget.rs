//! The limits that keep modules small: a build fails past them, so that a growing dependency is noticed.

use super::sizes::Sizes;
use crate::app::App;
use crate::library;
use crate::module::Module;
use crate::size::Size;
use anyhow::{Context, Result, ensure};
use clap::Args;
use jiff::SignedDuration;
use std::time::{Duration, Instant};

/// How often the modules are loaded. The fastest time counts, because other programs only ever make it longer.
const STARTS: usize = 5;

/// The limits of a build's modules.
#[derive(Args, Clone, Copy, Default)]
pub struct Budget {
    /// Fail if a module is larger; units: kB, MB, KiB, MiB [default: maxSize in package.json, else no limit]
    #[arg(long, value_name = "SIZE")]
    max_size: Option<Size>,
    /// Fail if the modules take longer to load in a new process; units: ms, s [default: maxColdStart in package.json,
    /// else no limit]
    #[arg(long, value_name = "TIME", value_parser = positive)]
    max_cold_start: Option<SignedDuration>,
}

fn positive(text: &str) -> Result<SignedDuration, String> {
    let duration = text.parse().ok().filter(SignedDuration::is_positive);
    duration.ok_or_else(|| "write a time with its unit, such as 200ms or 1.5s".to_owned())
}

impl Budget {
    /// Returns this budget, with the limits of package.json for those that are missing.
    pub fn or_of(self, app: &App) -> Self {
        let settings = &app.package.bluecrab;
        Self {
            max_size: self.max_size.or(settings.max_size),
            max_cold_start: self.max_cold_start.or(settings.max_cold_start),
        }
    }

    /// Fails if a module is too large, or if the modules load too slowly. `measure` returns the size of a module, and
    /// its parts if they are to be printed when it is too large.
    pub fn check(
        self,
        app: &App,
        modules: &[Module],
        measure: impl Fn(&Module) -> Result<(u64, Option<Sizes>)>,
    ) -> Result<()> {
        if let Some(Size(most)) = self.max_size {
            for module in modules {
                let (name, (total, parts)) = (module.name(), measure(module)?);
                if let Some(sizes) = parts.filter(|_| total > most) {
                    say!("\n{name}, {}\n\n{sizes}", Size(total));
                }
                ensure!(total <= most, "{name} has {total} bytes, {} more than its budget of {most}", total - most);
            }
        }
        if let Some(most) = self.max_cold_start
            && !modules.is_empty()
        {
            let most = most.unsigned_abs();
            let fastest = cold_start(app, modules)?;
            say!("cold start: {} ms", fastest.as_millis());
            ensure!(
                fastest <= most,
                "a new Node.js process loads the modules in {} ms, more than their budget of {} ms: smaller modules load \
                 faster, and `bluecrab build --sizes` prints their parts",
                fastest.as_millis(),
                most.as_millis()
            );
        }
        Ok(())
    }
}

/// Returns the shortest time that a new process takes to start Node.js and the library, and to read, check and compile
/// the modules.
fn cold_start(app: &App, modules: &[Module]) -> Result<Duration> {
    let mut fastest = Duration::MAX;
    for _ in 0..STARTS {
        let started = Instant::now();
        let refusals = library::load(app, "node", modules).context("cannot measure the cold start")?;
        fastest = fastest.min(started.elapsed());
        let refusal = refusals.iter().find_map(|line| line.as_str());
        ensure!(refusal.is_none(), "cannot measure the cold start: {}", refusal.unwrap_or_default());
    }
    Ok(fastest)
}
