//! The results of a probe.

use serde::Serialize;

use super::sample::SampleReport;
use super::suggest::Suggestion;

/// The result of a probe. It has no personal data.
#[derive(Serialize)]
pub(crate) struct Outcome {
    pub(crate) brand: String,
    /// Number of calls made.
    pub(crate) calls: u32,
    pub(crate) seconds: u64,
    pub(crate) findings: Vec<Finding>,
    /// `None` if no page could be read.
    pub(crate) sample: Option<SampleReport>,
    pub(crate) suggestions: Vec<Suggestion>,
    /// The suggestions as TOML.
    pub(crate) toml: String,
}

/// The answer to one question about the tenant.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    /// The name of the question.
    pub(crate) name: &'static str,
    pub(crate) verdict: Verdict,
    /// The answer, in words.
    pub(crate) found: String,
    /// What the operator can do; `None` if nothing needs to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
}

/// What an answer means for the brand's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// The settings fit.
    Fits,
    /// A setting is wrong, or something else is wrong, such as a clock or the API user's role.
    Refuted,
    /// It is not known whether the settings fit.
    Open,
    /// A call failed.
    Failed,
}

// === impl Outcome ===

impl Outcome {
    /// Whether no finding is [`Verdict::Refuted`] or [`Verdict::Failed`].
    pub(crate) fn is_good(&self) -> bool {
        let is_bad =
            |finding: &Finding| matches!(finding.verdict, Verdict::Refuted | Verdict::Failed);
        !self.findings.iter().any(is_bad)
    }
}

// === impl Finding ===

impl Finding {
    /// An answer that fits the settings.
    pub(crate) fn fits(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Fits, found: found.into(), remedy: None }
    }

    /// An answer that shows that something is wrong, and the remedy.
    pub(crate) fn refuted(
        name: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let remedy = Some(remedy.into());
        Self { name, verdict: Verdict::Refuted, found: found.into(), remedy }
    }

    /// An answer that does not show whether the settings fit, and the remedy if there is one.
    pub(crate) fn open(
        name: &'static str,
        found: impl Into<String>,
        remedy: Option<String>,
    ) -> Self {
        Self { name, verdict: Verdict::Open, found: found.into(), remedy }
    }

    /// A question whose call failed.
    pub(crate) fn failed(name: &'static str, error: &crate::dotapparel::Error) -> Self {
        use crate::paging::SourceError;
        let (found, remedy) =
            (format!("the call failed: {error}"), Some(error.remedy().to_owned()));
        Self { name, verdict: Verdict::Failed, found, remedy }
    }
}
