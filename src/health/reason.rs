//! Every reason why a brand is not healthy.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

/// How well a brand works. The worst reason of a brand decides its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The brand has no reason.
    Healthy,
    /// Lists are served, but an assumption is refuted or a part is missing.
    Degraded,
    /// Lists of one kind, or all lists, are not served.
    Failing,
}

/// Why a brand is not healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The tenant refuses searches, and no search has succeeded.
    Search,
    /// The last walk of a list of this kind failed or is paused.
    Lists(&'static str),
    /// What a sync assumes about the tenant or the caller is refuted.
    Assumption(Assumption),
    /// Calls to this part of the tenant are suspended, because they keep failing.
    Breaker(&'static str),
    /// Stores cannot be read.
    Stores,
    /// Rewards accounts cannot be read.
    Rewards,
    /// The brand's user may not look customers up.
    LookupRight,
    /// The lookup of some customers keeps failing.
    FailingLookups,
    /// The rewards accounts of some customers keep failing.
    FailingPoints,
    /// There are more refusals of contact than dotstory keeps.
    Refusals,
    /// No caller has read a list to its end for longer than usual.
    Sync,
}

/// What a sync assumes about the tenant and its callers (promise 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumption {
    /// The tenant's stamps are in the brand's `timezone`, and the clocks agree.
    Timezone,
    /// The `last_updated` of callers is not in the future.
    CallerClock,
    /// The tenant's search applies `updated_after`.
    UpdatedAfter,
    /// The tenant's search accepts a filter and a cursor together.
    FilterWithCursor,
    /// The brand's user sees all customers.
    AllVisible,
    /// Each answer is about the requested customer, e-mail address or rewards account.
    AnswerFits,
}

// === impl Level ===

impl Level {
    /// The level's name in the log and in `/readyz`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// === impl Reason ===

impl Reason {
    /// Every reason. `Lists` and `Breaker` have only one of their values here.
    pub const ALL: [Self; 16] = [
        Self::Search,
        Self::Lists("changes"),
        Self::LookupRight,
        Self::Assumption(Assumption::Timezone),
        Self::Assumption(Assumption::CallerClock),
        Self::Assumption(Assumption::UpdatedAfter),
        Self::Assumption(Assumption::FilterWithCursor),
        Self::Assumption(Assumption::AllVisible),
        Self::Assumption(Assumption::AnswerFits),
        Self::Breaker("search"),
        Self::Stores,
        Self::Rewards,
        Self::FailingLookups,
        Self::FailingPoints,
        Self::Refusals,
        Self::Sync,
    ];

    /// The reason's name in the log and in `/readyz`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Lists(_) => "lists",
            Self::Assumption(assumption) => assumption.name(),
            Self::Breaker(_) => "breaker",
            Self::Stores => "stores",
            Self::Rewards => "rewards",
            Self::LookupRight => "lookup_right",
            Self::FailingLookups => "failing_lookups",
            Self::FailingPoints => "failing_points",
            Self::Refusals => "refusals",
            Self::Sync => "sync",
        }
    }

    /// How well a brand with this reason works at best.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Search | Self::Lists(_) | Self::LookupRight => Level::Failing,
            Self::Assumption(_)
            | Self::Breaker(_)
            | Self::Stores
            | Self::Rewards
            | Self::FailingLookups
            | Self::FailingPoints
            | Self::Refusals
            | Self::Sync => Level::Degraded,
        }
    }
}

// === impl Assumption ===

impl Assumption {
    pub(super) const ALL: [Self; 6] = [
        Self::Timezone,
        Self::CallerClock,
        Self::UpdatedAfter,
        Self::FilterWithCursor,
        Self::AllVisible,
        Self::AnswerFits,
    ];

    /// The assumption in words, for the operator.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Timezone => {
                "DotApparel's stamps are in the brand's timezone, and the clocks agree"
            }
            Self::CallerClock => "last_updated is not in the future",
            Self::UpdatedAfter => "DotApparel applies updated_after",
            Self::FilterWithCursor => "DotApparel accepts a filter and a cursor together",
            Self::AllVisible => "the API user sees all customers",
            Self::AnswerFits => {
                "each answer is about the requested customer, e-mail address or rewards account"
            }
        }
    }

    /// The assumption's name in the log, in metrics and in `/readyz`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Timezone => "timezone",
            Self::CallerClock => "caller_clock",
            Self::UpdatedAfter => "updated_after",
            Self::FilterWithCursor => "filter_with_cursor",
            Self::AllVisible => "all_visible",
            Self::AnswerFits => "answer_fits",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of all reasons and levels, cut out of the exhaustive matches above.
    fn names_in_source() -> Vec<&'static str> {
        let code = include_str!("reason.rs").split("mod tests").next().unwrap_or_default();
        let arms = code.split("=> \"").skip(1);
        let texts = arms.map(|rest| rest.split('"').next().unwrap_or_default());
        texts.filter(|text| !text.contains(' ')).collect()
    }

    #[test]
    fn all_has_every_reason() {
        let levels = [Level::Healthy, Level::Degraded, Level::Failing].map(Level::name);
        let mut expected = names_in_source();
        expected.retain(|name| !levels.contains(name));
        let mut found = Reason::ALL.map(Reason::name);
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found.as_slice(), expected.as_slice());
    }
}
