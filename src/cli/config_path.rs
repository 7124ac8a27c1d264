//! The `--config` option of the commands that read the configuration.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::cli::runtime::USAGE;
use crate::config::{Config, Problems, ProcessEnvironment};
use crate::dotapparel::Client;
use crate::telemetry::with_causes;

/// The path of the main file.
#[derive(Args, Debug)]
pub(crate) struct ConfigPath {
    /// The main file; the brands are the files brands/*.toml beside it
    #[arg(long = "config", value_name = "FILE", default_value = "config/dotstory.toml")]
    path: PathBuf,
}

// === impl ConfigPath ===

impl ConfigPath {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the configuration.
    pub(crate) fn read(&self) -> Result<Config, Problems> {
        Config::load(&self.path, &ProcessEnvironment)
    }

    /// Loads the configuration. If it is wrong, or this machine cannot make the calls of a brand,
    /// prints every problem and returns the exit code.
    pub(crate) fn load(&self) -> Result<Config, ExitCode> {
        let config = self.read().map_err(|problems| {
            eprintln!("{problems}");
            ExitCode::from(USAGE)
        })?;
        let mut can_call = true;
        for brand in &config.brands {
            if let Err(error) = Client::check_setup(&brand.dotapparel) {
                eprintln!("brand {}: {}", brand.id, with_causes(&error));
                can_call = false;
            }
        }
        if can_call { Ok(config) } else { Err(ExitCode::from(USAGE)) }
    }
}
