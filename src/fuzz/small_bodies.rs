//! The bodies of `/rewards/accounts/{id}` and `/stores`.

use super::items;
use crate::domain::Decimal;
use crate::dotapparel::{RewardsBalance, Store, StoreNames};

/// Reads the bytes as the answer about a rewards account.
///
/// # Panics
/// If the points read differently when they are read again, or are both readable and unreadable; or
/// if the error shows content or has a wrong place.
pub fn rewards_account(bytes: &[u8]) {
    let balance = match RewardsBalance::parse(bytes) {
        Ok(balance) => balance,
        Err(error) => return items::check_error(&error, bytes),
    };
    if let Some(points) = balance.available_points {
        assert_eq!(points.to_string().parse(), Ok::<Decimal, _>(points));
    }
}

/// Reads the bytes as the answer with all stores.
///
/// # Panics
/// If the list has another number of stores than the body; if the name of a store is the name of
/// another store; or if the error shows content or has a wrong place.
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
