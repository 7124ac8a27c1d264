//! The breaker's phases, as its callers see them.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::advance;

use super::CallHealth::{Failure, Success, Unknown};
use super::*;

const COOL_DOWN: Duration = Duration::from_secs(30);

struct Subject {
    breaker: Breaker,
    /// The value of the gauge, as the bits of a float.
    open: Arc<AtomicU64>,
}

/// A breaker that opens after three failures.
fn subject() -> Subject {
    let open = Arc::new(AtomicU64::new(f64::NAN.to_bits()));
    let config = BreakerConfig { failures: NonZeroU32::new(3).unwrap(), cool_down: COOL_DOWN };
    let gauge = Gauge::from_arc(Arc::clone(&open));
    Subject { breaker: Breaker::new(config, "search", gauge, Health::default()), open }
}

impl Subject {
    fn call(&self, health: CallHealth) -> Result<(), Refusal> {
        self.breaker.permit().map(|permit| permit.report(health))
    }

    fn calls(&self, healths: &[CallHealth]) {
        for health in healths {
            self.call(*health).unwrap();
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
async fn only_failures_in_a_row_open_the_breaker() {
    let calm: &[&[CallHealth]] = &[
        &[Failure, Failure],
        &[Failure, Failure, Success, Failure, Failure],
        &[Success, Unknown, Failure, Failure, Unknown],
    ];
    for healths in calm {
        let subject = subject();
        subject.calls(healths);
        assert_eq!(subject.refuses_for(), None, "{healths:?}");
        assert!(!subject.shows_open(), "{healths:?}");
    }
    for healths in [
        &[Failure, Failure, Failure][..],
        &[Failure, Unknown, Failure, Unknown, Failure],
        &[Failure, Success, Failure, Failure, Failure],
    ] {
        let subject = subject();
        subject.calls(healths);
        assert_eq!(subject.refuses_for(), Some(COOL_DOWN), "{healths:?}");
        assert!(subject.shows_open(), "{healths:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_returns_the_time_until_the_probe() {
    let subject = subject();
    subject.calls(&[Failure; 3]);
    advance(Duration::from_secs(10)).await;
    assert_eq!(subject.refuses_for(), Some(Duration::from_secs(20)));
}

#[tokio::test(start_paused = true)]
async fn after_the_cool_down_one_probe_decides() {
    for (health, refused) in [(Success, None), (Failure, Some(COOL_DOWN))] {
        let subject = subject();
        subject.calls(&[Failure; 3]);
        advance(COOL_DOWN).await;

        let probe = subject.breaker.permit().unwrap();
        assert_eq!(subject.refuses_for(), Some(PROBE));
        assert!(subject.shows_open());
        probe.report(health);

        assert_eq!(subject.refuses_for(), refused, "{health:?}");
        assert_eq!(subject.shows_open(), refused.is_some(), "{health:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_breaker_that_closes_again_counts_from_zero() {
    let subject = subject();
    subject.calls(&[Failure; 3]);
    advance(COOL_DOWN).await;
    subject.calls(&[Success, Failure, Failure]);
    assert_eq!(subject.refuses_for(), None);
    subject.calls(&[Failure]);
    assert_eq!(subject.refuses_for(), Some(COOL_DOWN));
}

#[tokio::test(start_paused = true)]
async fn after_a_probe_that_is_dropped_or_shows_nothing_the_next_call_is_the_probe() {
    let subject = subject();
    subject.calls(&[Failure; 3]);
    advance(COOL_DOWN).await;

    drop(subject.breaker.permit().unwrap());
    subject.call(Unknown).unwrap();
    assert!(subject.shows_open());
    let probe = subject.breaker.permit().unwrap();
    assert_eq!(subject.refuses_for(), Some(PROBE));
    probe.report(Success);
    assert!(!subject.shows_open());
}

#[tokio::test(start_paused = true)]
async fn a_call_from_before_the_breaker_opened_is_not_counted() {
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
