//! Callers whose `last_updated` is in the future (promise 9).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use metrics::Counter;

use crate::domain::time;
use crate::domain::wall_clock::LARGEST_OFFSET;
use crate::health::{Assumption, Health, Reason};
use crate::paging::Config;
use crate::paging::defence::{Defence, without};
use crate::telemetry::Metrics;

/// Notices callers whose clock is ahead, or whose times are read in a wrong zone.
#[derive(Debug)]
pub(crate) struct CallerClock {
    health: Health,
    requests: Counter,
    /// The largest time by which a `last_updated` was in the future, of the times that a wrong zone
    /// explains. Never locked over an await.
    largest_ahead: Mutex<TimeDelta>,
}

/// How long a `last_updated` in the future is remembered. A caller that syncs once a day is noticed
/// again within this time.
const REMEMBERED: Duration = Duration::from_hours(48);

const REASON: Reason = Reason::Assumption(Assumption::CallerClock);

// === impl CallerClock ===

impl CallerClock {
    /// No caller is known yet.
    pub(crate) fn new(metrics: &Metrics, health: &Health) -> Self {
        let requests = metrics.counter("dotstory_future_requests_total", &[]);
        Self { health: health.clone(), requests, largest_ahead: Mutex::default() }
    }

    /// A caller sends `asked` as `last_updated` at `now`. Returns the moment up to which the caller
    /// has received the changes. While a caller is known to be ahead, any caller may be ahead by
    /// the [`largest_error`] of a wrong zone. No caller can have changes that are later than `now`.
    pub(crate) fn received_up_to(
        &self,
        asked: DateTime<Utc>,
        now: DateTime<Utc>,
        config: &Config,
    ) -> DateTime<Utc> {
        let explained = largest_error(offset_of(config.naive_zone.0, asked));
        if asked > time::later(now, config.clock_skew) {
            self.note(asked, now, config.naive_zone.0);
        }
        let may_be_ahead = self.health.has(REASON) && !without(Defence::CallerClock);
        if !may_be_ahead {
            return asked;
        }
        asked.checked_sub_signed(explained).unwrap_or(DateTime::<Utc>::MIN_UTC).min(now)
    }

    fn note(&self, asked: DateTime<Utc>, now: DateTime<Utc>, naive_zone: Tz) {
        self.requests.increment(1);
        let offset = offset_of(naive_zone, asked);
        let explained = largest_error(offset);
        let ahead = asked - now;
        let ahead = {
            let mut largest = self.largest_ahead.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.health.has(REASON) {
                *largest = TimeDelta::zero();
            }
            if ahead > explained {
                return self.health.raise_for(REMEMBERED, REASON, describe_wrong_clock(ahead));
            }
            *largest = (*largest).max(ahead);
            *largest
        };
        self.health.raise_for(REMEMBERED, REASON, describe_wrong_zone(ahead, offset, naive_zone));
    }
}

/// The largest time by which a moment can be ahead because it was read in a wrong zone: in UTC or
/// in a zone at `naive_offset`, instead of in the caller's zone.
fn largest_error(naive_offset: TimeDelta) -> TimeDelta {
    LARGEST_OFFSET - naive_offset.min(TimeDelta::zero())
}

fn offset_of(naive_zone: Tz, asked: DateTime<Utc>) -> TimeDelta {
    let offset = naive_zone.offset_from_utc_datetime(&asked.naive_utc()).fix();
    TimeDelta::seconds(offset.local_minus_utc().into())
}

fn describe_wrong_zone(ahead: TimeDelta, offset: TimeDelta, naive_zone: Tz) -> String {
    let (explained, fitting) = (largest_error(offset), offset + quarters(ahead));
    if fitting > LARGEST_OFFSET {
        return format!(
            "a caller sent a last_updated {} in the future; dotstory asks from {} before it, so nothing is lost: correct the caller's clock, or the zone that it sends",
            in_words(ahead),
            in_words(explained),
        );
    }
    format!(
        "a caller sent a last_updated {} in the future; dotstory asks from {} before it, so nothing is lost; if callers send times without a zone, naive_last_updated under [sync] must be a zone at UTC+{} or further east (it is {naive_zone} now); otherwise correct the caller's clock",
        in_words(ahead),
        in_words(explained),
        hours(fitting),
    )
}

