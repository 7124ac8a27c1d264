//! The breaker's phases, told as what a caller meets.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::advance;

use super::CallHealth::{Failure, Neither, Success};
use super::*;

const COOL_DOWN: Duration = Duration::from_secs(30);

struct Subject {
    breaker: Breaker,
    /// The gauge: the bits of a float.
    open: Arc<AtomicU64>,
}

/// A breaker that opens after three failures.
fn subject() -> Subject {
    let open = Arc::new(AtomicU64::new(f64::NAN.to_bits()));
    let config = BreakerConfig { failures: NonZeroU32::new(3).unwrap(), cool_down: COOL_DOWN };
    let gauge = Gauge::from_arc(Arc::clone(&open));
    Subject { breaker: Breaker::new(config, "acme".parse().unwrap(), gauge), open }
}

impl Subject {
    fn call(&self, verdict: CallHealth) -> Result<(), Refused> {
        self.breaker.permit().map(|permit| permit.report(verdict))
    }

    fn calls(&self, verdicts: &[CallHealth]) {
        for verdict in verdicts {
            self.call(*verdict).unwrap();
        }
    }

    fn refuses_for(&self) -> Option<Duration> {
        self.breaker.permit().err().map(|refused| refused.retry_in)
    }

    fn shows_open(&self) -> bool {
        match f64::from_bits(self.open.load(Ordering::Relaxed)) {
            0.0 => false,
            1.0 => true,
            other => panic!("the gauge shows {other}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn only_failures_on_end_open_it() {
    let calm: &[&[CallHealth]] = &[
        &[Failure, Failure],
        &[Failure, Failure, Success, Failure, Failure],
        &[Success, Neither, Failure, Failure, Neither],
    ];
    for verdicts in calm {
        let subject = subject();
        subject.calls(verdicts);
        assert_eq!(subject.refuses_for(), None, "{verdicts:?}");
        assert!(!subject.shows_open(), "{verdicts:?}");
    }
    for verdicts in [
        &[Failure, Failure, Failure][..],
        &[Failure, Neither, Failure, Neither, Failure],
        &[Failure, Success, Failure, Failure, Failure],
    ] {
        let subject = subject();
        subject.calls(verdicts);
        assert_eq!(subject.refuses_for(), Some(COOL_DOWN), "{verdicts:?}");
        assert!(subject.shows_open(), "{verdicts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn open_it_says_how_long_it_stays_so() {
    let subject = subject();
    subject.calls(&[Failure; 3]);
    advance(Duration::from_secs(10)).await;
    assert_eq!(subject.refuses_for(), Some(Duration::from_secs(20)));
}

#[tokio::test(start_paused = true)]
async fn after_the_cool_down_one_probe_passes_and_decides() {
    for (verdict, refused) in [(Success, None), (Failure, Some(COOL_DOWN))] {
        let subject = subject();
        subject.calls(&[Failure; 3]);
        advance(COOL_DOWN).await;

        let probe = subject.breaker.permit().unwrap();
        assert_eq!(subject.refuses_for(), Some(PROBE));
        assert!(subject.shows_open());
        probe.report(verdict);

        assert_eq!(subject.refuses_for(), refused, "{verdict:?}");
        assert_eq!(subject.shows_open(), refused.is_some(), "{verdict:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn closed_again_it_counts_anew() {
    let subject = subject();
    subject.calls(&[Failure; 3]);
    advance(COOL_DOWN).await;
    subject.calls(&[Success, Failure, Failure]);
    assert_eq!(subject.refuses_for(), None);
    subject.calls(&[Failure]);
    assert_eq!(subject.refuses_for(), Some(COOL_DOWN));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_dropped_or_says_nothing_leaves_the_next_call_to_probe() {
    let subject = subject();
    subject.calls(&[Failure; 3]);
    advance(COOL_DOWN).await;

    drop(subject.breaker.permit().unwrap());
    subject.call(Neither).unwrap();
    assert!(subject.shows_open());
    let probe = subject.breaker.permit().unwrap();
    assert_eq!(subject.refuses_for(), Some(PROBE));
    probe.report(Success);
    assert!(!subject.shows_open());
}

#[tokio::test(start_paused = true)]
async fn a_call_from_before_it_opened_has_no_say_afterwards() {
    let subject = subject();
    let [first, second, third] = std::array::from_fn(|_| subject.breaker.permit().unwrap());
    subject.calls(&[Failure; 3]);
    first.report(Success);
    assert_eq!(subject.refuses_for(), Some(COOL_DOWN));

    advance(COOL_DOWN).await;
    let probe = subject.breaker.permit().unwrap();
    second.report(Failure);
    assert_eq!(subject.refuses_for(), Some(PROBE));
    probe.report(Success);

    third.report(Failure);
    subject.calls(&[Failure, Failure]);
    assert_eq!(subject.refuses_for(), None);
}
