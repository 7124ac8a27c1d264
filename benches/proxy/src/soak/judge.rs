//! The requests of the callers, and which answers are right.

use serde_json::Value;

use super::brand::{FIELD, Presence, Role, View};
use super::customers::{CUSTOMERS, changed_after};
use crate::customer;
use crate::load::Answer;
use crate::upstream::MAX_CUSTOMERS;

/// What a caller asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// A customer of the brand by id.
    Customer(u64),
    /// An id that no customer has.
    Missing,
    /// A customer of the brand by its e-mail address.
    Email(u64),
    Window(Window),
    /// A request with a credential that no brand has.
    WrongToken,
    /// A request that gets this status, whatever the upstream does.
    Bad {
        method: &'static str,
        path: &'static str,
        status: u16,
    },
}

/// A window of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The moment after which the customers changed; empty for all customers.
    pub(crate) since: String,
    pub(crate) start: u64,
    pub(crate) limit: u64,
}

/// The customers of an answer, and the count of their list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Customers {
    pub(crate) count: u64,
    pub(crate) ids: Vec<u64>,
}

/// The faults of the upstream cause two kinds of 502. The sentence of each kind contains one of
/// these texts. Any brand may get [`UNREADABLE`], and only the brand [`Role::Refused`] may get
/// [`REFUSED`].
const REFUSED: &str = "refuses the credentials";
const UNREADABLE: &str = "cannot be read";

// === impl Question ===

impl Question {
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::Bad { method, .. } => method,
            _ => "GET",
        }
    }

    pub(crate) fn path(&self, role: Role) -> String {
        match self {
            Self::Customer(id) => format!("/api/v1/customer/{id}"),
            Self::Missing => format!("/api/v1/customer/{}", MAX_CUSTOMERS + 1),
            Self::Email(id) => {
                format!("/api/v1/customers?email={}", customer::email(*id, &role.domain()))
            }
            Self::Window(Window { since, start, limit }) => {
                let zone = if since.is_empty() { "" } else { "Z" };
                format!("/api/v1/customers?last_updated={since}{zone}&start={start}&limit={limit}")
            }
            Self::WrongToken => "/api/v1/customers".to_owned(),
            Self::Bad { path, .. } => (*path).to_owned(),
        }
    }
}

/// Checks an answer that a caller of the brand received. Returns its customers.
///
/// # Errors
/// With a sentence that says what is wrong.
pub(crate) fn judge(
    question: &Question,
    role: Role,
    view: &View,
    answer: Answer<'_>,
) -> Result<Customers, String> {
    let Answer { status, has_retry_after, body } = answer;
    let unexpected = || Err(format!("status {status} to {}", name_of(question)));
    match (question, view.presence, status) {
        (Question::WrongToken, ..) if is_unknown(status) => return Ok(Customers::default()),
        (Question::WrongToken, ..) => return unexpected(),
        (_, Presence::Unknown | Presence::Changing, _) if is_unknown(status) => {
            return Ok(Customers::default());
        }
        (Question::Bad { status: right, .. }, ..) if status == *right => {
            return Ok(Customers::default());
        }
        (Question::Bad { .. }, ..) | (_, Presence::Unknown, _) => return unexpected(),
        _ => {}
    }
    let sentence = String::from_utf8_lossy(body);
    match (question, status) {
        (Question::Missing, 200) => unexpected(),
        (_, 200) => check_customers(question, role, view, body),
        (_, 503) if has_retry_after => Ok(Customers::default()),
        (_, 503) => Err("503 without Retry-After".to_owned()),
        (_, 502) if sentence.contains(UNREADABLE) => Ok(Customers::default()),
        (_, 502) if role == Role::Refused && sentence.contains(REFUSED) => Ok(Customers::default()),
        (Question::Missing, 404) => Ok(Customers::default()),
        // The list was dropped, because it is old or the brand's mapping has changed.
        (Question::Window(window), 410) if window.start > 0 => Ok(Customers::default()),
        _ => unexpected(),
    }
}

/// Whether this is the answer to an unknown credential. A client that sent too many unknown
/// credentials gets 429.
pub(crate) fn is_unknown(status: u16) -> bool {
    matches!(status, 401 | 429)
}

fn name_of(question: &Question) -> String {
    match question {
        Question::Customer(_) => "a lookup by id".to_owned(),
        Question::Missing => "a lookup of an absent id".to_owned(),
        Question::Email(_) => "a lookup by e-mail address".to_owned(),
        Question::Window(Window { start: 0, .. }) => "a first window".to_owned(),
        Question::Window(_) => "a later window".to_owned(),
        Question::WrongToken => "a wrong token".to_owned(),
        Question::Bad { method, path, .. } => format!("{method} {path}"),
    }
}

