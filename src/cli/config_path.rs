//! The `--config` option of the commands that read the configuration.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::cli::runtime::USAGE;
use crate::config::{Brand, Config, Problems, ProcessEnvironment};
use crate::domain::BrandId;
use crate::dotapparel::Client;
use crate::telemetry::with_causes;

/// The path of the main file.
#[derive(Args, Debug)]
pub(crate) struct ConfigPath {
    /// The main file; the brands are the files brands/*.toml beside it
    #[arg(long = "config", value_name = "FILE", default_value = "config/dotstory.toml")]
    path: PathBuf,
}

/// Why this machine cannot make the calls of a brand.
#[derive(Debug)]
pub(crate) struct SetupProblem {
    pub(crate) brand: BrandId,
    pub(crate) message: String,
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
        let problems = setup_problems(&config);
        for SetupProblem { brand, message } in &problems {
            eprintln!("brand {brand}: {message}");
        }
        if problems.is_empty() { Ok(config) } else { Err(ExitCode::from(USAGE)) }
    }
}

/// The brands whose calls this machine cannot make.
pub(crate) fn setup_problems(config: &Config) -> Vec<SetupProblem> {
    let problem = |brand: &Brand| {
        let error = Client::check_setup(&brand.dotapparel).err()?;
        Some(SetupProblem { brand: brand.id.clone(), message: with_causes(&error) })
    };
    config.brands.iter().filter_map(problem).collect()
}
