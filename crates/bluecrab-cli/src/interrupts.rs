//! The signals with which users and systems end a program.

use anyhow::{Context, Result, ensure};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether Ctrl-C has been pressed since [`tidy_up_after`] was called.
static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Lets Ctrl-C end only the programs that this command runs. The command itself sees that they have failed, and removes
/// what it has made. On Windows, Ctrl-C still ends the command at once.
pub fn tidy_up_after() {
    #[cfg(unix)]
    {
        use nix::sys::signal::{SigHandler, Signal, signal};
        extern "C" fn remember(_: nix::libc::c_int) {
            IS_INTERRUPTED.store(true, Ordering::Relaxed);
        }
        // A handler, because the programs would inherit that a signal is ignored.
        // SAFETY: storing an atomic is safe in a signal handler.
        let _ = unsafe { signal(Signal::SIGINT, SigHandler::Handler(remember)) };
    }
}

/// Returns whether Ctrl-C has been pressed.
pub fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::Relaxed)
}

/// Returns an error if Ctrl-C has been pressed. Long work without another program asks now and then.
pub fn check() -> Result<()> {
    ensure!(!is_interrupted(), "interrupted");
    Ok(())
}

/// Receives Ctrl-C, SIGTERM, and SIGHUP, which is sent when the terminal closes.
pub struct Interrupts {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Interrupts {
    /// Starts to listen. From now on these signals no longer end the program.
    pub fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        if !outlives_its_terminal() {
            kinds.push(SignalKind::hangup());
        }
        let signals = kinds.into_iter().map(signal).collect::<Result<_, _>>();
        Ok(Self { signals: signals.context("cannot listen for signals")? })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        use std::task::Poll;
        let any = |context: &mut std::task::Context<'_>| {
            let came = self.signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if came { Poll::Ready(()) } else { Poll::Pending }
        };
        std::future::poll_fn(any).await
    }
}

/// Returns whether the program was started with SIGHUP ignored, as `nohup` does.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    use nix::sys::signal::{SigHandler, Signal, signal};
    // SAFETY: an ignored signal runs no code, so no code runs that is unsafe in a signal handler.
    let before = unsafe { signal(Signal::SIGHUP, SigHandler::SigIgn) };
    matches!(before, Ok(SigHandler::SigIgn))
}

#[cfg(not(unix))]
impl Interrupts {
    /// Does nothing: [`Self::next`] listens.
    pub fn listen() -> Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next Ctrl-C.
    pub async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
