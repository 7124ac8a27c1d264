//! The call for a page of `/customers/search`.

use chrono::{Datelike, NaiveDateTime, SubsecRound, TimeDelta};
use url::Url;

use crate::dotapparel::client::{Contradiction, Endpoint, Error};
use crate::dotapparel::{Client, SearchCustomer, SearchPage};
use crate::paging::Cursor;

/// A request for a page: the filter and the cursor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchRequest<'a> {
    pub(crate) since: Option<NaiveDateTime>,
    pub(crate) cursor: Option<&'a Cursor>,
}

/// Largest number of records in a page, as `DotApparel` documents it.
const MAX_PAGE: usize = 100;

// === impl SearchRequest ===

impl SearchRequest<'_> {
    pub(crate) fn endpoint(self) -> Endpoint {
        Self::endpoint_of(self.cursor.is_some())
    }

    /// The endpoint of a search. `continued` is whether the request has a cursor.
    pub(crate) fn endpoint_of(continued: bool) -> Endpoint {
        Endpoint::Search { continued }
    }

    /// The value of `updated_after`; `None` if the request is for all customers, or if no value is
    /// early enough.
    pub(crate) fn updated_after(self) -> Option<String> {
        self.since.and_then(updated_after)
    }
}

// === impl Client ===

impl Client {
    /// Asks for a page, and returns the value that `read` makes from the page and its body.
    pub(crate) async fn search<T>(
        &self,
        request: SearchRequest<'_>,
        read: impl Fn(&SearchPage<'_>, &[u8]) -> T,
    ) -> Result<T, Error> {
        let (_, value) = self.search_with_body(request, read).await?;
        Ok(value)
    }

    /// Asks for a page, and returns its body. The body is readable.
    pub(crate) async fn search_body(&self, request: SearchRequest<'_>) -> Result<Vec<u8>, Error> {
        let (body, ()) = self.search_with_body(request, |_, _| ()).await?;
        Ok(body)
    }

    async fn search_with_body<T>(
        &self,
        request: SearchRequest<'_>,
        read: impl Fn(&SearchPage<'_>, &[u8]) -> T,
    ) -> Result<(Vec<u8>, T), Error> {
        let read = |body: &[u8]| {
            let page = SearchPage::parse(body)?;
            self.check(request.since, &page)?;
            Ok(read(&page, body))
        };
        self.call(request.endpoint(), &self.search_url(request), read).await
    }

    /// Asks for a page, and returns what `read` makes from its body. `read` must call
    /// [`Client::check`].
    pub(crate) async fn search_raw<T, F>(
        &self,
        request: SearchRequest<'_>,
        read: impl Fn(Vec<u8>) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.call_raw(request.endpoint(), &self.search_url(request), read).await
    }

    fn search_url(&self, request: SearchRequest<'_>) -> Url {
        let mut url = self.url_of(&["customers", "search"]);
        if let Some(text) = request.updated_after() {
            url.query_pairs_mut().append_pair("updated_after", &text);
        }
        if let Some(cursor) = request.cursor {
            url.query_pairs_mut().append_pair("after_cursor", cursor.as_str());
        }
        url
    }

    /// Counts each contradiction between the page and `DotApparel`'s documentation, and between the
    /// page and the request. Returns an error if there is a next page but no cursor.
    pub(crate) fn check(
        &self,
        since: Option<NaiveDateTime>,
        page: &SearchPage<'_>,
    ) -> Result<(), Error> {
        if page.has_next_page && page.end_cursor.is_none() {
            return Err(self.contradiction(Contradiction::PageWithoutCursor));
        }
        if page.data.len() > MAX_PAGE {
            self.count_contradiction("oversized_page");
        }
        // The request asks from one second before `since`, so a stamp in that second is no
        // contradiction.
        let whole = since.map(|since| since.trunc_subsecs(0));
        let since = whole.and_then(|since| since.checked_sub_signed(TimeDelta::seconds(1)));
        let is_older = |customer: &&SearchCustomer<'_>| {
            let stamp = customer.person.stamp(self.timezone());
            since.zip(stamp).is_some_and(|(since, stamp)| stamp < since)
        };
        for _older in page.data.iter().filter(is_older) {
            self.count_contradiction("older_than_asked");
        }
        Ok(())
    }
}

/// The value of `updated_after` that includes all stamps from `since` on, written as `DotApparel`
/// documents it; `None` if no value is early enough. The value is one second before `since`,
/// because `DotApparel`'s documentation does not define whether a change in the same second is
/// "after" the value.
pub(super) fn updated_after(since: NaiveDateTime) -> Option<String> {
    let before = since.checked_sub_signed(TimeDelta::seconds(1))?;
    // .NET has no date before its empty date, which is in year 1.
    (before.year() > 1).then(|| before.format("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn updated_after_is_a_second_early_or_absent_if_no_value_is_early_enough() {
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
