//! When a refusal begins and ends, and how a written record is changed.

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::address::{AddressHasher, AddressKey, Channel};
use super::refusals::Refusals;
use super::served::{ContactValues, Replacement};
use super::sighting::{AddressKeys, Arrival, Sighting, Version};
use crate::dailystory::Record;
use crate::domain::{CustomerId, Fact};

const MIA: CustomerId = CustomerId::new(1);
const LEO: CustomerId = CustomerId::new(2);

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

const A: &str = "a@x.example";
const B: &str = "b@x.example";

fn key(address: &str) -> AddressKey {
    static HASHER: std::sync::LazyLock<AddressHasher> =
        std::sync::LazyLock::new(AddressHasher::default);
    HASHER.key(Channel::Email, address)
}

/// The version of this second; unreadable for 0.
fn version(second: u32) -> Version {
    let stamp = DateTime::from_timestamp(second.into(), 0).unwrap().naive_utc();
    Version::new(Some(stamp), false, NaiveDateTime::MAX)
}

/// An answer about e-mail. The answer shows nothing about text messages.
fn email(allowed: Option<bool>, second: u32, addresses: Fact<AddressKeys>) -> [Sighting; 2] {
    let version = version(second);
    let unknown = Sighting { allowed: None, version, addresses: Fact::Empty };
    [Sighting { allowed, version, addresses }, unknown]
}

fn at(address: &str) -> Fact<AddressKeys> {
    Fact::Value([Some(key(address)), None])
}

/// A text with two addresses.
fn both() -> Fact<AddressKeys> {
    Fact::Value([A, B].map(|address| Some(key(address))))
}

/// An answer of a search at this second.
fn search_at(now: u32) -> Arrival {
    Arrival { now, asked: now, believed_until: now }
}

/// The refusals after one answer, at second 100, has shown that Mia refuses. The stamp of her
/// version is second 10.
fn mia_refuses() -> Refusals {
    let mut refusals = Refusals::default();
    refusals.record(MIA, email(NO, 10, at(A)), search_at(100));
    refusals
}

/// Whether Mia refuses, whether address A is refused, and whether address B is refused.
fn state(refusals: &Refusals) -> (bool, bool, bool) {
    let refuses_at = |address| refusals.refuses_at(key(address));
    (refusals.refuses(MIA, Channel::Email), refuses_at(A), refuses_at(B))
}

#[test]
fn only_a_grant_in_a_later_version_ends_a_refusal_at_once() {
    for ((allowed, second, address), expected) in [
        ((NO, 9, at(B)), (true, true, false)),
        // Two answers about one version may show two addresses.
        ((NO, 10, at(B)), (true, true, true)),
        ((NO, 10, both()), (true, true, true)),
        ((NO, 11, both()), (true, true, true)),
        ((NO, 10, Fact::Empty), (true, true, false)),
        ((NO, 11, at(B)), (true, false, true)),
        ((NO, 11, Fact::Empty), (true, false, false)),
        ((NO, 11, Fact::Unknown), (true, true, false)),
        ((NO, 0, at(B)), (true, true, true)),
        ((YES, 9, at(B)), (true, true, false)),
        ((YES, 10, at(A)), (true, true, false)),
        ((YES, 11, at(A)), (false, false, false)),
        ((YES, 0, at(A)), (true, true, false)),
        ((None, 10, at(B)), (true, true, false)),
        ((None, 11, at(B)), (true, false, true)),
        ((None, 11, Fact::Unknown), (true, true, false)),
    ] {
        let mut refusals = mia_refuses();
        refusals.record(MIA, email(allowed, second, address), search_at(100));
        assert_eq!(state(&refusals), expected, "{allowed:?} at {second} with {address:?}");
        assert!(!refusals.refuses(MIA, Channel::Sms) && !refusals.refuses(LEO, Channel::Email));
    }
}

#[test]
fn a_refusal_without_a_readable_stamp_may_be_the_latest() {
    let mut refusals = mia_refuses();
    for (allowed, second) in [(NO, 0), (NO, 5), (YES, 20)] {
        refusals.record(MIA, email(allowed, second, at(A)), search_at(100));
    }
    assert_eq!(state(&refusals), (true, true, false));
}

#[test]
fn a_stamp_that_the_clock_shows_twice_may_be_hours_later() {
    let stamp = DateTime::from_timestamp(1_700_000_000, 0).unwrap().naive_utc();
    let new = |hours, is_twice| {
        Version::new(Some(stamp + TimeDelta::hours(hours)), is_twice, NaiveDateTime::MAX)
    };
    let after = |grant| {
        let mut refusals = Refusals::default();
        let [refusal, unknown] = email(NO, 1, at(A));
        let refusal = Sighting { version: new(0, true), ..refusal };
        refusals.record(MIA, [refusal, unknown], search_at(100));
        let grant = Sighting { allowed: YES, version: grant, ..refusal };
        refusals.record(MIA, [grant, unknown], search_at(200));
        let is_refused = refusals.has(MIA);
        refusals.note_full_list(150, 300);
        is_refused && !refusals.has(MIA)
    };
    assert!(after(new(2, false)), "the order of the versions is not certain");
    assert!(!after(new(4, false)), "the grant is surely later");
}

#[test]
fn implausible_stamps_are_unreadable() {
    let latest: NaiveDateTime = "2026-01-02T00:00:00".parse().unwrap();
    let new = |text: &str| Version::new(Some(text.parse().unwrap()), false, latest);
    for text in
        ["0001-01-01T00:00:00", "1970-01-01T00:00:00", "2026-01-02T00:00:01", "9999-12-31T00:00:00"]
    {
        assert_eq!(new(text), Version::Unreadable, "{text}");
    }
    assert_ne!(new("2026-01-02T00:00:00"), Version::Unreadable);
    assert_eq!(Version::new(None, false, latest), Version::Unreadable);
}

