//! What a brand need not say: how patient we are with its upstream, and how its sweeps behave.

use std::num::NonZeroUsize;
use std::time::Duration;

use bytesize::ByteSize;

use crate::config::document::Section;
use crate::config::document::{DAY, HOUR, MILLISECOND, SECOND, duration, number, one_of, size};
use crate::config::document::{Mistake, Reported};
use crate::config::document::{NaiveZoneSetting, naive_zone};
use crate::dotapparel::{DetailPolicy, Limits};
use crate::paging;
use crate::paging::CursorTrust;
use crate::resilience::{BreakerConfig, RetryConfig};

const CURSORS: [(&str, CursorTrust); 3] = [
    ("auto", CursorTrust::Auto),
    ("stable", CursorTrust::Stable),
    ("drifting", CursorTrust::Drifting),
];

const DETAILS: [(&str, DetailPolicy); 3] = [
    ("never", DetailPolicy::Never),
    ("incremental", DetailPolicy::Incremental),
    ("always", DetailPolicy::Always),
];

/// `[sync]`.
pub(crate) struct Sync {
    pub paging: paging::Config,
    pub naive_zone: NaiveZoneSetting,
    pub details: DetailPolicy,
}

/// Takes the keys of [`Limits`] out of `[dotapparel]` or `[defaults.dotapparel]`.
pub(crate) fn read_limits(section: &mut Section<'_>) -> Result<Limits, Reported> {
    let connect_timeout = section.required("connect_timeout", duration(MILLISECOND..=HOUR));
    let attempt_timeout = section.required("attempt_timeout", duration(MILLISECOND..=HOUR));
    let deadline = section.required("deadline", duration(MILLISECOND..=HOUR));
    section.in_order(("connect_timeout", &connect_timeout), ("attempt_timeout", &attempt_timeout));
    section.in_order(("attempt_timeout", &attempt_timeout), ("deadline", &deadline));
    let max_body = section.required("max_body", |value| {
        let bytes = size(ByteSize::kib(64)..=ByteSize::gib(1))(value)?;
        NonZeroUsize::try_from(bytes).map_err(|_| Mistake::expected("less", value))
    });
    let rate_limit = section.required("rate_limit", number(1..=1000));
    let details_concurrency = section.required("details_concurrency", number(1..=64));
    let retry = read_retry(section);
    let breaker = read_breaker(section);
    Ok(Limits {
        connect_timeout: connect_timeout?,
        attempt_timeout: attempt_timeout?,
        deadline: deadline?,
        max_body: max_body?,
        rate_limit: rate_limit?,
        details_concurrency: details_concurrency?,
        retry: retry?,
        breaker: breaker?,
    })
}

fn read_retry(section: &mut Section<'_>) -> Result<RetryConfig, Reported> {
    let attempts = section.required("attempts", number(1..=20));
    let min_backoff = section.required("min_backoff", duration(MILLISECOND..=HOUR));
    let max_backoff = section.required("max_backoff", duration(MILLISECOND..=HOUR));
    section.in_order(("min_backoff", &min_backoff), ("max_backoff", &max_backoff));
    Ok(RetryConfig { attempts: attempts?, min_backoff: min_backoff?, max_backoff: max_backoff? })
}

fn read_breaker(section: &mut Section<'_>) -> Result<BreakerConfig, Reported> {
    let failures = section.required("breaker_failures", number(1..=1000));
    let cool_down = section.required("breaker_cool_down", duration(MILLISECOND..=HOUR));
    Ok(BreakerConfig { failures: failures?, cool_down: cool_down? })
}

/// Reads `[sync]` or `[defaults.sync]`.
pub(crate) fn read_sync(mut section: Section<'_>) -> Result<Sync, Reported> {
    let count_wait = section.required("count_wait", duration(MILLISECOND..=HOUR));
    let reuse = section.required("reuse", duration(Duration::ZERO..=DAY));
    let lifetime = section.required("lifetime", duration(SECOND..=7 * DAY));
    section.in_order(("reuse", &reuse), ("lifetime", &lifetime));
    let lookback = section.required("lookback", duration(Duration::ZERO..=7 * DAY));
    let clock_skew = section.required("clock_skew", duration(Duration::ZERO..=HOUR));
    let max_passes = section.required("max_passes", number(2..=20));
    let cursor = section.required("cursor", one_of(&CURSORS));
    let naive_zone = section.required("naive_last_updated", naive_zone);
    let details = section.required("details", one_of(&DETAILS));
    section.finish();
    Ok(Sync {
        paging: paging::Config {
            count_wait: count_wait?,
            reuse: reuse?,
            lifetime: lifetime?,
            lookback: lookback?,
            clock_skew: clock_skew?,
            max_passes: max_passes?,
            cursor: cursor?,
        },
        naive_zone: naive_zone?,
        details: details?,
    })
}
