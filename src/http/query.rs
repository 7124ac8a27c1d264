//! The query of a list request, read once into a filter and a window.

use std::borrow::Cow;
use std::num::NonZeroU32;

use url::form_urlencoded;

use crate::domain::{NaiveZone, Personal, last_updated};
use crate::http::error::{ApiError, BadParameter};
use crate::paging::{Filter, Window};

/// The number of records that a caller may ask for at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageLimits {
    /// The largest `limit`.
    pub max: NonZeroU32,
    /// The `limit` of a request without the parameter.
    pub default: NonZeroU32,
}

/// What a list request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(crate) target: ListTarget,
    pub(crate) window: Window,
}

/// The customers that a list request asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListTarget {
    /// The customers of a sweep.
    Sweep(Filter),
    /// The customers with this e-mail address.
    Email(Personal<String>),
}

/// The parameters of the query, each at most once.
#[derive(Default)]
struct RawQuery<'a> {
    last_updated: Option<Cow<'a, str>>,
    email: Option<Cow<'a, str>>,
    start: Option<Cow<'a, str>>,
    limit: Option<Cow<'a, str>>,
}

// === impl ListQuery ===

impl ListQuery {
    /// Reads `query`, the part of the URL after `?`.
    pub(crate) fn parse(
        query: &str,
        limits: PageLimits,
        naive: NaiveZone,
    ) -> Result<Self, ApiError> {
        let query = with_pluses_of_emails(query);
        let raw = RawQuery::read(&query)?;
        let window = Window::new(raw.start()?, raw.limit(limits)?);
        Ok(Self { target: raw.target(naive)?, window })
    }
}

// === impl RawQuery ===

impl<'a> RawQuery<'a> {
    fn read(query: &'a str) -> Result<Self, BadParameter> {
        let mut raw = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (slot, name) = match &*name {
                "last_updated" => (&mut raw.last_updated, "last_updated"),
                "email" => (&mut raw.email, "email"),
                "start" => (&mut raw.start, "start"),
                "limit" => (&mut raw.limit, "limit"),
                _ => continue,
            };
            if let Some(first) = slot.replace(value) {
                let both = format!("{first} and {}", slot.as_deref().unwrap_or_default());
                return Err(BadParameter::new(name, "given once", &both));
            }
        }
        Ok(raw)
    }

    fn start(&self) -> Result<u64, BadParameter> {
        let Some(text) = &self.start else { return Ok(0) };
        whole_number(text).ok_or_else(|| BadParameter::new("start", "a whole number from 0", text))
    }

    fn limit(&self, limits: PageLimits) -> Result<NonZeroU32, BadParameter> {
        let Some(text) = &self.limit else { return Ok(limits.default) };
        whole_number(text)
            .and_then(|limit| NonZeroU32::new(u32::try_from(limit).ok()?))
            .filter(|limit| *limit <= limits.max)
            .ok_or_else(|| {
                let expected = format!("a whole number from 1 to {}", limits.max);
                BadParameter::new("limit", &expected, text)
            })
    }

    fn target(&self, naive: NaiveZone) -> Result<ListTarget, BadParameter> {
        let last_updated = self.last_updated.as_deref().unwrap_or_default().trim();
        let Some(email) = &self.email else {
            if last_updated.is_empty() {
                return Ok(ListTarget::Sweep(Filter::Everyone));
            }
            let since = last_updated::parse(last_updated, naive).ok_or_else(|| {
                BadParameter::new("last_updated", last_updated::EXPECTED, last_updated)
            })?;
            return Ok(ListTarget::Sweep(Filter::ChangedSince(since)));
        };
        if !last_updated.is_empty() {
            return Err(BadParameter::new(
                "last_updated",
                "absent where email is given",
                last_updated,
            ));
        }
        let email = email.trim();
        if is_address(email) {
            Ok(ListTarget::Email(Personal(email.to_owned())))
        } else {
            Err(BadParameter::new("email", "an e-mail address", email))
        }
    }
}

/// The query with each `+` in the value of `email` escaped. The parser reads an unescaped `+` as a
/// blank. No address has a blank, so a caller that sends an unescaped `+` in `email` means a plus.
fn with_pluses_of_emails(query: &str) -> Cow<'_, str> {
    if !query.contains('+') {
        return Cow::Borrowed(query);
    }
    let escape = |pair: &str| match pair.strip_prefix("email=") {
        Some(value) => format!("email={}", value.replace('+', "%2B")),
        None => pair.to_owned(),
    };
    Cow::Owned(query.split('&').map(escape).collect::<Vec<_>>().join("&"))
}

