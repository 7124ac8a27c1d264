//! One handler per endpoint.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{NaiveDateTime, TimeDelta};
use serde::Serialize;

use super::answer::{Refusal, answer, refusal_of, to_json};
use super::cursor;
use super::parameters::Parameters;
use super::search::SearchQuery;
use crate::sandbox::config::FilterWithCursor;
use crate::sandbox::control::{Calls, Fault, State};
use crate::sandbox::shop::{Customer, DetailView, LookupView, Store, local};

/// A body without `meta`.
#[derive(Serialize)]
struct Envelope<T> {
    data: T,
}

/// The documented limit: `updated_after` of `GET /customers` is at most 7 days ago.
const MAX_LOOKUP_AGE: TimeDelta = TimeDelta::days(7);

pub(in crate::sandbox) fn routes(config: &mut ServiceConfig) {
    let list = web::resource("/customers").get(look_up).post(refuse_writing);
    let one = web::resource("/customers/{id}").get(get).put(refuse_writing);
    let search = web::resource("/customers/search").get(search);
    let stores = web::resource("/stores").get(stores);
    let account = web::resource("/rewards/accounts/{id}").get(account).put(refuse_writing);
    config.service(search).service(list).service(one).service(stores).service(account);
}

async fn search(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let parameters = Parameters::from_request(&request);
    let continued = parameters.has("after_cursor");
    let call = if continued { Calls::Continued } else { Calls::Searches };
    let page = |fault| {
        if !state.config.may_search {
            return Err(Refusal::FORBIDDEN);
        }
        let mut after = parameters.updated_after()?;
        let Some(sent) = parameters.one("after_cursor")? else {
            return Ok(SearchQuery { after, cursor: None }.page(&state, fault));
        };
        let (filter, place) = cursor::split_filter(sent);
        if state.config.filter_with_cursor != FilterWithCursor::Both {
            if after.is_some() {
                return Err(Refusal::INVALID_QUERY);
            }
            after = filter;
        }
        let position = cursor::decode(place, &state.config).ok_or(Refusal::INVALID_CURSOR)?;
        Ok(SearchQuery { after, cursor: Some((sent, position)) }.page(&state, fault))
    };
    answer(&state, &request, call, page).await
}

async fn look_up(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let parameters = Parameters::from_request(&request);
    let find = |fault| {
        let mut customers = match (parameters.one("email")?, parameters.updated_after()?) {
            (Some(email), None) => with_email(&state, email, fault)?,
            (None, Some(after)) => updated_after(&state, after)?,
            _ => return Err(Refusal::INVALID_QUERY),
        };
        if let (Some(Fault::MissingIds), Some(first)) = (fault, customers.first_mut()) {
            first.id = None;
        }
        let data: Vec<LookupView<'_>> = customers.iter().map(LookupView).collect();
        Ok(to_json(&Envelope { data }))
    };
    answer(&state, &request, Calls::Lookups, find).await
}

async fn get(state: Data<State>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let find = |fault| {
        let id: i64 = id.parse().map_err(|_| Refusal::INVALID_ID)?;
        let tenant = state.tenant();
        let mut customer = tenant.customer(id).ok_or(Refusal::UNKNOWN_ID)?;
        match fault {
            Some(Fault::WrongId) => {
                let another = tenant.roster().next(id).and_then(|entry| tenant.customer(entry.id));
                customer = another.unwrap_or(customer);
            }
            Some(Fault::MissingIds) => customer.id = None,
            _ => (),
        }
        Ok(to_json(&Envelope { data: DetailView(&customer) }))
    };
    answer(&state, &request, Calls::Gets, find).await
}

async fn stores(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let parameters = Parameters::from_request(&request);
    let list = |_| {
        if !state.config.may_read_stores {
            return Err(Refusal::FORBIDDEN);
        }
        let location = parameters.one("shopifyLocationId")?;
        let tenant = state.tenant();
        let matches = |store: &&Store| location.is_none_or(|location| store.is_at(location));
        Ok(to_json(&Envelope { data: tenant.stores.iter().filter(matches).collect::<Vec<_>>() }))
    };
    answer(&state, &request, Calls::Stores, list).await
}

async fn account(state: Data<State>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let find = |_| {
        let id: i64 = id.parse().map_err(|_| Refusal::INVALID_ACCOUNT)?;
        if !state.config.may_read_rewards {
            return Err(Refusal::FORBIDDEN);
        }
        let tenant = state.tenant();
        let data = tenant.rewards_account(id).ok_or(Refusal::UNKNOWN_ACCOUNT)?;
        Ok(to_json(&Envelope { data }))
    };
    answer(&state, &request, Calls::Rewards, find).await
}

/// Refuses `POST` and `PUT`: they need an API user with the role maintainer, and the only API user
/// has the role visitor.
async fn refuse_writing(state: Data<State>, request: HttpRequest) -> HttpResponse {
    refusal_of(&request, &state.config).unwrap_or(Refusal::FORBIDDEN).respond()
}

fn with_email(state: &State, email: &str, fault: Option<Fault>) -> Result<Vec<Customer>, Refusal> {
    let is_email = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.contains('@')
    });
    if !is_email || email.contains(char::is_whitespace) {
        return Err(Refusal::INVALID_EMAIL);
    }
    let tenant = state.tenant();
    let mut customers = tenant.by_email(email);
    if fault == Some(Fault::WrongEmail) {
        let lowest = tenant.roster().next(i64::MIN).and_then(|entry| tenant.customer(entry.id));
        customers.extend(lowest);
    }
    if customers.is_empty() { Err(Refusal::UNKNOWN_EMAIL) } else { Ok(customers) }
}

fn updated_after(state: &State, after: NaiveDateTime) -> Result<Vec<Customer>, Refusal> {
    let now = local(state.config.timezone, state.now());
    if now - after > MAX_LOOKUP_AGE {
        return Err(Refusal::INVALID_TIMESTAMP);
    }
    let tenant = state.tenant();
    let ids = tenant.roster().updated_after(after);
    Ok(ids.filter_map(|id| tenant.customer(id)).collect())
}
