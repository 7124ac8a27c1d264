//! The bodies of `/rewards/accounts/{id}` and `/stores`.

use super::items;
use crate::dotapparel::{RewardsBalance, Store, StoreNames, key_of};

/// Reads the bytes as the answer about a rewards account.
///
/// # Panics
/// - The points are not the number of the body, or a whole number of at most 18 digits is not read.
/// - The error shows content or has a wrong place.
pub fn rewards_account(bytes: &[u8]) {
    let balance = match RewardsBalance::parse(bytes) {
        Ok(balance) => balance,
        Err(error) => return items::check_error(&error, bytes),
    };
    let sent = key_of(items::one(bytes), "availablePoints").unwrap_or("null");
    let sent = serde_json::from_str(sent).unwrap_or_else(|_| sent.to_owned());
    match balance.available_points {
        Some(points) => assert_eq!(sent.trim().parse(), Ok(points), "{sent:?}"),
        None => assert!(!is_plain_number(sent.trim()), "{sent:?} is not read"),
    }
}

/// Whether the text is a number that each reader of numbers accepts.
fn is_plain_number(text: &str) -> bool {
    (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads the bytes as the answer with all stores.
///
/// # Panics
/// - The list has another number of stores than the body.
/// - A store gets the name of a store with another id and another code.
/// - The error shows content or has a wrong place.
pub fn stores(bytes: &[u8]) {
    let stores = match Store::parse_many(bytes) {
        Ok(stores) => stores,
        Err(error) => return items::check_error(&error, bytes),
    };
    assert_eq!(stores.len(), items::of(bytes).len());
    assert!(stores.len() <= items::MAX_ROWS, "{} stores", stores.len());
    let names = StoreNames::fixed(&stores);
    for store in &stores {
        let Some(name) = names.name(store.id, store.code.as_deref()) else { continue };
        let is_same = |other: &&Store| {
            (other.id.is_some() && other.id == store.id)
                || (other.code.is_some() && other.code == store.code)
        };
        let found = stores.iter().filter(is_same).any(|other| other.name.as_deref() == Some(&name));
        assert!(found, "{store:?}: {name:?}");
    }
}
