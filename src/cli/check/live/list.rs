//! Checks the call from which lists are made. The answer also shows whether the credentials are
//! accepted, and what time the tenant's clock has.

use chrono::TimeDelta;

use super::checklist::{Check, Checklist, Failure, Stop};
use super::clock::{CallTime, clock_outcome};
use super::refusal::find_refused;
use super::tenant::{Tenant, is_refused, status_text, unexpected, unreadable};
use crate::clock::Clock;
use crate::config::Brand;
use crate::domain::{CustomerId, Personal, wall_clock};
use crate::dotapparel::{DetailCustomer, ListSource, Person, RawAnswer, SearchPage};

/// A customer of the list, for the other checks.
#[derive(Clone, Debug)]
pub(crate) struct ListedCustomer {
    pub(crate) id: CustomerId,
    pub(crate) email: Option<Personal<String>>,
}

/// The customers of a list, and the text for the report.
struct ReadList {
    found: String,
    customers: Vec<ListedCustomer>,
}

/// Largest age of the recent changes that are asked for. The documented limit is 7 days.
const RECENT: TimeDelta = TimeDelta::days(6);

/// Why the checks that need a customer are skipped.
pub(crate) const NO_CUSTOMER: &str = "the list shows no customer to look up";

/// Gets the first page of a list. Returns its customers.
pub(crate) async fn check_list(
    brand: &Brand,
    tenant: &mut Tenant,
    clock: &dyn Clock,
    list: &mut Checklist,
) -> Result<Vec<ListedCustomer>, Stop> {
    let config = &brand.dotapparel;
    let since = wall_clock::earliest_reading(clock.now() - RECENT, config.timezone);
    let since = since.format("%Y-%m-%dT%H:%M:%S").to_string();
    let recent = [("updated_after", since.as_str())];
    let (check, segments, query): (_, &[&str], &[_]) = match config.lists {
        ListSource::Search => (Check::Search, &["customers", "search"], &[]),
        ListSource::Recent => (Check::Recent, &["customers"], &recent),
    };
    let sent = clock.now();
    let answer = tenant.get(segments, query).await.map_err(|failure| list.fail(check, failure))?;
    let call = CallTime { sent, answered: clock.now() };
    list.record(Check::Clock, clock_outcome(answer.date, call, brand.sync.clock_skew));

    if is_refused(&answer) {
        find_refused(config, tenant, (segments, query), &answer, list).await?;
        list.fail(check, no_right(config.lists, &answer));
        return Ok(Vec::new());
    }
    if config.lists == ListSource::Recent && answer.status.as_u16() == 404 {
        list.skip(check, "404: no customer changed in 6 days, or base_url is wrong");
        return Ok(Vec::new());
    }
    match unexpected(&answer).map_or_else(|| read(config.lists, &answer), Err) {
        Ok(read) => {
            for (check, sent) in [(Check::Name, &config.name), (Check::Shop, &config.shop)] {
                list.pass(check, format!("{sent}: accepted"));
            }
            list.pass(Check::Credentials, "accepted");
            list.pass(check, read.found);
            Ok(read.customers)
        }
        Err(failure) => Err(list.fail(check, failure)),
    }
}

fn no_right(lists: ListSource, answer: &RawAnswer) -> Failure {
    let remedy = match lists {
        ListSource::Search => {
            "The user may not search. Ask the retailer's DotApparel administrator for the role \
             visitor and the right to /customers/search. For a tenant without this search, set \
             lists = \"recent\"."
        }
        ListSource::Recent => {
            "The user may not list changes. Ask the retailer's DotApparel administrator for the role \
             visitor."
        }
    };
    Failure::new(format!("refused with {}", status_text(answer)), remedy)
}

fn read(lists: ListSource, answer: &RawAnswer) -> Result<ReadList, Failure> {
    let listed = |person: &Person<'_>| {
        let email = person.contact.as_ref().and_then(|contact| contact.email.as_deref());
        Some(ListedCustomer {
            id: person.id?,
            email: email.map(|email| Personal(email.to_owned())),
        })
    };
    let read = match lists {
        ListSource::Search => {
            let page = SearchPage::parse(&answer.body).map_err(|error| unreadable(&error))?;
            let end = match (page.has_next_page, &page.end_cursor) {
                (true, Some(_)) => "a cursor for the next page",
                (true, None) => return Err(without_cursor()),
                (false, _) => "no further page",
            };
            ReadList {
                found: format!("{} customers and {end}", page.data.len()),
                customers: page.data.iter().filter_map(|one| listed(&one.person)).collect(),
            }
        }
        ListSource::Recent => {
            let found = DetailCustomer::parse_many(&answer.body);
            let found = found.map_err(|error| unreadable(&error))?;
            let customers: Vec<_> = found.iter().filter_map(|one| listed(&one.person)).collect();
            if found.is_empty() {
                return Ok(ReadList { found: "no change in 6 days".to_owned(), customers });
            }
            ReadList { found: format!("{} customers changed in 6 days", found.len()), customers }
        }
    };
    if read.customers.is_empty() {
        return Err(Failure::new(
            format!("{}: no customer with an id", read.found),
            "The user sees no customer. Check whether name and shop are those of the brand, and ask \
             the retailer's DotApparel administrator what the user may see.",
        )
        .at("[dotapparel] shop"));
    }
    Ok(read)
}

fn without_cursor() -> Failure {
    Failure::new(
        "a page that has a next page but no cursor",
        "DotApparel breaks its own rules, so no list can be read to its end. Send this line to \
         DotApparel.",
    )
}
