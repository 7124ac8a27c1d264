//! Applies a changed configuration to the running process.

use std::fmt;

use metrics::Gauge;
use tracing::{error, info, warn};

use super::{BrandChanges, Brands};
use crate::config::{Config, Operator, Problems, Server};
use crate::domain::BrandId;
use crate::paging::BudgetConfig;
use crate::telemetry::{LogsConfig, Metrics, with_causes};
use crate::tls::ServedCertificate;

/// Applies a changed configuration to the running process, without the settings that need a
/// restart. If the configuration has a problem, or a brand cannot be started, nothing changes.
pub struct Reloader {
    brands: Brands,
    certificate: Option<ServedCertificate>,
    fixed: FixedSettings,
    refused: Gauge,
}

/// The settings that only a restart changes.
#[derive(Clone)]
pub(crate) struct FixedSettings {
    server: Server,
    operator: Operator,
    log: LogsConfig,
    cache: BudgetConfig,
}

// === impl Reloader ===

impl Reloader {
    pub(crate) fn new(
        brands: Brands,
        certificate: Option<ServedCertificate>,
        fixed: FixedSettings,
        metrics: &Metrics,
    ) -> Self {
        let refused = metrics.gauge("dotstory_reload_refused", &[]);
        refused.set(0.0);
        Self { brands, certificate, fixed, refused }
    }

    /// Applies the configuration that was read, logs what changed, and reads the files of the
    /// certificate again. If the configuration has problems, or a brand cannot be started, nothing
    /// changes, and each problem is logged. Logs a warning for each section with a changed setting
    /// that only a restart can apply.
    pub fn apply(&self, read: Result<Config, Problems>) {
        let config = match read {
            Ok(config) => config,
            Err(problems) => {
                for problem in problems.lines() {
                    self.refuse(&problem);
                }
                return;
            }
        };
        for section in self.fixed.changed(&config) {
            warn!(section, "changed setting needs a restart");
        }
        match self.brands.replace(config.brands, config.details_memory) {
            Ok(changes) => {
                self.refused.set(0.0);
                log(&changes);
                if let Some(certificate) = &self.certificate {
                    certificate.reload();
                }
            }
            Err((brand, error)) => {
                self.refuse(&format!("brand {brand}: {}", with_causes(&error)));
            }
        }
    }

    fn refuse(&self, problem: &str) {
        self.refused.set(1.0);
        error!(problem, "changed configuration refused");
    }
}

impl fmt::Debug for Reloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloader").field("brands", &self.brands).finish_non_exhaustive()
    }
}

fn log(changes: &BrandChanges) {
    let BrandChanges { added, removed, restarted, new_credentials } = changes;
    info!(
        brands.added = names(added),
        brands.removed = names(removed),
        brands.restarted = names(restarted),
        brands.new_credentials = names(new_credentials),
        "configuration reloaded"
    );
}

fn names(brands: &[BrandId]) -> String {
    brands.iter().map(BrandId::as_str).collect::<Vec<_>>().join(" ")
}

// === impl FixedSettings ===

impl FixedSettings {
    pub(crate) fn from_config(config: &Config) -> Self {
        let Config { server, operator, log, cache, .. } = config.clone();
        Self { server, operator, log, cache }
    }

    /// The sections whose settings in `config` differ from these settings.
    fn changed(&self, config: &Config) -> impl Iterator<Item = &'static str> {
        let Self { server, operator, log, cache } = self;
        [
            ("[server]", *server != config.server),
            ("[operator]", *operator != config.operator),
            ("[log]", *log != config.log),
            ("[cache]", *cache != config.cache),
        ]
        .into_iter()
        .filter_map(|(section, differs)| differs.then_some(section))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const BRAND: &str = "timezone = \"Australia/Melbourne\"\ncountry = \"AU\"\n\
        [dotapparel]\nbase_url = \"https://api.example/\"\nname = \"a\"\nshop = \"a.example\"\n\
        username = \"a\"\npassword = { env = \"PASSWORD\" }\n\
        [dailystory]\ntokens = [{ env = \"TOKEN\" }]\n";

    #[test]
    fn the_sections_that_need_a_restart_are_found() {
        let secrets = [("PASSWORD", "a-password"), ("TOKEN", "a-token-of-a-caller")];
        let secrets: BTreeMap<_, _> =
            secrets.map(|(name, secret)| (name.to_owned(), secret.to_owned())).into();
        let config = |main| Config::from_texts(Some(main), &[("acme", BRAND)], &secrets).unwrap();
        let fixed = FixedSettings::from_config(&config(""));
        for (main, sections) in [
            ("", &[][..]),
            ("defaults.sync.reuse = \"1m\"\ncache.details = \"1MiB\"", &[]),
            ("server.max_limit = 400\nlog.filter = \"debug\"", &["[server]", "[log]"]),
            (
                "operator.listen = \"127.0.0.1:1\"\ncache.memory = \"100MiB\"",
                &["[operator]", "[cache]"],
            ),
        ] {
            assert_eq!(fixed.changed(&config(main)).collect::<Vec<_>>(), sections, "{main}");
        }
    }
}
