//! Parses the command line and runs the command, with the exit codes that scripts rely on.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing::warn;

use super::{check, demo, explain, sandbox, serve};
use crate::app::Application;
use crate::config::{Config, ProcessEnvironment};

/// Serves a retailer's DotApparel customers to DailyStory.
#[derive(Debug, Parser)]
#[command(
    name = "dotstory",
    version,
    about,
    propagate_version = true,
    disable_help_subcommand = true
)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 64 the command line or the configuration is wrong."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Options),
    Demo(demo::Options),
    Sandbox(sandbox::Options),
    Check(check::Options),
    Explain(explain::Options),
}

/// Where the configuration is: an option of several commands.
#[derive(Args, Debug)]
pub(super) struct ConfigPath {
    /// The main file; brands are the files brands/*.toml beside it
    #[arg(long = "config", value_name = "FILE", default_value = "config/dotstory.toml")]
    path: PathBuf,
}

/// `EX_USAGE` of BSD's sysexits: what was typed or written is wrong, and trying again will not help.
pub(super) const USAGE: u8 = 64;

// === impl Cli ===

/// Runs the command line of this process to its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is the one thing that can fail here, and then there is nobody to tell.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    cli.command.run().unwrap_or_else(|error| {
        eprintln!("dotstory: {error:#}");
        ExitCode::FAILURE
    })
}

// === impl Command ===

impl Command {
    fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Serve(options) => options.run(),
            Self::Demo(options) => options.run(),
            Self::Sandbox(options) => options.run(),
            Self::Check(options) => options.run(),
            Self::Explain(options) => options.run(),
        }
    }
}

// === impl ConfigPath ===

impl ConfigPath {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration, or the exit code once all its problems have been printed.
    pub(super) fn load(&self) -> Result<Config, ExitCode> {
        Config::load(&self.path, &ProcessEnvironment).map_err(|problems| {
            eprintln!("{problems}");
            ExitCode::from(USAGE)
        })
    }
}

/// Runs `work` on a runtime of its own.
pub(super) fn block_on<F>(work: F) -> anyhow::Result<ExitCode>
where
    F: Future<Output = anyhow::Result<ExitCode>>,
{
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// Runs the application until the first SIGTERM or SIGINT, then lets it finish; a second one ends it at once.
pub(super) async fn run_until_signal(application: Application) -> anyhow::Result<ExitCode> {
    let (mut first, mut second) = (Signals::listen()?, Signals::listen()?);
    let twice = async {
        second.next().await;
        second.next().await;
    };
    tokio::select! {
        ended = application.run_until_stopped(async { first.next().await }) => ended.map(|()| ExitCode::SUCCESS),
        () = twice => {
            warn!("told to stop twice, leaving at once");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Ends at the first SIGTERM or SIGINT.
pub(super) async fn until_signal() -> anyhow::Result<()> {
    Signals::listen()?.next().await;
    Ok(())
}

/// What tells a process to stop.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

// === impl Signals ===

impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
