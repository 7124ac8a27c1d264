//! What a brand knows of its customers' addresses, and what records may show because of it.
//!
//! `DailyStory` makes one contact of all customers with one address, so consent belongs to the
//! address. This file holds [`Contacts`], which the mapper asks. `refusals` holds the customers that
//! refuse a channel, and `sighting` has the rule for when a refusal ends. `shared` holds the addresses
//! of too many customers. `address` hashes addresses, and `served` changes a written record.
//! docs/adr/0012-consent-belongs-to-the-address.md has the reasons.

mod address;
mod refusals;
mod served;
mod shared;
mod sighting;
#[cfg(test)]
mod tests;

pub use address::Channel;
pub(super) use served::ContactValues;
pub(super) use sighting::{Sighting, Version};

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use metrics::{Counter, Gauge};
use tokio::time::Instant;
use tracing::{error, info};

use super::{Mapping, SharedConsent};
use crate::domain::CustomerId;
use crate::health::{Health, Reason};
use crate::paging::FullList;
use crate::telemetry::Metrics;
use address::{AddressHasher, AddressKey};
use refusals::Refusals;
use served::Replacement;
use shared::{SharedAddresses, SharedCounter};

/// What one brand knows of its customers' addresses.
#[derive(Debug)]
pub(super) struct Contacts {
    hasher: AddressHasher,
    shared_consent: SharedConsent,
    max_shared: u32,
    /// Times are in whole seconds since this moment.
    began: Instant,
    /// Held for microseconds, never over an await.
    known: RwLock<Known>,
    health: Health,
    made_stricter: [Counter; 2],
    placeholders: [Counter; 2],
    refusing: Gauge,
    bytes: Gauge,
}

#[derive(Debug, Default)]
struct Known {
    refusals: Refusals,
    shared: SharedAddresses,
}

// === impl Contacts ===

impl Contacts {
    pub(super) fn new(mapping: &Mapping, metrics: &Metrics, health: Health) -> Self {
        Self {
            hasher: AddressHasher::default(),
            shared_consent: mapping.shared_consent,
            max_shared: mapping.max_shared.0.get(),
            began: Instant::now(),
            known: RwLock::default(),
            health,
            made_stricter: by_channel(metrics, "dotstory_consents_made_stricter_total"),
            placeholders: by_channel(metrics, "dotstory_placeholders_total"),
            refusing: metrics.gauge("dotstory_refusals", &[]),
            bytes: metrics.gauge("dotstory_refusals_bytes", &[]),
        }
    }

    /// Records what an answer shows of a customer. `sightings` makes the details only if they
    /// count, from a function that hashes an address.
    pub(super) fn record(
        &self,
        id: CustomerId,
        refuses: bool,
        sightings: impl FnOnce(&dyn Fn(Channel, &str) -> Option<AddressKey>) -> [Sighting; 2],
    ) {
        if !refuses && !self.known().refusals.has(id) {
            return;
        }
        let key = |channel, address: &str| match self.shared_consent {
            SharedConsent::Strictest => Some(self.hasher.key(channel, address)),
            SharedConsent::Each => None,
        };
        let sightings = sightings(&key);
        let now = self.seconds(Instant::now());
        let is_kept = self.known_mut().refusals.record(id, sightings, now);
        if !is_kept {
            let sentence = "more than 1,000,000 customers of this brand refuse contact, and dotstory keeps no more: an address that a further customer refuses may be allowed in the record of another customer";
            self.health.raise(Reason::Refusals, sentence);
        }
    }

    /// Counts an address that the configuration names as a placeholder.
    pub(super) fn count_placeholder(&self, channel: Channel) {
        self.placeholders[channel as usize].increment(1);
    }

    /// Whether too many customers share the address.
    pub(super) fn is_shared(&self, channel: Channel, address: &str) -> bool {
        let known = self.known();
        !known.shared.is_empty() && known.shared.contains(self.hasher.key(channel, address))
    }

