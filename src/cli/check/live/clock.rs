//! Compares the tenant's clock with ours.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::checklist::{Failure, Outcome};

/// When a call was sent, and when its answer arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallTime {
    pub(crate) sent: DateTime<Utc>,
    pub(crate) answered: DateTime<Utc>,
}

/// The outcome for the header `Date` of an answer. The header has whole seconds.
pub(crate) fn clock_outcome(
    date: Option<DateTime<Utc>>,
    call: CallTime,
    clock_skew: Duration,
) -> Outcome {
    let Some(date) = date else {
        return Outcome::Skipped { reason: "the answer has no header Date".to_owned() };
    };
    let difference = difference(date, call);
    let seconds = whole_seconds(difference);
    if difference.abs().to_std().unwrap_or_default() <= clock_skew {
        let found = match seconds {
            0 => "DotApparel's clock and ours agree to the second".to_owned(),
            _ => format!("DotApparel's clock {}", direction(seconds)),
        };
        return Outcome::Passed { found };
    }
    let allowed = humantime::format_duration(clock_skew);
    Outcome::Failed(Failure::new(
        format!("DotApparel's clock {}; allowed difference: {allowed}", direction(seconds)),
        "Synchronise the clock of this machine (timedatectl shows its state). If this clock is \
         right, ask DotApparel to set its clock, and set a larger clock_skew until then.",
    ))
}

/// The smallest difference between the clocks that explains `date`. It is positive if DotApparel's
/// clock is ahead.
fn difference(date: DateTime<Utc>, call: CallTime) -> TimeDelta {
    let end = date + TimeDelta::seconds(1);
    if date > call.answered {
        date - call.answered
    } else if end < call.sent {
        end - call.sent
    } else {
        TimeDelta::zero()
    }
}

/// The difference in whole seconds, rounded away from zero.
fn whole_seconds(difference: TimeDelta) -> i64 {
    let rest = difference - TimeDelta::seconds(difference.num_seconds());
    difference.num_seconds() + i64::from(rest > TimeDelta::zero())
        - i64::from(rest < TimeDelta::zero())
}

fn direction(seconds: i64) -> String {
    let length = humantime::format_duration(Duration::from_secs(seconds.unsigned_abs()));
    format!("is {length} {}", if seconds < 0 { "behind ours" } else { "ahead of ours" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clocks_may_differ_by_clock_skew_and_by_the_second_of_the_header() {
        let at = |text: &str| format!("2026-11-02T{text}Z").parse::<DateTime<Utc>>().unwrap();
        let call = CallTime { sent: at("10:00:00.900"), answered: at("10:00:03.100") };
        for (date, skew, result) in [
            ("10:00:00", 0, Ok("DotApparel's clock and ours agree to the second")),
            ("10:00:03", 0, Ok("DotApparel's clock and ours agree to the second")),
            ("10:01:03", 60, Ok("DotApparel's clock is 1m ahead of ours")),
            (
                "10:01:04",
                60,
                Err("DotApparel's clock is 1m 1s ahead of ours; allowed difference: 1m"),
            ),
            (
                "09:58:59",
                60,
                Err("DotApparel's clock is 1m 1s behind ours; allowed difference: 1m"),
            ),
            ("09:59:59", 60, Ok("DotApparel's clock is 1s behind ours")),
        ] {
            let outcome = clock_outcome(Some(at(date)), call, Duration::from_secs(skew));
            let found = match &outcome {
                Outcome::Passed { found } => Ok(found.as_str()),
                Outcome::Failed(failure) => Err(failure.found.as_str()),
                Outcome::Skipped { reason } => panic!("{reason}"),
            };
            assert_eq!(found, result, "{date}");
        }
        let none = clock_outcome(None, call, Duration::ZERO);
        assert!(matches!(none, Outcome::Skipped { .. }));
    }
}
