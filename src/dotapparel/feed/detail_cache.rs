//! What lookups answered, for as long as the customer's stamp stays the same; bounded in memory.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDateTime;
use metrics::Gauge;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tokio::time::Instant;

use crate::domain::{CustomerId, Decimal, Fact};
use crate::dotapparel::calls::DetailBody;
use crate::telemetry::Metrics;

/// The answers of lookups of one brand. No brand's cache is ever seen by another: each has its own.
#[derive(Debug)]
pub struct DetailCache {
    answers: Cache<CustomerId, Kept, ByBytes>,
    bytes: Gauge,
}

/// What was answered about one customer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// `None` when the ERP knows nobody of this id.
    pub(crate) found: Option<Arc<DetailBody>>,
    pub(crate) points: Fact<Decimal>,
    /// When the lookup was asked.
    pub(crate) asked: Instant,
}

#[derive(Clone, Debug)]
struct Kept {
    /// The search's stamp when it was asked.
    stamp: NaiveDateTime,
    answer: Answer,
}

#[derive(Clone, Debug)]
struct ByBytes;

/// How long an answer serves at most: nobody documents that every balance or reference that changes moves the stamp. Long
/// enough that a walk of 400,000 customers at 10 calls a second finds at its end what it asked at its beginning, short
/// enough that a nightly sweep asks anew.
const LIFETIME: Duration = Duration::from_hours(12);

/// What an answer takes beside its body: its key, its place in the cache, and what it holds.
const OVERHEAD: usize = 256;

/// A body as the document shows one has 1.6 KB.
const USUAL: u64 = 2048;

// === impl DetailCache ===

impl DetailCache {
    /// An empty cache of at most so many bytes; with 0 it keeps nothing. `metrics` carry the brand's label.
    ///
    /// # Panics
    /// Never: both capacities are given.
    #[must_use]
    pub fn new(bytes: u64, metrics: &Metrics) -> Self {
        let options = OptionsBuilder::new()
            // The memory is one: a shard of its own for each thread would only keep an answer out that fits.
            .shards(1)
            .estimated_items_capacity(usize::try_from(bytes / USUAL).unwrap_or(usize::MAX))
            .weight_capacity(bytes)
            .build()
            .expect("both capacities are given");
        let lifecycle = DefaultLifecycle::default();
        let answers =
            Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), lifecycle);
        Self { answers, bytes: metrics.gauge("dotstory_cache_details_bytes", &[]) }
    }

    /// What was answered about the customer in this version, if it is kept and not too old.
    pub(crate) fn get(&self, id: CustomerId, stamp: NaiveDateTime) -> Option<Answer> {
        let kept = self.answers.get(&id)?;
        (kept.stamp == stamp && kept.answer.asked.elapsed() < LIFETIME).then_some(kept.answer)
    }

    /// Keeps what was answered about the customer in this version, in place of any other version.
    pub(crate) fn keep(&self, id: CustomerId, stamp: NaiveDateTime, answer: Answer) {
        self.answers.insert(id, Kept { stamp, answer });
        #[expect(clippy::cast_precision_loss, reason = "2^53 bytes are not to be met")]
        self.bytes.set(self.answers.weight() as f64);
    }
}

impl Weighter<CustomerId, Kept> for ByBytes {
    fn weight(&self, _: &CustomerId, kept: &Kept) -> u64 {
        let body = kept.answer.found.as_ref().map_or(0, |found| found.body.len());
        (body + OVERHEAD) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn answer(bytes: usize) -> Answer {
        let found = DetailBody { body: vec![b' '; bytes].into(), stamp: None, account: None };
        Answer { found: Some(Arc::new(found)), points: Fact::Unknown, asked: Instant::now() }
    }

    fn cache(bytes: u64) -> DetailCache {
        DetailCache::new(bytes, &Metrics::new())
    }

    fn id() -> CustomerId {
        CustomerId::new(1)
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_serves_its_version_alone_and_half_a_day() {
        let cache = cache(1 << 20);
        let (old, new) = (at("2024-01-01T00:00:00"), at("2024-01-01T00:00:01"));
        cache.keep(id(), old, answer(10));
        assert!(cache.get(id(), old).is_some() && cache.get(CustomerId::new(2), old).is_none());
        assert!(cache.get(id(), new).is_none());

        cache.keep(id(), new, answer(10));
        assert!(cache.get(id(), new).is_some() && cache.get(id(), old).is_none());
        tokio::time::advance(LIFETIME.mul_f64(0.999)).await;
        assert!(cache.get(id(), new).is_some());
        tokio::time::advance(LIFETIME.mul_f64(0.001)).await;
        assert!(cache.get(id(), new).is_none());
    }

    #[tokio::test]
    async fn memory_is_bounded_whatever_is_kept() {
        let (bytes, stamp) = (64 * 1024, at("2024-01-01T00:00:00"));
        let cache = cache(bytes);
        for id in 0..10_000 {
            cache.keep(CustomerId::new(id), stamp, answer(1500));
            assert!(cache.answers.weight() <= bytes);
        }
        let kept = (0..10_000).filter(|id| cache.get(CustomerId::new(*id), stamp).is_some());
        assert!((30..=38).contains(&kept.count()), "{}", cache.answers.weight());

        cache.keep(id(), stamp, answer(100_000));
        assert!(cache.get(id(), stamp).is_none(), "what is larger than all of it is not kept");
    }

    #[tokio::test]
    async fn a_walk_over_more_than_fits_still_finds_some_of_it_again() {
        let stamp = at("2024-01-01T00:00:00");
        let cache = cache(256 * 1024);
        let mut found = 0;
        for id in (0..300).chain(0..300) {
            let id = CustomerId::new(id);
            match cache.get(id, stamp) {
                Some(_) => found += 1,
                None => cache.keep(id, stamp, answer(1500)),
            }
        }
        assert!(found > 50, "{found}");
    }

    #[tokio::test]
    async fn a_cache_without_memory_keeps_nothing() {
        let cache = cache(0);
        cache.keep(id(), at("2024-01-01T00:00:00"), answer(1));
        assert!(cache.get(id(), at("2024-01-01T00:00:00")).is_none());
    }
}
