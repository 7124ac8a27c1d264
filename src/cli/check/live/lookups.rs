//! Checks the lookups of customers, the stores and the rewards accounts.

use super::checklist::{Check, Checklist, Failure};
use super::list::{ListedCustomer, NO_CUSTOMER};
use super::tenant::{Tenant, is_refused, status_text, unexpected, unreadable};
use crate::dotapparel::{DetailCustomer, RawAnswer, RewardsBalance, Store};

/// Largest number of customers that are looked up by id. If points come from rewards, one customer
/// may not be enough, because many customers have no rewards account.
const MAX_LOOKUPS: usize = 10;

/// Number of customers that must fail before a check fails. If fewer customers are known, all of
/// them must fail. A single customer may have bad data, or may be missing in the database of the
/// shop.
const MAX_FAILURES: usize = 3;

/// Number of rewards accounts to collect. The check of rewards reads them until one is readable.
const ACCOUNTS: usize = 3;

/// Looks up at most [`MAX_LOOKUPS`] customers by id, until a customer is found. If `wants_points`,
/// continues until [`ACCOUNTS`] customers have rewards accounts. Returns the customers that were
/// found, and their accounts.
pub(crate) async fn check_by_id(
    tenant: &mut Tenant,
    customers: &[ListedCustomer],
    wants_points: bool,
    list: &mut Checklist,
) -> (Vec<ListedCustomer>, Vec<i64>) {
    let (mut found, mut accounts) = (Vec::new(), Vec::new());
    let mut failures = 0;
    for customer in customers.iter().take(MAX_LOOKUPS) {
        let answer = tenant.get(&["customers", &customer.id.to_string()], &[]).await;
        match answer.and_then(|answer| read_customer(&answer, customer)) {
            Ok(account) => {
                found.push(customer.clone());
                accounts.extend(account);
                list.pass(Check::CustomerById, "a customer of the list is found by its id");
            }
            Err(failure) => {
                failures += 1;
                if found.is_empty() && failures == MAX_FAILURES.min(customers.len()) {
                    list.fail(Check::CustomerById, failure);
                    return (found, accounts);
                }
            }
        }
        let is_enough = !found.is_empty() && (!wants_points || accounts.len() == ACCOUNTS);
        if is_enough {
            break;
        }
    }
    list.skip(Check::CustomerById, NO_CUSTOMER);
    (found, accounts)
}

/// The rewards account of a customer that was looked up.
fn read_customer(answer: &RawAnswer, customer: &ListedCustomer) -> Result<Option<i64>, Failure> {
    const RIGHT: &str = "Lists work, but DailyStory cannot ask for single customers. Ask the \
                         retailer's DotApparel administrator for the role visitor, and whether the \
                         customers of the search are visible to this web store.";
    if is_refused(answer) || matches!(answer.status.as_u16(), 400 | 404) {
        let found = format!("{} for customers of the list", status_text(answer));
        return Err(Failure::new(found, RIGHT));
    }
    unexpected(answer).map_or(Ok(()), Err)?;
    let detail = DetailCustomer::parse_one(&answer.body).map_err(|error| unreadable(&error))?;
    if detail.person.id != Some(customer.id) {
        return Err(Failure::new(
            "the answer is about another customer",
            "DotApparel breaks its own rules, so customers cannot be served by id. Send this line to \
             DotApparel.",
        ));
    }
    Ok(detail.rewards_accounts.iter().find_map(|account| account.id))
}

/// Looks up a customer by its e-mail address.
pub(crate) async fn check_by_email(
    tenant: &mut Tenant,
    customers: &[ListedCustomer],
    list: &mut Checklist,
) {
    let with_email = customers.iter().filter_map(|customer| {
        let email = customer.email.as_deref()?.trim();
        email.contains('@').then_some((customer, email))
    });
    let mut failed = None;
    for (customer, email) in with_email.take(MAX_FAILURES) {
        let answer = tenant.get(&["customers"], &[("email", email)]).await;
        match answer.and_then(|answer| read_matches(&answer, customer)) {
            Ok(()) => {
                list.pass(Check::CustomerByEmail, "a customer of the list is found by its address");
                return;
            }
            Err(failure) => failed = Some(failure),
        }
    }
    match failed {
        Some(failure) => drop(list.fail(Check::CustomerByEmail, failure)),
        None => list.skip(Check::CustomerByEmail, "no customer with an address is known"),
    }
}

