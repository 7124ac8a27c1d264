//! Counts the attributes and references of customers, by name.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::personal_words::PersonalWords;
pub(crate) use super::value_form::ValueKind;
use super::value_form::{form, is_word};
use crate::domain::list_name;

/// Counts the names of one list, attributes or references.
#[derive(Default)]
pub(crate) struct NameTally(BTreeMap<String, NameCount>);

struct NameCount {
    /// The name, in the spelling of the first customer.
    name: String,
    customers: usize,
    has_several: bool,
    values: HashMap<String, usize>,
}

/// A name, and its values without personal data.
#[derive(Debug, Serialize)]
pub(crate) struct NameReport {
    pub(crate) name: String,
    pub(crate) customers: usize,
    /// Whether a customer has several values with this name.
    pub(crate) has_several: bool,
    /// The commonest values. A value that may be personal is shown as its form: letters in a row as
    /// one `x`, and each digit as `9`.
    pub(crate) values: Vec<ValueShare>,
    #[serde(skip)]
    pub(crate) kind: Option<ValueKind>,
}

/// A value or a form, and its share.
#[derive(Debug, Serialize)]
pub(crate) struct ValueShare {
    pub(crate) shown: String,
    pub(crate) percent: usize,
    #[serde(skip)]
    pub(crate) is_word: bool,
}

/// A value that fewer customers have is printed as a form only.
const MIN_SHARERS: usize = 5;

/// A value is printed as a word only if it is at least one tenth of the values of its name.
const ONE_IN: usize = 10;

/// A name with more different values has free text, and none of its values is printed as a word.
const MAX_WORDS: usize = 12;

/// Largest number of values and forms that are printed of each name.
const MAX_SHOWN: usize = 4;

/// Largest number of different values that are kept of each name. Further values are not counted.
const MAX_VALUES: usize = 10_000;

// === impl NameTally ===

impl NameTally {
    /// Counts the names and values of one customer. An empty value is `None`.
    pub(crate) fn count<'a>(
        &mut self,
        entries: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>,
    ) {
        let (mut seen_names, mut seen_values) = (HashSet::new(), HashSet::new());
        for (name, value) in entries {
            let Some(name) = name else { continue };
            let key = name.to_lowercase();
            let count = self.0.entry(key.clone()).or_insert_with(|| NameCount::new(name));
            let is_first = seen_names.insert(key.clone());
            count.customers += usize::from(is_first);
            count.has_several |= !is_first;
            let Some(value) = value else { continue };
            if !seen_values.insert((key, value)) {
                continue;
            }
            if count.values.len() < MAX_VALUES || count.values.contains_key(value) {
                *count.values.entry(value.to_owned()).or_default() += 1;
            }
        }
    }

    /// Whether a customer has this name, without regard to upper and lower case.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(&name.to_lowercase())
    }

    /// The names that may be printed, the commonest first, and the number of the other names. A
    /// value that may be a name or an address of a person is printed as a form only.
    pub(crate) fn report(&self, personal: &PersonalWords) -> (Vec<NameReport>, usize) {
        let (shown, hidden): (Vec<_>, Vec<_>) = self
            .0
            .values()
            .partition(|count| list_name::may_be_shown(&count.name, count.customers));
        let mut reports: Vec<_> = shown.into_iter().map(|count| count.report(personal)).collect();
        reports.sort_by(|a, b| (b.customers, &a.name).cmp(&(a.customers, &b.name)));
        (reports, hidden.len())
    }
}

// === impl NameCount ===

impl NameCount {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), customers: 0, has_several: false, values: HashMap::new() }
    }

    fn report(&self, personal: &PersonalWords) -> NameReport {
        let total: usize = self.values.values().sum();
        let mut shown = HashMap::<(String, bool), usize>::new();
        for (value, count) in &self.values {
            let is_word = self.values.len() <= MAX_WORDS
                && *count >= MIN_SHARERS
                && count * ONE_IN >= total
                && is_word(value)
                && !personal.may_be(value, &self.name);
            let text = if is_word { value.clone() } else { form(value) };
            *shown.entry((text, is_word)).or_default() += count;
        }
        let mut shown: Vec<_> = shown.into_iter().collect();
        shown.sort_by(|(a, a_count), (b, b_count)| (b_count, a).cmp(&(a_count, b)));
        let share = |((shown, is_word), count): ((String, bool), usize)| ValueShare {
            shown,
            percent: count * 100 / total.max(1),
            is_word,
        };
        NameReport {
            name: self.name.clone(),
            customers: self.customers,
            has_several: self.has_several,
            values: shown.into_iter().take(MAX_SHOWN).map(share).collect(),
            kind: ValueKind::of_all(&self.values.keys().map(String::as_str)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(customers: &[&[(&'static str, &'static str)]]) -> (Vec<NameReport>, usize) {
        let mut tally = NameTally::default();
        for customer in customers {
            tally.count(customer.iter().map(|(name, value)| (Some(*name), Some(*value))));
        }
        tally.report(&PersonalWords::default())
    }

    #[test]
    fn a_word_is_shown_only_if_many_customers_have_it() {
        let yes: &[(&str, &str)] = &[("Opt In", "Yes")];
        let name: &[(&str, &str)] = &[("opt in", "Sampleson")];
        let (names, _) = report(&[yes, yes, yes, yes, yes, yes, name, name]);
        let values: Vec<_> =
            names[0].values.iter().map(|value| (value.shown.as_str(), value.percent)).collect();
        assert_eq!(values, [("Yes", 75), ("x", 25)]);
        assert_eq!((names[0].name.as_str(), names[0].customers), ("Opt In", 8));
    }

    #[test]
    fn a_customer_counts_once_for_each_of_its_values() {
        let often: &[(&str, &str)] = &[("Tag", "Vip"); 20];
        let other: &[(&str, &str)] = &[("Tag", "No")];
        let (names, _) = report(&[often, other, other]);
        let values: Vec<_> =
            names[0].values.iter().map(|value| (value.shown.as_str(), value.percent)).collect();
        assert_eq!(values, [("x", 100)], "one customer does not make a word common");
    }

    #[test]
    fn a_name_that_is_rare_or_has_an_address_or_a_date_is_hidden() {
        let customer: &[(&str, &str)] =
            &[("mia@acme.example", "Yes"), ("Born 1984-02-03", "Yes"), ("Size", "M")];
        let rare: &[(&str, &str)] = &[("Mia Wong", "Yes"), ("Size", "L"), ("Size", "XL")];
        let (names, hidden) = report(&[customer, customer, customer, rare, rare]);
        let shown: Vec<_> = names.iter().map(|name| name.name.as_str()).collect();
        assert_eq!((shown, hidden), (vec!["Size"], 3));
        assert!(names[0].has_several);
    }
}
