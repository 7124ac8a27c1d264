//! Recognises names and postal addresses of the sample's customers among other values.

use std::collections::HashSet;

use super::Sample;
use crate::domain::yes_or_no;
use crate::dotapparel::{Address, DetailCustomer, Person};

/// The names and postal addresses of the customers of a sample, in lower case.
#[derive(Default)]
pub(crate) struct PersonalWords {
    /// First names and surnames, and each part of them.
    names: HashSet<String>,
    /// The lines of addresses: companies, streets, cities, states and countries.
    lines: HashSet<String>,
}

/// If the name of an attribute or reference has one of these parts, its values may be names or
/// postal addresses of people. Such a person need not be a customer: a partner, for example.
const PERSONAL: [&str; 6] = ["name", "address", "street", "city", "suburb", "town"];

/// In characters. A shorter part of a name, such as an initial, shows nothing about a person.
const MIN_PART: usize = 2;

// === impl PersonalWords ===

impl PersonalWords {
    /// The names and postal addresses in all answers of the sample.
    pub(crate) fn collect(sample: &Sample) -> Self {
        let mut words = Self::default();
        for page in &sample.pages {
            for customer in &page.read().data {
                words.add_person(&customer.person);
                words.add_address(customer.address.as_ref());
            }
        }
        for body in &sample.details {
            let Ok(customer) = DetailCustomer::parse_one(body) else { continue };
            words.add_person(&customer.person);
            for addresses in &customer.addresses {
                words.add_address(addresses.billing.as_ref());
                words.add_address(addresses.delivery.as_ref());
            }
        }
        words
    }

    /// Whether `value` of the attribute or reference `name` may be a person's name or postal
    /// address.
    pub(crate) fn may_be(&self, value: &str, name: &str) -> bool {
        if yes_or_no(value).is_some() {
            return false;
        }
        let name = name.to_lowercase();
        let value = value.to_lowercase();
        PERSONAL.iter().any(|part| name.contains(part))
            || self.lines.contains(&value)
            || self.names.contains(&value)
            || parts(&value).any(|part| self.names.contains(part))
    }

    fn add_person(&mut self, person: &Person<'_>) {
        for name in [&person.first_name, &person.surname].into_iter().flatten() {
            self.add_name(name);
        }
    }

    fn add_name(&mut self, name: &str) {
        let name = name.to_lowercase();
        self.names.extend(parts(&name).map(str::to_owned));
        self.names.insert(name);
    }

    fn add_address(&mut self, address: Option<&Address<'_>>) {
        let Some(address) = address else { return };
        let Address { company, line_1, line_2, city, state, country, .. } = address;
        let lines = [company, line_1, line_2, city, state, country].into_iter().flatten();
        self.lines.extend(lines.map(|line| line.to_lowercase()));
    }
}

/// The parts of a text that have only letters.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|char: char| !char.is_alphabetic());
    parts.filter(|part| part.chars().count() >= MIN_PART)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_of_customers_are_recognised_in_upper_and_lower_case() {
        let mut words = PersonalWords::default();
        words.add_name("Mia J");
        words.add_name("O'Brien-Wong");
        words.add_address(Some(&Address { city: Some("Gold Coast".into()), ..Address::default() }));
        for (value, name, may_be) in [
            ("Brien", "Family", true),
            ("WONG", "Family", true),
            ("Mia", "Partner", true),
            ("the wong club", "Family", true),
            ("gold coast", "Place", true),
            ("Gold", "Tier", false),
            ("J", "Size", false),
            ("Wongs", "Tier", false),
            ("Nguyen", "Maiden Name", true),
            ("Ballarat", "SUBURB", true),
            ("No", "Has Surname", false),
        ] {
            assert_eq!(words.may_be(value, name), may_be, "{value} of {name}");
        }
    }
}
