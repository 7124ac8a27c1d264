//! A cache of customer lookups, with bounded memory. An answer is used while the customer's stamp
//! stays the same, for less than 12 hours.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::NaiveDateTime;
use metrics::Gauge;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::time::Instant;

use crate::domain::{CustomerId, Decimal, Fact};
use crate::dotapparel::calls::DetailBody;
use crate::telemetry::Metrics;

/// The answers of one brand's lookups. Each brand has its own cache. Clones share the answers.
#[derive(Clone, Debug)]
pub struct DetailCache {
    answers: Arc<ArcSwap<Answers>>,
    bytes: Gauge,
}

type Answers = Cache<CustomerId, CachedAnswer>;

/// The upstream's answer about one customer.
#[derive(Clone, Debug)]
pub(crate) struct DetailAnswer {
    /// `None` if `DotApparel` finds no customer with this id.
    pub(crate) found: Option<Arc<DetailBody>>,
    pub(crate) points: Fact<Decimal>,
    /// When the lookup began.
    pub(crate) asked: Instant,
}

#[derive(Clone, Debug)]
struct CachedAnswer {
    /// The stamp of the search record at the time of the lookup.
    stamp: NaiveDateTime,
    answer: DetailAnswer,
}

/// The age after which an answer is not used. `DotApparel`'s API documentation does not promise
/// that a change of a balance or a reference also changes the stamp. 12 hours are long enough for a
/// walk of 400,000 customers at 10 calls a second. They are short enough that a nightly sweep looks
/// each customer up again.
const LIFETIME: Duration = Duration::from_hours(12);

/// Memory of an answer in addition to its body, in bytes. Measured with 200,000 answers: 582 bytes
/// for each answer.
const OVERHEAD: usize = 600;

// === impl DetailCache ===

impl DetailCache {
    /// An empty cache of at most `bytes`. A cache of 0 bytes keeps nothing.
    #[must_use]
    pub fn new(bytes: u64, metrics: &Metrics) -> Self {
        let answers = Arc::new(ArcSwap::from_pointee(answers(bytes)));
        Self { answers, bytes: metrics.gauge("dotstory_cache_details_bytes", &[]) }
    }

    /// Changes the limit to `bytes`, and keeps the answers that fit.
    pub(crate) fn resize(&self, bytes: u64) {
        let old = self.answers.load();
        if old.policy().max_capacity() == Some(bytes) {
            return;
        }
        let resized = answers(bytes);
        old.iter().for_each(|(id, cached)| resized.insert(*id, cached));
        self.answers.store(Arc::new(resized));
        self.evict();
    }

    /// The answer about this version of the customer, if the cache has a recent answer.
    pub(crate) fn get(&self, id: CustomerId, stamp: NaiveDateTime) -> Option<DetailAnswer> {
        // `Cache::get` counts a miss as a use, so the misses of a walk would evict the customers
        // that the cache kept. Measured with 40,000 customers and space for 5,000: with this check,
        // a second walk found 5,000 customers. Without this check, the walk found none.
        let answers = self.answers.load();
        if !answers.contains_key(&id) {
            return None;
        }
        let CachedAnswer { stamp: cached, answer } = answers.get(&id)?;
        let is_usable = cached == stamp && answer.asked.elapsed() < LIFETIME;
        is_usable.then_some(answer)
    }

    /// Keeps the answer about this version of the customer, and drops any other version.
    pub(crate) fn keep(&self, id: CustomerId, stamp: NaiveDateTime, answer: DetailAnswer) {
        self.answers.load().insert(id, CachedAnswer { stamp, answer });
        self.evict();
    }

    /// Drops expired answers, and answers beyond the limit. The cache drops them by itself only
    /// when it is used. Therefore a background task also calls this function.
    pub fn evict(&self) {
        let answers = self.answers.load();
        answers.run_pending_tasks();
        #[expect(clippy::cast_precision_loss, reason = "no cache has 2^53 bytes")]
        self.bytes.set(answers.weighted_size() as f64);
    }
}

fn answers(bytes: u64) -> Answers {
    Cache::builder()
        .max_capacity(bytes)
        .weigher(|_, cached: &CachedAnswer| cached.weight())
        // Under LRU, a walk over more customers than fit would evict each customer before the
        // next walk asks for it. TinyLFU keeps a part of the customers.
        .eviction_policy(EvictionPolicy::tiny_lfu())
        .time_to_live(LIFETIME)
        .build()
}

// === impl CachedAnswer ===

impl CachedAnswer {
    fn weight(&self) -> u32 {
        let body = self.answer.found.as_ref().map_or(0, |found| found.body.len());
        u32::try_from(body + OVERHEAD).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Personal;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn answer(bytes: usize) -> DetailAnswer {
        let body = Personal(vec![b' '; bytes].into());
        let found = DetailBody { body, stamp: None, account: None };
        DetailAnswer { found: Some(Arc::new(found)), points: Fact::Unknown, asked: Instant::now() }
    }

    fn cache(bytes: u64) -> DetailCache {
        DetailCache::new(bytes, &Metrics::new())
    }

    fn id() -> CustomerId {
        CustomerId::new(1)
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_used_for_its_version_for_half_a_day() {
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
    async fn memory_is_bounded_with_any_number_of_answers() {
        let (bytes, stamp) = (64 * 1024, at("2024-01-01T00:00:00"));
        let cache = cache(bytes);
        for id in 0..10_000 {
            cache.keep(CustomerId::new(id), stamp, answer(1500));
            assert!(cache.answers.load().weighted_size() <= bytes);
        }
        let kept = (0..10_000).filter(|id| cache.get(CustomerId::new(*id), stamp).is_some());
        assert!((30..=38).contains(&kept.count()), "{}", cache.answers.load().weighted_size());

        cache.keep(id(), stamp, answer(100_000));
        assert!(cache.get(id(), stamp).is_none(), "an answer larger than the cache is not kept");
    }

    #[tokio::test]
    async fn a_resized_cache_keeps_the_answers_that_fit() {
        let (cache, stamp) = (cache(1 << 20), at("2024-01-01T00:00:00"));
        for id in 0..20 {
            cache.keep(CustomerId::new(id), stamp, answer(1500));
        }
        let kept = || (0..20).filter(|id| cache.get(CustomerId::new(*id), stamp).is_some()).count();
        cache.resize(2 << 20);
        assert_eq!(kept(), 20);
        cache.resize(10 * (1500 + OVERHEAD as u64));
        assert_eq!(kept(), 10);
    }

    #[tokio::test]
    async fn a_second_walk_over_more_customers_than_fit_finds_a_part_of_them() {
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
