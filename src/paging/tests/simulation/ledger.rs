//! What the upstream received from each walk, independent of what the engine reports.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use tokio::task::Id;

use super::faults::Fault;
use super::page::{Row, is_nameless};

/// All walks of a run. Each walk is one task.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    walks: Vec<Walk>,
    by_task: HashMap<Id, usize>,
}

/// What the upstream received from one walk.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub(crate) began: DateTime<Utc>,
    /// When the walk's last call was answered.
    pub(crate) ended: DateTime<Utc>,
    /// The stamp from which the walk asks for changes.
    pub(crate) since: Option<NaiveDateTime>,
    pub(crate) calls: u64,
    /// Number of rows that matched at the walk's first answer with matching rows.
    pub(crate) rows: u64,
    /// Number of rows received again, because the walk asked for changes from a stamp that it had
    /// reached.
    pub(crate) resent: u64,
    /// Number of records without an id.
    pub(crate) nameless: u64,
    pub(crate) faults: Vec<Fault>,
    /// Number of refused cursors, including those that were refused together with a filter.
    pub(crate) rejected: u64,
    /// Whether a walk over changes has asked for all customers.
    pub(crate) asked_for_all: bool,
    /// The versions sent in the current pass.
    sent: HashSet<i64>,
}

/// One answer of the upstream.
pub(crate) struct AnswerSeen<'a> {
    pub(crate) since: Option<NaiveDateTime>,
    /// Whether the page is the first page of its list.
    pub(crate) first: bool,
    /// Number of rows that matched.
    pub(crate) rows: usize,
    /// The rows on the page; `None` if the cursor was refused.
    pub(crate) shown: Option<&'a [Row]>,
}

// === impl Ledger ===

impl Ledger {
    /// Records a call.
    pub(crate) fn record_call(&mut self, since: Option<NaiveDateTime>, now: DateTime<Utc>) {
        let index = *self.by_task.entry(tokio::task::id()).or_insert_with(|| {
            self.walks.push(Walk::new(since, now));
            self.walks.len() - 1
        });
        self.walks[index].calls += 1;
    }

    /// Records the fault of an answer.
    pub(crate) fn record_fault(&mut self, fault: Fault) {
        self.walk(|walk| walk.faults.push(fault));
    }

    /// Records a filter and a cursor that were refused together.
    pub(crate) fn record_refusal(&mut self) {
        self.walk(|walk| walk.rejected += 1);
    }

    /// Records an answer.
    pub(crate) fn record_answer(
        &mut self,
        answer: &AnswerSeen<'_>,
        oddities: bool,
        now: DateTime<Utc>,
    ) {
        self.walk(|walk| walk.record_answer(answer, oddities, now));
    }

    /// The walks that began at this moment.
    pub(crate) fn walks_begun_at(&self, began: DateTime<Utc>) -> impl Iterator<Item = &Walk> {
        let later = self.walks.iter().rev().skip_while(move |walk| walk.began > began);
        later.take_while(move |walk| walk.began == began)
    }

    /// Number of calls.
    pub(crate) fn calls(&self) -> u64 {
        self.walks.iter().map(|walk| walk.calls).sum()
    }

    fn walk(&mut self, note: impl FnOnce(&mut Walk)) {
        if let Some(index) = self.by_task.get(&tokio::task::id()) {
            note(&mut self.walks[*index]);
        }
    }
}

// === impl Walk ===

impl Walk {
    fn new(since: Option<NaiveDateTime>, now: DateTime<Utc>) -> Self {
        Self {
            began: now,
            ended: now,
            since,
            calls: 0,
            rows: 0,
            resent: 0,
            nameless: 0,
            faults: Vec::new(),
            rejected: 0,
            asked_for_all: false,
            sent: HashSet::new(),
        }
    }

    fn record_answer(&mut self, answer: &AnswerSeen<'_>, oddities: bool, now: DateTime<Utc>) {
        self.ended = now;
        if self.rows == 0 {
            self.rows = answer.rows as u64;
        }
        let Some(shown) = answer.shown else {
            self.rejected += 1;
            return;
        };
        self.asked_for_all |= answer.first && answer.since.is_none() && self.since.is_some();
        if answer.first && answer.since == self.since {
            self.sent.clear();
        }
        let along_stamps = answer.since > self.since;
        for (id, version) in shown {
            let again = !self.sent.insert(version.number);
            self.resent += u64::from(again && along_stamps);
            self.nameless += u64::from(oddities && is_nameless(*id));
        }
    }

    /// Number of calls that failed.
    pub(crate) fn failed(&self) -> u64 {
        let fails =
            |fault: &&Fault| matches!(fault, Fault::Down | Fault::Throttled(_) | Fault::Lost);
        self.faults.iter().filter(fails).count() as u64
    }

    /// Number of faults of this kind.
    pub(crate) fn count(&self, fault: Fault) -> u64 {
        self.faults.iter().filter(|other| **other == fault).count() as u64
    }
}
