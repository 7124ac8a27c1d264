//! Addresses that so many customers have that they stand for none.

use std::collections::HashMap;

use super::address::{AddressKey, Channel};

/// The addresses of more customers than a person's family has, each with its number of customers.
#[derive(Debug, Default)]
pub(crate) struct SharedAddresses(HashMap<AddressKey, u32>);

/// Counts the customers of each address of a list.
#[derive(Debug)]
pub(crate) struct SharedCounter(Vec<AddressKey>);

// === impl SharedAddresses ===

impl SharedAddresses {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, address: AddressKey) -> bool {
        !self.is_empty() && self.0.contains_key(&address)
    }

    /// The addresses that `other` does not have, each with its number of customers.
    pub(crate) fn not_in(&self, other: &Self) -> HashMap<AddressKey, u32> {
        let is_new = |(address, _): &(&AddressKey, &u32)| !other.contains(**address);
        self.0.iter().filter(is_new).map(|(address, customers)| (*address, *customers)).collect()
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

    /// The addresses of more than `max_shared` customers.
    pub(crate) fn finish(mut self, max_shared: u32) -> SharedAddresses {
        self.0.sort_unstable();
        let counted = self
            .0
            .chunk_by(|a, b| a == b)
            .map(|customers| (customers[0], u32::try_from(customers.len()).unwrap_or(u32::MAX)));
        SharedAddresses(counted.filter(|(_, customers)| *customers > max_shared).collect())
    }
}

/// The address for the log: its first two characters, and the domain or the last two digits.
pub(crate) fn masked(channel: Channel, address: &str) -> String {
    if let (Channel::Email, Some((local, domain))) = (channel, address.rsplit_once('@')) {
        return format!("{}***@{domain}", local.chars().take(2).collect::<String>());
    }
    let (first, last) = (address.get(..3), address.get(address.len().saturating_sub(2)..));
    format!("{}***{}", first.unwrap_or_default(), last.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::address::AddressHasher;
    use super::*;

    #[test]
    fn an_address_of_more_than_the_limit_is_shared() {
        let hasher = AddressHasher::default();
        let key = |address| hasher.key(Channel::Email, address);
        let mut counter = SharedCounter::with_capacity(0);
        for (address, customers) in [("a@x.example", 3), ("b@x.example", 2), ("c@x.example", 4)] {
            (0..customers).for_each(|_| counter.count(key(address)));
        }
        let shared = counter.finish(2);
        assert!(shared.contains(key("a@x.example")) && !shared.contains(key("b@x.example")));

        let mut earlier = SharedCounter::with_capacity(0);
        (0..9).for_each(|_| earlier.count(key("a@x.example")));
        let new = shared.not_in(&earlier.finish(2));
        assert_eq!(new, HashMap::from([(key("c@x.example"), 4)]));
    }

    #[test]
    fn the_log_shows_only_a_part_of_an_address() {
        for (channel, address, shown) in [
            (Channel::Email, "noemail@acme.example", "no***@acme.example"),
            (Channel::Email, "x@acme.example", "x***@acme.example"),
            (Channel::Sms, "+61400000000", "+61***00"),
        ] {
            assert_eq!(masked(channel, address), shown);
        }
    }
}
