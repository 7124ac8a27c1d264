//! Following cursors from the first page to the last, and never taking a false end for the true one.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use tracing::{debug, warn};

use super::budget::{BudgetSpent, MemoryBudget};
use super::certificate::Certificate;
use super::snapshot::{Gathering, Met};
use super::source::{Cursor, Page, Source, SourceError};

/// Pages on end without a customer not met before, after which a walk is given up: `DotApparel` fills its pages, so
/// 50 of them (5,000 customers) that bring nothing new are a circle, not a tail (DESIGN 2.7).
const MOST_PAGES_WITHOUT_NEWS: u32 = 50;

/// How often a walk is begun again because a cursor expired under it, before the upstream is held to be at fault.
const MOST_RESTARTS: u32 = 2;

/// A walk that came to its true end.
#[derive(Debug)]
pub(super) struct Walked {
    pub(super) gathering: Gathering,
    pub(super) certificate: Certificate,
    pub(super) cost: Cost,
}

/// What a walk cost and met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Pages fetched, those of walks begun again included.
    pub pages: u64,
    /// How often the walk was begun again because a cursor had expired.
    pub restarts: u32,
    /// Records left out because the upstream sent them without a usable id.
    pub skipped: u64,
}

/// Why a walk has no end that can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum WalkError<E> {
    /// The upstream did not answer a page.
    #[error(transparent)]
    Source(E),
    /// The upstream refused cursors that it had given itself, in fresh walks too.
    #[error("the upstream refused its own cursor in {walks} walks on end")]
    CursorsExpire {
        /// How many walks were tried.
        walks: u32,
        /// What it answered at last.
        source: E,
    },
    /// The upstream named a next page that this walk has been at before.
    #[error("the upstream's cursors go in a circle, met at page {page}")]
    Circle {
        /// The page that led back, counted from 1.
        page: u64,
    },
    /// Page after page brought nobody new.
    #[error("{MOST_PAGES_WITHOUT_NEWS} pages on end, up to page {page}, held no new customer")]
    NoNews {
        /// The last page fetched, counted from 1.
        page: u64,
    },
    /// A fault of our own ended the walk.
    #[error("the walk panicked")]
    Panicked,
    /// The snapshot would not fit.
    #[error(transparent)]
    NoRoom(#[from] BudgetSpent),
}

/// Walks over all pages of what changed after `since`. `progress` is told how many customers were met so far.
pub(super) async fn walk<S: Source>(
    source: &S,
    since: Option<DateTime<Utc>>,
    budget: &MemoryBudget,
    mut progress: impl FnMut(usize),
) -> Result<Walked, WalkError<S::Error>> {
    let mut cost = Cost::default();
    loop {
        match walk_once(source, since, budget, &mut cost, &mut progress).await {
            Err(WalkError::Source(error)) if error.is_cursor_rejected() => {
                if cost.restarts == MOST_RESTARTS {
                    return Err(WalkError::CursorsExpire {
                        walks: MOST_RESTARTS + 1,
                        source: error,
                    });
                }
                cost.restarts += 1;
                warn!(walk.pages = cost.pages, %error, "cursor refused, beginning the walk again");
            }
            Err(error) => return Err(error),
            Ok((gathering, pages)) => {
                return Ok(Walked { gathering, certificate: Certificate::of_walk(pages), cost });
            }
        }
    }
}

/// One pass from the first page to the last, and how many pages it had.
async fn walk_once<S: Source>(
    source: &S,
    since: Option<DateTime<Utc>>,
    budget: &MemoryBudget,
    cost: &mut Cost,
    progress: &mut impl FnMut(usize),
) -> Result<(Gathering, u64), WalkError<S::Error>> {
    let mut gathering = Gathering::new(budget);
    let mut guard = Guard::default();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = source.page(since, cursor.as_ref()).await.map_err(WalkError::Source)?;
        cost.pages += 1;
        cost.skipped += u64::from(page.skipped());
        let news = gather(&mut gathering, &page)?;
        progress(gathering.len());
        debug!(
            walk.page = guard.pages + 1,
            page.records = page.len(),
            page.new = news,
            "page walked"
        );
        match guard.pass(&page, news)? {
            Some(next) => cursor = Some(next),
            None => return Ok((gathering, guard.pages)),
        }
    }
}

/// Adds a page's records, and says how many customers it brought that were not met before.
fn gather(gathering: &mut Gathering, page: &Page) -> Result<usize, BudgetSpent> {
    let mut news = 0;
    for record in page.records() {
        if gathering.push(record)? == Met::New {
            news += 1;
        }
    }
    Ok(news)
}

/// Keeps a walk from going round and round.
#[derive(Debug, Default)]
struct Guard {
    pages: u64,
    seen: HashSet<Cursor>,
    without_news: u32,
}

// === impl Guard ===

impl Guard {
    /// Where to go on from this page; `None` at the end.
    fn pass<E>(&mut self, page: &Page, news: usize) -> Result<Option<Cursor>, WalkError<E>> {
        self.pages += 1;
        let Some(next) = page.next() else {
            return Ok(None);
        };
        if !self.seen.insert(next.clone()) {
            return Err(WalkError::Circle { page: self.pages });
        }
        self.without_news = if news == 0 { self.without_news + 1 } else { 0 };
        if self.without_news == MOST_PAGES_WITHOUT_NEWS {
            return Err(WalkError::NoNews { page: self.pages });
        }
        Ok(Some(next.clone()))
    }
}
