//! How the command ends when it is told to: by Ctrl-C, by SIGTERM, or by SIGHUP, which comes when the terminal closes.
//!
//! The programs that the command runs get SIGTERM. The work that needs them then fails, and removes what it has made.
//! A second Ctrl-C ends the command at once, and its programs end as if it was killed.

use anyhow::{Context, Result, bail};
use bluecrab_host::{GRACE, ProcessGroup};
use std::io;
use std::process::{Child, Command};
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// The exit code of a program that Ctrl-C has ended, as shells report it: 128 and the number of the signal.
const CTRL_C: u8 = 130;

/// The exit code, as soon as the command ends: 0 if no signal has told it to. Each receiver is work to wait for.
static CODE: LazyLock<watch::Sender<Option<u8>>> = LazyLock::new(watch::Sender::default);
/// The programs that the command runs.
static PROGRAMS: Mutex<Option<ProcessGroup>> = Mutex::new(None);
/// Receives the signals.
static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// Lets signals end the command as this module says. Before, they end it at once.
pub fn listen() -> Result<()> {
    const CANNOT: &str = "cannot listen for signals";
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().context(CANNOT)?;
    let runtime = RUNTIME.get_or_init(|| runtime);
    #[cfg(unix)]
    for (kind, code) in signals() {
        let _context = runtime.enter();
        let mut signal = tokio::signal::unix::signal(kind).context(CANNOT)?;
        runtime.spawn(async move {
            while signal.recv().await.is_some() {
                receive(code);
            }
        });
    }
    #[cfg(not(unix))]
    runtime.spawn(async {
        while tokio::signal::ctrl_c().await.is_ok() {
            receive(CTRL_C);
        }
    });
    Ok(())
}

/// Returns the signals, each with its exit code.
#[cfg(unix)]
fn signals() -> impl Iterator<Item = (tokio::signal::unix::SignalKind, u8)> {
    use nix::sys::signal::{SigHandler, Signal, signal};
    use tokio::signal::unix::SignalKind;
    // SAFETY: an ignored signal runs no code, so no code runs that is unsafe in a signal handler.
    let ignore = |kind| unsafe { signal(kind, SigHandler::SigIgn) };
    // SIGTTIN and SIGTTOU would stop programs that ask in the terminal, because these are not in its foreground group.
    // Programs inherit that the signals are ignored, and the question fails.
    let [before, ..] = [Signal::SIGHUP, Signal::SIGTTIN, Signal::SIGTTOU].map(ignore);
    // What `nohup` starts outlives its terminal.
    let hangup = (!matches!(before, Ok(SigHandler::SigIgn))).then_some((SignalKind::hangup(), 129));
    [(SignalKind::interrupt(), CTRL_C), (SignalKind::terminate(), 143)].into_iter().chain(hangup)
}

/// Only Ctrl-C is meant when it comes again: `timeout` and shells send the other signals to the command, and once more
/// to its process group.
fn receive(code: u8) {
    if !begin_to_end(code) && code == CTRL_C {
        std::process::exit(code.into());
    }
}

/// Ends the programs. Returns whether the command was not ending already.
fn begin_to_end(code: u8) -> bool {
    let begins = CODE.send_if_modified(|known| {
        let begins = known.is_none();
        known.get_or_insert(code);
        begins
    });
    if begins && let Some(programs) = &mut *programs() {
        programs.terminate();
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            end_programs();
        });
    }
    begins
}

fn programs() -> MutexGuard<'static, Option<ProcessGroup>> {
    PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills what is left of the programs, and waits until they have ended.
fn end_programs() {
    if let Some(programs) = programs().take() {
        programs.end();
    }
}

/// Lets a command start its program in the group that ends with this command.
pub fn adopt(command: &mut Command) {
    programs().get_or_insert_with(|| ProcessGroup::new(None)).adopt(command);
}

/// Starts a program that ends with this command.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut programs = programs();
    // While this has the lock, no signal can miss the new program.
    if CODE.borrow().is_some() {
        return Err(io::ErrorKind::Interrupted.into());
    }
    programs.get_or_insert_with(|| ProcessGroup::new(None)).adopt(command);
    command.spawn()
}

/// Waits until the command is told to end.
pub async fn received() {
    // The sender is never dropped.
    drop(CODE.subscribe().wait_for(Option::is_some).await);
}

/// Returns an error if the command was told to end, and ends its programs before. Long work asks now and then.
pub fn check() -> Result<()> {
    if CODE.borrow().is_none() {
        return Ok(());
    }
    end_programs();
    bail!("interrupted")
}

/// Runs work that starts programs or makes files on another thread. The command does not end before the work.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let running = CODE.subscribe();
    let work = tokio::task::spawn_blocking(move || {
        let _running = running;
        work()
    });
    work.await.context("the thread has panicked")?
}

/// Ends the programs that still run, and waits for the work that needed them. Returns the exit code if a signal has
/// told the command to end.
pub fn finish() -> Option<u8> {
    begin_to_end(0);
    if let Some(runtime) = RUNTIME.get() {
        runtime.block_on(CODE.closed());
    }
    end_programs();
    CODE.borrow().filter(|code| *code != 0)
}
