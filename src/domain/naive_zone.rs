//! The time zone of a time that names no zone.

use chrono_tz::Tz;

/// The zone in which a time without a zone is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NaiveZone(pub Tz);
