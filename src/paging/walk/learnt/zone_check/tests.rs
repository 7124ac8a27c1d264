//! Observes a tenant whose clock may differ from the brand's zone, which is UTC. A *look* is one
//! certified walk.

use super::*;
use crate::paging::tests::support::{Bench, CONFIG, Script};

const REASON: Reason = Reason::Assumption(Assumption::Timezone);

/// A check with a lookback of 30 minutes and a skew of 10 minutes. The bench's model is the
/// brand's source, with the zone UTC.
struct Subject {
    check: ZoneCheck,
    health: Health,
    bench: Bench,
}

/// The moment after this many minutes of a day.
fn minute(minutes: i64) -> DateTime<Utc> {
    let day: DateTime<Utc> = "2026-01-14T00:00:00Z".parse().unwrap();
    day + TimeDelta::minutes(minutes)
}

impl Subject {
    fn new() -> Self {
        let health = Health::default();
        let check = ZoneCheck::new(&CONFIG, health.clone());
        Self { check, health, bench: Bench::new(Script(Vec::new())) }
    }

    /// Observes a walk over all customers at minute `at`. The customers have the stamps of these
    /// minutes.
    fn look(&self, at: i64, stamps: &[i64]) {
        let stamps: Vec<Stamp> =
            stamps.iter().map(|stamp| Some(minute(*stamp).naive_utc())).collect();
        let newest =
            crate::paging::walk::learnt::newest_but_one(stamps.iter().copied(), minute(at));
        let (began, ended) = (minute(at), minute(at + 1));
        let span = WalkSpan { began, ended, since: None, newest };
        self.check.observe(&self.bench.model, span, stamps.into_iter());
    }

    /// Observes one look in each of these hours. Two customers change every ten minutes, with
    /// stamps of a clock that is ahead by `ahead` minutes.
    fn looks(&self, hours: std::ops::RangeInclusive<i64>, ahead: i64) {
        for hour in hours {
            let changes = (0..hour * 6).flat_map(|change| [change * 10, change * 10]);
            let stamps: Vec<_> = changes.map(|change| change + ahead).collect();
            self.look(hour * 60, &stamps);
        }
    }

    fn is_refuted(&self) -> bool {
        self.health.has(REASON)
    }
}

#[tokio::test]
async fn three_looks_after_the_first_refute_a_wrong_zone() {
    for (ahead, is_refuted) in
        [(0, false), (-600, true), (-60, true), (-20, false), (660, true), (60, true), (5, false)]
    {
        let subject = Subject::new();
        subject.looks(1..=3, ahead);
        assert!(!subject.is_refuted(), "{ahead} minutes ahead, after two comparisons");
        subject.looks(4..=4, ahead);
        assert_eq!(subject.is_refuted(), is_refuted, "{ahead} minutes ahead");
    }
}

#[tokio::test]
async fn the_sentence_has_the_offsets_that_fit_all_looks() {
    let subject = Subject::new();
    subject.looks(1..=4, -600);
    let sentence = &subject.health.report().reasons[0].sentence;
    assert_eq!(sentence, "the upstream's clock is at UTC-10:11 to UTC-09:30");
}

#[tokio::test]
async fn looks_that_fit_end_the_refutation() {
    let subject = Subject::new();
    subject.looks(1..=4, -600);
    subject.looks(5..=20, 0);
    assert!(!subject.is_refuted());
}

#[tokio::test]
async fn a_look_that_fits_and_a_look_without_changes_refute_nothing() {
    let subject = Subject::new();
    subject.looks(1..=3, -600);
    subject.look(200, &[190, 191, 195]);
    subject.look(260, &[190, 191, 195]);
    // This look contradicts the zone as the first looks did. It is the first of a new streak.
    subject.look(800, &[190, 191, 195, 200, 201, 202]);
    assert!(!subject.is_refuted());
}

#[tokio::test]
async fn single_wrong_stamps_and_imports_in_one_look_refute_nothing() {
    let subject = Subject::new();
    let mut stamps = vec![-300, -290];
    for hour in 1..=12 {
        let now = hour * 60;
        stamps.extend([now - 30, now - 20, now - 10]);
        match hour {
            // one stamp in the far future, one stamp some hours ahead, and a back-dated import
            3 => stamps.push(38_000_000),
            5 => stamps.push(now + 400),
            7 => stamps.extend([now - 500; 30]),
            _ => {}
        }
        subject.look(now, &stamps);
        assert!(!subject.is_refuted(), "hour {hour}");
    }
}

#[tokio::test]
async fn a_walk_that_began_before_the_last_look_is_ignored() {
    let subject = Subject::new();
    subject.looks(1..=4, 0);
    for (at, stamp) in [(230, -292), (225, -290), (220, -288), (215, -286)] {
        subject.look(at, &[stamp; 3]);
    }
    assert!(!subject.is_refuted());
}
