//! Asking for a page of `/customers/search`.

use chrono::{Datelike, NaiveDateTime, TimeDelta};
use url::Url;

use crate::dotapparel::client::Contradiction;
use crate::dotapparel::client::Endpoint;
use crate::dotapparel::client::Error;
use crate::dotapparel::{Client, SearchCustomer, SearchPage};
use crate::paging::Cursor;

/// Which page is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchRequest<'a> {
    pub(crate) since: Option<NaiveDateTime>,
    pub(crate) cursor: Option<&'a Cursor>,
}

/// The most records of a page, as `DotApparel` documents it.
const PAGE: usize = 100;

// === impl Asked ===

impl SearchRequest<'_> {
    pub(crate) fn endpoint(self) -> Endpoint {
        Endpoint::Search { continued: self.cursor.is_some() }
    }

    /// What is sent as `updated_after`; `None` where everyone is asked for.
    pub(crate) fn updated_after(self) -> Option<String> {
        self.since.and_then(updated_after)
    }
}

// === impl Client ===

impl Client {
    /// Asks for a page, and makes of it what `read` makes of it and of the body it was read from.
    pub(crate) async fn search<T>(
        &self,
        asked: SearchRequest<'_>,
        read: impl Fn(&SearchPage<'_>, &[u8]) -> T,
    ) -> Result<T, Error> {
        let read = |body: &[u8]| {
            let found = SearchPage::parse(body)?;
            self.check(asked, &found)?;
            Ok(read(&found, body))
        };
        self.call(asked.endpoint(), &self.search_url(asked), read).await
    }

    fn search_url(&self, asked: SearchRequest<'_>) -> Url {
        let mut url = self.url_of(&["customers", "search"]);
        if let Some(text) = asked.updated_after() {
            url.query_pairs_mut().append_pair("updated_after", &text);
        }
        if let Some(cursor) = asked.cursor {
            url.query_pairs_mut().append_pair("after_cursor", cursor.as_str());
        }
        url
    }

    /// Says what in a page contradicts the document or what was asked.
    fn check(&self, asked: SearchRequest<'_>, found: &SearchPage<'_>) -> Result<(), Error> {
        if found.has_next_page && found.end_cursor.is_none() {
            return Err(self.contradiction(Contradiction::PageWithoutCursor));
        }
        if found.data.len() > PAGE {
            self.count_contradiction("oversized_page");
        }
        // Asked for a second early, so that this second is no contradiction.
        let since = asked.since.and_then(|since| since.checked_sub_signed(TimeDelta::seconds(1)));
        let is_older = |customer: &&SearchCustomer<'_>| {
            let stamp = customer.person.stamp(self.timezone());
            since.zip(stamp).is_some_and(|(since, stamp)| stamp < since)
        };
        for _older in found.data.iter().filter(is_older) {
            self.count_contradiction("older_than_asked");
        }
        Ok(())
    }
}

/// The `updated_after` that leaves out no stamp from `since` on, in the form that is documented; `None` where only asking
/// for everyone does. One second early, because nobody says whether a change at that very second is "after" it.
fn updated_after(since: NaiveDateTime) -> Option<String> {
    let before = since.checked_sub_signed(TimeDelta::seconds(1))?;
    // Year 1 is where .NET's empty date lies: a customer that carries it is after nothing that could be asked.
    (before.year() > 1).then(|| before.format("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn updated_after_is_a_second_early_and_absent_where_nothing_is_early_enough() {
        for (since, sent) in [
            ("2023-04-10T00:00:00", Some("2023-04-09T23:59:59")),
            ("2023-04-10T00:00:00.999", Some("2023-04-09T23:59:59")),
            ("0002-01-01T00:00:01", Some("0002-01-01T00:00:00")),
            ("0002-01-01T00:00:00", None),
            ("0001-01-01T00:00:00", None),
            ("-0042-01-01T00:00:00", None),
        ] {
            assert_eq!(updated_after(at(since)).as_deref(), sent, "{since}");
        }
        assert_eq!(updated_after(NaiveDateTime::MIN), None);
    }
}
