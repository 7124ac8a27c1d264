//! The query of a list request.

use std::num::NonZeroU32;

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use url::form_urlencoded;

use crate::domain::NaiveZone;
use crate::http::{ListQuery, ListTarget, PageLimits};
use crate::paging::Filter;

/// The limits of the queries. They differ from the default limits.
const LIMITS: PageLimits =
    PageLimits { max: NonZeroU32::new(200).unwrap(), default: NonZeroU32::new(20).unwrap() };

/// A zone whose clock skips an hour each year.
const NAIVE: NaiveZone = NaiveZone(chrono_tz::Australia::Melbourne);

/// The largest message, in bytes: a value of 100 characters, each escaped in at most 10 bytes, and
/// the rule.
const MAX_MESSAGE: usize = 1200;

/// Reads the bytes as the query of a list request.
///
/// # Panics
/// - An accepted query has a limit or an address outside its bounds.
/// - An accepted query reads differently with its parameters in another order, or if its parsed
///   values are written as a query again.
/// - The message about a refused query names no parameter, is long, or has control characters.
pub fn query(bytes: &[u8]) {
    let query = String::from_utf8_lossy(bytes);
    match parse(&query) {
        Ok(list) => {
            check(&list);
            let backwards = query.split('&').rev().collect::<Vec<_>>().join("&");
            assert_eq!(parse(&backwards).as_ref(), Ok(&list), "{backwards:?}");
            if let Some(written) = written(&list) {
                assert_eq!(parse(&written), Ok(list), "{written:?}");
            }
        }
        Err(message) => {
            let names = ["last_updated", "email", "start", "limit"];
            let (name, _) = message.split_once(" must be ").expect("a rule");
            assert!(names.contains(&name), "{message}");
            assert!(message.len() <= MAX_MESSAGE, "{} bytes", message.len());
            assert!(!message.contains(char::is_control), "{message:?}");
        }
    }
}

fn parse(query: &str) -> Result<ListQuery, String> {
    ListQuery::parse(query, LIMITS, NAIVE).map_err(|error| error.to_string())
}

fn check(list: &ListQuery) {
    assert!(list.window.limit() <= LIMITS.max, "{list:?}");
    if let ListTarget::Email(email) = &list.target {
        let is_blank = |c: char| c.is_whitespace() || c.is_control();
        assert!(email.len() <= 254 && !email.contains(is_blank), "{email:?}");
        let (name, domain) = email.rsplit_once('@').expect("an address has an @");
        assert!(!name.is_empty() && !domain.is_empty(), "{email:?}");
    }
}

/// A query with these values; `None` if the year of `last_updated` is not from 0 to 9999.
fn written(list: &ListQuery) -> Option<String> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &list.window.limit().to_string());
    query.append_pair("start", &list.window.start().to_string());
    match &list.target {
        ListTarget::Email(email) => query.append_pair("email", email),
        ListTarget::Sweep(Filter::Everyone) => query.append_pair("last_updated", ""),
        ListTarget::Sweep(Filter::ChangedSince(since)) => {
            query.append_pair("last_updated", &moment(*since)?)
        }
    };
    Some(query.finish())
}

fn moment(since: DateTime<Utc>) -> Option<String> {
    let has_text = (0..=9999).contains(&since.year());
    has_text.then(|| since.to_rfc3339_opts(SecondsFormat::Nanos, false))
}
