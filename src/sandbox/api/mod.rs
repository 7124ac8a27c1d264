//! The document's endpoints.

mod answer;
mod cursor;
mod search;

pub(crate) use cursor::Place;

use actix_web::web::{self, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{NaiveDateTime, TimeDelta};
use serde::Serialize;

use crate::sandbox::control::State;
use crate::sandbox::control::{Calls, Fault};
use crate::sandbox::shop::Store;
use crate::sandbox::shop::{Customer, Listed, Single};
use crate::sandbox::shop::{local, read_filter};
use answer::{Refusal, answer, is_authorized};
use search::Search;

/// The query, decoded, in its order.
struct Parameters(Vec<(String, String)>);

/// An answer without `meta`.
#[derive(Serialize)]
struct Envelope<T> {
    data: T,
}

/// `GET /customers` takes a timestamp that is no more than 7 days ago, says the document.
const LOOKUP_REACH: TimeDelta = TimeDelta::days(7);

pub(super) fn routes(config: &mut ServiceConfig) {
    let list = web::resource("/customers").get(look_up).post(refuse_writing);
    let one = web::resource("/customers/{id}").get(get).put(refuse_writing);
    let search = web::resource("/customers/search").get(search);
    let stores = web::resource("/stores").get(stores);
    let account = web::resource("/rewards/accounts/{id}").get(account).put(refuse_writing);
    config.service(search).service(list).service(one).service(stores).service(account);
}

async fn search(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let parameters = Parameters::of(&request);
    let continued = parameters.has("after_cursor");
    let call = if continued { Calls::Continued } else { Calls::Searches };
    let page = |fault| {
        let cursor = parameters.one("after_cursor")?.map(|cursor| {
            let place = Place::read(cursor, &state.config).ok_or(Refusal::INVALID_CURSOR)?;
            Ok((cursor, place))
        });
        let search = Search { after: parameters.updated_after()?, cursor: cursor.transpose()? };
        Ok(search.page(&state, fault))
    };
    answer(&state, &request, call, page).await
}

async fn look_up(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let parameters = Parameters::of(&request);
    let find = |fault| {
        let mut customers = match (parameters.one("email")?, parameters.updated_after()?) {
            (Some(email), None) => with_email(&state, email)?,
            (None, Some(after)) => updated_after(&state, after)?,
            _ => return Err(Refusal::INVALID_QUERY),
        };
        if let (Some(Fault::MissingIds), Some(first)) = (fault, customers.first_mut()) {
            first.id = None;
        }
        let data: Vec<Listed<'_>> = customers.iter().map(Listed).collect();
        Ok(json(&Envelope { data }))
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
        Ok(json(&Envelope { data: Single(&customer) }))
    };
    answer(&state, &request, Calls::Gets, find).await
}

async fn stores(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let parameters = Parameters::of(&request);
    let list = |_| {
        if !state.config.may_read_stores {
            return Err(Refusal::FORBIDDEN);
        }
        let location = parameters.one("shopifyLocationId")?;
        let tenant = state.tenant();
        let shown = |store: &&Store| location.is_none_or(|location| store.is_at(location));
        Ok(json(&Envelope { data: tenant.stores.iter().filter(shown).collect::<Vec<_>>() }))
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
        Ok(json(&Envelope { data }))
    };
    answer(&state, &request, Calls::Rewards, find).await
}

/// `POST` and `PUT` are for maintainers; the one user is a visitor.
async fn refuse_writing(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let refusal = if is_authorized(&request, &state.config) {
        Refusal::FORBIDDEN
    } else {
        Refusal::UNAUTHORIZED
    };
    refusal.respond()
}

fn with_email(state: &State, email: &str) -> Result<Vec<Customer>, Refusal> {
    let is_email = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.contains('@')
    });
    if !is_email || email.contains(char::is_whitespace) {
        return Err(Refusal::INVALID_EMAIL);
    }
    let customers = state.tenant().by_email(email);
    if customers.is_empty() { Err(Refusal::UNKNOWN_EMAIL) } else { Ok(customers) }
}

fn updated_after(state: &State, after: NaiveDateTime) -> Result<Vec<Customer>, Refusal> {
    let now = local(state.config.timezone, state.now());
    if now - after > LOOKUP_REACH {
        return Err(Refusal::INVALID_TIMESTAMP);
    }
    let tenant = state.tenant();
    let ids = tenant.roster().updated_after(after);
    Ok(ids.filter_map(|id| tenant.customer(id)).collect())
}

/// The bytes of a body.
pub(super) fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("every key is a text")
}

// === impl Parameters ===

impl Parameters {
    fn of(request: &HttpRequest) -> Self {
        Self(
            Query::from_query(request.query_string())
                .map_or_else(|_| Vec::new(), Query::into_inner),
        )
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The parameter's value; refused when it is given twice.
    fn one(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values =
            self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Refusal::INVALID_QUERY),
        }
    }

    fn updated_after(&self) -> Result<Option<NaiveDateTime>, Refusal> {
        let time = self.one("updated_after")?;
        time.map(|text| read_filter(text).ok_or(Refusal::INVALID_TIMESTAMP)).transpose()
    }
}