fn describe_wrong_clock(ahead: TimeDelta) -> String {
    format!(
        "a caller sent a last_updated {} in the future, more than any zone explains; dotstory asks from the last sweep that any caller read: correct the caller's clock, then let the caller sync from a time before its clock went wrong",
        in_words(ahead),
    )
}

/// The duration, rounded up to a quarter of an hour, because the offsets of zones are multiples of
/// a quarter.
fn quarters(duration: TimeDelta) -> TimeDelta {
    let quarter = 15 * 60;
    TimeDelta::seconds((duration.num_seconds() + quarter - 1) / quarter * quarter)
}

/// The hours and minutes of a duration, for a sentence.
fn in_words(duration: TimeDelta) -> String {
    let minutes = duration.num_minutes();
    format!("{} h {} min", minutes / 60, minutes % 60)
}

/// The hours and minutes of an offset, rounded down.
fn hours(duration: TimeDelta) -> String {
    let minutes = duration.num_minutes();
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::tests::support::CONFIG;

    fn time(text: &str) -> DateTime<Utc> {
        format!("2026-01-{text}:00Z").parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_moment_in_the_future_is_moved_back_by_the_largest_offset_and_at_least_to_now() {
        let clock = CallerClock::new(&Metrics::new(), &Health::default());
        let now = time("14T12:00");
        for (asked, received) in [
            ("14T11:00", "14T11:00"),
            ("14T12:10", "14T12:10"),
            // the first minute later than now plus the skew
            ("14T12:11", "13T22:11"),
            ("14T22:00", "14T08:00"),
            ("30T00:00", "14T12:00"),
            // not in the future, but a caller was ahead, so each caller may be ahead
            ("14T11:00", "13T21:00"),
        ] {
            let found = clock.received_up_to(time(asked), now, &CONFIG);
            assert_eq!(found, time(received), "{asked}");
        }
        tokio::time::advance(REMEMBERED).await;
        assert_eq!(clock.received_up_to(time("14T11:00"), now, &CONFIG), time("14T11:00"));
    }

    #[test]
    fn the_sentence_names_the_setting_and_the_offset_that_fits() {
        let asked = time("14T12:00");
        for (ahead, zone, fits) in [
            (539, Tz::UTC, "UTC+09:00 or further east (it is UTC now)"),
            (90, Tz::Asia__Kolkata, "UTC+07:00 or further east (it is Asia/Kolkata now)"),
            (
                1_100,
                Tz::America__Los_Angeles,
                "UTC+10:30 or further east (it is America/Los_Angeles now)",
            ),
        ] {
            let sentence =
                describe_wrong_zone(TimeDelta::minutes(ahead), offset_of(zone, asked), zone);
            let end = format!(
                "naive_last_updated under [sync] must be a zone at {fits}; otherwise correct the caller's clock"
            );
            assert!(sentence.ends_with(&end), "{sentence}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_moment_that_no_zone_explains_does_not_change_later_advice() {
        let health = Health::default();
        let clock = CallerClock::new(&Metrics::new(), &health);
        let sentence = || health.report().reasons[0].sentence.clone();
        let now = time("14T12:00");
        clock.received_up_to(time("30T00:00"), now, &CONFIG);
        assert!(sentence().contains("more than any zone explains"), "{}", sentence());
        clock.received_up_to(time("14T21:00"), now, &CONFIG);
        assert!(sentence().contains("must be a zone at UTC+09:00"), "{}", sentence());
        // When the reason ends, the largest difference is forgotten. This is so even if the next
        // `last_updated` in the future is one that no zone explains.
        tokio::time::advance(REMEMBERED).await;
        clock.received_up_to(time("30T00:00"), now, &CONFIG);
        clock.received_up_to(time("14T13:00"), now, &CONFIG);
        assert!(sentence().contains("must be a zone at UTC+01:00"), "{}", sentence());
    }
}
