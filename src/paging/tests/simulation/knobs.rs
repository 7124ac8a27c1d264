//! The knobs: settings of a run that `scripts/simulate` reads and writes.

use std::fmt::{self, Debug};
use std::time::Duration;

use super::removal::Removal;
use super::scenario::{BudgetKind, Cursors, FilterOrCursor, Filters, Order, Outages, Scenario};
use crate::paging::CursorTrust;

// === impl Scenario ===

impl Scenario {
    /// Sets a knob that is written as `name=value`.
    pub(crate) fn turn(&mut self, knob: &str) -> Result<(), String> {
        let wrong = || format!("unknown knob or wrong value: {knob:?}, see scripts/simulate");
        let (name, value) = knob.split_once('=').ok_or_else(wrong)?;
        self.set(name, value).ok_or_else(wrong)
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        // With 100 %, changes would not end (`stir`), or no visit by day would finish (`leavers`).
        let share = || value.parse().ok().filter(|share| *share < 100);
        let cursors = || one_of([Cursors::Keyset, Cursors::Offset], value);
        match name {
            "days" => self.days = value.parse().ok()?,
            "customers" => self.customers = value.parse().ok()?,
            "readers" => self.readers = value.parse().ok()?,
            "stir" => self.stir = share()?,
            "deletions" => self.deletions = share()?,
            "faults" => self.faults = read_switch(value)?,
            "restarts" => self.restarts = read_switch(value)?,
            "merges" => self.merges = read_switch(value)?,
            "oddities" => self.oddities = read_switch(value)?,
            "back-dated" => self.back_dated = read_switch(value)?,
            "budget" => {
                self.budget =
                    one_of([BudgetKind::Ample, BudgetKind::Tight, BudgetKind::Contested], value)?;
            }
            "outages" => {
                self.outages = one_of([Outages::Never, Outages::Short, Outages::Long], value)?;
            }
            "one-shot" => self.one_shot = read_switch(value)?,
            "cursor-life" => self.cursor_life = value.parse().ok()?,
            "filters" => {
                self.filters = one_of([Filters::Fixed, Filters::PerTry, Filters::PerPage], value)?;
            }
            "leavers" => self.leavers = share()?,
            "zone" => self.zone = value.parse().ok()?,
            "brand-zone" => self.brand_zone = value.parse().ok()?,
            "clock-ahead" => self.clock_ahead = value.parse().ok()?,
            "filter-or-cursor" => {
                let all = [FilterOrCursor::Both, FilterOrCursor::Carried, FilterOrCursor::Lost];
                self.filter_or_cursor = one_of(all, value)?;
            }
            "caller-ahead" => self.caller_ahead = value.parse().ok()?,
            "latency" => self.latency = Duration::from_millis(value.parse().ok()?),
            "cursors" => self.cursors = cursors()?,
            "cursors-since" => self.cursors_since = cursors()?,
            "order" => self.order = one_of([Order::Id, Order::Update, Order::Moment], value)?,
            "trust" => {
                let all = [CursorTrust::Auto, CursorTrust::Stable, CursorTrust::Drifting];
                self.trust = one_of(all, value)?;
            }
            "without" => self.removal = Some(Removal::from_name(value)?),
            _ => return None,
        }
        Some(())
    }

    fn knobs(&self) -> [(&'static str, String); 27] {
        [
            ("days", self.days.to_string()),
            ("customers", self.customers.to_string()),
            ("readers", self.readers.to_string()),
            ("stir", self.stir.to_string()),
            ("deletions", self.deletions.to_string()),
            ("faults", switch(self.faults)),
            ("restarts", switch(self.restarts)),
            ("merges", switch(self.merges)),
            ("oddities", switch(self.oddities)),
            ("back-dated", switch(self.back_dated)),
            ("budget", name_of(self.budget)),
            ("outages", name_of(self.outages)),
            ("one-shot", switch(self.one_shot)),
            ("cursor-life", self.cursor_life.to_string()),
            ("filters", name_of(self.filters)),
            ("leavers", self.leavers.to_string()),
            ("zone", self.zone.to_string()),
            ("brand-zone", self.brand_zone.to_string()),
            ("clock-ahead", self.clock_ahead.to_string()),
            ("filter-or-cursor", name_of(self.filter_or_cursor)),
            ("caller-ahead", self.caller_ahead.to_string()),
            ("latency", self.latency.as_millis().to_string()),
            ("cursors", name_of(self.cursors)),
            ("cursors-since", name_of(self.cursors_since)),
            ("order", name_of(self.order)),
            ("trust", name_of(self.trust)),
            ("without", self.removal.map(|removal| removal.name().to_owned()).unwrap_or_default()),
        ]
    }
}

impl fmt::Display for Scenario {
    /// The arguments of `scripts/simulate` that repeat this run.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 {}", self.seed)?;
        for ((name, own), (_, seeds)) in self.knobs().iter().zip(Self::from_seed(self.seed).knobs())
        {
            if *own != seeds {
                write!(f, " {name}={own}")?;
            }
        }
        Ok(())
    }
}

fn switch(on: bool) -> String {
    if on { "on".to_owned() } else { "off".to_owned() }
}

fn read_switch(value: &str) -> Option<bool> {
    [false, true].into_iter().find(|on| switch(*on) == value)
}

fn one_of<T: Debug, const N: usize>(all: [T; N], name: &str) -> Option<T> {
    all.into_iter().find(|one| name_of(one) == name)
}

fn name_of(value: impl Debug) -> String {
    format!("{value:?}").to_lowercase()
}
