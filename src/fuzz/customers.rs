//! The bodies of `/customers/{id}`, `/customers?email=` and `/customers?updated_after=`.

use super::brand::Brand;
use super::{items, record};
use crate::dailystory::Mapper;
use crate::dotapparel::{DetailCustomer, Render, Sources};

/// The largest number of customers of one list of recent changes (`dotapparel/model/detail.rs`).
const MAX_ROWS: usize = 200_000;

/// Reads the bytes as the answer to the lookup of one customer.
///
/// # Panics
/// - The slow reader of JSON (see `items.rs`) reads the customer differently.
/// - A list of the customer, such as its loyalties, takes much memory.
/// - The record is not the customer's, is no JSON, or allows what the customer refuses.
/// - The error shows content or has a wrong place.
pub fn customer(bytes: &[u8]) {
    match DetailCustomer::parse_one(bytes) {
        Ok(customer) => check(&customer, items::one(bytes), &Brand::new().mapper),
        Err(error) => items::check_error(&error, bytes),
    }
}

/// Reads the bytes as a list of customers.
///
/// # Panics
/// - The list has another number of customers than the body, or more than `MAX_ROWS`.
/// - [`customer`] would panic at one of the customers.
/// - The error shows content or has a wrong place.
pub fn customers(bytes: &[u8]) {
    let customers = match DetailCustomer::parse_many(bytes) {
        Ok(customers) => customers,
        Err(error) => return items::check_error(&error, bytes),
    };
    let items = items::of(bytes);
    assert_eq!(customers.len(), items.len(), "a customer is lost");
    assert!(items.len() <= MAX_ROWS, "{} customers", items.len());
    let Brand { mapper, .. } = Brand::new();
    for (customer, item) in customers.iter().zip(items) {
        check(customer, item, &mapper);
    }
}

fn check(customer: &DetailCustomer<'_>, item: &str, mapper: &Mapper) {
    items::check_item(customer, item, |item| {
        let body = format!("{{\"data\":{item}}}");
        DetailCustomer::parse_one(body.as_bytes()).is_ok_and(|alone| alone == *customer)
    });
    items::check_list(&customer.addresses);
    items::check_list(&customer.references);
    items::check_list(&customer.loyalties);
    items::check_list(&customer.rewards_accounts);
    let mut written = Vec::new();
    mapper.record(&Sources::looked_up(customer), &mut written);
    record::check(&written, customer.person.id, item, mapper);
}
