//! Bounds of a clock's offset from UTC.

use std::fmt;

use chrono::TimeDelta;

/// Two zones whose offsets differ by an hour are never both within bounds that are closer together
/// than this.
const CLOSE: TimeDelta = TimeDelta::hours(1);

/// Bounds of the offset of a clock from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetRange {
    at_least: TimeDelta,
    at_most: TimeDelta,
}

// === impl OffsetRange ===

impl OffsetRange {
    /// The offsets from `at_least` to `at_most`, both included.
    #[must_use]
    pub fn new(at_least: TimeDelta, at_most: TimeDelta) -> Self {
        Self { at_least, at_most }
    }

    /// Whether the bounds are too close together for two zones whose offsets differ by an hour.
    pub(crate) fn is_close(self) -> bool {
        self.at_most - self.at_least < CLOSE
    }

    /// The range for clocks that may be wrong by `skew`.
    pub(crate) fn widened(self, skew: TimeDelta) -> Self {
        Self::new(self.at_least - skew, self.at_most + skew)
    }

    /// The offsets in both ranges; `None` if there are none.
    pub(crate) fn intersection(self, other: Self) -> Option<Self> {
        let at_least = self.at_least.max(other.at_least);
        let at_most = self.at_most.min(other.at_most);
        (at_least <= at_most).then_some(Self { at_least, at_most })
    }

    /// Whether `offset` is within the bounds.
    #[must_use]
    pub fn contains(&self, offset: TimeDelta) -> bool {
        self.at_least <= offset && offset <= self.at_most
    }
}

impl fmt::Display for OffsetRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write = |offset: TimeDelta| {
            let sign = if offset < TimeDelta::zero() { '-' } else { '+' };
            let minutes = offset.num_minutes().abs();
            format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        };
        write!(f, "{} to {}", write(self.at_least), write(self.at_most))
    }
}
