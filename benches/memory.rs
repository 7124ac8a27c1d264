//! The memory of sweeps of a million customers under `[cache] memory = "64MiB"`, over several
//! walks: `cargo bench --bench memory`. Fails if a peak is more than 100 MiB above that memory, or
//! if the peak of a later walk is more than 8 MiB above the peak of the second walk.

use std::fs;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use dotstory::clock::SystemClock;
use dotstory::domain::NaiveZone;
use dotstory::paging::{Budget, BudgetConfig, Config, CursorTrust, Filter, Sweeps, Window};
use dotstory::runtime::Runtime as Process;
use dotstory::telemetry::Metrics;
use support::{MAX_CUSTOMERS, Tenant};

mod support;

const MIB: u64 = 1 << 20;
const MEMORY: u64 = 64 * MIB;

/// Largest number of bytes by which a peak may exceed [`MEMORY`].
const MAX_ABOVE_MEMORY: u64 = 100 * MIB;

/// Largest number of bytes by which a later peak may exceed the second peak. Allocators vary.
const MAX_RISE: u64 = 8 * MIB;

const WALKS: usize = 6;

const CONFIG: Config = Config {
    count_wait: Duration::from_hours(1),
    reuse: Duration::ZERO,
    lifetime: Duration::from_hours(2),
    lookback: Duration::ZERO,
    clock_skew: Duration::ZERO,
    max_passes: NonZeroU32::MIN,
    walk_patience: Duration::ZERO,
    filter_slack: Duration::ZERO,
    walks_at_once: NonZeroU32::MIN,
    naive_zone: NaiveZone(chrono_tz::UTC),
    cursor: CursorTrust::Stable,
};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let metrics = Metrics::new();
    let budget = BudgetConfig {
        memory: MEMORY,
        disk: 4096 * MIB,
        paused: 0,
        directory: std::env::temp_dir(),
    };
    let process = Process::new(Arc::new(SystemClock), metrics.clone());
    let budget = Budget::new(&budget, &metrics);
    let sweeps =
        Sweeps::new(Tenant { customers: MAX_CUSTOMERS, scattered: true }, CONFIG, process, budget);
    println!("before: {} MiB resident", status("VmRSS") / MIB);

    let mut peaks = Vec::new();
    for walk in 1..=WALKS {
        reset_peak();
        // Before each of the last two walks, the earlier sweep loses its readers. This sweep is
        // then dropped instead of renewed.
        if walk + 2 > WALKS {
            tokio::time::advance(CONFIG.lifetime * 2).await;
        }
        let count = read_some(&sweeps).await;
        assert_eq!(count as u64, MAX_CUSTOMERS);
        peaks.push(status("VmHWM"));
        println!(
            "walk {walk}: peak {} MiB, then {} MiB resident; the cache holds {} MiB of memory, {} MiB of disk",
            status("VmHWM") / MIB,
            status("VmRSS") / MIB,
            gauge(&metrics, "dotstory_cache_bytes") / MIB,
            gauge(&metrics, "dotstory_cache_disk_bytes") / MIB,
        );
    }
    let highest = peaks.iter().max().copied().unwrap_or_default();
    assert!(highest <= MEMORY + MAX_ABOVE_MEMORY, "the peak is {highest} bytes");
    let later = peaks[2..].iter().max().copied().unwrap_or_default();
    assert!(later <= peaks[1] + MAX_RISE, "peaks rise: {peaks:?}");
}

/// Reads the first 50 windows of a sweep, and returns its count.
async fn read_some(sweeps: &Sweeps<Tenant>) -> usize {
    let mut count = 0;
    for number in 0..50 {
        let window = Window::new(number * 100, NonZeroU32::new(100).expect("100 is not 0"));
        let answer = sweeps.window(Filter::Everyone, window).await.expect("the tenant never fails");
        answer.append_to(&mut Vec::new(), support::as_stored).expect("the snapshot is readable");
        count = answer.count();
    }
    count
}

/// A value of this process' status, in bytes.
fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").expect("Linux has /proc/self/status");
    let line = text.lines().find(|line| line.starts_with(name)).expect("Linux lists the value");
    let kib = line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok());
    kib.expect("the value is a number of KiB") * 1024
}

fn reset_peak() {
    fs::write("/proc/self/clear_refs", "5").expect("Linux lets a process reset its own peak");
}

fn gauge(metrics: &Metrics, name: &str) -> u64 {
    let text = metrics.render();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.and_then(|value| value.parse().ok()).expect("the gauge is a whole number of bytes")
}
