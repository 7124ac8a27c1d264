//! A `last_updated` is moved back to the start of the sweep that it is in.

use std::num::NonZeroU32;

use chrono::TimeDelta;

use super::*;
use crate::paging::tests::support::CONFIG;

/// A moment, in minutes since the epoch.
fn minute(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

fn record_answer(
    history: &mut ServedHistory,
    filter: Filter,
    began: i64,
    first_seen: Option<i64>,
    now: i64,
) {
    let (began, first_seen) = (minute(began), first_seen.map(minute));
    let window = Window::new(0, NonZeroU32::MIN);
    let note = AnswerNote { filter, window, began, count: 10, first_seen };
    history.record(note, minute(now), &CONFIG);
}

/// Records an answer at `now`. Its window begins at position `start`. Its list began at `began` and
/// has `count` customers.
fn record_window(
    history: &mut ServedHistory,
    (began, count): (i64, u64),
    start: u64,
    now: i64,
) -> Option<u64> {
    let window = Window::new(start, NonZeroU32::new(10).unwrap());
    let (began, filter) = (minute(began), Filter::Everyone);
    let note = AnswerNote { filter, window, began, count, first_seen: Some(began) };
    history.record(note, minute(now), &CONFIG)
}

fn since(history: &ServedHistory, asked: i64) -> i64 {
    (history.since(minute(asked), &CONFIG) - DateTime::UNIX_EPOCH).num_minutes()
}

#[test]
fn a_moment_within_a_served_sweep_is_moved_back_to_its_start() {
    let mut history = ServedHistory::new(minute(0));
    for (began, now) in [(1000, 1001), (1000, 1090), (1060, 1070), (2000, 2000)] {
        record_answer(&mut history, Filter::Everyone, began, Some(began), now);
    }
    for (asked, from) in [
        // more than the skew before the first sweep: counts as the start of the history plus the
        // skew, and is moved back by a lifetime
        (900, -110),
        (989, -110),
        // less than the skew before the first sweep
        (995, 995),
        // in the first or the second sweep
        (1000, 1000),
        (1055, 1000),
        (1075, 1000),
        (1100, 1000),
        // between two sweeps: counts as the last answer
        (1101, 1000),
        (1989, 1000),
        // in the last sweep or after it
        (2009, 2000),
        (2011, 2000),
        (9999, 2000),
    ] {
        assert_eq!(since(&history, asked), from, "asked for {asked}");
    }
}

#[test]
fn a_moment_without_an_answer_before_it_is_moved_back_by_lifetime() {
    let history = ServedHistory::new(minute(1000));
    // A moment later than the start plus the skew counts as the start plus the skew.
    for (asked, from) in [(500, 380), (1000, 880), (1010, 890), (1011, 890), (9_000, 890)] {
        assert_eq!(since(&history, asked), from, "asked for {asked}");
    }
}

#[test]
fn a_forgotten_sweep_is_treated_as_unknown() {
    let mut history = ServedHistory::new(minute(0));
    for sweep in 0..=i64::try_from(MAX_SWEEPS).unwrap() {
        let began = 1000 + 100 * sweep;
        record_answer(&mut history, Filter::Everyone, began, Some(began), began + 50);
    }
    assert_eq!(history.served.len(), MAX_SWEEPS);
    assert_eq!(since(&history, 1040), 920, "the first sweep is forgotten, and its time unknown");
    assert_eq!(since(&history, 1140), 1100, "the second is known");
}

#[test]
fn a_reader_without_a_known_position_is_moved_back_to_the_oldest_possible_sweep() {
    let other = Filter::ChangedSince(minute(7));
    let mut history = ServedHistory::new(minute(0));
    record_answer(&mut history, Filter::Everyone, 1000, Some(1000), 1001);
    record_answer(&mut history, other, 1010, Some(1010), 1011);
    record_answer(&mut history, Filter::Everyone, 1080, Some(1080), 1081);
    record_answer(&mut history, Filter::Everyone, 1080, None, 1085);
    assert_eq!(since(&history, 1085), 1000, "the start of the first sweep");

    record_answer(&mut history, Filter::Everyone, 1300, None, 1305);
    assert_eq!(since(&history, 1305), 1300, "a sweep unused for a lifetime has no readers");

    let mut restarted = ServedHistory::new(minute(1290));
    record_answer(&mut restarted, Filter::Everyone, 1300, None, 1305);
    assert_eq!(since(&restarted, 1305), 1170, "a sweep from before the restart");
}

#[test]
fn a_reader_that_returns_behind_the_end_of_its_list_is_moved_back_to_that_list() {
    for (start, now, count, from) in [
        (100, 1075, Some(95), 1000),
        (95, 1075, Some(95), 1000),
        // a reader at the end of the list of 95 asks from a position from 95 to 104
        (90, 1075, None, 1060),
        (105, 1075, None, 1060),
        // more than a lifetime after the last answer of the list of 95
        (100, 1122, None, 1060),
    ] {
        let mut history = ServedHistory::new(minute(0));
        record_window(&mut history, (1000, 95), 90, 1001);
        record_window(&mut history, (1060, 93), 0, 1061);
        let label = format!("from {start} at {now}");
        assert_eq!(record_window(&mut history, (1060, 93), start, now), count, "{label}");
        assert_eq!(since(&history, now), from, "{label}");
    }
}

#[test]
fn a_reader_that_syncs_each_hour_is_not_moved_back_further_each_time() {
    let mut history = ServedHistory::new(minute(0));
    for hour in 10..100 {
        let began = hour * 60;
        record_window(&mut history, (began, 95), 90, began + 1);
        record_window(&mut history, (began, 95), 100, began + 2);
        assert!(since(&history, began + 2) >= began - 120, "in hour {hour}");
    }
}

#[test]
fn the_first_and_last_moment_of_the_calendar_are_accepted() {
    let history = ServedHistory::new(minute(0));
    assert_eq!(history.since(DateTime::<Utc>::MIN_UTC, &CONFIG), DateTime::<Utc>::MIN_UTC);
    assert_eq!(history.since(DateTime::<Utc>::MAX_UTC, &CONFIG), minute(10 - 120));
}
