//! `dotstory completions`: prints the completions of a shell.

use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::output::print;

/// Print the script by which a shell completes dotstory's commands and options
///
/// For bash: dotstory completions bash > ~/.local/share/bash-completion/completions/dotstory
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The shell
    shell: Shell,
}

// === impl Options ===

impl Options {
    /// Prints the completions of `cli`, the whole command line.
    pub(crate) fn run(self, cli: &mut Command) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, cli, "dotstory", &mut script);
        print(&String::from_utf8_lossy(&script))?;
        Ok(ExitCode::SUCCESS)
    }
}
