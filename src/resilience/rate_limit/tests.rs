//! The limit, with single calls and compared with a model.

use std::cell::RefCell;
use std::future::pending;

use futures_util::future::join_all;
use futures_util::poll;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::time::timeout;

use super::*;

fn limit(per_second: u32) -> RateLimit {
    RateLimit::new(NonZeroU32::new(per_second).unwrap())
}

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_burst_passes_at_once_and_later_calls_at_the_rate() {
    let limit = limit(10);
    let began = Instant::now();
    for _ in 0..10 {
        limit.until_ready(None).await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::ZERO);

    for _ in 0..20 {
        limit.until_ready(None).await.unwrap();
    }
    let elapsed = began.elapsed();
    // Tokio's timer rounds each wait up to a millisecond.
    let rate = 2 * SECOND..=Duration::from_millis(2020);
    assert!(rate.contains(&elapsed), "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_no_longer_polled_holds_no_other_call_back() {
    let limit = limit(1);
    limit.until_ready(None).await.unwrap();
    let mut left = Box::pin(limit.until_ready(None));
    timeout(MILLISECOND, &mut left).await.unwrap_err();
    let begun = Instant::now();
    limit.until_ready(None).await.unwrap();
    assert!(begun.elapsed() <= SECOND);
    drop(left);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_polled_again_is_before_the_calls_that_arrived_later() {
    let limit = limit(1);
    limit.until_ready(None).await.unwrap();
    let mut left = Box::pin(limit.until_ready(None));
    assert!(poll!(&mut left).is_pending());
    limit.until_ready(None).await.unwrap();
    let later = limit.until_ready(None);
    let begun = Instant::now();
    let times = join_all([left, Box::pin(later)].map(async |wait| {
        wait.await.unwrap();
        begun.elapsed().as_secs_f64().round()
    }));
    assert_eq!(times.await, [1.0, 2.0]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_wait_uses_no_call() {
    let limit = limit(1);
    limit.until_ready(None).await.unwrap();
    for _ in 0..5 {
        let patience = Duration::from_millis(100);
        timeout(patience, limit.until_ready(None)).await.unwrap_err();
    }
    let began = Instant::now();
    limit.until_ready(None).await.unwrap();
    assert!(began.elapsed() <= Duration::from_millis(501));
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_turn_comes_too_late_fails_at_once_and_holds_no_place() {
    let limit = limit(1);
    let began = Instant::now();
    let calls = (0..100).map(|_| limit.until_ready(Some(began + 3 * SECOND)));
    let made = join_all(calls).await.into_iter().flatten().count();
    assert_eq!(made, 3, "at 0, 1 and 2 seconds");
    assert_eq!(began.elapsed().as_secs(), 2);
    limit.until_ready(None).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 3);
}

/// What becomes of a call that must wait.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It waits for its turn.
    Stays,
    /// It leaves after this time.
    Leaves(Duration),
    /// It is polled only once, and never leaves.
    IsForgotten,
}

#[derive(Clone, Copy, Debug)]
struct Arrival {
    at: Duration,
    fate: Fate,
}

/// When a call was made, with the position of its arrival.
type Made = (usize, Duration);

/// Makes these calls. Returns when each was made, in the order in which they were made.
async fn made(per_second: u32, arrivals: &[Arrival]) -> Vec<Made> {
    let (limit, began) = (limit(per_second), Instant::now());
    let made = RefCell::new(Vec::new());
    let call = async |(position, arrival): (usize, &Arrival)| {
        sleep(arrival.at).await;
        let mut wait = Box::pin(limit.until_ready(None));
        let is_made = match arrival.fate {
            Fate::Stays => wait.await.is_ok(),
            Fate::Leaves(patience) => timeout(patience, wait).await.is_ok(),
            Fate::IsForgotten if poll!(&mut wait).is_pending() => {
                // Keeps the wait until the test ends.
                let _end = timeout(Duration::from_hours(1), pending::<()>()).await;
                drop(wait);
                false
            }
            Fate::IsForgotten => true,
        };
        if is_made {
            made.borrow_mut().push((position, began.elapsed()));
        }
    };
    join_all(arrivals.iter().enumerate().map(call)).await;
    made.into_inner()
}

/// The calls by a model that steps through time by milliseconds. The model leaves out calls with
/// [`Fate::IsForgotten`].
fn modelled(per_second: u32, arrivals: &[Arrival]) -> Vec<Made> {
    let interval = SECOND / per_second;
    let mut line: VecDeque<(usize, Option<Duration>)> = VecDeque::new();
    let (mut now, mut next, mut arrived) = (Duration::ZERO, Duration::ZERO, 0);
    let mut made = Vec::new();
    while arrived < arrivals.len() || !line.is_empty() {
        line.retain(|(_, leaves)| leaves.is_none_or(|leaves| now < leaves));
        while let Some(Arrival { at, fate }) = arrivals.get(arrived).filter(|next| next.at <= now) {
            match fate {
                Fate::Stays => line.push_back((arrived, None)),
                Fate::Leaves(patience) => line.push_back((arrived, Some(*at + *patience))),
                Fate::IsForgotten => {}
            }
            arrived += 1;
        }
        while next + interval <= now + SECOND
            && let Some((position, _)) = line.pop_front()
        {
            next = next.max(now) + interval;
            made.push((position, now));
        }
        now += MILLISECOND;
    }
    made
}

/// Runs the calls with a paused clock.
fn made_in_paused_time(per_second: u32, arrivals: &[Arrival]) -> Vec<Made> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(made(per_second, arrivals))
}

/// The windows of time with more calls than a burst and the rate allow.
fn crowded_windows(per_second: u32, made: &[Made]) -> Vec<String> {
    let interval = SECOND / per_second;
    let mut crowded = Vec::new();
    for (from, (_, begin)) in made.iter().enumerate() {
        for (calls, (_, end)) in (1_u32..).zip(&made[from..]) {
            if interval * (calls.saturating_sub(per_second)) + *begin > *end {
                crowded.push(format!("{calls} calls from {begin:?} to {end:?}"));
            }
        }
    }
    crowded
}

/// Rates whose intervals are multiples of 4 ms.
const RATES: [u32; 8] = [1, 2, 5, 10, 25, 50, 125, 250];

/// Calls that arrive at different times, each a multiple of 4 ms. A call leaves 2 ms after such a
/// multiple, so no call leaves at its turn.
fn arrivals(fate: impl Strategy<Value = Fate>) -> impl Strategy<Value = Vec<Arrival>> {
    vec((1_u64..60, fate), 1..60).prop_map(|calls| {
        let mut at = Duration::ZERO;
        let arrival = |(gap, fate)| {
            at += Duration::from_millis(4 * gap);
            Arrival { at, fate }
        };
        calls.into_iter().map(arrival).collect()
    })
}

fn stays_or_leaves() -> impl Strategy<Value = Fate> {
    prop_oneof![
        2 => Just(Fate::Stays),
        1 => (0_u64..500).prop_map(|wait| Fate::Leaves(Duration::from_millis(4 * wait + 2))),
    ]
}

proptest! {
    #[test]
    fn calls_are_made_in_order_and_no_call_that_leaves_delays_another(
        per_second in prop::sample::select(&RATES[..]),
        arrivals in arrivals(stays_or_leaves()),
    ) {
        let made = made_in_paused_time(per_second, &arrivals);
        prop_assert_eq!(&made, &modelled(per_second, &arrivals));
        prop_assert!(made.is_sorted_by_key(|(position, _)| *position), "{:?}", made);
        prop_assert_eq!(crowded_windows(per_second, &made), [""; 0]);
    }

    #[test]
    fn a_call_that_is_no_longer_polled_delays_others_by_at_most_its_own_turn(
        per_second in prop::sample::select(&RATES[..]),
        arrivals in arrivals(prop_oneof![3 => Just(Fate::Stays), 1 => Just(Fate::IsForgotten)]),
    ) {
        let mut made = made_in_paused_time(per_second, &arrivals);
        prop_assert_eq!(crowded_windows(per_second, &made), [""; 0]);
        let is_forgotten = |position: usize| matches!(arrivals[position].fate, Fate::IsForgotten);
        // A forgotten call may be made at its only poll. So the model gets each forgotten call as a
        // call that stays.
        let kept: Vec<_> = arrivals.iter().map(|arrival| Arrival { fate: Fate::Stays, ..*arrival }).collect();
        let latest = modelled(per_second, &kept);
        made.retain(|(position, _)| !is_forgotten(*position));
        prop_assert!(made.is_sorted_by_key(|(position, _)| *position), "{:?}", made);
        let staying = arrivals.iter().filter(|arrival| matches!(arrival.fate, Fate::Stays)).count();
        prop_assert_eq!(made.len(), staying);
        for (position, at) in made {
            let forgotten = (0..position).filter(|before| is_forgotten(*before)).count();
            let late = latest[position].1 + MILLISECOND * u32::try_from(forgotten).unwrap();
            prop_assert!(at <= late, "call {} at {:?}, later than {:?}", position, at, late);
        }
    }
}
