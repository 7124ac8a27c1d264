//! The addresses of a record: placeholders, unreachable customers, and consent by address.

use super::consent::Decision;
use super::email::addresses_in;
use super::{Mapper, Merged};
use crate::dailystory::contacts::{AddressKey, AddressKeys, AnswerSource, Channel, Sighting};
use crate::dailystory::{Mapping, Record};
use crate::domain::{CustomerId, Fact};
use crate::dotapparel::{Detail, Field, Sources};

// === impl Mapper ===

impl Mapper {
    /// Empties the addresses that the configuration names as placeholders.
    pub(super) fn remove_placeholders(&self, record: &mut Record<'_>) {
        let placeholders = &self.config.mapping.placeholders;
        if matches!(&record.email, Fact::Value(email) if placeholders.has_email(email)) {
            record.email = Fact::Empty;
            self.contacts.count_placeholder(Channel::Email);
        }
        if matches!(&record.mobile_phone, Fact::Value(number) if placeholders.has_mobile(number)) {
            record.mobile_phone = Fact::Empty;
            self.contacts.count_placeholder(Channel::Sms);
        }
    }

    /// Records what the sources show of the customer's consent.
    pub(super) fn record_consent(&self, merged: &Merged<'_, '_>, sources: &Sources<'_>) {
        let Merged { record, consent, .. } = merged;
        let refuses =
            [consent.email, consent.sms].iter().any(|channel| channel.answer() == Some(false));
        let (id, is_substitute) = match record.id {
            Fact::Value(id) => (CustomerId::new(id), false),
            Fact::Empty | Fact::Unknown if refuses => (self.substitute_id(record, sources), true),
            Fact::Empty | Fact::Unknown => return,
        };
        let from = match (sources.detail, sources.search) {
            (Detail::Found(_), _) | (_, None) => AnswerSource::Lookup,
            (_, Some(_)) => AnswerSource::Search,
        };
        self.contacts.record(id, refuses, from, sources.asked, |key| {
            let now = self.clock.now();
            let sighting = |channel, decision: Decision| Sighting {
                // Customers with one substitute id are several, so no grant ends their refusals.
                allowed: decision.answer().filter(|allowed| !(is_substitute && *allowed)),
                version: decision.version(sources, self.config.timezone, now),
                addresses: addresses(merged, sources, channel, key),
            };
            [sighting(Channel::Email, consent.email), sighting(Channel::Sms, consent.sms)]
        });
    }

    /// An id for a customer without a usable id. The refusal of such a customer counts for its
    /// addresses too.
    fn substitute_id(&self, record: &Record<'_>, sources: &Sources<'_>) -> CustomerId {
        let [email, mobile] = Channel::ALL.map(|channel| record.address(channel));
        let email = email.or_else(|| typed_emails(sources).next()).unwrap_or_default();
        self.contacts.substitute_id(&format!("{email} {}", mobile.unwrap_or_default()))
    }

    /// Whether the customer is excluded because it has no contact. An unreadable contact counts as
    /// a contact. An address that too many customers share does not count.
    pub(super) fn is_unreachable(&self, record: &Record<'_>, sources: &Sources<'_>) -> bool {
        let mapping = &self.config.mapping;
        let has_address = |channel| {
            let address = record.address(channel);
            address.is_some_and(|address| !self.contacts.is_shared(channel, address))
        };
        mapping.exclude.unreachable
            && !Channel::ALL.into_iter().any(has_address)
            && !mapping.is_contact_unreadable(sources)
    }
}

/// The keys of the record's address for a channel. If the record has no e-mail address because a
/// text has several, the keys of the first two. Of several numbers, the record has the first that
/// can be texted.
fn addresses(
    merged: &Merged<'_, '_>,
    sources: &Sources<'_>,
    channel: Channel,
    key: &dyn Fn(Channel, &str) -> Fact<AddressKey>,
) -> Fact<AddressKeys> {
    let only = |address: &str| key(channel, address).map(|key| [Some(key), None]);
    match merged.record.address(channel) {
        Some(address) => only(address),
        None if !merged.is_unreadable(channel) => Fact::Empty,
        None if channel == Channel::Sms => Fact::Unknown,
        None => {
            let mut found = typed_emails(sources).flat_map(addresses_in);
            let Some(first) = found.next() else { return Fact::Unknown };
            match found.find(|other| !other.eq_ignore_ascii_case(&first)) {
                Some(second) => key(channel, &first).and_then(|first| {
                    key(channel, &second).map(|second| [Some(first), Some(second)])
                }),
                None => only(&first),
            }
        }
    }
}

/// The e-mail texts of the sources.
fn typed_emails<'a>(sources: &Sources<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    sources.persons().filter_map(|person| person.contact.as_ref()?.email.as_deref())
}

// === impl Merged ===

impl Merged<'_, '_> {
    /// Whether an address of the customer for this channel cannot be read.
    fn is_unreadable(&self, channel: Channel) -> bool {
        let fields: &[Field] = match channel {
            Channel::Email => &[Field::Contact, Field::Email],
            Channel::Sms => &[
                Field::Contact,
                Field::Phones,
                Field::MobilePhone,
                Field::HomePhone,
                Field::WorkPhone,
            ],
        };
        fields.iter().any(|field| self.unreadable.contains(*field))
    }
}

// === impl Record ===

impl Record<'_> {
    /// The address of a channel.
    fn address(&self, channel: Channel) -> Option<&str> {
        match (channel, &self.email, &self.mobile_phone) {
            (Channel::Email, Fact::Value(email), _) => Some(email),
            (Channel::Sms, _, Fact::Value(number)) => Some(number),
            _ => None,
        }
    }
}

// === impl Mapping ===

impl Mapping {
    fn is_contact_unreadable(&self, sources: &Sources<'_>) -> bool {
        let unreadable = match (sources.detail, sources.search) {
            (Detail::Found(customer), _) => customer.unreadable,
            (_, Some(customer)) => customer.unreadable,
            (_, None) => return false,
        };
        let mut fields = [Field::Contact, Field::Email, Field::Phones]
            .into_iter()
            .chain(self.mobile_from.0.iter().map(|phone| phone.field()));
        fields.any(|field| unreadable.contains(field))
    }
}
