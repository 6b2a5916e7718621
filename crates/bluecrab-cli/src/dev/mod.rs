//! `bluecrab dev`: runs a function app on this machine.

mod args;

pub use args::DevArgs;

use crate::app::App;
use crate::azurite::Emulator;
use crate::interrupts;
use crate::npm;
use crate::watch::FileWatcher;
use anyhow::{Context, Result};
use bluecrab_host::{Host, HostError, HostOptions};
use std::time::Duration;
use tokio::sync::watch;

/// How long threads and workers may take to end after the last request.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// Runs the app until the command is told to end.
pub fn run(arguments: &DevArgs) -> Result<()> {
    bluecrab_host::print_in_background();
    bluecrab_host::set_log_style(arguments.log_style());
    arguments.check_inspect()?;
    let app = App::open(&arguments.app)?;
    npm::check_layout(&app.root)?;
    arguments.check_port()?;
    if let Err(error) = arguments.print_unbuilt_crates(&app) {
        tell!("note: {error:#}; use --no-build to hide this note");
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start the host's threads")?;
    let outcome =
        runtime.block_on(async { if arguments.watch { watch(arguments).await } else { serve(arguments).await } });
    // Do not wait for all threads, but give the workers time to end.
    runtime.shutdown_timeout(LAST_MOMENT);
    outcome
}

/// A host, and what starts the storage emulator for it.
struct Served {
    host: Host,
    emulator: Option<Emulator>,
}

impl Served {
    /// Stops the host, and then the emulator, which the last calls may need.
    async fn stop(self) {
        self.host.stop().await;
        if let Some(emulator) = self.emulator {
            emulator.stop().await;
        }
    }
}

/// Serves the app without watching for changes.
async fn serve(arguments: &DevArgs) -> Result<()> {
    let served = tokio::select! {
        served = start(arguments) => served?,
        () = interrupts::received() => return Ok(()),
    };
    tokio::select! {
        error = served.host.failed() => {
            served.stop().await;
            Err(error.into())
        }
        () = interrupts::received() => {
            stop(served).await;
            Ok(())
        }
    }
}

/// Serves each version of the app. If a new version cannot be served, the previous version keeps serving.
async fn watch(arguments: &DevArgs) -> Result<()> {
    let mut watcher = FileWatcher::new(&arguments.app, arguments.builds(), &arguments.ignore)?;
    let mut served = None;
    loop {
        tokio::select! {
            outcome = renew(arguments, &mut served) => match outcome {
                Err(error) if error.downcast_ref().is_some_and(HostError::is_final) => return Err(error),
                Err(error) => report(&error, served.as_ref()),
                Ok(()) => {}
            },
            () = interrupts::received() => break,
        }
        tokio::select! {
            file = watcher.changed() => bluecrab_host::step("watch", &format!("{} has changed", file.display())),
            () = report_failure(served.as_ref()) => {}
            () = interrupts::received() => break,
        }
    }
    if let Some(served) = served {
        stop(served).await;
    }
    Ok(())
}

/// Builds the app, and starts the host or passes the new version to it.
async fn renew(arguments: &DevArgs, served: &mut Option<Served>) -> Result<()> {
    match served {
        Some(served) => {
            build_aside(arguments).await?;
            served.host.renew()?;
        }
        None => *served = Some(start(arguments).await?),
    }
    Ok(())
}

/// Builds the app and starts a host for it.
async fn start(arguments: &DevArgs) -> Result<Served> {
    build_aside(arguments).await?;
    if arguments.no_storage {
        return Ok(Served { host: Host::start(arguments.host()?).await?, emulator: None });
    }
    let (ready, is_ready) = watch::channel(false);
    let host = Host::start(HostOptions { emulator_ready: Some(is_ready), ..arguments.host()? }).await?;
    let app = std::path::absolute(&arguments.app).unwrap_or_else(|_| arguments.app.clone());
    let node = arguments.node().to_owned();
    let emulator = Some(Emulator::start_when_needed(host.needs_emulator(), app, node, ready));
    Ok(Served { host, emulator })
}

/// Builds the app on a separate thread, unless the build is switched off.
async fn build_aside(arguments: &DevArgs) -> Result<()> {
    let arguments = arguments.clone();
    interrupts::aside(move || arguments.build()).await
}

/// Waits until the host has no version of the app to serve, and prints why. Never returns.
async fn report_failure(served: Option<&Served>) {
    if let Some(served) = served {
        report(&served.host.failed().await.into(), None);
    }
    std::future::pending().await
}

/// Prints why a version of the app cannot be served, and shows it on the page.
fn report(error: &anyhow::Error, served: Option<&Served>) {
    let (reason, mut serving) = (format!("{error:#}"), "");
    if let Some(served) = served.filter(|served| served.host.serves()) {
        served.host.show_failure(&reason);
        serving = "; the previous code keeps serving";
    }
    bluecrab_host::failure(&reason);
    bluecrab_host::step("watch", &format!("waiting for a change{serving}"));
}

async fn stop(served: Served) {
    bluecrab_host::step("host", "stopping: running requests finish first; press Ctrl-C again to stop at once");
    served.stop().await;
}
