//! The configuration, or its problems, as JSON.

use std::net::SocketAddr;

use serde::Serialize;

use crate::cli::config_path::SetupProblem;
use crate::config::{Config, ProblemParts, Problems};

/// A configuration without its secrets, or its problems.
#[derive(Serialize)]
#[serde(untagged)]
enum Report<'a> {
    Valid {
        valid: bool,
        server: SocketAddr,
        /// Whether `server` speaks TLS.
        tls: bool,
        operator: SocketAddr,
        brands: Vec<BrandReport<'a>>,
    },
    Invalid {
        valid: bool,
        problems: Vec<ProblemParts<'a>>,
    },
    Unfit {
        valid: bool,
        problems: Vec<MachineProblem<'a>>,
    },
}

/// A problem of this machine, with the keys of [`ProblemParts`].
#[derive(Serialize)]
struct MachineProblem<'a> {
    file: String,
    line: Option<usize>,
    key: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
}

/// One brand.
#[derive(Serialize)]
struct BrandReport<'a> {
    id: &'a str,
    base_url: &'a str,
    timezone: &'a str,
    /// Number of credentials of callers.
    callers: usize,
}

/// One JSON object about the configuration. `setup` has the brands whose calls this machine cannot
/// make.
pub(crate) fn config_report(config: &Result<Config, Problems>, setup: &[SetupProblem]) -> String {
    let report = match config {
        Ok(_) if !setup.is_empty() => Report::Unfit {
            valid: false,
            problems: setup.iter().map(MachineProblem::from).collect(),
        },
        Ok(config) => Report::Valid {
            valid: true,
            server: config.server.listen,
            tls: config.server.tls.is_some(),
            operator: config.operator.listen,
            brands: config.brands.iter().map(BrandReport::from).collect(),
        },
        Err(problems) => Report::Invalid { valid: false, problems: problems.parts().collect() },
    };
    serde_json::to_string(&report).expect("texts and numbers can be written as JSON")
}

// === impl MachineProblem ===

impl<'a> From<&'a SetupProblem> for MachineProblem<'a> {
    fn from(SetupProblem { brand, message }: &'a SetupProblem) -> Self {
        let file = format!("brands/{brand}.toml");
        Self { file, line: None, key: "dotapparel", message, hint: None }
    }
}

// === impl BrandReport ===

impl<'a> From<&'a crate::config::Brand> for BrandReport<'a> {
    fn from(brand: &'a crate::config::Brand) -> Self {
        Self {
            id: brand.id.as_str(),
            base_url: brand.dotapparel.base_url.as_str(),
            timezone: brand.dotapparel.timezone.name(),
            callers: brand.callers.len(),
        }
    }
}
