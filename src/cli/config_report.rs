//! The configuration, or its problems, as JSON.

use std::net::SocketAddr;

use serde::Serialize;

use crate::config::{Config, ProblemParts, Problems};

/// A configuration without its secrets, or its problems.
#[derive(Serialize)]
#[serde(untagged)]
enum Report<'a> {
    Valid { valid: bool, server: SocketAddr, operator: SocketAddr, brands: Vec<BrandReport<'a>> },
    Invalid { valid: bool, problems: Vec<ProblemParts<'a>> },
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

/// One JSON object about the configuration.
pub(crate) fn config_report(config: &Result<Config, Problems>) -> String {
    let report = match config {
        Ok(config) => Report::Valid {
            valid: true,
            server: config.server.listen,
            operator: config.operator.listen,
            brands: config.brands.iter().map(BrandReport::from).collect(),
        },
        Err(problems) => Report::Invalid { valid: false, problems: problems.parts().collect() },
    };
    serde_json::to_string(&report).expect("texts and numbers can be written as JSON")
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
