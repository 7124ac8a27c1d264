//! A tenant and a client for the tests.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::{Method, Response};
use serde_json::Value;

use crate::clock::ManualClock;
use crate::sandbox::{Config, Control, Sandbox};

/// 2024-11-20T12:00:00Z
pub(super) const NOW: DateTime<Utc> = DateTime::from_timestamp(1_732_104_000, 0).unwrap();

/// A tenant, its clock, and a client.
pub(super) struct TestTenant {
    pub(super) sandbox: Sandbox,
    pub(super) clock: Arc<ManualClock>,
    pub(super) client: reqwest::Client,
    pub(super) config: Config,
}

/// The credentials and headers of a request.
#[derive(Clone)]
pub(super) struct Headers {
    pub(super) authorization: Option<(String, String)>,
    pub(super) name: Option<String>,
    pub(super) shop: Option<String>,
}

// === impl TestTenant ===

impl TestTenant {
    pub(super) fn start(config: Config) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let sandbox = Sandbox::start(config.clone(), Arc::clone(&clock) as _).unwrap();
        // An error means that another test has installed the provider of cryptography.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        #[expect(clippy::disallowed_methods, reason = "a client without the adapter's defaults")]
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { sandbox, clock, client, config }
    }

    /// A tenant of 250 customers.
    pub(super) fn small() -> Self {
        Self::start(Config::default())
    }

    pub(super) fn control(&self) -> Control {
        self.sandbox.control()
    }

    pub(super) fn headers(&self) -> Headers {
        Headers {
            authorization: Some((self.config.username.clone(), self.config.password.clone())),
            name: Some(self.config.name.clone()),
            shop: Some(self.config.shop.clone()),
        }
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: Headers,
    ) -> reqwest::Result<Response> {
        let mut request = self.client.request(method, self.sandbox.base_url() + path);
        if let Some((username, password)) = headers.authorization {
            request = request.basic_auth(username, Some(password));
        }
        for (key, value) in [("X-DotApparel-Name", headers.name), ("shop", headers.shop)] {
            if let Some(value) = value {
                request = request.header(key, value);
            }
        }
        #[expect(clippy::disallowed_methods, reason = "a client without the adapter's defaults")]
        request.send().await
    }

    /// Sends a `GET` with the right headers.
    pub(super) async fn get(&self, path: &str) -> reqwest::Result<Response> {
        self.send(Method::GET, path, self.headers()).await
    }

    pub(super) async fn status(&self, path: &str) -> u16 {
        self.get(path).await.unwrap().status().as_u16()
    }

    pub(super) async fn text(&self, path: &str) -> reqwest::Result<String> {
        self.get(path).await?.text().await
    }

    /// The JSON of an answer, which must be a success.
    pub(super) async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await.unwrap().error_for_status().unwrap();
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    }

    /// Sends a call without credentials to a path under `/_sandbox`.
    pub(super) async fn command(&self, method: Method, path: &str) -> Response {
        let nothing = Headers { authorization: None, name: None, shop: None };
        self.send(method, path, nothing).await.unwrap()
    }

    /// The pages of one pass through a search, at most `max_pages`. `between` is called after each
    /// page that has a next page.
    pub(super) async fn pass(
        &self,
        filter: &str,
        max_pages: usize,
        mut between: impl FnMut(),
    ) -> Vec<Value> {
        let mut pages: Vec<Value> = Vec::new();
        let mut path = format!("/customers/search?{filter}");
        while pages.len() < max_pages {
            let page = self.json(&path).await;
            let next = next(&page);
            pages.push(page);
            let Some(next) = next else { break };
            path = format!("/customers/search?{filter}&after_cursor={}", escaped(&next));
            between();
        }
        pages
    }
}

/// The cursor of the next page; `None` on the last page.
pub(super) fn next(page: &Value) -> Option<String> {
    let more = page["meta"]["hasNextPage"].as_bool().unwrap();
    more.then(|| page["meta"]["endCursor"].as_str().unwrap().to_owned())
}

pub(super) fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub(super) fn ids(pages: &[Value]) -> Vec<i64> {
    let records = pages.iter().flat_map(|page| page["data"].as_array().unwrap());
    records.map(|record| record["id"].as_i64().unwrap()).collect()
}

/// Asserts that `found` has the keys and the types of `sample`. Arrays are compared by their first
/// entry.
pub(super) fn assert_same_shape(found: &Value, sample: &Value, at: &str) {
    match (found, sample) {
        (Value::Object(found), Value::Object(sample)) => {
            assert!(
                found.keys().eq(sample.keys()),
                "{at}: {:?}, {:?}",
                found.keys(),
                sample.keys()
            );
            sample.iter().for_each(|(key, sample)| {
                assert_same_shape(&found[key], sample, &format!("{at}.{key}"));
            });
        }
        (Value::Array(found), Value::Array(sample)) => {
            if let (Some(found), Some(sample)) = (found.first(), sample.first()) {
                assert_same_shape(found, sample, &format!("{at}[]"));
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(found),
            std::mem::discriminant(sample),
            "{at}: {found} has another type than {sample}"
        ),
    }
}
