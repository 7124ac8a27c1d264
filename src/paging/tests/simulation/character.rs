//! How readers differ.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::scenario::pick;
use super::visit::Visit;

/// The habits of one reader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Character {
    pub(crate) habit: Habit,
    pub(crate) limit: u32,
    sync_time: SyncTime,
    /// How far the reader's clock is ahead.
    skew: TimeDelta,
    /// The watermark (see [`SyncTime`]) is rounded down to a multiple of this number of seconds; 0
    /// for no rounding.
    grain: i64,
    pub(crate) every: Duration,
    /// Percentage of syncs that ask for all customers.
    pub(crate) full: u8,
}

/// How a reader finds the end of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    FirstCount,
    LatestCount,
    ShortPage,
    EmptyPage,
    /// Plans all windows from the first count, and asks for them in any order.
    Planner,
}

/// The moment of a sync that a reader remembers as its *watermark*: its next `last_updated`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum SyncTime {
    FirstRequest,
    Between(f64),
    LastAnswer,
}

// === impl Character ===

impl Character {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let habits = [
            Habit::FirstCount,
            Habit::LatestCount,
            Habit::ShortPage,
            Habit::EmptyPage,
            Habit::Planner,
        ];
        let habit = pick(rng, habits);
        let limit = pick(rng, [3, 10, 25, 100]);
        let between = SyncTime::Between(rng.f64());
        Self {
            habit,
            limit,
            sync_time: pick(
                rng,
                [SyncTime::FirstRequest, between, SyncTime::LastAnswer, SyncTime::LastAnswer],
            ),
            skew: TimeDelta::seconds(rng.i64(-300..=300)),
            grain: pick(rng, [0, 1, 60, 900]),
            every: Duration::from_mins(pick(rng, [15, 60, 60, 60, 1_440])),
            full: pick(rng, [0, 5, 50]),
        }
    }

    /// The watermark after a sync from `first_request` to `last_answer`.
    pub(crate) fn watermark(
        &self,
        first_request: DateTime<Utc>,
        last_answer: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let part = match self.sync_time {
            SyncTime::FirstRequest => 0.0,
            SyncTime::Between(part) => part,
            SyncTime::LastAnswer => 1.0,
        };
        let length = (last_answer - first_request).to_std().unwrap_or_default();
        let between = TimeDelta::from_std(length.mul_f64(part)).unwrap_or_default();
        let watermark = first_request + between + self.skew;
        if self.grain == 0 {
            return watermark;
        }
        watermark - TimeDelta::seconds(watermark.timestamp().rem_euclid(self.grain))
    }

    /// Whether the reader stops before `start`, after a window with `shown` records.
    pub(crate) fn is_end(&self, visit: &Visit, start: u64, shown: u64) -> bool {
        match self.habit {
            Habit::FirstCount | Habit::Planner => start >= visit.first_count,
            Habit::LatestCount => start >= visit.latest_count(),
            Habit::ShortPage => shown < u64::from(self.limit),
            Habit::EmptyPage => shown == 0,
        }
    }
}