/// Reads a number that has only digits: no sign, no blank, no point.
fn whole_number(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Whether the text can be an e-mail address. Only the upstream knows which addresses exist.
fn is_address(text: &str) -> bool {
    let inner_at = text.rfind('@').is_some_and(|at| 0 < at && at + 1 < text.len());
    // 254: the longest path of RFC 5321, section 4.5.3.1.3, without its brackets.
    inner_at && text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    const LIMITS: PageLimits =
        PageLimits { max: NonZeroU32::new(500).unwrap(), default: NonZeroU32::new(25).unwrap() };

    fn parse(query: &str) -> Result<ListQuery, String> {
        ListQuery::parse(query, LIMITS, NaiveZone(chrono_tz::UTC))
            .map_err(|error| error.to_string())
    }

    fn sweep(filter: Filter, start: u64, limit: u32) -> ListQuery {
        ListQuery {
            target: ListTarget::Sweep(filter),
            window: Window::new(start, NonZeroU32::new(limit).unwrap()),
        }
    }

    #[test]
    fn a_query_is_read_into_its_filter_and_window() {
        let time: DateTime<Utc> = "2022-07-03T12:33:45Z".parse().unwrap();
        for (query, expected) in [
            ("", sweep(Filter::Everyone, 0, 25)),
            ("start=0&limit=500", sweep(Filter::Everyone, 0, 500)),
            ("limit=1&start=18446744073709551615", sweep(Filter::Everyone, u64::MAX, 1)),
            ("last_updated=&start=25", sweep(Filter::Everyone, 25, 25)),
            ("last_updated=%20", sweep(Filter::Everyone, 0, 25)),
            ("last_updated=2022-07-03T12:33:45", sweep(Filter::ChangedSince(time), 0, 25)),
            (
                "last_updated=2022-07-03T22%3A33%3A45%2B10%3A00",
                sweep(Filter::ChangedSince(time), 0, 25),
            ),
            ("last_updated=2022-07-03T22:33:45+10:00", sweep(Filter::ChangedSince(time), 0, 25)),
            ("page=3&page=4&Start=9&updated=x", sweep(Filter::Everyone, 0, 25)),
        ] {
            assert_eq!(parse(query), Ok(expected), "{query}");
        }
        let window = Window::new(0, LIMITS.default);
        let target = ListTarget::Email(Personal("a+b@example.com".to_owned()));
        for query in [
            "email=a%2Bb@example.com&last_updated=",
            "email=a+b@example.com",
            "last_updated=+&email=a+b@example.com",
        ] {
            let target = target.clone();
            assert_eq!(parse(query), Ok(ListQuery { target, window }), "{query}");
        }
    }

    #[test]
    fn an_unusable_parameter_is_named_with_its_rule_and_its_value() {
        for (query, message) in [
            ("start=-1", "start must be a whole number from 0, was \"-1\""),
            ("start=", "start must be a whole number from 0, was \"\""),
            ("start=+5", "start must be a whole number from 0, was \" 5\""),
            (
                "start=18446744073709551616",
                "start must be a whole number from 0, was \"18446744073709551616\"",
            ),
            ("limit=0", "limit must be a whole number from 1 to 500, was \"0\""),
            ("limit=501", "limit must be a whole number from 1 to 500, was \"501\""),
            ("limit=4294967297", "limit must be a whole number from 1 to 500, was \"4294967297\""),
            ("limit=ten", "limit must be a whole number from 1 to 500, was \"ten\""),
            ("limit=5&limit=5", "limit must be given once, was \"5 and 5\""),
            ("email=mia", "email must be an e-mail address, was \"mia\""),
            ("email=", "email must be an e-mail address, was \"\""),
            (
                "email=a@b&last_updated=2022-07-03",
                "last_updated must be absent where email is given, was \"2022-07-03\"",
            ),
            (
                "last_updated=yesterday",
                "last_updated must be a date and time such as 2022-07-03T12:33:45Z, was \"yesterday\"",
            ),
        ] {
            assert_eq!(parse(query), Err(message.to_owned()), "{query}");
        }
    }

    #[test]
    fn debug_shows_no_address_and_no_unusable_value() {
        let parse = |query| ListQuery::parse(query, LIMITS, NaiveZone(chrono_tz::UTC));
        let shown = [
            format!("{:?}", parse("email=mia@acme.example")),
            format!("{:?}", parse("email=mia")),
            format!("{:?}", parse("email=mia@acme.example&email=mia")),
            format!("{:?}", ApiError::no_such_path("/mia", "/healthz")),
        ];
        for shown in shown {
            assert!(shown.contains("[personal]") && !shown.contains("mia"), "{shown}");
        }
    }

    #[test]
    fn a_long_unusable_value_is_shown_in_part() {
        let message = parse(&format!("limit={}", "é".repeat(500))).unwrap_err();
        assert!(message.len() < 300, "{message}");
    }
}
