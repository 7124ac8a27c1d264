//! What the walks of one brand have learnt about its tenant.
//!
//! `cursor_trust` decides whether cursors keep their position, and `filter_use` whether a filter
//! and a cursor may be sent together. `upstream_clock` keeps the time that the upstream's own clock
//! had surely reached at a moment. `offset_watch` finds the smallest and the largest offset of this
//! clock from UTC, and `zone_check` compares the clock with the brand's zone. `full_list` compares
//! the sizes of full lists.

mod cursor_trust;
mod filter_use;
mod full_list;
mod offset_watch;
mod upstream_clock;
mod zone_check;

pub(crate) use cursor_trust::{LearntTrust, MarkCheck, SearchKind};
pub(crate) use filter_use::{FilterUse, SentFilter, keeps_to, older_records};
pub(crate) use full_list::FullListCheck;
pub(crate) use offset_watch::{NEEDED_LOOKS, OffsetStreak, OffsetWatch, WalkSpan};
pub(crate) use upstream_clock::{UpstreamClock, at_start, newest_but_one};
pub(crate) use zone_check::ZoneCheck;

use crate::health::Health;
use crate::paging::config::Config;
use crate::telemetry::Metrics;

/// What the walks of one brand have learnt about its tenant. All these walks share one value.
#[derive(Debug)]
pub(crate) struct Learnt {
    pub(crate) trust: LearntTrust,
    pub(crate) filter_use: FilterUse,
    pub(crate) clock: UpstreamClock,
    pub(crate) zone: ZoneCheck,
    pub(crate) full_list: FullListCheck,
}

// === impl Learnt ===

impl Learnt {
    /// Nothing is learnt yet. A refuted assumption is reported to `health`.
    pub(crate) fn new(config: &Config, metrics: &Metrics, health: &Health) -> Self {
        Self {
            trust: LearntTrust::new(config.cursor, metrics),
            filter_use: FilterUse::new(health.clone()),
            clock: UpstreamClock::default(),
            zone: ZoneCheck::new(config, health.clone()),
            full_list: FullListCheck::new(health.clone()),
        }
    }
}
