//! Compares the answers of a tenant with the brand's settings.

use std::collections::BTreeSet;

use super::Suggestion;
use super::naming::{granting, is_consent_to, list_key, phone_name, quoted, typed_key};
use crate::cli::probe::questions::{CursorKind, ZoneAnswer};
use crate::cli::probe::sample::{NameReport, RecordMaker, Sample, SampleReport};
use crate::config::Brand;
use crate::dailystory::{
    BrandField, Channel, Config, FoldedName, Grant, MobileFrom, NamedList, Phone, ValueRef,
};
use crate::dotapparel::DetailPolicy;
use crate::paging::CursorTrust;

/// The answers and the settings, from which suggestions are made.
pub(crate) struct Evidence<'a> {
    pub(crate) brand: &'a Brand,
    pub(crate) zone: Option<&'a ZoneAnswer>,
    pub(crate) cursor: CursorKind,
    pub(crate) sample: &'a Sample,
    pub(crate) report: &'a SampleReport,
    pub(crate) records: &'a RecordMaker,
}

/// Smallest number of customers of the sample for which a key, or the phone at work, is suggested.
const MIN_CUSTOMERS: usize = 5;

// === impl Evidence ===

impl Evidence<'_> {
    /// All suggestions.
    pub(crate) fn suggestions(&self) -> Vec<Suggestion> {
        let mut all = Vec::new();
        all.extend(self.zone.and_then(|answer| self.timezone(answer)));
        all.extend(self.cursor());
        all.extend(self.mobile_from());
        all.extend(self.placeholders());
        let mut used = BTreeSet::new();
        for channel in [Channel::Email, Channel::Sms] {
            if let Some((list, name, suggestion)) = self.consent(channel) {
                used.insert((list as usize, name.to_lowercase()));
                all.push(suggestion);
            }
        }
        all.extend(self.fields(&used));
        all
    }

    fn timezone(&self, answer: &ZoneAnswer) -> Option<Suggestion> {
        let (zone, before) = (answer.instead?, self.brand.dotapparel.timezone);
        let change = format!("timezone: {zone} instead of {before}: {}", answer.difference);
        Some(Suggestion::new("", format!("timezone = \"{zone}\""), change))
    }

    fn cursor(&self) -> Option<Suggestion> {
        let is_wrong =
            self.cursor == CursorKind::Row && self.brand.sync.cursor == CursorTrust::Stable;
        let change =
            "cursor: drifting instead of stable: walks make further passes, because rows move";
        is_wrong.then(|| Suggestion::new("sync", "cursor = \"drifting\"".to_owned(), change))
    }

    /// Suggests the phone at work if it gives at least [`MIN_CUSTOMERS`] more customers a mobile
    /// number.
    fn mobile_from(&self) -> Option<Suggestion> {
        let phones = &self.brand.mapper.mapping.mobile_from.0;
        if phones.contains(&Phone::Work) {
            return None;
        }
        let mut config = self.brand.mapper.clone();
        let more: Vec<_> = phones.iter().copied().chain([Phone::Work]).collect();
        let names: Vec<_> = more.iter().map(|phone| quoted(phone_name(*phone))).collect();
        config.mapping.mobile_from = MobileFrom(more);
        let (before, after) = self.shares("mobile_phone", &config);
        let gain = after.checked_sub(before).filter(|gain| *gain >= MIN_CUSTOMERS)?;
        let line = format!("mobile_from = [{}]", names.join(", "));
        let change = format!(
            "mobile_from: {gain} more of {} customers get a mobile number, from the phone at work",
            self.report.customers
        );
        Some(Suggestion::new("mapping", line, change))
    }

    /// Suggests the addresses that may be placeholders (values that mean "no address"). The
    /// addresses are masked, so the operator must complete the line.
    fn placeholders(&self) -> Option<Suggestion> {
        let shared = &self.report.shared_addresses;
        let masked: Vec<_> = shared
            .iter()
            .map(|shared| format!("{} of {} customers", shared.address, shared.customers))
            .collect();
        if masked.is_empty() {
            return None;
        }
        let change = format!(
            "placeholders: write here, unmasked, each of these addresses that means \"no address\"; \
             records then have null instead: {}",
            masked.join(", ")
        );
        let suggestion = Suggestion::new("mapping", "placeholders = []".to_owned(), change);
        Some(Suggestion { is_comment: true, ..suggestion })
    }

    /// Suggests a consent to this channel: from an attribute that at least half of the customers
    /// have, or from a reference that at least half of the looked-up customers have.
    fn consent(&self, channel: Channel) -> Option<(NamedList, &str, Suggestion)> {
        let mapping = &self.brand.mapper.mapping;
        let mapped = match channel {
            Channel::Email => mapping.allow_email.is_some(),
            Channel::Sms => mapping.allow_sms.is_some(),
        };
        if mapped {
            return None;
        }
        let (list, name, words) = self.names().find_map(|(list, name)| {
            let words = granting(name);
            let is_consent = is_consent_to(&name.name, channel) && !words.is_empty();
            let is_known = list == NamedList::Attributes
                || self.brand.dotapparel.details == DetailPolicy::Always;
            // A customer without the name counts as refusing, so with a rare name most customers
            // would refuse.
            let customers = match list {
                NamedList::Attributes => self.report.customers,
                NamedList::References => self.report.looked_up,
            };
            let is_common = name.customers * 2 >= customers;
            (is_consent && is_known && is_common).then_some((list, &name.name, words))
        })?;
        let granted = words.iter().filter_map(|word| FoldedName::new(word)).collect();
        let origin = ValueRef { list, name: FoldedName::new(name)? };
        let mut config = self.brand.mapper.clone();
        let grant = Some(Grant { origin, granted });
        match channel {
            Channel::Email => config.mapping.allow_email = grant,
            Channel::Sms => config.mapping.allow_sms = grant,
        }
        let key = channel.consent_key();
        let (before, after) = self.shares(key, &config);
        let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        let line = format!(
            "{key} = {{ {} = {}, granted = [{}] }}",
            list_key(list),
            quoted(name),
            words.join(", ")
        );
        let change = format!(
            "{key}: from {} instead of privacy alone; true for {after} instead of {before} of {} \
             customers",
            quoted(name),
            self.report.customers
        );
        Some((list, name, Suggestion::new("mapping.consent", line, change)))
    }

    /// Suggests a key with its type ([`typed_key`]) for each name that at least [`MIN_CUSTOMERS`]
    /// customers have. Leaves out names without such a key, names that a setting already reads, and
    /// `used`: the names of the suggested consents.
    fn fields(&self, used: &BTreeSet<(usize, String)>) -> Vec<Suggestion> {
        let mapping = &self.brand.mapper.mapping;
        let mapped = mapping.fields.as_slice();
        let mut keys: BTreeSet<String> =
            mapped.iter().map(|field| field.key().to_owned()).collect();
        let mut suggestions = Vec::new();
        for (list, name) in self.names().filter(|(_, name)| name.customers >= MIN_CUSTOMERS) {
            let folded = FoldedName::new(&name.name);
            let is_mapped =
                |origin: &ValueRef| origin.list == list && Some(&origin.name) == folded.as_ref();
            let consents = [&mapping.allow_email, &mapping.allow_sms].into_iter().flatten();
            let mut origins =
                mapped.iter().map(BrandField::origin).chain(consents.map(|c| &c.origin));
            if used.contains(&(list as usize, name.name.to_lowercase())) || origins.any(is_mapped) {
                continue;
            }
            let Some((key, word)) = typed_key(list, name) else { continue };
            if !keys.insert(key.clone()) {
                continue;
            }
            let plural = if name.has_several { "s" } else { "" };
            let origin = format!("{}{plural} = {}", list_key(list), quoted(&name.name));
            let line = format!("{key} = {{ {origin}, type = \"{word}\" }}");
            let change = format!(
                "{key}: a new key of the record, with the values of {} as {word}",
                quoted(&name.name)
            );
            suggestions.push(Suggestion::new("mapping.fields", line, change));
        }
        suggestions
    }

    /// The names of attributes and references. References are left out if `details` is `never`,
    /// because only looked-up customers have references.
    fn names(&self) -> impl Iterator<Item = (NamedList, &NameReport)> {
        let looks_up = self.brand.dotapparel.details != DetailPolicy::Never;
        let attributes = self.report.attributes.iter().map(|name| (NamedList::Attributes, name));
        let references = self.report.references.iter().map(|name| (NamedList::References, name));
        attributes.chain(references.filter(move |_| looks_up))
    }

    /// Number of records that have a value for the key: now, and with `config`.
    fn shares(&self, key: &'static str, config: &Config) -> (usize, usize) {
        let count =
            |config: &Config| self.records.records(self.sample, config).share(key).customers;
        (count(&self.brand.mapper), count(config))
    }
}
