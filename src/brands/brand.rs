//! One running brand.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::Explained;
use crate::activity::Activity;
use crate::dailystory::{FilledKey, ListRecord, Mapper};
use crate::domain::{BrandId, CustomerId, NaiveZone};
use crate::dotapparel::{
    BuildError, Client, CustomerFeed, DetailCache, DetailPolicy, DetailSettings, ListSource,
    Password, Render, StoreReader,
};
use crate::health::{AssumptionReport, Health, HealthReport};
use crate::paging::{
    Answer, Budget, Error as SweepError, Filter, StorageError, Sweeps, WalkError, Window,
};
use crate::runtime::Runtime;
use crate::shutdown::Tasks;
use crate::{config, dotapparel};

/// One running brand. Brands share only the budget of snapshots and the runtime of the process.
#[derive(Debug)]
pub(crate) struct Brand {
    id: BrandId,
    client: Arc<Client>,
    mapper: Arc<Mapper>,
    stores: StoreReader,
    details: DetailCache,
    health: Health,
    activity: Activity,
    sweeps: Sweeps<CustomerFeed<Mapper>>,
    tasks: Tasks,
    naive_last_updated: NaiveZone,
    rate_limit: NonZeroU32,
    /// How long a change may take to appear in the upstream's search.
    lookback: Duration,
}

// === impl Brand ===

impl Brand {
    /// Starts a brand. `details_memory` is the largest number of bytes for looked-up customers. No
    /// call is made before the first request.
    ///
    /// # Errors
    /// When the HTTP client cannot be built, for example without CA certificates on this machine.
    pub(crate) fn start(
        config: config::Brand,
        details_memory: u64,
        runtime: &Runtime,
        budget: &Budget,
    ) -> Result<Self, BuildError> {
        let runtime = runtime.for_brand(&config.id);
        let metrics = runtime.metrics.clone();
        let client = Arc::new(Client::new(&config.dotapparel, &runtime)?);
        let stores = StoreReader::new(Arc::clone(&client), &runtime);
        let mapper = Arc::new(Mapper::new(
            config.mapper,
            stores.names(),
            Arc::clone(&runtime.clock),
            &metrics,
            runtime.health.clone(),
        ));
        let details = DetailCache::new(details_memory, &metrics);
        let feed = CustomerFeed::new(
            Arc::clone(&client),
            Arc::clone(&mapper),
            stores.clone(),
            DetailSettings { cache: details.clone(), walk_patience: config.sync.walk_patience },
            &runtime,
        );
        let lookback = config.sync.lookback;
        let (health, activity) = (runtime.health.clone(), runtime.activity.clone());
        let tasks = runtime.tasks.clone();
        let sweeps = Sweeps::new(feed, config.sync, runtime, budget.for_brand(&config.id));
        let naive_last_updated = config.sync.naive_zone;
        let (id, rate_limit) = (config.id, config.dotapparel.limits.rate_limit);
        Ok(Self {
            id,
            client,
            mapper,
            stores,
            details,
            health,
            activity,
            sweeps,
            tasks,
            naive_last_updated,
            rate_limit,
            lookback,
        })
    }

    /// The brand's id.
    pub(crate) fn id(&self) -> &BrandId {
        &self.id
    }

    /// The zone of a `last_updated` without an offset.
    pub(crate) fn naive_last_updated(&self) -> NaiveZone {
        self.naive_last_updated
    }

    /// A window of the sweep over `filter`.
    pub(crate) async fn window(
        &self,
        filter: Filter,
        window: Window,
    ) -> Result<Answer, SweepError<dotapparel::Error>> {
        self.sweeps.window(filter, window).await
    }

    /// As [`Self::window`], for a caller that gets no records.
    pub(crate) async fn unread_window(
        &self,
        filter: Filter,
        window: Window,
    ) -> Result<Answer, SweepError<dotapparel::Error>> {
        self.sweeps.unread_window(filter, window).await
    }

