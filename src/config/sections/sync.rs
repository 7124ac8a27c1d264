//! Reads `[sync]`: how the sweeps of a brand behave.

use std::time::Duration;

use chrono_tz::Tz;

use crate::config::document::{
    DAY, HOUR, MILLISECOND, NaiveZoneSetting, Reported, SECOND, Section, duration, naive_zone,
    number, one_of,
};
use crate::domain::NaiveZone;
use crate::dotapparel::DetailPolicy;
use crate::paging::{Config, CursorTrust};

/// `[sync]`.
pub(crate) struct Sync {
    pub(crate) paging: Config,
    pub(crate) details: DetailPolicy,
}

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

/// Reads `[sync]` or `[defaults.sync]`, for a brand in `timezone`.
pub(crate) fn read_sync(mut section: Section<'_>, timezone: Tz) -> Result<Sync, Reported> {
    let count_wait = section.required("count_wait", duration(MILLISECOND..=HOUR));
    let reuse = section.required("reuse", duration(Duration::ZERO..=DAY));
    let lifetime = section.required("lifetime", duration(SECOND..=7 * DAY));
    section.check_ascending(&[("reuse", &reuse), ("lifetime", &lifetime)]);
    let lookback = section.required("lookback", duration(Duration::ZERO..=7 * DAY));
    let clock_skew = section.required("clock_skew", duration(Duration::ZERO..=HOUR));
    let max_passes = section.required("max_passes", number(2..=20));
    let walk_patience = section.required("walk_patience", duration(Duration::ZERO..=DAY));
    let filter_slack = section.required("filter_slack", duration(Duration::ZERO..=HOUR));
    let walks_at_once = section.required("walks_at_once", number(1..=64));
    let cursor = section.required("cursor", one_of(&CURSORS));
    let naive_zone = section.required("naive_last_updated", naive_zone);
    let details = section.required("details", one_of(&DETAILS));
    section.finish();
    let naive_zone = match naive_zone? {
        NaiveZoneSetting::Brand => timezone,
        NaiveZoneSetting::Zone(zone) => zone,
    };
    Ok(Sync {
        paging: Config {
            count_wait: count_wait?,
            reuse: reuse?,
            lifetime: lifetime?,
            lookback: lookback?,
            clock_skew: clock_skew?,
            max_passes: max_passes?,
            walk_patience: walk_patience?,
            filter_slack: filter_slack?,
            walks_at_once: walks_at_once?,
            cursor: cursor?,
            naive_zone: NaiveZone(naive_zone),
        },
        details: details?,
    })
}
