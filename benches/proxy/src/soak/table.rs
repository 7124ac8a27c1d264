//! The table of the run: a row every 15 s.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::caller::Statuses;
use super::vitals::{Vitals, read_metrics, sum};
use crate::Result;

/// The printed part of the table.
#[derive(Debug)]
pub(crate) struct Table {
    rows: u32,
    /// Number of answers up to the last row, in the order of the fields of [`Statuses`].
    answers: [u64; 5],
}

/// The title of a column, the gauge in it, and the unit of the column.
const GAUGES: [(&str, &str, f64); 6] = [
    ("walks", "dotstory_walks_running", 1.0),
    ("waiting", "dotstory_walks_waiting", 1.0),
    ("paused", "dotstory_walks_paused", 1.0),
    ("lists", "dotstory_cache_sweeps", 1.0),
    ("lists in memory, MiB", "dotstory_cache_bytes", MIB),
    ("lists on disk, MiB", "dotstory_cache_disk_bytes", MIB),
];

const MIB: f64 = 1024.0 * 1024.0;

// === impl Table ===

impl Table {
    /// Prints the head of the table.
    pub(crate) fn begin() -> Self {
        let gauges = GAUGES.map(|(title, ..)| title).join(" | ");
        println!(
            "| s | memory, MiB | descriptors | threads | {gauges} | answers | 200 | 401, 429 | other 4xx | 503 | other 5xx |"
        );
        println!("|{}", " ---: |".repeat(10 + GAUGES.len()));
        Self { rows: 1, answers: [0; 5] }
    }

    /// The number of the next row, from 1.
    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    /// Prints a row. The answers are those since the last row.
    pub(crate) fn add(
        &mut self,
        elapsed: Duration,
        vitals: Vitals,
        operator: SocketAddr,
        statuses: &Statuses,
    ) -> Result<()> {
        let metrics = read_metrics(operator)?;
        let gauges = GAUGES.map(|(_, name, unit)| format!("{:.0}", sum(&metrics, name) / unit));
        let Statuses { ok, unauthorized, refused, unavailable, failed } = statuses;
        let answers = [ok, unauthorized, refused, unavailable, failed]
            .map(|counter| counter.load(Ordering::Relaxed));
        let new: Vec<u64> =
            answers.iter().zip(self.answers).map(|(all, earlier)| all - earlier).collect();
        let Vitals { memory, descriptors, threads } = vitals;
        println!(
            "| {} | {memory:.1} | {descriptors} | {threads} | {} | {} | {} |",
            elapsed.as_secs(),
            gauges.join(" | "),
            new.iter().sum::<u64>(),
            new.iter().map(u64::to_string).collect::<Vec<_>>().join(" | "),
        );
        self.answers = answers;
        self.rows += 1;
        Ok(())
    }
}
