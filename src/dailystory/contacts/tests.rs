//! When a refusal begins and ends, and how a written record is changed.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::address::{AddressHasher, AddressKey, Channel};
use super::refusals::Refusals;
use super::served::{ContactValues, Replacement};
use super::sighting::{Sighting, Version};
use crate::dailystory::Record;
use crate::domain::{CustomerId, Fact};

const MIA: CustomerId = CustomerId::new(1);
const LEO: CustomerId = CustomerId::new(2);

fn key(address: &str) -> AddressKey {
    static HASHER: std::sync::LazyLock<AddressHasher> =
        std::sync::LazyLock::new(AddressHasher::default);
    HASHER.key(Channel::Email, address)
}

/// An answer about e-mail. Text messages are unknown.
fn email(allowed: Option<bool>, second: u32, address: &str) -> [Sighting; 2] {
    let version = if second == 0 { Version::Unreadable } else { Version::At(second) };
    let unknown = Sighting { allowed: None, version, address: None };
    [Sighting { allowed, version, address: Some(key(address)) }, unknown]
}

#[test]
fn a_refusal_ends_when_a_later_version_grants() {
    let (yes, no) = (Some(true), Some(false));
    // The known refusal is of second 10, at a@x.example.
    for (answer, refuses, at_a, at_b) in [
        ((no, 9, "b@x.example"), true, true, false),
        ((no, 10, "b@x.example"), true, false, true),
        ((no, 11, "b@x.example"), true, false, true),
        ((no, 0, "b@x.example"), true, false, true),
        ((yes, 9, "b@x.example"), true, true, false),
        ((yes, 10, "a@x.example"), true, true, false),
        ((yes, 11, "a@x.example"), false, false, false),
        ((yes, 0, "a@x.example"), true, true, false),
        ((None, 10, "b@x.example"), true, true, false),
        ((None, 11, "b@x.example"), true, false, true),
    ] {
        let mut refusals = Refusals::default();
        refusals.record(MIA, email(no, 10, "a@x.example"), 0);
        let (allowed, second, address) = answer;
        refusals.record(MIA, email(allowed, second, address), 0);
        let found = (
            refusals.refuses(MIA, Channel::Email),
            refusals.refuses_at(key("a@x.example")),
            refusals.refuses_at(key("b@x.example")),
        );
        assert_eq!(found, (refuses, at_a, at_b), "{answer:?}");
        assert!(!refusals.refuses(MIA, Channel::Sms) && !refusals.refuses(LEO, Channel::Email));
    }
}

#[test]
fn an_address_is_refused_until_its_last_customer_grants() {
    let mut refusals = Refusals::default();
    refusals.record(MIA, email(Some(false), 1, "a@x.example"), 0);
    refusals.record(LEO, email(Some(false), 1, "a@x.example"), 0);
    assert_eq!(refusals.other_at(key("a@x.example"), MIA), Some(LEO));
    refusals.record(MIA, email(Some(true), 2, "a@x.example"), 0);
    assert!(refusals.refuses_at(key("a@x.example")) && !refusals.has(MIA));
    refusals.record(LEO, email(Some(true), 2, "a@x.example"), 0);
    assert!(!refusals.refuses_at(key("a@x.example")) && refusals.len() == 0);
}

#[test]
fn a_vanished_customer_gives_up_its_address_at_once_and_is_forgotten_with_the_earlier_lists() {
    let mut refusals = Refusals::default();
    refusals.record(MIA, email(Some(false), 1, "a@x.example"), 5);
    refusals.record(LEO, email(Some(false), 1, "b@x.example"), 20);
    refusals.note_vanished(10, 30);
    assert!(!refusals.refuses_at(key("a@x.example")) && refusals.refuses_at(key("b@x.example")));
    assert!(refusals.refuses(MIA, Channel::Email));
    refusals.forget(30);
    assert!(refusals.refuses(MIA, Channel::Email), "a list from then may still have the customer");
    refusals.forget(31);
    assert!(!refusals.has(MIA) && refusals.has(LEO));
}