#[test]
fn an_address_is_refused_until_its_last_customer_grants() {
    let mut refusals = mia_refuses();
    refusals.record(LEO, email(NO, 1, at(A)), search_at(100));
    assert_eq!(refusals.other_at(key(A), MIA), Some(LEO));
    refusals.record(MIA, email(YES, 20, at(A)), search_at(100));
    assert!(refusals.refuses_at(key(A)) && !refusals.has(MIA));
    refusals.record(LEO, email(YES, 2, at(A)), search_at(100));
    assert!(!refusals.refuses_at(key(A)) && refusals.len() == 0);
}

#[test]
fn a_vanished_customer_loses_its_address_at_once_and_is_forgotten_when_each_kept_list_is_later() {
    let mut refusals = mia_refuses();
    refusals.record(LEO, email(NO, 1, at(B)), search_at(120));
    // The list began in second 110 and ended in second 130. It lacks Mia.
    refusals.note_full_list(110, 130);
    assert_eq!(state(&refusals), (true, false, true));
    refusals.forget(130);
    assert!(refusals.has(MIA), "a list that began in second 130 may still have Mia");
    refusals.forget(131);
    assert!(!refusals.has(MIA) && refusals.has(LEO));
}

#[test]
fn a_vanished_customer_that_comes_back_has_its_address_again() {
    for (allowed, second) in [(NO, 10), (YES, 9), (YES, 10), (None, 10)] {
        let mut refusals = mia_refuses();
        refusals.note_full_list(110, 130);
        refusals.record(MIA, email(allowed, second, Fact::Unknown), search_at(140));
        refusals.forget(150);
        assert_eq!(state(&refusals), (true, true, false), "{allowed:?} at {second}");
    }
}

#[test]
fn a_full_list_with_a_grant_ends_a_refusal_even_without_a_later_stamp() {
    for second in [0, 10] {
        let mut refusals = mia_refuses();
        // The list began before the refusal was seen, so the list may be older than the refusal.
        refusals.record(MIA, email(YES, second, at(A)), search_at(105));
        refusals.note_full_list(95, 110);
        assert_eq!(state(&refusals), (true, true, false));
        // A list that began later shows no refusal.
        refusals.record(MIA, email(YES, second, at(A)), search_at(125));
        refusals.note_full_list(120, 130);
        assert!(!refusals.has(MIA), "{second}");
    }
}

#[test]
fn a_cached_grant_that_is_older_than_a_refusal_does_not_end_the_refusal() {
    let mut refusals = mia_refuses();
    let from_cache = Arrival { now: 125, asked: 90, believed_until: 125 };
    refusals.record(MIA, email(YES, 10, at(A)), from_cache);
    refusals.note_full_list(120, 130);
    assert_eq!(state(&refusals), (true, true, false));
}

#[test]
fn a_full_list_ends_a_refusal_whose_customer_went_back_to_an_earlier_version() {
    let mut refusals = mia_refuses();
    refusals.record(MIA, email(YES, 9, at(A)), search_at(125));
    refusals.note_full_list(120, 130);
    assert!(!refusals.has(MIA));
}

#[test]
fn a_full_list_must_begin_late_enough_to_show_what_a_lookup_has_shown() {
    let mut refusals = Refusals::default();
    let lookup = Arrival { now: 100, asked: 100, believed_until: 130 };
    refusals.record(MIA, email(NO, 10, at(A)), lookup);
    refusals.note_full_list(120, 125);
    assert_eq!(state(&refusals), (true, true, false));
    refusals.note_full_list(131, 140);
    assert_eq!(state(&refusals), (true, false, false));
}

#[test]
fn a_refusal_ends_for_each_channel_separately() {
    let mut refusals = Refusals::default();
    let [refusal, _] = email(NO, 0, at(A));
    refusals.record(MIA, [refusal, refusal], search_at(100));
    let grant = Sighting { allowed: YES, ..refusal };
    refusals.record(MIA, [refusal, grant], search_at(120));
    refusals.note_full_list(110, 130);
    assert!(refusals.refuses(MIA, Channel::Email) && !refusals.refuses(MIA, Channel::Sms));
}

#[test]
fn changes_of_the_same_customers_take_bounded_memory() {
    let mut refusals = Refusals::default();
    let mut after_two_rounds = 0;
    for round in 1..20 {
        for id in 0..1000 {
            let address = at(&format!("{id}.{round}@x.example"));
            refusals.record(CustomerId::new(id), email(NO, round, address), search_at(round));
        }
        if round == 2 {
            after_two_rounds = refusals.bytes();
        }
    }
    // The table of addresses may double once, because removed addresses keep their places.
    assert!(refusals.len() == 1000 && refusals.bytes() < 2 * after_two_rounds);
}

/// A written record with these values.
fn written_record(
    values: &(Option<String>, Option<String>, Option<bool>, Option<bool>),
) -> Vec<u8> {
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
        let record = written_record(&values);
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

#[test]
fn a_customer_that_came_back_stays_refused_while_a_list_with_its_grant_is_kept() {
    let mut refusals = mia_refuses();
    refusals.note_full_list(110, 130);
    refusals.record(MIA, email(YES, 10, at(A)), search_at(140));
    refusals.note_full_list(150, 160);
    refusals.forget(136);
    assert!(refusals.refuses(MIA, Channel::Email), "a kept list began at 136");
    refusals.forget(161);
    assert!(!refusals.has(MIA));
}
