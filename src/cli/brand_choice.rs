//! The options of the commands that read one brand's customers, and the brand that they start.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use crate::brands::Brand;
use crate::cli::config_path::ConfigPath;
use crate::cli::runtime::USAGE;
use crate::clock::SystemClock;
use crate::config;
use crate::domain::BrandId;
use crate::paging::{Budget, BudgetConfig};
use crate::runtime::Runtime;
use crate::telemetry::Metrics;

/// The path of the main file, and the brand.
#[derive(Args, Debug)]
pub(crate) struct BrandChoice {
    #[command(flatten)]
    config: ConfigPath,
    /// The brand: the name of its file without .toml
    #[arg(long)]
    brand: BrandId,
}

/// The settings of the chosen brand.
#[derive(Debug)]
pub(crate) struct ChosenBrand {
    pub(crate) config: config::Brand,
    cache: BudgetConfig,
    /// Memory for looked-up customers, in bytes.
    details_memory: u64,
}

/// The chosen brand, running in this process without a listener. Its tasks are asked to stop when
/// this value is dropped.
pub(crate) struct RunningBrand {
    pub(crate) brand: Brand,
    runtime: Runtime,
}

// === impl BrandChoice ===

impl BrandChoice {
    /// The id of the brand.
    pub(crate) fn id(&self) -> &BrandId {
        &self.brand
    }

    /// Loads the settings of the brand. If [`ConfigPath::load`] fails, or the configuration has no
    /// such brand, prints the reason and returns the exit code.
    pub(crate) fn load(&self) -> Result<ChosenBrand, ExitCode> {
        let mut config = self.config.load()?;
        let Some(position) = config.brands.iter().position(|brand| brand.id == self.brand) else {
            let known: Vec<_> = config.brands.iter().map(|brand| brand.id.as_str()).collect();
            eprintln!("dotstory: no brand {}; the brands are {}", self.brand, known.join(", "));
            return Err(ExitCode::from(USAGE));
        };
        Ok(ChosenBrand {
            config: config.brands.swap_remove(position),
            cache: config.cache,
            details_memory: config.details_memory,
        })
    }
}

// === impl ChosenBrand ===

impl ChosenBrand {
    /// Starts the brand on the current tokio runtime. Makes no call.
    ///
    /// # Errors
    /// When the brand's HTTP client cannot be built.
    pub(crate) fn start(self) -> anyhow::Result<RunningBrand> {
        let metrics = Metrics::new();
        let budget = Budget::new(&self.cache, &metrics);
        let runtime = Runtime::new(Arc::new(SystemClock), metrics);
        let id = self.config.id.clone();
        let brand = Brand::start(self.config, self.details_memory, &runtime, &budget)
            .with_context(|| format!("failed to start brand {id}"))?;
        Ok(RunningBrand { brand, runtime })
    }
}

// === impl RunningBrand ===

impl RunningBrand {
    /// Number of calls sent to `DotApparel` so far, including retries.
    pub(crate) fn calls(&self) -> u64 {
        let metrics = &self.runtime.metrics;
        let attempts =
            metrics.values_by(&metrics.render(), "dotstory_upstream_attempts_total", "outcome");
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a counter is a whole number from 0"
        )]
        attempts.iter().map(|(_, calls)| *calls as u64).sum()
    }
}

impl Drop for RunningBrand {
    fn drop(&mut self) {
        self.runtime.tasks.stop();
    }
}
