//! Placeholder addresses: addresses that too many customers have.

use std::collections::HashMap;

use super::address::{AddressKey, Channel};

/// The addresses that too many customers have.
#[derive(Debug, Default)]
pub(crate) struct SharedAddresses(HashMap<AddressKey, SharedAddress>);

#[derive(Clone, Copy, Debug)]
struct SharedAddress {
    customers: u32,
    /// Whether the log has named the address.
    is_named: bool,
}

/// Counts the customers of each address of a list.
#[derive(Debug)]
pub(crate) struct SharedCounter(Vec<AddressKey>);

/// An address without `@` that has at most this many characters is masked completely. Of a longer
/// address without `@`, five characters are shown, which are less than half of it.
const MAX_HIDDEN: usize = 10;

// === impl SharedAddresses ===

impl SharedAddresses {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, address: AddressKey) -> bool {
        !self.is_empty() && self.0.contains_key(&address)
    }

    /// The addresses that the log has not named, each with its number of customers.
    pub(crate) fn unnamed(&self) -> HashMap<AddressKey, u32> {
        let unnamed = self.0.iter().filter(|(_, shared)| !shared.is_named);
        unnamed.map(|(address, shared)| (*address, shared.customers)).collect()
    }

    pub(crate) fn note_named(&mut self, address: AddressKey) {
        if let Some(shared) = self.0.get_mut(&address) {
            shared.is_named = true;
        }
    }
}

// === impl SharedCounter ===

impl SharedCounter {
    /// A counter for a list of this many customers. It takes 8 bytes for each address.
    pub(crate) fn with_capacity(customers: usize) -> Self {
        Self(Vec::with_capacity(customers))
    }

    /// Counts the address of one more customer.
    pub(crate) fn count(&mut self, address: AddressKey) {
        self.0.push(address);
    }

    /// Sorts the addresses, before [`SharedCounter::finish`] counts them.
    pub(crate) fn sort(&mut self) {
        self.0.sort_unstable();
    }

    /// The addresses of more than `max_shared` customers. For an address in `before`, the limit is
    /// half of `max_shared`. So a single customer cannot add and remove an address again and again.
    pub(crate) fn finish(self, max_shared: u32, before: &SharedAddresses) -> SharedAddresses {
        let counted = self.0.chunk_by(|a, b| a == b).filter_map(|customers| {
            let (address, count) = (customers[0], u32::try_from(customers.len()).ok()?);
            let known = before.0.get(&address);
            let limit = if known.is_some() { max_shared / 2 } else { max_shared };
            let is_named = known.is_some_and(|known| known.is_named);
            (count > limit).then_some((address, SharedAddress { customers: count, is_named }))
        });
        SharedAddresses(counted.collect())
    }
}

/// The masked address: at most two characters and the domain of an e-mail address, or the first
/// three and the last two characters of a long number.
pub(crate) fn masked(channel: Channel, address: &str) -> String {
    if let (Channel::Email, Some((local, domain))) = (channel, address.rsplit_once('@')) {
        let shown = (local.chars().count() / 2).min(2);
        return format!("{}***@{domain}", local.chars().take(shown).collect::<String>());
    }
    if address.chars().count() <= MAX_HIDDEN {
        return "***".to_owned();
    }
    let (first, last) = (address.get(..3), address.get(address.len() - 2..));
    format!("{}***{}", first.unwrap_or_default(), last.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::address::AddressHasher;
    use super::*;

    #[test]
    fn an_address_over_the_limit_stays_shared_while_over_half_the_limit() {
        let hasher = AddressHasher::default();
        let key = |address: &str| hasher.key(Channel::Email, address);
        let count = |customers: [(&str, u32); 3], before: &SharedAddresses| {
            let mut counter = SharedCounter::with_capacity(0);
            for (address, customers) in customers {
                (0..customers).for_each(|_| counter.count(key(address)));
            }
            counter.sort();
            counter.finish(4, before)
        };
        let (a, b, c) = ("a@x.example", "b@x.example", "c@x.example");
        let mut shared = count([(a, 5), (b, 4), (c, 9)], &SharedAddresses::default());
        assert_eq!(shared.unnamed(), HashMap::from([(key(a), 5), (key(c), 9)]));
        assert!(shared.contains(key(a)) && !shared.contains(key(b)));

        shared.note_named(key(a));
        let next = count([(a, 3), (b, 5), (c, 2)], &shared);
        assert_eq!(next.unnamed(), HashMap::from([(key(b), 5)]));
        assert!(next.contains(key(a)) && !next.contains(key(c)));
    }

    #[test]
    fn a_masked_address_shows_only_a_part_of_the_address() {
        for (channel, address, shown) in [
            (Channel::Email, "noemail@acme.example", "no***@acme.example"),
            (Channel::Email, "jo@acme.example", "j***@acme.example"),
            (Channel::Email, "x@acme.example", "***@acme.example"),
            (Channel::Email, "noone", "***"),
            (Channel::Email, "", "***"),
            (Channel::Sms, "+61400000000", "+61***00"),
            (Channel::Sms, "+6140000000", "+61***00"),
            (Channel::Sms, "0400000000", "***"),
            (Channel::Sms, "000000", "***"),
            (Channel::Sms, "00000", "***"),
            (Channel::Sms, "0", "***"),
        ] {
            assert_eq!(masked(channel, address), shown);
        }
    }
}
