//! The time to serve a window of 100 records from a kept sweep of a million, in memory and on disk,
//! compared with copying its bytes.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use divan::{Bencher, black_box};
use dotstory::clock::SystemClock;
use dotstory::domain::NaiveZone;
use dotstory::paging::{Answer, Budget, BudgetConfig, Config, CursorTrust, Filter, Sweeps, Window};
use dotstory::runtime::Runtime as Process;
use dotstory::telemetry::Metrics;
use support::{MAX_CUSTOMERS, Tenant};
use tokio::runtime::Runtime;

mod support;

/// Where the sweep is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Storage {
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
    walk_patience: Duration::ZERO,
    filter_slack: Duration::ZERO,
    walks_at_once: NonZeroU32::MIN,
    naive_zone: NaiveZone(chrono_tz::UTC),
    cursor: CursorTrust::Stable,
};

/// A sweep whose walk has ended.
struct KeptSweep {
    runtime: Runtime,
    sweeps: Sweeps<Tenant>,
}

// === impl KeptSweep ===

impl KeptSweep {
    fn new(storage: Storage, scattered: bool) -> Self {
        let runtime = Runtime::new().expect("a runtime starts");
        let in_runtime = runtime.enter();
        let metrics = Metrics::new();
        let memory = match storage {
            Storage::InMemory => 4 << 30,
            // Enough for the walk, but not for the snapshot.
            Storage::OnDisk => 64 << 20,
        };
        let budget =
            BudgetConfig { memory, disk: 4 << 30, paused: 0, directory: std::env::temp_dir() };
        let process = Process::new(Arc::new(SystemClock), metrics.clone());
        let budget = Budget::new(&budget, &metrics);
        let sweeps =
            Sweeps::new(Tenant { customers: MAX_CUSTOMERS, scattered }, CONFIG, process, budget);
        drop(in_runtime);
        let sweep = Self { runtime, sweeps };
        sweep.answer(0);
        let overflowed = !metrics.render().contains("dotstory_cache_disk_bytes 0\n");
        assert_eq!(overflowed, storage == Storage::OnDisk, "{}", metrics.render());
        sweep
    }

    fn answer(&self, start: u64) -> Answer {
        let window = Window::new(start, NonZeroU32::new(100).expect("100 is not 0"));
        let answer = self.sweeps.window(Filter::Everyone, window);
        self.runtime.block_on(answer).expect("the tenant never fails")
    }

    fn serve(&self, start: u64) -> Vec<u8> {
        let mut out = Vec::with_capacity(100 * 1024);
        self.answer(start)
            .append_to(&mut out, support::as_stored)
            .expect("the snapshot is readable");
        out
    }
}

#[divan::bench(args = [Storage::InMemory, Storage::OnDisk])]
fn window_of_100_one_after_the_other(bencher: Bencher<'_, '_>, storage: Storage) {
    let sweep = KeptSweep::new(storage, false);
    let mut start = 0;
    bencher.bench_local(|| {
        start = (start + 100) % MAX_CUSTOMERS;
        black_box(sweep.serve(start))
    });
}

#[divan::bench(args = [Storage::InMemory, Storage::OnDisk])]
fn window_of_100_anywhere(bencher: Bencher<'_, '_>, storage: Storage) {
    let sweep = KeptSweep::new(storage, false);
    let mut at: u64 = 1;
    bencher.bench_local(|| {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        black_box(sweep.serve((at >> 33) % (MAX_CUSTOMERS - 100)))
    });
}

/// No two neighbours of the window were on the same page of the walk. At its end, the walk rewrites
/// the records in the order in which they are served.
#[divan::bench(args = [Storage::InMemory, Storage::OnDisk])]
fn window_of_100_of_a_list_walked_in_another_order(bencher: Bencher<'_, '_>, storage: Storage) {
    let sweep = KeptSweep::new(storage, true);
    let mut start = 0;
    bencher.bench_local(|| {
        start = (start + 100) % MAX_CUSTOMERS;
        black_box(sweep.serve(start))
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
