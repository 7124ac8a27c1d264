//! The measured lookups: a fixed number, at a fixed rate, of two servers in the same seconds.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::load::{Connection, lookup_path};
use crate::statistics::percentile;

/// Percentiles of the times of one server's lookups, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Lookups of a server in a measurement. The p99 is the 20th longest.
pub(crate) const LOOKUPS: u32 = 2_000;

/// Connections to each server.
const CONNECTIONS: u32 = 4;

/// The time between two lookups of one connection. Each server gets 200 lookups a second, so the
/// machine is not busy.
const INTERVAL: Duration = Duration::from_millis(20);

/// How long the lookups of one measurement take.
pub(crate) const TIME: Duration = INTERVAL.saturating_mul(LOOKUPS / CONNECTIONS);

/// Looks customers up in both servers.
pub(crate) fn make(first: SocketAddr, second: SocketAddr) -> Result<(Figures, Figures)> {
    let began = Instant::now();
    thread::scope(|scope| {
        let start = |addr, offset| -> Vec<_> {
            let caller = move |number| move || times_of_caller(addr, number, began + offset);
            (0..CONNECTIONS).map(|number| scope.spawn(caller(number))).collect()
        };
        // The servers take turns.
        let callers = [start(first, Duration::ZERO), start(second, INTERVAL / CONNECTIONS / 2)];
        let [first, second] = callers.map(|callers| -> Result<Figures> {
            let mut times = Vec::new();
            for caller in callers {
                times.extend(caller.join().expect("a caller does not panic")?);
            }
            Ok(Figures { p50: percentile(&times, 50), p99: percentile(&times, 99) })
        });
        Ok((first?, second?))
    })
}

fn times_of_caller(addr: SocketAddr, number: u32, began: Instant) -> Result<Vec<f64>> {
    let mut connection = Connection::open(addr)?;
    let mut times = Vec::new();
    // The callers take turns.
    let first = began + INTERVAL * number / CONNECTIONS;
    for lookup in 0..LOOKUPS / CONNECTIONS {
        let due = first + INTERVAL * lookup;
        let wait = due.saturating_duration_since(Instant::now());
        thread::sleep(wait);
        // If the previous answer came late, the time of this lookup counts from `due`. If the time
        // counted from the request, one slow answer would hide the slow answers after it.
        let began = if wait.is_zero() { due } else { Instant::now() };
        connection.get(&lookup_path(u64::from(number + CONNECTIONS * lookup)))?;
        times.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(times)
}