#[test]
fn a_vanished_customer_that_comes_back_is_not_forgotten() {
    let mut refusals = Refusals::default();
    refusals.record(MIA, email(Some(false), 1, "a@x.example"), 5);
    refusals.note_vanished(10, 30);
    refusals.record(MIA, email(Some(false), 1, "a@x.example"), 40);
    refusals.forget(50);
    assert!(refusals.refuses_at(key("a@x.example")) && refusals.has(MIA));
}

#[test]
fn a_grant_without_a_readable_stamp_counts_at_the_next_full_list() {
    let mut refusals = Refusals::default();
    refusals.record(MIA, email(Some(false), 0, "a@x.example"), 5);
    refusals.record(MIA, email(Some(true), 0, "a@x.example"), 20);
    assert!(refusals.refuses(MIA, Channel::Email));
    refusals.note_vanished(10, 30);
    assert!(!refusals.refuses_at(key("a@x.example")));
    refusals.forget(31);
    assert!(!refusals.has(MIA));
}

#[test]
fn changes_of_the_same_customers_take_bounded_memory() {
    let mut refusals = Refusals::default();
    let mut after_two_rounds = 0;
    for round in 1..20 {
        for id in 0..1000 {
            let address = format!("{id}.{round}@x.example");
            refusals.record(CustomerId::new(id), email(Some(false), round, &address), round);
        }
        if round == 2 {
            after_two_rounds = refusals.bytes();
        }
    }
    // The table of addresses may double once, for the places of removed addresses.
    assert!(refusals.len() == 1000 && refusals.bytes() < 2 * after_two_rounds);
}

/// A record with these values, as it is written.
fn written(values: &(Option<String>, Option<String>, Option<bool>, Option<bool>)) -> Vec<u8> {
    let (email, mobile, sms, mail) = values.clone();
    let record = Record {
        id: Fact::Value(-7),
        first_name: Fact::Value("a \\\" \"email\":\"x\"".into()),
        email: email.map_or(Fact::Empty, |email| Fact::Value(email.into())),
        mobile_phone: mobile.map_or(Fact::Unknown, Fact::Value),
        allow_sms: sms.map_or(Fact::Unknown, Fact::Value),
        allow_email: mail.map_or(Fact::Unknown, Fact::Value),
        city: Fact::Value("\"email\":\"y\",\"allow_email\":true"),
        ..Record::default()
    };
    let mut out = Vec::new();
    record.write(&mut out);
    out
}

proptest! {
    #[test]
    fn a_changed_record_differs_in_the_changed_values_alone(
        values in (
            prop::option::of("\\PC{0,12}|[\\\\\"a]{0,8}"),
            prop::option::of("\\+[0-9]{5}"),
            any::<Option<bool>>(),
            any::<Option<bool>>(),
        ),
        changes in any::<[(bool, bool); 2]>(),
    ) {
        let record = written(&values);
        let mut expected: Value = serde_json::from_slice(&record).unwrap();
        let found = ContactValues::find(&record);
        prop_assert_eq!(found.id, CustomerId::new(-7));
        let mut replace = [Replacement::default(); 2];
        for (channel, address) in [(Channel::Email, "email"), (Channel::Sms, "mobile_phone")] {
            let shown = found.address(channel, &record);
            prop_assert_eq!(shown.as_deref(), expected[address].as_str());
            let allows = found.allows(channel, &record);
            prop_assert_eq!(allows, expected[channel.consent_key()] == json!(true));
            let (without_address, not_allowed) = changes[channel as usize];
            let replacement = &mut replace[channel as usize];
            if without_address && shown.is_some() {
                replacement.without_address = true;
                expected[address] = Value::Null;
            }
            if not_allowed && allows {
                replacement.not_allowed = true;
                expected[channel.consent_key()] = json!(false);
            }
        }
        let mut out = b"before".to_vec();
        found.write(&record, replace, &mut out);
        prop_assert_eq!(serde_json::from_slice::<Value>(&out[6..]).unwrap(), expected);
    }
}