fn check_customers(
    question: &Question,
    role: Role,
    view: &View,
    body: &[u8],
) -> Result<Customers, String> {
    let parsed: Value = serde_json::from_slice(body).map_err(|_| "200 without JSON".to_owned())?;
    let (records, count) = match (question, &parsed) {
        (Question::Customer(_), record) => (std::slice::from_ref(record), 1),
        (_, list) => (
            list["records"].as_array().map(Vec::as_slice).ok_or("a list without records")?,
            list["count"].as_u64().ok_or("a list without a count")?,
        ),
    };
    let domain = format!("@{}", role.domain());
    for record in records {
        if !record["email"].as_str().is_some_and(|email| email.ends_with(&domain)) {
            return Err("another brand's customer, or no address".to_owned());
        }
        // The mapping reads `FIELD` from an attribute. A lookup has no attributes, so its records
        // never have `FIELD`.
        let is_listed = matches!(question, Question::Window(_));
        let has_field = view.has_field.map(|has_field| has_field && is_listed);
        if has_field.is_some_and(|has_field| record.get(FIELD).is_some() != has_field) {
            return Err("a record does not fit the mapping of its brand".to_owned());
        }
    }
    let ids: Option<Vec<u64>> = records.iter().map(|record| record["id"].as_u64()).collect();
    let ids = ids.ok_or("a record without an id")?;
    let (expected, least) = match question {
        Question::Customer(id) | Question::Email(id) if ids != [*id] => {
            return Err("a lookup of another customer".to_owned());
        }
        Question::Window(Window { since, start, limit }) => {
            (count.saturating_sub(*start).min(*limit), changed_after(since).len() as u64)
        }
        _ => (1, 1),
    };
    if ids.len() as u64 != expected {
        return Err("a window with too few or too many records".to_owned());
    }
    if !(least..=CUSTOMERS).contains(&count) {
        return Err("a list with too few or too many customers".to_owned());
    }
    Ok(Customers { count, ids })
}

#[cfg(test)]
mod tests {
    use super::super::brand::Brand;
    use super::*;
    use crate::upstream::id_at;

    fn record(id: u64, domain: &str) -> String {
        format!(r#"{{"id":{id},"email":"{}"}}"#, customer::email(id, domain))
    }

    fn judged(
        question: &Question,
        view: &View,
        status: u16,
        body: &str,
    ) -> Result<Customers, String> {
        let answer = Answer { status, has_retry_after: false, body: body.as_bytes() };
        judge(question, Role::Token, view, answer)
    }

    fn window(start: u64) -> Question {
        Question::Window(Window { since: String::new(), start, limit: 2 })
    }

    #[test]
    fn a_right_answer_is_accepted() {
        let view = Brand::new(Role::Token).view();
        let (first, second) =
            (record(id_at(0), "token.example"), record(id_at(1), "token.example"));
        let list = format!(r#"{{"count":3000,"records":[{first},{second}]}}"#);
        for (question, status, body) in [
            (Question::Customer(id_at(0)), 200, first.as_str()),
            (Question::Customer(id_at(0)), 502, "DotApparel sent an answer that cannot be read"),
            (window(0), 200, &list),
            (window(2), 410, ""),
            (Question::Missing, 404, ""),
            (Question::WrongToken, 401, ""),
            (Question::WrongToken, 429, ""),
            (Question::Bad { method: "GET", path: "/x", status: 404 }, 404, ""),
        ] {
            let judged = judged(&question, &view, status, body);
            assert!(judged.is_ok(), "{question:?} {status}: {judged:?}");
        }
    }

    #[test]
    fn each_kind_of_wrong_answer_is_found() {
        let view = Brand::new(Role::Token).view();
        let (id, own) = (id_at(0), record(id_at(0), "token.example"));
        let other_brand = record(id, "refused.example");
        let other_mapping = own.replace('{', r#"{"favourite_colour":"red","#);
        let [few, many] =
            [2999, 3001].map(|count| format!(r#"{{"count":{count},"records":[{own},{own}]}}"#));
        let short = format!(r#"{{"count":3000,"records":[{own}]}}"#);
        for (question, status, body) in [
            (Question::Customer(id), 200, other_brand.as_str()),
            (Question::Customer(id), 200, &other_mapping),
            (Question::Customer(id_at(1)), 200, &own),
            (Question::Customer(id), 200, "{"),
            (Question::Customer(id), 401, ""),
            (Question::Customer(id), 404, ""),
            (Question::Customer(id), 429, ""),
            (Question::Customer(id), 500, ""),
            (Question::Customer(id), 502, "DotApparel refuses the credentials"),
            (Question::Customer(id), 503, "without Retry-After"),
            (Question::Customer(id), 504, ""),
            (Question::Email(id), 200, r#"{"count":0,"records":[]}"#),
            (window(0), 200, &few),
            (window(0), 200, &many),
            (window(0), 200, &short),
            (window(0), 410, ""),
            (Question::Missing, 200, &own),
            (Question::WrongToken, 200, &short),
            (Question::Bad { method: "GET", path: "/x", status: 404 }, 200, ""),
        ] {
            let judged = judged(&question, &view, status, body);
            assert!(judged.is_err(), "{question:?} {status} {body}");
        }
    }

    #[test]
    fn a_removed_brand_is_refused_and_a_changing_brand_may_be() {
        let brand = Brand::new(Role::Token);
        let (question, own) = (Question::Customer(id_at(0)), record(id_at(0), "token.example"));
        let before = brand.view();
        let removed = brand.change(|view| view.presence = Presence::Unknown);
        assert!(judged(&question, &removed, 401, "").is_ok());
        assert!(judged(&question, &removed, 200, &own).is_err());
        let changing = before.until(&removed);
        assert!(judged(&question, &changing, 401, "").is_ok());
        assert!(judged(&question, &changing, 200, &own).is_ok());
    }
}
