//! Why a record has its values: the source, the rule, the raw values and the result of each key.
//!
//! This file explains one customer, for a list and for a lookup by id. `provenance` is the table of
//! keys, places and rules; `body` reads the raw values at a place; `key` explains one key; `mask`
//! hides personal data.

mod body;
mod key;
mod mask;
mod provenance;

pub use body::{DataSource, SourceValue};
pub use key::ExplainedKey;

pub(crate) use mask::masked;
pub(super) use provenance::PROVENANCE;

use super::Mapper;
use super::contacts::{Channel, ContactValues};
use crate::dotapparel::{
    Detail, DetailCustomer, RawCustomer, Render, SearchCustomer, Sources, Unreadable, key_of,
};
use crate::paging::Inclusion;
use body::Body;
use key::named_keys;

/// Why the records of one customer have their values.
#[derive(Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The record in a list.
    pub in_list: ExplainedRecord,
    /// The record of a lookup by id.
    pub by_id: ExplainedRecord,
    /// Each key of either record, in the order of the record.
    pub keys: Vec<ExplainedKey>,
}

/// The record that a caller gets.
#[derive(Clone, PartialEq, Eq)]
pub enum ExplainedRecord {
    /// No record: the search, or the lookup, does not have the customer.
    NotFound,
    /// Not known: the search was not read to its end.
    Unknown,
    /// No record: `[mapping.exclude]` excludes the customer.
    Excluded,
    /// This record.
    Served {
        /// The record as JSON.
        json: String,
        /// The channels that the record refuses only because another customer or another answer
        /// refuses them.
        stricter: Vec<Channel>,
    },
}

/// The answers from which the record of a list is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListRecord {
    /// The search.
    Search,
    /// The search and a lookup.
    Both,
    /// A list of recent changes, which has the values of a lookup.
    Detail,
}

// === impl Mapper ===

impl Mapper {
    /// Explains every key of both records. `lists` names the answers from which the brand's lists
    /// are made. The counters of the brand do not count these records, because no caller gets them.
    ///
    /// # Errors
    /// Returns the error of the first answer that cannot be read at all.
    pub fn explain(
        &self,
        customer: &RawCustomer,
        lists: ListRecord,
    ) -> Result<Explanation, Unreadable> {
        self.uncounted().explain_uncounted(customer, lists)
    }

    fn explain_uncounted(
        &self,
        customer: &RawCustomer,
        lists: ListRecord,
    ) -> Result<Explanation, Unreadable> {
        let search = customer.search.as_deref().map(SearchCustomer::parse).transpose()?;
        let detail = customer.detail.as_ref();
        let detail = detail.map(|body| DetailCustomer::parse_one(body.as_bytes())).transpose()?;
        self.record_others(customer)?;
        let looked_up = detail.as_ref().map(|detail| Sources {
            available_points: customer.available_points,
            ..Sources::looked_up(detail)
        });
        let listed = search.as_ref().map(|search| {
            let mut sources = Sources::searched(search);
            if lists == ListRecord::Both {
                sources.detail = detail.as_ref().map_or(Detail::NotFound, Detail::Found);
                sources.available_points = customer.available_points;
            }
            sources
        });
        // A refusal in one record counts for both records, as for a caller that has read both.
        for sources in looked_up.iter().chain(&listed) {
            self.record(sources, &mut Vec::new());
        }
        let explained = |sources: &Sources<'_>| self.explained_record(sources);
        let by_id = looked_up.as_ref().map_or(ExplainedRecord::NotFound, explained);
        let in_list = match &listed {
            _ if lists == ListRecord::Detail => by_id.clone(),
            None if customer.searched_to_end => ExplainedRecord::NotFound,
            None => ExplainedRecord::Unknown,
            Some(listed) => self.explained_record(listed),
        };
        let mut keys = self.explained_keys(customer);
        for key in &mut keys {
            key.in_list = in_list.value(&key.key);
            key.by_id = by_id.value(&key.key);
            for record in [&in_list, &by_id] {
                self.explain_refusal(record, key);
            }
        }
        Ok(Explanation { in_list, by_id, keys })
    }

    /// Records the refusals of the other customers, which count for a shared address.
    fn record_others(&self, customer: &RawCustomer) -> Result<(), Unreadable> {
        let mut unused = Vec::new();
        if let Some(body) = &customer.with_email {
            for other in &DetailCustomer::parse_many(body.as_bytes())? {
                self.record(&Sources::looked_up(other), &mut unused);
            }
        }
        // A page may have entries that are not customers.
        for other in customer.others.iter().filter_map(|other| SearchCustomer::parse(other).ok()) {
            self.record(&Sources::searched(&other), &mut unused);
        }
        Ok(())
    }

    /// Explains a consent that is `false` because another customer or another answer refuses.
    fn explain_refusal(&self, record: &ExplainedRecord, key: &mut ExplainedKey) {
        let ExplainedRecord::Served { json, stricter } = record else { return };
        let Some(channel) = stricter.iter().find(|channel| channel.consent_key() == key.key) else {
            return;
        };
        let values = ContactValues::find(json.as_bytes());
        let address = values.address(*channel, json.as_bytes());
        let address = address.filter(|_| !self.contacts.refuses(values.id, *channel));
        let other =
            address.and_then(|address| self.contacts.other_refusing(*channel, &address, values.id));
        key.add_refusal(*channel, other);
    }

    fn explained_record(&self, sources: &Sources<'_>) -> ExplainedRecord {
        let mut out = Vec::new();
        match self.record(sources, &mut out).inclusion {
            Inclusion::Excluded => ExplainedRecord::Excluded,
            Inclusion::Served => {
                let own = ContactValues::find(&out);
                let mut served = Vec::new();
                self.serve(&out, &mut served);
                let is_stricter = |channel: &Channel| {
                    let values = ContactValues::find(&served);
                    own.allows(*channel, &out) && !values.allows(*channel, &served)
                };
                ExplainedRecord::Served {
                    stricter: Channel::ALL.into_iter().filter(is_stricter).collect(),
                    json: String::from_utf8(served).expect("a record is written as JSON"),
                }
            }
        }
    }

    /// The keys with rules and raw values, without results.
    fn explained_keys(&self, customer: &RawCustomer) -> Vec<ExplainedKey> {
        let bodies = Body::from_customer(customer);
        let mapping = &self.config.mapping;
        let mut keys = Vec::new();
        for provenance in PROVENANCE {
            let mut key = ExplainedKey::from_provenance(provenance, &bodies);
            match provenance.key {
                "allow_email" => key.apply_grant(mapping.allow_email.as_ref(), &bodies),
                "allow_sms" => key.apply_grant(mapping.allow_sms.as_ref(), &bodies),
                "mobile_phone" => key.apply_phones(&mapping.mobile_from.0),
                "points" => key.apply_points(&mapping.points, customer.available_points),
                _ => {}
            }
            keys.push(key);
        }
        keys.extend(named_keys(&bodies));
        for field in mapping.fields.as_slice() {
            let explained = ExplainedKey::from_brand_field(field, &bodies);
            match keys.iter_mut().find(|key| key.key == explained.key) {
                Some(of_pattern) => *of_pattern = explained,
                None => keys.push(explained),
            }
        }
        keys
    }
}

// === impl ExplainedRecord ===

impl ExplainedRecord {
    fn value(&self, key: &str) -> Option<String> {
        match self {
            Self::Served { json, .. } => key_of(json, key).map(str::to_owned),
            Self::NotFound | Self::Unknown | Self::Excluded => None,
        }
    }
}
