//! The tenant over its socket, as a client of the document meets it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::*;
use crate::clock::ManualClock;

mod answers;
mod customers;
mod faults;
mod shop;
mod walks;

const NOW: DateTime<Utc> = DateTime::from_timestamp(1_732_104_000, 0).unwrap(); // 2024-11-20T12:00:00Z

/// A tenant, its clock, and a client with the right credentials.
struct Tenant {
    sandbox: Sandbox,
    clock: Arc<ManualClock>,
    client: reqwest::Client,
    config: Config,
}

/// What a client sends with each request.
#[derive(Clone)]
struct Headers {
    authorization: Option<(String, String)>,
    name: Option<String>,
    shop: Option<String>,
}

// === impl Tenant ===

impl Tenant {
    fn start(config: Config) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let sandbox = Sandbox::start(config.clone(), Arc::clone(&clock) as _).unwrap();
        // Fails when another test was first, which is as good.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        #[expect(clippy::disallowed_methods, reason = "a client as strangers would build it")]
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { sandbox, clock, client, config }
    }

    /// A tenant of 250 customers.
    fn small() -> Self {
        Self::start(Config::default())
    }

    fn control(&self) -> Control {
        self.sandbox.control()
    }

    fn headers(&self) -> Headers {
        Headers {
            authorization: Some((self.config.username.clone(), self.config.password.clone())),
            name: Some(self.config.name.clone()),
            shop: Some(self.config.shop.clone()),
        }
    }

    async fn send(
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
        #[expect(clippy::disallowed_methods, reason = "a client as strangers would use it")]
        request.send().await
    }

    /// Sends, with the right headers.
    async fn ask(&self, path: &str) -> reqwest::Result<Response> {
        self.send(Method::GET, path, self.headers()).await
    }

    async fn status(&self, path: &str) -> u16 {
        self.ask(path).await.unwrap().status().as_u16()
    }

    async fn text(&self, path: &str) -> reqwest::Result<String> {
        self.ask(path).await?.text().await
    }

    /// The JSON of a 200.
    async fn json(&self, path: &str) -> Value {
        let response = self.ask(path).await.unwrap().error_for_status().unwrap();
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    }

    /// Orders something over `/_sandbox`.
    async fn order(&self, method: Method, path: &str) -> Response {
        let nothing = Headers { authorization: None, name: None, shop: None };
        self.send(method, path, nothing).await.unwrap()
    }

    /// The pages of a search, to the last or until there are `most`; `between` is called before each but the first.
    async fn walk(&self, filter: &str, most: usize, mut between: impl FnMut()) -> Vec<Value> {
        let mut pages: Vec<Value> = Vec::new();
        let mut path = format!("/customers/search?{filter}");
        while pages.len() < most {
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

/// The next page's cursor, unless this is the last.
fn next(page: &Value) -> Option<String> {
    let more = page["meta"]["hasNextPage"].as_bool().unwrap();
    more.then(|| page["meta"]["endCursor"].as_str().unwrap().to_owned())
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn ids(pages: &[Value]) -> Vec<i64> {
    let records = pages.iter().flat_map(|page| page["data"].as_array().unwrap());
    records.map(|record| record["id"].as_i64().unwrap()).collect()
}

/// Asserts that `found` has the keys and the types of `sample`, arrays by their first entry.
fn assert_alike(found: &Value, sample: &Value, at: &str) {
    match (found, sample) {
        (Value::Object(found), Value::Object(sample)) => {
            assert!(
                found.keys().eq(sample.keys()),
                "{at}: {:?}, {:?}",
                found.keys(),
                sample.keys()
            );
            sample.iter().for_each(|(key, sample)| {
                assert_alike(&found[key], sample, &format!("{at}.{key}"));
            });
        }
        (Value::Array(found), Value::Array(sample)) => {
            if let (Some(found), Some(sample)) = (found.first(), sample.first()) {
                assert_alike(found, sample, &format!("{at}[]"));
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(found),
            std::mem::discriminant(sample),
            "{at}: {found} is not like {sample}"
        ),
    }
}
