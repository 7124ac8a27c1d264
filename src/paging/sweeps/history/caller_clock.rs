//! Callers whose `last_updated` is in the future (promise 9).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use metrics::Counter;

use crate::domain::time;
use crate::health::{Assumption, Health, Reason};
use crate::paging::Config;
use crate::paging::defence::{Defence, without};
use crate::telemetry::Metrics;

/// Notices callers whose clock is ahead, or whose times are read in a wrong zone.
#[derive(Debug)]
pub(crate) struct CallerClock {
    health: Health,
    requests: Counter,
    /// The most by which a `last_updated` was in the future. Never held over an await.
    largest_ahead: Mutex<TimeDelta>,
}

/// The largest offset of a zone from UTC: a time in a wrong zone is ahead by at most this.
const LARGEST_OFFSET: Duration = Duration::from_hours(14);

/// How long a `last_updated` in the future counts. A caller that syncs once a day is noticed again.
const REMEMBERED: Duration = Duration::from_hours(48);

const REASON: Reason = Reason::Assumption(Assumption::CallerClock);

// === impl CallerClock ===

impl CallerClock {
    /// No caller is known yet.
    pub(crate) fn new(metrics: &Metrics, health: &Health) -> Self {
        let requests = metrics.counter("dotstory_future_requests_total", &[]);
        Self { health: health.clone(), requests, largest_ahead: Mutex::default() }
    }

    /// The moment that the `last_updated` `asked` stands for at `now`. While some caller is ahead,
    /// any of them may be, by the offset of a zone. No caller has changes of the future.
    pub(crate) fn received_up_to(
        &self,
        asked: DateTime<Utc>,
        now: DateTime<Utc>,
        config: &Config,
    ) -> DateTime<Utc> {
        if asked > time::later(now, config.clock_skew) {
            self.note(asked, now, config.naive_zone.0);
        }
        let may_be_ahead = self.health.has(REASON) && !without(Defence::CallerClock);
        if may_be_ahead { time::earlier(asked, LARGEST_OFFSET).min(now) } else { asked }
    }

    fn note(&self, asked: DateTime<Utc>, now: DateTime<Utc>, naive_zone: Tz) {
        self.requests.increment(1);
        let ahead = {
            let mut largest = self.largest_ahead.lock().unwrap_or_else(PoisonError::into_inner);
            *largest = (*largest).max(asked - now);
            *largest
        };
        let sentence = describe(ahead, naive_zone, asked);
        self.health.raise_for(REMEMBERED, REASON, sentence);
    }
}

fn describe(ahead: TimeDelta, naive_zone: Tz, asked: DateTime<Utc>) -> String {
    let largest = TimeDelta::from_std(LARGEST_OFFSET).unwrap_or(TimeDelta::MAX);
    let offset = naive_zone.offset_from_utc_datetime(&asked.naive_utc()).fix();
    let fitting = TimeDelta::seconds(offset.local_minus_utc().into()) + quarters(ahead);
    let start = format!(
        "a caller sent a last_updated that was {} in the future; dotstory asks from {} hours before it, so nothing is lost",
        hours(ahead),
        largest.num_hours(),
    );
    if fitting > largest {
        return format!("{start}; no zone explains it: correct the caller's clock");
    }
    format!(
        "{start}; if callers send times without a zone, set naive_last_updated under [sync], which is {naive_zone}, to a zone at UTC+{} or more; otherwise correct the caller's clock",
        hours(fitting),
    )
}

/// The duration in quarters of an hour, rounded up: offsets of zones are such quarters.
fn quarters(duration: TimeDelta) -> TimeDelta {
    let quarter = 15 * 60;
    TimeDelta::seconds((duration.num_seconds() + quarter - 1) / quarter * quarter)
}

/// The hours and minutes of a duration, rounded down.
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
            // the first moment beyond now and the skew
            ("14T12:11", "13T22:11"),
            ("14T22:00", "14T08:00"),
            ("30T00:00", "14T12:00"),
            // now each caller may be ahead
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
        for (ahead, zone, ending) in [
            (
                539,
                Tz::UTC,
                "set naive_last_updated under [sync], which is UTC, to a zone at UTC+09:00 or more; otherwise correct the caller's clock",
            ),
            (
                90,
                Tz::Asia__Kolkata,
                "set naive_last_updated under [sync], which is Asia/Kolkata, to a zone at UTC+07:00 or more; otherwise correct the caller's clock",
            ),
            (6_000, Tz::UTC, "no zone explains it: correct the caller's clock"),
        ] {
            let sentence = describe(TimeDelta::minutes(ahead), zone, asked);
            assert!(sentence.ends_with(ending), "{sentence}");
        }
    }
}
