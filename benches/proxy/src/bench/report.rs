//! The figures of all rounds, and the table of their medians.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::servers::Kind;
use crate::statistics::median;

/// What is measured, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    Lookup,
    SweepBy100,
    SweepBy25,
    LargeSweep,
    Window,
    Peak,
    Wall,
    IdleP99,
    WalkP99,
    SystemCalls,
}

/// The figures of all rounds.
#[derive(Debug, Default)]
pub(crate) struct Figures(BTreeMap<(Measure, Kind), Vec<f64>>);

// === impl Measure ===

impl Measure {
    const ALL: [Self; 10] = [
        Self::Lookup,
        Self::SweepBy100,
        Self::SweepBy25,
        Self::LargeSweep,
        Self::Window,
        Self::Peak,
        Self::Wall,
        Self::IdleP99,
        Self::WalkP99,
        Self::SystemCalls,
    ];

    /// The name in the table.
    fn name(self) -> &'static str {
        match self {
            Self::Lookup => "one customer by id, CPU µs a request",
            Self::SweepBy100 => "sweep of the small list, limit 100, CPU µs a record",
            Self::SweepBy25 => "sweep of the small list, limit 25, CPU µs a record",
            Self::LargeSweep => "sweep of the large list, limit 100, CPU µs a record",
            Self::Window => "window of 100 of a kept sweep, CPU µs a window",
            Self::Peak => "peak memory of the sweep of the large list, MiB",
            Self::Wall => "sweep with 20 ms a page, time / (pages × 20 ms)",
            Self::IdleP99 => "p99 of a lookup, idle, ms",
            Self::WalkP99 => "p99 of a lookup during a walk of the large list, ms",
            Self::SystemCalls => "system calls of a lookup",
        }
    }

    fn aim(self) -> &'static str {
        match self {
            Self::Lookup => "ratio ≤ 0.65",
            Self::SweepBy100 | Self::SweepBy25 => "ratio ≤ 0.45",
            Self::LargeSweep => "ratio ≤ 0.5",
            Self::Window => "≤ 90 µs",
            Self::Peak => "≤ 240 MiB",
            Self::Wall => "≤ 1.06",
            Self::IdleP99 | Self::WalkP99 | Self::SystemCalls => "",
        }
    }
}

// === impl Figures ===

impl Figures {
    pub(crate) fn add(&mut self, measure: Measure, kind: Kind, figure: f64) {
        eprintln!("  {kind:?}: {}: {figure:.3}", measure.name());
        self.0.entry((measure, kind)).or_default().push(figure);
    }

    /// The table of the medians in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut table =
            "| measure | dotstory | nginx + Lua | nginx bare | dotstory / Lua | aim |\n\
                         | --- | --- | --- | --- | --- | --- |\n"
                .to_owned();
        for measure in Measure::ALL {
            let medians =
                [Kind::Dotstory, Kind::Lua, Kind::Bare].map(|kind| self.median(measure, kind));
            let ratio = match medians {
                [Some(ours), Some(theirs), _] => format!("{:.2}", ours / theirs),
                _ => String::new(),
            };
            let [ours, lua, bare] = medians.map(|median| median.map(short).unwrap_or_default());
            let (name, aim) = (measure.name(), measure.aim());
            writeln!(table, "| {name} | {ours} | {lua} | {bare} | {ratio} | {aim} |")
                .expect("a write into a string cannot fail");
        }
        table
    }

    fn median(&self, measure: Measure, kind: Kind) -> Option<f64> {
        self.0.get(&(measure, kind)).map(|figures| median(figures))
    }
}

/// A figure with three digits or more.
fn short(figure: f64) -> String {
    match figure {
        ..10.0 => format!("{figure:.2}"),
        ..100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}
