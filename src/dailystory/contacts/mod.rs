//! What is known of the addresses of a brand's customers, and how this knowledge changes records.
//!
//! `DailyStory` makes one contact of all customers with one address, so consent belongs to the
//! address. This file holds [`Contacts`], which the mapper calls. `refusals` holds the customers
//! that refuse a channel, and `sighting` has the rule for when a refusal ends. `shared` holds the
//! addresses that too many customers have. `upkeep` updates refusals and shared addresses at the
//! end of a full list (a certified list of all customers) and as time passes. `address` hashes
//! addresses, and `served` changes a written record.
//! docs/adr/0012-consent-belongs-to-the-address.md has the reasons.

mod address;
mod refusals;
mod served;
mod shared;
mod sighting;
#[cfg(test)]
mod tests;
mod upkeep;

pub(super) use address::AddressKey;
pub use address::Channel;
pub(super) use served::ContactValues;
pub(crate) use shared::masked as masked_address;
pub(super) use sighting::{AddressKeys, Sighting, Version};

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use metrics::{Counter, Gauge};
use tokio::time::Instant;

use super::{Config, SharedConsent};
use crate::domain::{CustomerId, Fact};
use crate::health::{Health, Reason};
use crate::telemetry::Metrics;
use address::AddressHasher;
use refusals::Refusals;
use served::Replacement;
use shared::SharedAddresses;
use sighting::Arrival;

/// What is known of the addresses of one brand's customers. Clones share this knowledge.
#[derive(Clone, Debug)]
pub(super) struct Contacts {
    hasher: AddressHasher,
    shared_consent: SharedConsent,
    max_shared: u32,
    /// The longest time until the search shows a change, in seconds.
    search_delay: u32,
    /// Times are in whole seconds since this moment.
    began: Instant,
    /// Never held over an await. Held for microseconds, except at the end of a full list and in
    /// `other_refusing`.
    known: Arc<RwLock<Known>>,
    health: Health,
    made_stricter: [Counter; 2],
    placeholders: [Counter; 2],
    refusing: Gauge,
    bytes: Gauge,
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerSource {
    /// A search, without a lookup that found the customer.
    Search,
    /// A lookup, which shows changes before the search does.
    Lookup,
}

#[derive(Debug, Default)]
struct Known {
    refusals: Refusals,
    shared: SharedAddresses,
}

// === impl Contacts ===

impl Contacts {
    pub(super) fn new(config: &Config, metrics: &Metrics, health: Health) -> Self {
        let mapping = &config.mapping;
        let search_delay = config.search_delay.as_secs();
        Self {
            search_delay: u32::try_from(search_delay).unwrap_or(u32::MAX),
            hasher: AddressHasher::default(),
            shared_consent: mapping.shared_consent,
            max_shared: mapping.max_shared.0.get(),
            began: Instant::now(),
            known: Arc::default(),
            health,
            made_stricter: by_channel(metrics, "dotstory_consents_made_stricter_total"),
            placeholders: by_channel(metrics, "dotstory_placeholders_total"),
            refusing: metrics.gauge("dotstory_refusals", &[]),
            bytes: metrics.gauge("dotstory_refusals_bytes", &[]),
        }
    }

    /// The same knowledge, with counters that count nothing.
    pub(super) fn uncounted(&self) -> Self {
        let [made_stricter, placeholders] =
            [(), ()].map(|()| Channel::ALL.map(|_| Counter::noop()));
        Self { made_stricter, placeholders, ..self.clone() }
    }

    /// Records what an answer shows of a customer. A part of the answer may be as old as `asked`;
    /// with `None`, the whole answer is new. `sightings` is called only if the customer refuses or
    /// is known to refuse. The argument of `sightings` hashes an address; with
    /// [`SharedConsent::Each`], it returns [`Fact::Empty`].
    pub(super) fn record(
        &self,
        id: CustomerId,
        refuses: bool,
        from: AnswerSource,
        asked: Option<Instant>,
        sightings: impl FnOnce(&dyn Fn(Channel, &str) -> Fact<AddressKey>) -> [Sighting; 2],
    ) {
        if !refuses && !self.known().refusals.has(id) {
            return;
        }
        let key = |channel, address: &str| match self.shared_consent {
            SharedConsent::Strictest => Fact::Value(self.hasher.key(channel, address)),
            SharedConsent::Each => Fact::Empty,
        };
        let sightings = sightings(&key);
        let now = self.seconds(Instant::now());
        let delay = match from {
            AnswerSource::Search => 0,
            AnswerSource::Lookup => self.search_delay,
        };
        let asked = asked.map_or(now, |asked| self.seconds(asked));
        let arrival = Arrival { now, asked, believed_until: now.saturating_add(delay) };
        let is_kept = self.known_mut().refusals.record(id, sightings, arrival);
        if !is_kept {
            let sentence = "more than 1,000,000 customers of this brand refuse contact, and dotstory stores no further refusal: a further refusal does not change lists that were made earlier, and does not count for other customers with the same address; report this to dotstory's maintainers";
            self.health.raise(Reason::Refusals, sentence);
        }
    }

    /// An id for a customer without a usable id. Customers with the same addresses get the same id.
    pub(super) fn substitute_id(&self, addresses: &str) -> CustomerId {
        CustomerId::new(self.hasher.key(Channel::Email, addresses).as_hash().cast_signed())
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

    /// Whether the customer is known to refuse the channel.
    pub(super) fn refuses(&self, id: CustomerId, channel: Channel) -> bool {
        self.known().refusals.refuses(id, channel)
    }

    /// A customer other than `id` that refuses the channel at this address.
    pub(super) fn other_refusing(
        &self,
        channel: Channel,
        address: &str,
        id: CustomerId,
    ) -> Option<CustomerId> {
        self.known().refusals.other_at(self.hasher.key(channel, address), id)
    }

    /// Appends a stored record to `out` as it may be served now. An address that too many customers
    /// share becomes `null`. A consent becomes `false` if the customer refuses, or if the record
    /// keeps its address and a customer with this address refuses.
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
        let is_allowed = values.allows(channel, record);
        let refuses = is_allowed && known.refusals.refuses(values.id, channel);
        // A hash costs more than the rest of this function.
        let needs_key = !known.shared.is_empty() || is_allowed && !refuses;
        let address = needs_key.then(|| values.address(channel, record)).flatten();
        let key = address.map(|address| self.hasher.key(channel, &address));
        let without_address = key.is_some_and(|key| known.shared.contains(key));
        let refuses_at = |key| known.refusals.refuses_at(key);
        let not_allowed = refuses || is_allowed && !without_address && key.is_some_and(refuses_at);
        if without_address {
            self.placeholders[channel as usize].increment(1);
        }
        if not_allowed {
            self.made_stricter[channel as usize].increment(1);
        }
        Replacement { without_address, not_allowed }
    }

    /// The seconds from `began` to the moment.
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