fn read_matches(answer: &RawAnswer, customer: &ListedCustomer) -> Result<(), Failure> {
    const RIGHT: &str = "Lists work, but DailyStory cannot ask by e-mail address. Ask the retailer's \
                         DotApparel administrator for the role visitor.";
    if is_refused(answer) || matches!(answer.status.as_u16(), 400 | 404) {
        let found = format!("{} for addresses of the list", status_text(answer));
        return Err(Failure::new(found, RIGHT));
    }
    unexpected(answer).map_or(Ok(()), Err)?;
    let matches = DetailCustomer::parse_many(&answer.body).map_err(|error| unreadable(&error))?;
    if matches.iter().any(|found| found.person.id == Some(customer.id)) {
        return Ok(());
    }
    Err(Failure::new(
        "the answer does not have the customer with this address",
        "DotApparel breaks its own rules, so customers cannot be served by address. Send this line \
         to DotApparel.",
    ))
}

/// Gets the stores. A record has the names of stores from this answer.
pub(crate) async fn check_stores(tenant: &mut Tenant, list: &mut Checklist) {
    let answer = tenant.get(&["stores"], &[]).await;
    // If the check of the credentials passed, the API has answered, so `base_url` is right.
    let is_api = list.has_passed(Check::Credentials);
    match answer.and_then(|answer| read_stores(&answer, is_api)) {
        Ok(count) => list.pass(Check::Stores, format!("{count} stores")),
        Err(failure) => drop(list.fail(Check::Stores, failure)),
    }
}

/// The number of stores. `is_api` is true if another call showed that `base_url` is right.
fn read_stores(answer: &RawAnswer, is_api: bool) -> Result<usize, Failure> {
    if is_refused(answer) {
        return Err(Failure::new(
            format!("refused with {}", status_text(answer)),
            "Records have the codes of stores instead of their names. Ask the retailer's DotApparel \
             administrator to let the user read /stores.",
        ));
    }
    if is_api && answer.status.as_u16() == 404 {
        return Err(Failure::new(
            status_text(answer),
            "Records have the codes of stores instead of their names. Ask the retailer's DotApparel \
             administrator whether the tenant has /stores, and whether the user may read it.",
        ));
    }
    unexpected(answer).map_or(Ok(()), Err)?;
    Store::parse_many(&answer.body).map(|stores| stores.len()).map_err(|error| unreadable(&error))
}

/// Gets rewards accounts until an account can be read.
pub(crate) async fn check_rewards(tenant: &mut Tenant, accounts: &[i64], list: &mut Checklist) {
    let mut failed = None;
    for account in accounts {
        let answer = tenant.get(&["rewards", "accounts", &account.to_string()], &[]).await;
        match answer.and_then(|answer| read_account(&answer, *account)) {
            Ok(()) => {
                list.pass(Check::Rewards, "the points of a customer of the list can be read");
                return;
            }
            Err(failure) => failed = Some(failure),
        }
    }
    match failed {
        Some(failure) => drop(list.fail(Check::Rewards, failure)),
        None => list.skip(Check::Rewards, "no customer with a rewards account is known"),
    }
}

fn read_account(answer: &RawAnswer, account: i64) -> Result<(), Failure> {
    if is_refused(answer) || matches!(answer.status.as_u16(), 400 | 404) {
        return Err(Failure::new(
            format!("refused with {}", status_text(answer)),
            "Records have no points. Ask the retailer's DotApparel administrator to let the user \
             read /rewards/accounts, or set [mapping] points to another source.",
        ));
    }
    unexpected(answer).map_or(Ok(()), Err)?;
    let balance = RewardsBalance::parse(&answer.body).map_err(|error| unreadable(&error))?;
    if balance.id == Some(account) {
        return Ok(());
    }
    Err(Failure::new(
        "the answer is about another rewards account",
        "DotApparel breaks its own rules, so records have no points. Send this line to \
         DotApparel.",
    ))
}
