//! What it costs to serve a window of 100 records from a kept sweep of a million, in memory and beyond it, beside what it
//! costs to copy its bytes.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use divan::{Bencher, black_box};
use dotstory::clock::SystemClock;
use dotstory::paging::{Answer, Budget, BudgetConfig, Config, CursorTrust, Filter, Sweeps, Window};
use dotstory::runtime::Runtime as Process;
use dotstory::telemetry::Metrics;
use support::{MOST, Tenant};
use tokio::runtime::Runtime;

mod support;

/// Where the sweep lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lies {
    InMemory,
    OnDisk,
}

const CONFIG: Config = Config {
    count_wait: Duration::from_hours(1),
    reuse: Duration::from_hours(1),
    lifetime: Duration::from_hours(1),
    lookback: Duration::ZERO,
    clock_skew: Duration::ZERO,
    max_passes: NonZeroU32::MIN,
    cursor: CursorTrust::Stable,
};

/// A sweep that is walked already.
struct Walked {
    runtime: Runtime,
    sweeps: Sweeps<Tenant>,
}

// === impl Walked ===

impl Walked {
    fn with(lies: Lies, scattered: bool) -> Self {
        let runtime = Runtime::new().expect("a runtime starts");
        let in_runtime = runtime.enter();
        let metrics = Metrics::new();
        let memory = match lies {
            Lies::InMemory => 4 << 30,
            // Enough for its walk alone.
            Lies::OnDisk => 64 << 20,
        };
        let budget = BudgetConfig { memory, disk: 4 << 30, directory: std::env::temp_dir() };
        let process = Process::new(Arc::new(SystemClock), metrics.clone());
        let budget = Budget::new(&budget, &metrics);
        let sweeps = Sweeps::new(Tenant { customers: MOST, scattered }, CONFIG, process, budget);
        drop(in_runtime);
        let walked = Self { runtime, sweeps };
        walked.answer(0);
        let overflowed = !metrics.render().contains("dotstory_cache_disk_bytes 0\n");
        assert_eq!(overflowed, lies == Lies::OnDisk, "{}", metrics.render());
        walked
    }

    fn answer(&self, start: u64) -> Answer {
        let window = Window::new(start, NonZeroU32::new(100).expect("100 is not 0"));
        let answer = self.sweeps.window(Filter::Everyone, window);
        self.runtime.block_on(answer).expect("the tenant never fails")
    }

    fn serve(&self, start: u64) -> Vec<u8> {
        let mut out = Vec::with_capacity(100 * 1024);
        self.answer(start).append_to(&mut out).expect("it can be read back");
        out
    }
}

#[divan::bench(args = [Lies::InMemory, Lies::OnDisk])]
fn window_of_100_one_after_the_other(bencher: Bencher<'_, '_>, lies: Lies) {
    let walked = Walked::with(lies, false);
    let mut start = 0;
    bencher.bench_local(|| {
        start = (start + 100) % MOST;
        black_box(walked.serve(start))
    });
}

#[divan::bench(args = [Lies::InMemory, Lies::OnDisk])]
fn window_of_100_anywhere(bencher: Bencher<'_, '_>, lies: Lies) {
    let walked = Walked::with(lies, false);
    let mut at: u64 = 1;
    bencher.bench_local(|| {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        black_box(walked.serve((at >> 33) % (MOST - 100)))
    });
}

/// The worst case: no two neighbours of the window were on one page, so that each record is in a block of its own.
#[divan::bench(args = [Lies::InMemory, Lies::OnDisk])]
fn window_of_100_of_a_list_walked_in_another_order(bencher: Bencher<'_, '_>, lies: Lies) {
    let walked = Walked::with(lies, true);
    let mut start = 0;
    bencher.bench_local(|| {
        start = (start + 100) % MOST;
        black_box(walked.serve(start))
    });
}

#[divan::bench]
fn copying_the_bytes_of_a_window_of_100(bencher: Bencher<'_, '_>) {
    let bytes: Vec<u8> = (0..100).map(support::record).collect::<Vec<_>>().join(",").into_bytes();
    bencher.bench_local(|| {
        let mut out = Vec::with_capacity(100 * 1024);
        out.extend_from_slice(black_box(&bytes));
        black_box(out)
    });
}

fn main() {
    divan::main();
}
