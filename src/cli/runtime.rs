//! Shared by the commands: the exit code of usage errors, the async runtime, the signals to stop.

use std::convert::Infallible;
use std::io;
use std::process::ExitCode;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tracing::warn;

use crate::app::Application;
use crate::brands::Reloader;
use crate::cli::config_path::ConfigPath;

/// `EX_USAGE` of BSD's sysexits: the command line or the configuration is wrong.
pub(crate) const USAGE: u8 = 64;

/// The signals that ask a process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

/// Runs `work` on a new multi-threaded runtime. At the end of `work`, the runtime does not wait for
/// abandoned lookups of host names.
pub(crate) fn block_on<F>(work: F) -> anyhow::Result<ExitCode>
where
    F: Future<Output = anyhow::Result<ExitCode>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = runtime.block_on(work);
    runtime.shutdown_background();
    code
}

/// Runs the application until the first SIGTERM or SIGINT, then lets running work finish. A second
/// signal ends the process at once.
pub(crate) async fn run_until_signal(application: Application) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let (stop, stopped) = oneshot::channel();
    // Two signals can arrive as one, unless the first was received. So the first is received before
    // the service manager learns of it.
    let second_signal = async {
        signals.next().await;
        notify(&[NotifyState::Stopping]);
        let _ended = stop.send(());
        signals.next().await;
    };
    notify(&[NotifyState::Ready]);
    let stop = async { drop(stopped.await) };
    tokio::select! {
        ended = application.run_until_stopped(stop) => {
            ended.map(|()| ExitCode::SUCCESS)
        }
        () = second_signal => {
            warn!("received a second signal to stop, exiting without waiting for running work");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Re-reads the configuration at each SIGHUP, and lets the running application apply it. From this
/// call on, a SIGHUP no longer ends the process. A SIGHUP that arrives before the future runs is
/// handled when the future runs.
pub(crate) fn reload_at_hangup(
    reloader: Reloader,
    config: &ConfigPath,
) -> io::Result<impl Future<Output = Infallible>> {
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        loop {
            // The signal has a handler, so the stream never ends.
            hangup.recv().await;
            if let Ok(now) = NotifyState::monotonic_usec_now() {
                notify(&[NotifyState::Reloading, now]);
            }
            reloader.apply(config.read());
            notify(&[NotifyState::Ready]);
        }
    })
}

/// Reports a state to the service manager, if there is one.
fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        warn!(error = %error, "service manager not reached");
    }
}

/// Waits for the first SIGTERM or SIGINT.
pub(crate) async fn until_signal() -> anyhow::Result<()> {
    Signals::listen()?.next().await;
    Ok(())
}

// === impl Signals ===

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