    /// Whether an answer has shown that the customer refuses the channel.
    pub(super) fn refuses(&self, id: CustomerId, channel: Channel) -> bool {
        self.known().refusals.refuses(id, channel)
    }

    /// The customer, apart from `id`, that refuses the channel at this address.
    pub(super) fn other_refusing(
        &self,
        channel: Channel,
        address: &str,
        id: CustomerId,
    ) -> Option<CustomerId> {
        self.known().refusals.other_at(self.hasher.key(channel, address), id)
    }

    /// Appends a stored record to `out` as it may be served now: a shared address becomes `null`,
    /// and a channel that the customer or its address refuses is not allowed.
    pub(super) fn serve(&self, record: &[u8], out: &mut Vec<u8>) {
        let known = self.known();
        if known.refusals.len() == 0 && known.shared.is_empty() {
            return out.extend_from_slice(record);
        }
        let values = ContactValues::find(record);
        let replacement = |channel| self.replacement(&known, &values, channel, record);
        values.write(record, Channel::ALL.map(replacement), out);
    }

    fn replacement(
        &self,
        known: &Known,
        values: &ContactValues,
        channel: Channel,
        record: &[u8],
    ) -> Replacement {
        let address = values.address(channel, record);
        let key = address.map(|address| self.hasher.key(channel, &address));
        let without_address = key.is_some_and(|key| known.shared.contains(key));
        let is_refused = || {
            known.refusals.refuses(values.id, channel)
                || !without_address && key.is_some_and(|key| known.refusals.refuses_at(key))
        };
        let not_allowed = values.allows(channel, record) && is_refused();
        if without_address {
            self.placeholders[channel as usize].increment(1);
        }
        if not_allowed {
            self.made_stricter[channel as usize].increment(1);
        }
        Replacement { without_address, not_allowed }
    }

    /// Learns from a full list: which customers vanished, and which addresses too many customers
    /// share.
    pub(super) async fn read_full_list(&self, list: &FullList<'_>) {
        let (began, now) = (self.seconds(list.began()), self.seconds(Instant::now()));
        self.known_mut().refusals.note_vanished(began, now);
        if let Err(error) = self.find_shared(list).await {
            error!(%error, "failed to read the list for addresses that many customers share");
        }
        self.report();
    }

    async fn find_shared(&self, list: &FullList<'_>) -> std::io::Result<()> {
        let mut counter = SharedCounter::with_capacity(list.len());
        list.visit(|record| {
            let values = ContactValues::find(record);
            for channel in Channel::ALL {
                if let Some(address) = values.address(channel, record) {
                    counter.count(self.hasher.key(channel, &address));
                }
            }
        })
        .await?;
        let shared = counter.finish(self.max_shared);
        let mut unnamed = shared.not_in(&self.known().shared);
        self.known_mut().shared = shared;
        if unnamed.is_empty() {
            return Ok(());
        }
        list.visit(|record| {
            let values = ContactValues::find(record);
            for channel in Channel::ALL {
                let Some(address) = values.address(channel, record) else { continue };
                if let Some(customers) = unnamed.remove(&self.hasher.key(channel, &address)) {
                    let masked = shared::masked(channel, &address);
                    info!(
                        address = masked,
                        customers, "address of many customers is served as null from now on"
                    );
                }
            }
        })
        .await
    }

    /// Forgets the customers that vanished before the oldest record of a list was collected.
    pub(super) fn forget_before(&self, oldest: Instant) {
        self.known_mut().refusals.forget(self.seconds(oldest));
        self.report();
    }

    fn report(&self) {
        let known = self.known();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.refusing.set(number(known.refusals.len()));
        self.bytes.set(number(known.refusals.bytes()));
    }

    fn seconds(&self, at: Instant) -> u32 {
        let seconds = at.saturating_duration_since(self.began).as_secs();
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_mut(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn by_channel(metrics: &Metrics, name: &'static str) -> [Counter; 2] {
    Channel::ALL.map(|channel| metrics.counter(name, &[("channel", channel.name())]))
}
