//! Decides whether the name of an attribute or a reference may be shown to the operator. A name may
//! be personal data by mistake.

/// A name is shown only if at least this number of customers have it. A name of fewer customers may
/// have been typed for a single customer.
pub(crate) const MIN_CUSTOMERS: usize = 3;

/// The longest name that is shown, in characters.
const MAX_LENGTH: usize = 60;

/// Largest number of digits of a shown name. A name with more digits may be a phone number or the
/// number of a customer.
const MAX_DIGITS: usize = 3;

/// Whether the name may be shown. `customers` is the number of customers that have the name.
pub(crate) fn may_be_shown(name: &str, customers: usize) -> bool {
    customers >= MIN_CUSTOMERS
        && name.chars().count() <= MAX_LENGTH
        && !name.contains(|char: char| char == '@' || char.is_control())
        && name.chars().filter(|char| char.is_numeric()).count() <= MAX_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_may_be_personal_data_is_not_shown() {
        for (name, customers, is_shown) in [
            ("VIP tier", 3, true),
            ("VIP tier", 2, false),
            ("Top 100", 3, true),
            ("0491 570 006", 3, false),
            ("jane@home.example", 3, false),
            (&"long".repeat(15), 3, true),
            (&"long ".repeat(13), 3, false),
            ("two\nlines", 3, false),
        ] {
            assert_eq!(may_be_shown(name, customers), is_shown, "{name} of {customers}");
        }
    }
}
