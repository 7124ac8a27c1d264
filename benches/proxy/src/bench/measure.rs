//! The measurements. The servers take turns, and each round begins with another server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::report::{Figures, Measure};
use super::servers::{Kind, Servers, Workers};
use crate::Result;
use crate::load::{self, Connection, lookup_path, window_path};
use crate::process::{Server, system_calls};
use crate::upstream::Upstream;

const LOOKUP_CONNECTIONS: usize = 16;

/// The time that a slow upstream takes for a page.
const PAGE_LATENCY: Duration = Duration::from_millis(20);

/// The shortest time between the beginnings of two lookups whose times are measured.
const LOOKUP_PAUSE: Duration = Duration::from_millis(2);

/// Number of lookups whose system calls strace counts. strace slows lookups down.
const TRACED: u64 = 2_000;

/// No measurement of a round begins after this time. `scripts/bench` ends a run after 15 minutes.
const LAST_START: Duration = Duration::from_mins(12);

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) rounds: u32,
    pub(crate) lookups: u64,
    pub(crate) windows: u64,
    /// Customers of the small list.
    pub(crate) small: u64,
    /// Customers of the large list.
    pub(crate) large: u64,
    /// Customers of the slow upstream.
    pub(crate) slow: u64,
    /// How long lookups are timed while nothing else runs.
    pub(crate) idle: Duration,
}

/// The upstreams and the servers.
pub(crate) struct Bench<'a> {
    servers: &'a Servers,
    kinds: Vec<Kind>,
    sizes: Sizes,
    small: SocketAddr,
    large: SocketAddr,
    slow: SocketAddr,
    figures: Figures,
}

// === impl Bench ===

impl<'a> Bench<'a> {
    pub(crate) fn new(servers: &'a Servers, kinds: Vec<Kind>, sizes: Sizes) -> Result<Self> {
        let start = |customers, page_latency| Upstream { customers, page_latency }.start();
        Ok(Self {
            servers,
            kinds,
            sizes,
            small: start(sizes.small, Duration::ZERO)?,
            large: start(sizes.large, Duration::ZERO)?,
            slow: start(sizes.slow, PAGE_LATENCY)?,
            figures: Figures::default(),
        })
    }

    /// Makes all rounds, as far as there is time, and returns their figures.
    pub(crate) fn run(mut self) -> Result<Figures> {
        let began = Instant::now();
        for round in 1..=self.sizes.rounds {
            eprintln!("round {round} of {}", self.sizes.rounds);
            for measure in [Self::lookups, Self::small_sweeps, Self::large_sweep, Self::slow_sweep]
            {
                for kind in self.kinds.clone() {
                    if began.elapsed() > LAST_START {
                        eprintln!("  {kind:?}: left out, because the run takes too long");
                    } else {
                        measure(&mut self, kind)?;
                    }
                }
            }
            self.kinds.rotate_left(1);
        }
        for kind in self.kinds.clone() {
            self.traced_lookups(kind)?;
        }
        Ok(self.figures)
    }

    fn lookups(&mut self, kind: Kind) -> Result<()> {
        let server = self.servers.start(kind, Workers::OnePerCore, self.small)?;
        let count = self.sizes.lookups;
        get_customers(kind, &server, 0, count / 10)?;
        let before = server.cpu()?;
        get_customers(kind, &server, count / 10, count)?;
        self.add(Measure::Lookup, kind, micros(server.cpu()? - before, count));
        Ok(())
    }

    fn traced_lookups(&mut self, kind: Kind) -> Result<()> {
        let server = self.servers.start(kind, Workers::OnePerCore, self.small)?;
        get_customers(kind, &server, 0, TRACED)?;
        let work = || get_customers(kind, &server, TRACED, TRACED);
        if let Some(calls) = system_calls(&server, self.servers.directory(), work)? {
            self.add(Measure::SystemCalls, kind, calls as f64 / TRACED as f64);
        }
        Ok(())
    }

