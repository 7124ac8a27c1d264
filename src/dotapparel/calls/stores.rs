//! The call for the stores.

use crate::dotapparel::client::{Endpoint, Error};
use crate::dotapparel::{Client, Store};

// === impl Client ===

impl Client {
    /// The stores that `DotApparel` shows to the brand's Shopify shop. A customer may have joined
    /// at a store that is not among these stores.
    ///
    /// # Errors
    /// [`Error::Refused`] if the brand's user may not read the stores.
    pub async fn stores(&self) -> Result<Vec<Store>, Error> {
        let read = |body: &[u8]| Ok(Store::parse_many(body)?);
        let (_, stores) = self.call(Endpoint::Stores, &self.url_of(&["stores"]), read).await?;
        Ok(stores)
    }
}

#[cfg(test)]
mod tests {
    use wiremock::ResponseTemplate;

    use super::*;
    use crate::dotapparel::tests::{Subject, answering, requests, serving};
    use crate::health::Reason;

    #[tokio::test]
    async fn stores_are_read_with_one_call() {
        let server = serving(r#"{"data":[{"storeId":1001,"code":"C","name":"N"}]}"#).await;
        let stores = Subject::new(&server.uri()).client.stores().await.unwrap();
        assert_eq!((stores.len(), stores[0].id), (1, Some(1001)));
        let asked = server.received_requests().await.unwrap();
        assert_eq!((asked.len(), asked[0].url.path()), (1, "/stores"));
    }

    #[tokio::test]
    async fn the_path_of_the_base_url_is_kept() {
        let server = serving(r#"{"data":[]}"#).await;
        Subject::new(&format!("{}/api/", server.uri())).client.stores().await.unwrap();
        let asked = server.received_requests().await.unwrap();
        assert_eq!(asked[0].url.path(), "/api/stores");
    }

    #[tokio::test]
    async fn a_user_without_access_to_stores_is_refused_at_once() {
        let server = answering(ResponseTemplate::new(403)).await;
        let result = Subject::new(&server.uri()).client.stores().await;
        assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
        assert_eq!(requests(&server).await, 1);
    }

    #[tokio::test]
    async fn failing_stores_do_not_open_the_breaker_of_lookups() {
        let server = answering(ResponseTemplate::new(500)).await;
        let subject = Subject::with(&server.uri(), |config| {
            config.limits.breaker.failures = std::num::NonZeroU32::MIN;
        });
        subject.client.stores().await.unwrap_err();
        subject.assert_metric(r#"dotstory_upstream_breaker_open{backend="stores"} 1"#);
        subject.assert_metric(r#"dotstory_upstream_breaker_open{backend="lookup"} 0"#);
        assert!(subject.health.has(Reason::Breaker("stores")));
    }
}
