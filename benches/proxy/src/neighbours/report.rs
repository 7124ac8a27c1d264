//! The figures of all rounds at one speed, and their table.

use std::fmt::Write as _;

use super::lookups::Figures;
use super::round::{Measured, Pair, WalkSpeed};
use crate::statistics::median;

/// The measured rounds.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Pair>);

/// A row of the table: the lookups of one server in one measurement of each round.
struct Row {
    name: &'static str,
    round: fn(&Pair) -> Measured,
    lookups: fn(&Measured) -> Figures,
}

/// A number of each round.
type Number = fn(&Pair) -> f64;

const ROWS: [Row; 3] = [
    Row { name: "no neighbours", round: |pair| pair.without, lookups: |round| round.inside },
    Row {
        name: "neighbours in another dotstory",
        round: |pair| pair.with,
        lookups: |round| round.elsewhere,
    },
    Row {
        name: "neighbours in this dotstory",
        round: |pair| pair.with,
        lookups: |round| round.inside,
    },
];

/// What the neighbours change.
const CHANGE: Number = |pair| pair.with.inside.p99 / pair.without.inside.p99;

/// What the neighbours change by being in the same dotstory, and not only on the same machine.
const SHARING: Number = |pair| pair.with.inside.p99 / pair.with.elsewhere.p99;

const RATIOS: [(&str, Number); 4] = [
    ("neighbours in this dotstory / no neighbours", CHANGE),
    ("neighbours in another dotstory / no neighbours", |pair| {
        pair.with.elsewhere.p99 / pair.without.elsewhere.p99
    }),
    ("neighbours in this / in another dotstory, in the same seconds", SHARING),
    ("one / the other dotstory without neighbours, in the same seconds", |pair| {
        pair.without.inside.p99 / pair.without.elsewhere.p99
    }),
];

// === impl Report ===

impl Report {
    pub(crate) fn add(&mut self, pair: Pair) {
        self.0.push(pair);
    }

    pub(crate) fn rounds(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// The median over all rounds of the ratio that may not be too large: [`CHANGE`]. A walk
    /// without a limit uses most of a small machine and slows every program on it, so the ratio for
    /// such a walk is [`SHARING`].
    pub(crate) fn change(&self, speed: WalkSpeed) -> f64 {
        self.median(match speed {
            WalkSpeed::Default => CHANGE,
            WalkSpeed::Unlimited => SHARING,
        })
    }

    /// The table in Markdown, and the ratios of the rounds.
    pub(crate) fn text(&self, speed: WalkSpeed) -> String {
        let mut text = format!(
            "With neighbours, {}. Medians of {} rounds:\n\n\
             | lookups | p50, ms | p99, ms | machine used | pages a second |\n\
             | --- | ---: | ---: | ---: | ---: |\n",
            speed.name(),
            self.rounds()
        );
        for Row { name, round, lookups } in ROWS {
            let p50 = self.median(|pair| lookups(&round(pair)).p50);
            let p99 = self.median(|pair| lookups(&round(pair)).p99);
            let own = self.median(|pair| round(pair).own * 100.0);
            let pages = self.median(|pair| round(pair).pages);
            push(
                &mut text,
                format_args!("| {name} | {p50:.2} | {p99:.2} | {own:.0} % | {pages:.0} |\n"),
            );
        }
        text.push_str("\n| ratio of two p99 | median | rounds |\n| --- | ---: | --- |\n");
        for (name, ratio) in RATIOS {
            let (median, rounds) = (self.median(ratio), self.in_order(ratio));
            push(&mut text, format_args!("| {name} | {median:.2} | {rounds} |\n"));
        }
        text
    }

    fn median(&self, number: impl Fn(&Pair) -> f64) -> f64 {
        median(&self.0.iter().map(number).collect::<Vec<_>>())
    }

    /// The numbers of all rounds, the smallest first.
    fn in_order(&self, number: Number) -> String {
        let mut numbers: Vec<f64> = self.0.iter().map(number).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.iter().map(|number| format!("{number:.2}")).collect::<Vec<_>>().join(" ")
    }
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a write into a string cannot fail");
}
