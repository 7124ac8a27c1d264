//! The records of a sample by the brand's mapping.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::Sample;
use crate::clock::Clock;
use crate::dailystory::{Channel, Config, Mapper, masked_address};
use crate::dotapparel::{DetailCustomer, Render, Sources, StoreNames, key_of};
use crate::health::Health;
use crate::paging::Inclusion;
use crate::telemetry::Metrics;

/// Makes the records of a sample by any mapping.
pub(crate) struct RecordMaker {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Metrics,
}

/// The records of a sample.
pub(crate) struct Records {
    /// The records of a list without lookups.
    listed: Vec<String>,
    /// The records of lookups by id.
    looked_up: Vec<String>,
    /// Number of customers that `[mapping.exclude]` excludes.
    pub(crate) excluded: usize,
}

/// Number of records in which a key has a value other than `null` and `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Share {
    pub(crate) key: &'static str,
    pub(crate) customers: usize,
    /// Number of records that have the key, including records with `null` or `false`.
    pub(crate) of: usize,
}

/// An address of many customers.
#[derive(Debug, Serialize)]
pub(crate) struct SharedAddress {
    pub(crate) channel: &'static str,
    /// The masked address: at most the first two characters and the domain of an e-mail address, or
    /// the first three and the last two characters of a number.
    pub(crate) address: String,
    pub(crate) customers: usize,
}

/// The keys whose share is counted.
const KEYS: [&str; 4] = ["email", "mobile_phone", "allow_email", "allow_sms"];

/// An address of at least this many customers of the sample may be a placeholder. A family seldom
/// has as many members.
const MANY: usize = 5;

/// Largest number of shared addresses that are reported.
const MAX_SHARED: usize = 20;

// === impl RecordMaker ===

impl RecordMaker {
    /// The records of the sample by this mapping. As in a list, a refusal counts for every customer
    /// with the same address.
    pub(crate) fn records(&self, sample: &Sample, config: &Config) -> Records {
        let mapper = Mapper::new(
            config.clone(),
            StoreNames::default(),
            Arc::clone(&self.clock),
            &self.metrics,
            Health::default(),
        );
        let mut excluded = 0;
        let mut listed = Vec::new();
        for page in &sample.pages {
            for customer in &page.read().data {
                match written(&mapper, &Sources::searched(customer)) {
                    Some(record) => listed.push(record),
                    None => excluded += 1,
                }
            }
        }
        let details = sample.details.iter().filter_map(|body| DetailCustomer::parse_one(body).ok());
        let looked_up: Vec<_> = details
            .filter_map(|customer| written(&mapper, &Sources::looked_up(&customer)))
            .collect();
        let serve = |records: Vec<Vec<u8>>| {
            records.iter().map(|record| served(&mapper, record)).collect::<Vec<_>>()
        };
        Records { listed: serve(listed), looked_up: serve(looked_up), excluded }
    }
}

fn written(mapper: &Mapper, sources: &Sources<'_>) -> Option<Vec<u8>> {
    let mut record = Vec::new();
    let written = mapper.record(sources, &mut record);
    (written.inclusion == Inclusion::Served).then_some(record)
}

fn served(mapper: &Mapper, record: &[u8]) -> String {
    let mut out = Vec::new();
    mapper.serve(record, &mut out);
    String::from_utf8(out).expect("the mapper writes JSON from texts, which are UTF-8")
}

// === impl Records ===

impl Records {
    /// The shares of e-mail addresses, mobile numbers and consents.
    pub(crate) fn shares(&self) -> Vec<Share> {
        KEYS.into_iter().map(|key| self.share(key)).collect()
    }

    /// The share of one key. Lookups are counted if no record of a list has the key.
    pub(crate) fn share(&self, key: &'static str) -> Share {
        let count = |records: &[String]| {
            let values: Vec<_> = records.iter().filter_map(|record| key_of(record, key)).collect();
            let has_value = |value: &&&str| !matches!(**value, "null" | "false");
            Share { key, customers: values.iter().filter(has_value).count(), of: values.len() }
        };
        let listed = count(&self.listed);
        if listed.of == 0 { count(&self.looked_up) } else { listed }
    }

    /// The addresses of at least [`MANY`] customers, the most shared first.
    pub(crate) fn shared_addresses(&self) -> Vec<SharedAddress> {
        let mut shared = Vec::new();
        for (channel, key) in [(Channel::Email, "email"), (Channel::Sms, "mobile_phone")] {
            let mut counts = HashMap::<String, usize>::new();
            let values = self.listed.iter().filter_map(|record| key_of(record, key));
            let texts = values.filter_map(|value| serde_json::from_str::<String>(value).ok());
            texts.for_each(|text| *counts.entry(text.to_lowercase()).or_default() += 1);
            let many = counts.into_iter().filter(|(_, customers)| *customers >= MANY);
            shared.extend(many.map(|(address, customers)| SharedAddress {
                channel: channel.address_name(),
                address: masked_address(channel, &address),
                customers,
            }));
        }
        shared.sort_by(|a, b| (b.customers, &a.address).cmp(&(a.customers, &b.address)));
        shared.truncate(MAX_SHARED);
        shared
    }
}
