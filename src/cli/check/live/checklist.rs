//! The checks and their results.

use std::borrow::Cow;
use std::time::Duration;

use crate::domain::BrandId;

/// A check of a part that a deployment depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    Configuration,
    CacheDirectory,
    ServerPort,
    OperatorPort,
    Dns,
    Tcp,
    Tls,
    Expiry,
    Clock,
    Credentials,
    Name,
    Shop,
    Search,
    Recent,
    CustomerById,
    CustomerByEmail,
    Stores,
    Rewards,
}

/// The result of a check.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed {
        found: String,
    },
    Failed(Failure),
    /// The check was not made, or it decided nothing.
    Skipped {
        reason: String,
    },
}

/// What a failed check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) found: String,
    /// The setting to look at; `None` for the setting of the check.
    pub(crate) setting: Option<Cow<'static, str>>,
    /// What the operator can do, in whole sentences.
    pub(crate) remedy: String,
}

/// Why the checks after a failed check are skipped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stop(pub(crate) String);

/// The checks of one brand or of the machine, in the order of the report.
#[derive(Debug)]
pub(crate) struct Checklist {
    /// `None` for the machine.
    pub(crate) brand: Option<BrandId>,
    entries: Vec<(Check, Option<Outcome>)>,
}

// === impl Check ===

impl Check {
    /// The name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::CacheDirectory => "cache directory",
            Self::ServerPort => "server port",
            Self::OperatorPort => "operator port",
            Self::Dns => "DNS",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Expiry => "TLS expiry",
            Self::Clock => "clock",
            Self::Credentials => "credentials",
            Self::Name => "name header",
            Self::Shop => "shop header",
            Self::Search => "search",
            Self::Recent => "recent changes",
            Self::CustomerById => "customer by id",
            Self::CustomerByEmail => "by e-mail",
            Self::Stores => "stores",
            Self::Rewards => "rewards",
        }
    }

    /// The setting that the check is about.
    pub(crate) fn setting(self) -> &'static str {
        match self {
            Self::Configuration => "--config",
            Self::CacheDirectory => "[cache] directory",
            Self::ServerPort => "[server] listen",
            Self::OperatorPort => "[operator] listen",
            Self::Dns | Self::Tcp | Self::Tls | Self::Expiry => "[dotapparel] base_url",
            Self::Clock => "[sync] clock_skew",
            Self::Credentials => "[dotapparel] password",
            Self::CustomerById | Self::CustomerByEmail | Self::Stores => "[dotapparel] username",
            Self::Name => "[dotapparel] name",
            Self::Shop => "[dotapparel] shop",
            Self::Search | Self::Recent => "[dotapparel] lists",
            Self::Rewards => "[mapping] points",
        }
    }
}

// === impl Failure ===

impl Failure {
    pub(crate) fn new(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { found: found.into(), setting: None, remedy: remedy.into() }
    }

    /// The same failure, with another setting to look at.
    pub(crate) fn at(self, setting: impl Into<Cow<'static, str>>) -> Self {
        Self { setting: Some(setting.into()), ..self }
    }
}

// === impl Checklist ===

impl Checklist {
    pub(crate) fn new(brand: Option<BrandId>, checks: impl IntoIterator<Item = Check>) -> Self {
        Self { brand, entries: checks.into_iter().map(|check| (check, None)).collect() }
    }

    /// Records a result, unless the check already has a result.
    pub(crate) fn record(&mut self, check: Check, outcome: Outcome) {
        let entry = self.entries.iter_mut().find(|(listed, _)| *listed == check);
        let (_, result) = entry.expect("only listed checks are made");
        result.get_or_insert(outcome);
    }

    pub(crate) fn pass(&mut self, check: Check, found: impl Into<String>) {
        self.record(check, Outcome::Passed { found: found.into() });
    }

    pub(crate) fn skip(&mut self, check: Check, reason: impl Into<String>) {
        self.record(check, Outcome::Skipped { reason: reason.into() });
    }

    /// Records a failure. Returns the reason to skip the checks that depend on this check.
    pub(crate) fn fail(&mut self, check: Check, failure: Failure) -> Stop {
        self.record(check, Outcome::Failed(failure));
        Stop(format!("{} failed", check.name()))
    }

    /// Records one failed check for each failure, all in the place of the listed check.
    pub(crate) fn fail_each(&mut self, check: Check, failures: impl Iterator<Item = Failure>) {
        let place = self.entries.iter().position(|(listed, _)| *listed == check);
        let place = place.expect("only listed checks are made");
        let failed = failures.map(|failure| (check, Some(Outcome::Failed(failure))));
        self.entries.splice(place..=place, failed);
    }

    /// Whether this check has passed.
    pub(crate) fn has_passed(&self, check: Check) -> bool {
        let is_pass = |outcome: &Outcome| matches!(outcome, Outcome::Passed { .. });
        self.results().any(|(listed, outcome)| listed == check && is_pass(outcome))
    }

    /// Skips every check without a result.
    pub(crate) fn skip_rest(&mut self, reason: &str) {
        for (_, result) in &mut self.entries {
            result.get_or_insert_with(|| Outcome::Skipped { reason: reason.to_owned() });
        }
    }

    /// Records that the time for all checks is over. The first check without a result fails, and
    /// the others are skipped.
    pub(crate) fn interrupt(&mut self, bound: Duration) {
        let reason = format!("the time for all checks, {} s, is over", bound.as_secs());
        let waiting = self.entries.iter().find(|(_, result)| result.is_none());
        if let Some((check, _)) = waiting {
            let remedy = "The tenant is slow. Check again later. If it stays slow, ask DotApparel, \
                          and lower attempt_timeout to see the slow call.";
            let failure = Failure::new(format!("no result: {reason}"), remedy);
            self.fail(*check, failure.at("[dotapparel] attempt_timeout"));
        }
        self.skip_rest(&reason);
    }

    /// The checks with their results.
    pub(crate) fn results(&self) -> impl Iterator<Item = (Check, &Outcome)> {
        self.entries.iter().filter_map(|(check, result)| Some((*check, result.as_ref()?)))
    }
}
