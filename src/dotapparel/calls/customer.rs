//! Looking customers up: one by id, those with an e-mail address. Never cached: a lookup exists to verify.

use crate::domain::{CustomerId, Decimal, Fact};
use crate::dotapparel::client::Contradiction;
use crate::dotapparel::client::Endpoint;
use crate::dotapparel::client::Error;
use crate::dotapparel::{Client, Detail, DetailCustomer, Render, Sources};
use crate::paging::{Inclusion, Page, Stamp};

/// What `/customers/{id}` answered, once it could be read.
#[derive(Debug)]
pub(crate) struct DetailBody {
    pub(crate) body: Box<[u8]>,
    pub(crate) stamp: Stamp,
    /// The customer's rewards account.
    pub(crate) account: Option<i64>,
}

// === impl Client ===

impl Client {
    /// The record of one customer, as `render` writes it; `None` when `DotApparel` knows nobody of this id, or it is not to
    /// be served.
    ///
    /// # Errors
    /// [`Contradiction::OtherCustomer`] when the answer is for another id, or for none.
    pub async fn customer<R: Render>(
        &self,
        id: CustomerId,
        render: &R,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some(found) = self.look_up(id).await? else { return Ok(None) };
        let points = self.points(found.account).await?;
        let customer = DetailCustomer::parse_one(&found.body)?;
        let mut record = Vec::with_capacity(found.body.len());
        let inclusion = render.record(&looked_up(&customer, points), &mut record);
        Ok((inclusion == Inclusion::Served).then_some(record))
    }

    /// What `/customers/{id}` answers; `None` when it knows nobody of this id.
    pub(crate) async fn look_up(&self, id: CustomerId) -> Result<Option<DetailBody>, Error> {
        let url = self.url_of(&["customers", &id.to_string()]);
        let read = |body: &[u8]| {
            let customer = DetailCustomer::parse_one(body)?;
            if customer.person.id != Some(id) {
                return Err(self.contradiction(Contradiction::OtherCustomer));
            }
            let stamp = customer.person.stamp(self.timezone());
            Ok(DetailBody { body: body.into(), stamp, account: account(&customer) })
        };
        match self.call(Endpoint::Customer, &url, read).await {
            Ok(found) => {
                self.refusals.note_found();
                Ok(Some(found))
            }
            // The id is well-formed, so a 400 "ID was invalid" can only mean that it is nobody's.
            Err(Error::NotFound | Error::Invalid) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The records of the customers with this e-mail address, as `render` writes them, in one page that has no next
    /// one and whose stamps are empty; those without a usable id are skipped.
    ///
    /// # Errors
    /// [`Error::Invalid`] when `DotApparel` finds that this is no e-mail address.
    pub async fn customers_by_email<R: Render>(
        &self,
        email: &str,
        render: &R,
    ) -> Result<Page, Error> {
        let mut url = self.url_of(&["customers"]);
        url.query_pairs_mut().append_pair("email", email);
        let read = |body: &[u8]| {
            let customers = DetailCustomer::parse_many(body)?;
            Ok((body.to_vec(), customers.iter().map(account).collect::<Vec<_>>()))
        };
        let (body, accounts) = match self.call(Endpoint::Email, &url, read).await {
            Err(Error::NotFound) => return Ok(Page::default()),
            result => result?,
        };
        let mut points = Vec::with_capacity(accounts.len());
        for account in accounts {
            points.push(self.points(account).await?);
        }
        let customers = DetailCustomer::parse_many(&body)?;
        let mut page = Page::with_capacity(customers.len());
        for (position, (customer, points)) in (1..).zip(customers.iter().zip(points)) {
            let write = |out: &mut Vec<u8>| render.record(&looked_up(customer, points), out);
            let who = (customer.person.id, None);
            self.add(&mut page, (Endpoint::Email, position), who, write);
        }
        Ok(page)
    }
}

/// The rewards account that the customer names; Apparel21 allows one.
fn account(customer: &DetailCustomer<'_>) -> Option<i64> {
    customer.rewards_accounts.iter().find_map(|account| account.id)
}

fn looked_up<'a>(customer: &'a DetailCustomer<'a>, points: Fact<Decimal>) -> Sources<'a> {
    Sources { search: None, detail: Detail::Found(customer), available_points: points }
}

#[cfg(test)]
mod tests {
    use wiremock::ResponseTemplate;

    use super::*;
    use crate::dotapparel::tests::{Ids, Subject, answering, serving, text};

    const ID: i64 = 244_988;

    async fn look_up(server: &wiremock::MockServer) -> Result<Option<Vec<u8>>, Error> {
        let subject = Subject::new(&server.uri());
        subject.client.customer(CustomerId::new(ID), &Ids).await
    }

    async fn by_email(server: &wiremock::MockServer) -> Result<Page, Error> {
        let subject = Subject::new(&server.uri());
        subject.client.customers_by_email("a@b.example", &Ids).await
    }

    #[tokio::test]
    async fn a_customer_is_rendered() {
        let server = serving(r#"{"data":{"id":244988}}"#).await;
        assert_eq!(look_up(&server).await.unwrap().unwrap(), b"<244988>");
    }

    #[tokio::test]
    async fn a_404_and_a_400_say_that_the_id_is_nobodys() {
        for status in [404, 400] {
            let server = answering(ResponseTemplate::new(status)).await;
            assert_eq!(look_up(&server).await.unwrap(), None, "{status}");
        }
    }

    #[tokio::test]
    async fn an_answer_for_another_id_or_none_is_a_contradiction_and_counted() {
        for body in [r#"{"data":{"id":244989}}"#, r#"{"data":{}}"#] {
            let server = serving(body).await;
            let subject = Subject::new(&server.uri());
            let result = subject.client.customer(CustomerId::new(ID), &Ids).await;
            assert!(
                matches!(result, Err(Error::Contradiction(Contradiction::OtherCustomer))),
                "{body}: {result:?}"
            );
            subject.assert_metric(
                r#"dotstory_upstream_contradictions_total{kind="other_customer"} 1"#,
            );
        }
    }

    #[tokio::test]
    async fn all_customers_of_an_address_are_rendered_and_nobody_is_no_error() {
        let server = serving(r#"{"data":[{"id":2},{"id":1}]}"#).await;
        assert_eq!(text(&by_email(&server).await.unwrap()), "<2><1>");

        for nobody in [serving(r#"{"data":[]}"#).await, answering(ResponseTemplate::new(404)).await]
        {
            assert!(by_email(&nobody).await.unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_invalid() {
        let server = answering(ResponseTemplate::new(400)).await;
        let result = by_email(&server).await;
        assert!(matches!(result, Err(Error::Invalid)), "{result:?}");
    }

    #[tokio::test]
    async fn a_match_without_an_id_is_skipped_and_counted() {
        let server = serving(r#"{"data":[{"id":1},{"id":"x"},{"id":3}]}"#).await;
        let subject = Subject::new(&server.uri());
        let found = subject.client.customers_by_email("a@b.example", &Ids).await.unwrap();
        assert_eq!((text(&found).as_str(), found.skipped()), ("<1><3>", 1));
        subject.assert_metric("dotstory_records_skipped_total 1");
    }

    #[tokio::test]
    async fn refused_credentials_are_an_error_of_every_lookup() {
        for status in [401, 403] {
            let server = answering(ResponseTemplate::new(status)).await;
            let result = look_up(&server).await;
            assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
            let result = by_email(&server).await;
            assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
        }
    }
}
