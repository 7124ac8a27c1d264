//! What makes one reader different from another.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::scenario::pick;
use super::visit::Visit;

/// How a reader goes about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Character {
    pub(crate) habit: Habit,
    pub(crate) limit: u32,
    idea: Idea,
    /// By how much its clock is ahead.
    skew: TimeDelta,
    /// Its watermark is rounded down to so many seconds.
    grain: i64,
    pub(crate) every: Duration,
    /// In how many of 100 syncs it asks for everyone.
    pub(crate) full: u8,
}

/// How a reader knows that it has come to the end (DESIGN 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    FirstCount,
    LatestCount,
    ShortPage,
    EmptyPage,
    /// Plans all pages from the first answer, and fetches them in any order.
    Planner,
}

/// What a reader holds to be the time it last synced.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Idea {
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
        let between = Idea::Between(rng.f64());
        Self {
            habit,
            limit,
            idea: pick(rng, [Idea::FirstRequest, between, Idea::LastAnswer, Idea::LastAnswer]),
            skew: TimeDelta::seconds(rng.i64(-300..=300)),
            grain: pick(rng, [0, 1, 60, 900]),
            every: Duration::from_mins(pick(rng, [15, 60, 60, 60, 1_440])),
            full: pick(rng, [0, 5, 50]),
        }
    }

    /// What it remembers as the time of a sync from its first request to its last answer.
    pub(crate) fn watermark(
        &self,
        first_request: DateTime<Utc>,
        last_answer: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let part = match self.idea {
            Idea::FirstRequest => 0.0,
            Idea::Between(part) => part,
            Idea::LastAnswer => 1.0,
        };
        let length = (last_answer - first_request).to_std().unwrap_or_default();
        let between = TimeDelta::from_std(length.mul_f64(part)).unwrap_or_default();
        let watermark = first_request + between + self.skew;
        if self.grain == 0 {
            return watermark;
        }
        watermark - TimeDelta::seconds(watermark.timestamp().rem_euclid(self.grain))
    }

    /// Whether it stops before `start`, after a page that has shown so many.
    pub(crate) fn is_end(&self, visit: &Visit, start: u64, shown: u64) -> bool {
        match self.habit {
            Habit::FirstCount | Habit::Planner => start >= visit.first_count,
            Habit::LatestCount => start >= visit.latest_count(),
            Habit::ShortPage => shown < u64::from(self.limit),
            Habit::EmptyPage => shown == 0,
        }
    }
}
