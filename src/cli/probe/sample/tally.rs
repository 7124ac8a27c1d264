//! The whole result of a sample.

use serde::Serialize;

use super::Sample;
use super::names::{NameReport, NameTally};
use super::personal_words::PersonalWords;
use super::records::{Records, Share, SharedAddress};
use crate::dailystory::{NamedList, ValueRef};
use crate::dotapparel::DetailCustomer;

/// What the customers of a sample have, without personal data.
#[derive(Serialize)]
pub(crate) struct SampleReport {
    pub(crate) customers: usize,
    /// Whether these are all customers.
    pub(crate) is_whole: bool,
    pub(crate) looked_up: usize,
    pub(crate) excluded: usize,
    pub(crate) shares: Vec<Share>,
    pub(crate) attributes: Vec<NameReport>,
    pub(crate) references: Vec<NameReport>,
    /// Number of attributes and references whose names are not printed.
    pub(crate) hidden_names: usize,
    pub(crate) shared_addresses: Vec<SharedAddress>,
    #[serde(skip)]
    tallies: [NameTally; 2],
}

// === impl SampleReport ===

impl SampleReport {
    /// Counts the sample. `records` are the sample's records by the brand's mapping.
    pub(crate) fn new(sample: &Sample, records: &Records) -> Self {
        let (mut attributes, mut references) = (NameTally::default(), NameTally::default());
        for page in &sample.pages {
            for customer in &page.read().data {
                let entries = customer.attributes.iter();
                attributes.count(entries.map(|one| (one.key.as_deref(), one.value.as_deref())));
            }
        }
        for body in &sample.details {
            let Ok(customer) = DetailCustomer::parse_one(body) else { continue };
            let entries = customer.references.iter();
            references.count(entries.map(|one| (one.kind.as_deref(), one.value.as_deref())));
        }
        let personal = PersonalWords::collect(sample);
        let (shown_attributes, hidden_attributes) = attributes.report(&personal);
        let (shown_references, hidden_references) = references.report(&personal);
        Self {
            customers: sample.rows().count(),
            is_whole: sample.is_whole(),
            looked_up: sample.details.len(),
            excluded: records.excluded,
            shares: records.shares(),
            attributes: shown_attributes,
            references: shown_references,
            hidden_names: hidden_attributes + hidden_references,
            shared_addresses: records.shared_addresses(),
            tallies: [attributes, references],
        }
    }

    /// Whether a customer of the sample has the name of `origin` in the list of `origin`.
    pub(crate) fn has(&self, origin: &ValueRef) -> bool {
        self.tallies[origin.list as usize].has(origin.name.as_str())
    }

    /// Whether the sample has bodies that can show this list.
    pub(crate) fn has_read(&self, list: NamedList) -> bool {
        match list {
            NamedList::Attributes => self.customers > 0,
            NamedList::References => self.looked_up > 0,
        }
    }
}
