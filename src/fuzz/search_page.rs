//! The body of `/customers/search`, read as a walk reads it.

use std::sync::Arc;

use super::brand::{self, Brand};
use super::{items, record};
use crate::dailystory::Mapper;
use crate::dotapparel::{Contradiction, Error, SearchCustomer, SearchPage, read_page};
use crate::paging::{Cursor, Page};

/// Reads the bytes as a page of a walk.
///
/// # Panics
/// - The page has another number of customers than the body. Customers without a usable id count.
/// - A customer is read differently by itself than in its page.
/// - The slow reader of JSON (see `items.rs`) reads a customer differently.
/// - The attributes of a customer take much memory.
/// - A record is not the customer's, is no JSON, or allows what the customer refuses.
/// - The page has another next cursor than the body.
/// - The error shows content or has a wrong place.
pub fn search_page(bytes: &[u8]) {
    let found = match SearchPage::parse(bytes) {
        Ok(found) => found,
        Err(error) => return items::check_error(&error, bytes),
    };
    let items = items::of(bytes);
    assert_eq!(found.data.len(), items.len());
    assert!(items.len() <= items::MAX_ROWS, "{} customers", items.len());
    for (customer, item) in found.data.iter().zip(&items) {
        items::check_item(customer, item, |item| {
            SearchCustomer::parse(item).is_ok_and(|alone| alone == *customer)
        });
        items::check_list(&customer.attributes);
    }
    check_walk(bytes, &found, &items);
}

fn check_walk(bytes: &[u8], found: &SearchPage<'_>, items: &[&str]) {
    let Brand { client, mapper } = Brand::new();
    let arriving = brand::run(read_page(client, Arc::clone(&mapper), bytes.to_vec()));
    let cursor = found.end_cursor.as_deref().filter(|_| found.has_next_page);
    let arriving = match arriving {
        Ok(arriving) => arriving,
        Err(Error::Contradiction(Contradiction::PageWithoutCursor)) => {
            return assert!(found.has_next_page && cursor.is_none());
        }
        Err(error) => panic!("{error}"),
    };
    assert_eq!(found.has_next_page, cursor.is_some(), "a next page without a cursor was accepted");
    assert_eq!(arriving.next().map(Cursor::as_str), cursor);
    let page = brand::run(arriving.whole());
    assert_eq!(page.next().map(Cursor::as_str), cursor);
    check_records(&page, found, items, &mapper);
}

fn check_records(page: &Page, found: &SearchPage<'_>, items: &[&str], mapper: &Mapper) {
    let skipped = usize::try_from(page.skipped()).expect("a page has few rows");
    assert_eq!(page.len() + skipped, items.len(), "a customer is lost");
    let customers = found.data.iter().zip(items);
    let with_id = customers.filter_map(|(customer, item)| Some((customer.person.id?, item)));
    for (written, (id, item)) in page.records().zip(with_id) {
        assert_eq!(written.id, id);
        record::check(written.body, Some(id), item, mapper);
    }
}
