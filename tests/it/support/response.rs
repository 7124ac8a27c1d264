//! An answer, with assertions.

use std::ops::Range;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer with its whole body.
#[derive(Debug)]
pub(crate) struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Response {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error} in {} {:?}", self.status, String::from_utf8_lossy(&self.body))
        })
    }

    /// The body as text.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn assert_status(&self, status: u16) -> &Self {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{body}");
        self
    }

    /// Asserts a failure with this status and only this sentence, and with the headers of every
    /// answer.
    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, sentence: &str) -> &Self {
        self.assert_status(status);
        assert_eq!(self.json(), serde_json::json!({ "error": sentence }));
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()));
        self
    }

    /// The `count` of a list.
    #[track_caller]
    pub(crate) fn count(&self) -> u64 {
        self.assert_status(200).json()["count"].as_u64().expect("count is a number")
    }

    /// The ids of a list's records.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<i64> {
        let json = self.assert_status(200).json();
        let records = json["records"].as_array().expect("records is a list");
        records.iter().map(|record| record["id"].as_i64().expect("an id is a number")).collect()
    }

    /// Asserts that the records have the ids `ids[shown]`, in this order.
    #[track_caller]
    pub(crate) fn assert_shows(&self, ids: &[i64], shown: Range<usize>) -> &Self {
        assert_eq!(self.ids(), ids[shown]);
        self
    }
}