    /// Sweeps of the small list. A bare proxy has no sweep, so the upstream's pages are read
    /// through this proxy.
    fn small_sweeps(&mut self, kind: Kind) -> Result<()> {
        let start = || self.servers.start(kind, Workers::KeepsLists, self.small);
        let customers = self.sizes.small;
        if kind == Kind::Bare {
            let server = start()?;
            let before = server.cpu()?;
            load::read_pages(server.addr)?;
            self.add(Measure::SweepBy100, kind, micros(server.cpu()? - before, customers));
            return Ok(());
        }
        let server = start()?;
        let figure = sweep(&server, 25, customers)?;
        drop(server);
        let server = start()?;
        self.add(Measure::SweepBy25, kind, figure);
        let figure = sweep(&server, 100, customers)?;
        self.add(Measure::SweepBy100, kind, figure);
        // A start of 0 would begin a new walk.
        let windows = customers / 100 - 1;
        let path = |number| window_path((number % windows + 1) * 100, 100);
        let before = server.cpu()?;
        load::get_all(server.addr, 1, self.sizes.windows, path)?;
        self.add(Measure::Window, kind, micros(server.cpu()? - before, self.sizes.windows));
        Ok(())
    }

    /// A sweep of the large list. A second server then answers lookups, first while nothing else
    /// runs, and then during its walk.
    fn large_sweep(&mut self, kind: Kind) -> Result<()> {
        if kind == Kind::Bare {
            return Ok(());
        }
        let server = self.servers.start(kind, Workers::KeepsLists, self.large)?;
        let figure = sweep(&server, 100, self.sizes.large)?;
        self.add(Measure::LargeSweep, kind, figure);
        self.add(Measure::Peak, kind, server.peak());
        drop(server);

        let server = self.servers.start(kind, Workers::KeepsLists, self.large)?;
        let idle = self.sizes.idle;
        let p99 = p99_during(&server, || {
            thread::sleep(idle);
            Ok(())
        })?;
        self.add(Measure::IdleP99, kind, p99);
        let p99 = p99_during(&server, || {
            Connection::open(server.addr)?.get(&window_path(0, 100)).map(drop)
        })?;
        self.add(Measure::WalkP99, kind, p99);
        Ok(())
    }

    /// The time of a sweep of a slow upstream, divided by the unavoidable time of the pages.
    fn slow_sweep(&mut self, kind: Kind) -> Result<()> {
        if kind != Kind::Dotstory {
            return Ok(());
        }
        let server = self.servers.start(kind, Workers::KeepsLists, self.slow)?;
        let began = Instant::now();
        load::sweep(server.addr, 100)?;
        let pages = self.sizes.slow.div_ceil(100);
        let unavoidable = PAGE_LATENCY.as_secs_f64() * pages as f64;
        let figure = began.elapsed().as_secs_f64() / unavoidable;
        self.add(Measure::Wall, kind, figure);
        Ok(())
    }

    fn add(&mut self, measure: Measure, kind: Kind, figure: f64) {
        self.figures.add(measure, kind, figure);
    }
}

/// Looks up `count` customers. No other call looks them up, so no cache has the answers.
fn get_customers(kind: Kind, server: &Server, first: u64, count: u64) -> Result<()> {
    load::get_all(server.addr, LOOKUP_CONNECTIONS, count, |number| {
        let path = lookup_path(first + number);
        match kind {
            Kind::Dotstory | Kind::Lua => path,
            Kind::Bare => path.replace("/api/v1/customer/", "/customers/"),
        }
    })
}

/// Reads a whole list. Returns the CPU time of the server in microseconds a record, including the
/// walk.
fn sweep(server: &Server, limit: u64, customers: u64) -> Result<f64> {
    let before = server.cpu()?;
    let count = load::sweep(server.addr, limit)?;
    if count != customers {
        return Err(format!("a list of {customers} customers has the count {count}").into());
    }
    Ok(micros(server.cpu()? - before, count))
}

/// The p99 of lookups while `work` runs.
fn p99_during(server: &Server, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let lookups =
            scope.spawn(|| load::p99_until(server.addr, &is_done, LOOKUP_PAUSE, lookup_path));
        let worked = work();
        is_done.store(true, Ordering::Relaxed);
        let p99 = lookups.join().expect("a caller does not panic");
        worked.and(p99)
    })
}

fn micros(seconds: f64, count: u64) -> f64 {
    seconds * 1e6 / count as f64
}