    /// Appends the records of a window to `out`, with the consents and addresses that may be served
    /// now.
    ///
    /// # Errors
    /// When records on disk cannot be read.
    pub(crate) fn write_window(
        &self,
        answer: &Answer,
        out: &mut Vec<u8>,
    ) -> Result<(), SweepError<dotapparel::Error>> {
        answer
            .append_to(out, |record, out| self.mapper.serve(record, out))
            .map_err(|error| WalkError::Storage(StorageError::Read(error)))
            .map_err(|error| SweepError::Walk(Arc::new(error)))
    }

    /// Notes that a caller received this window.
    pub(crate) fn note_window(&self, answer: &Answer) {
        self.activity.note_records(answer.len());
        self.activity.note_window(answer.as_read());
    }

    /// Counts records that a caller received from lookups.
    pub(crate) fn note_records(&self, records: usize) {
        self.activity.note_records(records);
    }

    /// The record of one customer, looked up now; `None` when no customer has this id, or the
    /// customer is excluded.
    pub(crate) async fn customer(
        &self,
        id: CustomerId,
    ) -> Result<Option<Vec<u8>>, dotapparel::Error> {
        self.client.customer(id, &*self.mapper).await
    }

    /// The records of all customers with this e-mail address, looked up now. Excluded customers are
    /// left out.
    pub(crate) async fn customers_by_email(
        &self,
        email: &str,
    ) -> Result<Vec<Vec<u8>>, dotapparel::Error> {
        self.client.customers_by_email(email, &*self.mapper).await
    }

    /// The provenance of this customer's records, from the current answers of the upstream.
    pub(crate) async fn explain(&self, id: CustomerId) -> Result<Explained, dotapparel::Error> {
        self.stores.ready().await;
        let raw_customer = self.client.fetch_raw(id, self.lookback).await?;
        let (lists, details) = (self.client.lists(), self.client.details());
        let list_record = match (lists, details) {
            (ListSource::Recent, _) => ListRecord::Detail,
            (ListSource::Search, DetailPolicy::Never) => ListRecord::Search,
            (ListSource::Search, _) => ListRecord::Both,
        };
        let explanation = self.mapper.explain(&raw_customer, list_record)?;
        Ok(Explained { raw_customer, explanation, lists, details })
    }

    /// What the brand's sweeps did since the brand started.
    pub(crate) fn activity(&self) -> &Activity {
        &self.activity
    }

    /// What is known of each assumption of the brand's syncs.
    pub(crate) fn assumptions(&self) -> Vec<AssumptionReport> {
        self.health.assumptions()
    }

    /// How often each key of the brand's records has a value.
    pub(crate) fn filled_keys(&self) -> Vec<FilledKey> {
        self.mapper.filled_keys()
    }

    /// Largest number of calls to the upstream per second.
    pub(crate) fn rate_limit(&self) -> NonZeroU32 {
        self.rate_limit
    }

    /// The state of the brand, with the reasons.
    pub(crate) fn health(&self) -> HealthReport {
        self.health.report()
    }

    /// Sends this password to the upstream from now on. Lists and walks go on.
    pub(super) fn set_password(&self, password: &Password) {
        self.client.set_password(password);
    }

    /// Changes the largest number of bytes for looked-up customers.
    pub(super) fn set_details_memory(&self, bytes: u64) {
        self.details.resize(bytes);
    }

    /// Stops the tasks of this brand, such as its walks. The callers of a walk get 503. They can
    /// begin again with the brand that replaces this brand, if there is one.
    pub(super) fn stop(&self) {
        self.tasks.stop();
    }

    /// Drops sweeps that no caller reads any more, looked-up customers beyond their limits of age
    /// and memory, and reasons whose time is over. Updates the age of the last sync. Must be called
    /// every minute.
    pub(super) fn expire(&self) {
        self.sweeps.expire();
        self.details.evict();
        self.health.expire();
        self.activity.check();
    }
}
