//! A limit on the rate of calls to an upstream, in the order of the calls.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

/// Allows `per_second` calls a second, in bursts of at most that many. Other calls wait in line,
/// and are made in the order of their arrival.
///
/// Each waiting call computes its own turn from the number of calls before it, so no call depends
/// on another call. A call that is not polled at its turn loses this turn to the next call, because
/// a line that waits for such a call may never move again. If the call is polled later, its place
/// is still before the calls that arrived later.
#[derive(Debug)]
pub(crate) struct RateLimit {
    /// Time from one call to the next at the steady rate.
    interval: Duration,
    /// How much earlier than at the steady rate a call may be made: the time of a burst.
    lead: Duration,
    /// Locked for a few instructions, never over an await.
    line: Mutex<Line>,
    /// Notified when the turns of the waiting calls have come nearer.
    moved: Notify,
}

/// The turn of a call would come too late for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLate;

#[derive(Debug)]
struct Line {
    /// When the next call would be made at the steady rate.
    next: Instant,
    /// The tickets of the waiting calls, in their order. The ticket of a call that lost its turn is
    /// missing until the call is polled again.
    waiting: VecDeque<u64>,
    last_ticket: u64,
    /// When the first waiting call became the first.
    first_since: Instant,
}

/// The place of a call in the line. Dropping it leaves the line.
struct Place<'a> {
    limit: &'a RateLimit,
    ticket: u64,
}

/// When a call may be made.
enum Turn {
    Now,
    Later {
        wait: Duration,
        /// When to look at the line again: at the turn of the call, or when a call before it may
        /// have lost its turn.
        look: Duration,
    },
}

/// How long the first call keeps its turn: the precision of tokio's timer.
const KEPT: Duration = Duration::from_millis(1);

// === impl RateLimit ===

impl RateLimit {
    /// A limit of `per_second` calls a second.
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        let interval = Duration::from_secs(1) / per_second.get();
        let lead = interval * (per_second.get() - 1);
        let now = Instant::now();
        let line = Line { next: now, waiting: VecDeque::new(), last_ticket: 0, first_since: now };
        Self { interval, lead, line: Mutex::new(line), moved: Notify::new() }
    }

    /// Waits for the turn of a call. A dropped wait does not count as a call.
    ///
    /// # Errors
    /// [`TooLate`] as soon as it is known that the turn is not before `latest`.
    pub(crate) async fn until_ready(&self, latest: Option<Instant>) -> Result<(), TooLate> {
        let place = Place::at_the_end(self);
        loop {
            // Created before the look at the line, so that no notification is missed.
            let moved = self.moved.notified();
            match place.turn() {
                Turn::Now => return Ok(()),
                Turn::Later { wait, .. }
                    if latest.is_some_and(|latest| latest <= Instant::now() + wait) =>
                {
                    return Err(TooLate);
                }
                Turn::Later { look, .. } => tokio::select! {
                    () = sleep(look) => {}
                    () = moved => {}
                },
            }
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Line ===

impl Line {
    /// Changes the waiting calls. Records the time if another call is then the first.
    fn change<T>(&mut self, change: impl FnOnce(&mut VecDeque<u64>) -> T) {
        let first = self.waiting.front().copied();
        change(&mut self.waiting);
        if self.waiting.front().copied() != first {
            self.first_since = Instant::now();
        }
    }
}

// === impl Place ===

impl<'a> Place<'a> {
    /// The place behind all calls that have arrived.
    fn at_the_end(limit: &'a RateLimit) -> Self {
        let mut line = limit.line();
        line.last_ticket += 1;
        let ticket = line.last_ticket;
        line.change(|waiting| waiting.push_back(ticket));
        Self { limit, ticket }
    }

    /// When the call may be made. If the result is `Now`, the call counts as made.
    fn turn(&self) -> Turn {
        let RateLimit { interval, lead, .. } = self.limit;
        let mut line = self.limit.line();
        let now = Instant::now();
        // A call may be made now if its turn at the steady rate is not after `reach`.
        let reach = now + *lead;
        let next = line.next;
        let turn_after =
            |calls: usize| next + interval.saturating_mul(u32::try_from(calls).unwrap_or(u32::MAX));

        let mut ahead = line.waiting.binary_search(&self.ticket).unwrap_or_else(|ahead| {
            line.change(|waiting| waiting.insert(ahead, self.ticket));
            ahead
        });
        // The first call loses its turn if the turn came at least `KEPT` ago, and the call has been
        // the first for at least `KEPT`.
        let is_first_late = turn_after(0) + KEPT <= reach && line.first_since + KEPT <= now;
        if ahead > 0 && is_first_late {
            line.change(VecDeque::pop_front);
            self.limit.moved.notify_waiters();
            ahead -= 1;
        }
        let turn = turn_after(ahead);
        if ahead == 0 && turn <= reach {
            line.change(VecDeque::pop_front);
            line.next = next.max(now) + *interval;
            return Turn::Now;
        }
        let until = |turn: Instant| turn.saturating_duration_since(reach);
        let look = match ahead.checked_sub(1) {
            None => until(turn),
            Some(before) => {
                let first_is_late = (line.first_since + KEPT).saturating_duration_since(now);
                until(turn_after(before) + KEPT).max(first_is_late)
            }
        };
        Turn::Later { wait: until(turn), look }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut line = self.limit.line();
        let Ok(position) = line.waiting.binary_search(&self.ticket) else { return };
        line.change(|waiting| waiting.remove(position));
        if position < line.waiting.len() {
            self.limit.moved.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests;
