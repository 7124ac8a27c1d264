//! Why a record says what it says: of each key where it comes from, by which rule, what stands there, and what came of it.

mod body;
mod key;
mod mask;
mod provenance;

pub use body::{Found, Source};
pub use key::ExplainedKey;

pub use provenance::PROVENANCE;

use super::Mapper;
use crate::domain::Decimal;
use crate::dotapparel::key_of;
use crate::dotapparel::{Detail, DetailCustomer, Render, SearchPage, Sources, Unreadable};
use crate::paging::Inclusion;
use body::Body;
use key::extras;

/// What was asked about one customer, as it was answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answers<'a> {
    /// The customer's record in `/customers/search`, if it was found there.
    pub search: Option<&'a str>,
    /// The body of `/customers/{id}`; `None` when that knows nobody.
    pub detail: Option<&'a str>,
    /// `availablePoints` of the rewards account, as in [`Sources`].
    pub available_points: Option<Option<Decimal>>,
    /// Whether lists look their customers up as well.
    pub details_in_lists: bool,
    /// Whether the search was not looked through to its end.
    pub search_given_up: bool,
}

/// Why the records of one customer say what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The record in a list.
    pub in_list: Served,
    /// The record by id.
    pub by_id: Served,
    /// Each key of either, in the order of the record.
    pub keys: Vec<ExplainedKey>,
}

/// What a caller gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// The customer is not there.
    Nothing,
    /// Nobody knows: the search was not looked through to its end.
    Unknown,
    /// The customer is there, and `[mapping.exclude]` leaves it out.
    Excluded,
    /// This record.
    Record(String),
}

// === impl Mapper ===

impl Mapper {
    /// Explains every key of the records that these answers become.
    ///
    /// # Errors
    /// When an answer cannot be read at all.
    pub fn explain(&self, answers: &Answers<'_>) -> Result<Explanation, Unreadable> {
        let page = answers
            .search
            .map(|record| format!("{{\"data\":[{record}],\"meta\":{{\"hasNextPage\":false}}}}"));
        let page = page.as_ref().map(|page| SearchPage::parse(page.as_bytes())).transpose()?;
        let search = page.as_ref().and_then(|page| page.data.first());
        let detail = answers.detail.map(|body| DetailCustomer::parse_one(body.as_bytes()));
        let detail = detail.transpose()?;
        let found = detail.as_ref().map_or(Detail::Nobody, Detail::Found);
        let of_list = match (search, answers.details_in_lists) {
            (None, _) => None,
            (search, false) => Some(Sources { search, ..Sources::default() }),
            (search, true) => {
                let available_points = answers.available_points;
                Some(Sources { search, detail: found, available_points })
            }
        };
        let of_lookup = detail.as_ref().map(|customer| Sources {
            available_points: answers.available_points,
            ..Sources::looked_up(customer)
        });
        let in_list = match of_list {
            None if answers.search_given_up => Served::Unknown,
            of_list => self.serve(of_list),
        };
        let by_id = self.serve(of_lookup);
        let keys = self.keys(answers, &in_list, &by_id);
        Ok(Explanation { in_list, by_id, keys })
    }

    fn serve(&self, sources: Option<Sources<'_>>) -> Served {
        let Some(sources) = sources else { return Served::Nothing };
        let mut out = Vec::new();
        match self.record(&sources, &mut out) {
            Inclusion::Excluded => Served::Excluded,
            Inclusion::Served => {
                Served::Record(String::from_utf8(out).expect("a record is written as JSON"))
            }
        }
    }

    fn keys(&self, answers: &Answers<'_>, in_list: &Served, by_id: &Served) -> Vec<ExplainedKey> {
        let bodies = Body::of(answers);
        let mapping = &self.config.mapping;
        let mut keys: Vec<ExplainedKey> = PROVENANCE
            .iter()
            .map(|provenance| {
                let mut key = ExplainedKey::of(provenance, &bodies);
                match key.key.as_str() {
                    "allow_email" => key.grant(mapping.allow_email.as_ref(), &bodies),
                    "allow_sms" => key.grant(mapping.allow_sms.as_ref(), &bodies),
                    "mobile_phone" => key.phones(&mapping.mobile_from.0),
                    "points" => key.points(&mapping.points, answers),
                    _ => {}
                }
                key
            })
            .collect();
        keys.extend(extras(&bodies));
        for field in mapping.fields.as_slice() {
            let explained = ExplainedKey::of_brand(field, &bodies);
            match keys.iter_mut().find(|key| key.key == explained.key) {
                Some(of_pattern) => *of_pattern = explained,
                None => keys.push(explained),
            }
        }
        for key in &mut keys {
            key.in_list = in_list.value(&key.key);
            key.by_id = by_id.value(&key.key);
        }
        keys
    }
}

// === impl Served ===

impl Served {
    fn value(&self, key: &str) -> Option<String> {
        match self {
            Self::Record(record) => key_of(record, key).map(str::to_owned),
            Self::Nothing | Self::Unknown | Self::Excluded => None,
        }
    }
}
