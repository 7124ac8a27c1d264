//! Lookups of customers by id or e-mail address. No answer is cached here; `feed/detail_cache.rs`
//! keeps the answers for lists.

use crate::domain::{CustomerId, Decimal, Fact, Personal};
use crate::dotapparel::client::{Contradiction, Endpoint, Error, LookupKind};
use crate::dotapparel::{Client, Detail, DetailCustomer, Person, Render, Sources};
use crate::health::Reason;
use crate::paging::{Inclusion, Stamp};

/// A readable answer of `/customers/{id}`.
#[derive(Debug)]
pub(crate) struct DetailBody {
    pub(crate) body: Personal<Box<[u8]>>,
    pub(crate) stamp: Stamp,
    /// The id of the customer's rewards account.
    pub(crate) account: Option<i64>,
}

/// Bytes reserved for a record. The sample in `DotApparel`'s documentation makes a record of about
/// 1,000 bytes.
const RECORD: usize = 1024;

// === impl Client ===

impl Client {
    /// The record of one customer, written by `render`. `None` if `DotApparel` has no customer with
    /// this id, or if the customer is excluded.
    ///
    /// # Errors
    /// [`Contradiction::OtherCustomer`] when the answer has another id or no id.
    pub async fn customer<R: Render>(
        &self,
        id: CustomerId,
        render: &R,
    ) -> Result<Option<Vec<u8>>, Error> {
        let record = if self.wants_points() {
            let Some(found) = self.look_up(id).await? else { return Ok(None) };
            let points = self.points(found.account).await;
            let customer = DetailCustomer::parse_one(&found.body)?;
            let points = points.inspect_err(|_| meet(render, &customer))?;
            rendered(render, &customer, points)
        } else {
            // The answer has the whole record, so the answer is parsed only once.
            let read = |customer: &DetailCustomer<'_>| rendered(render, customer, Fact::Unknown);
            self.detail(LookupKind::ById, id, read).await?.and_then(|(_, record)| record)
        };
        Ok(record.map(|record| served(render, &record)))
    }

    /// The answer of `/customers/{id}`; `None` if there is no customer with this id.
    pub(crate) async fn look_up(&self, id: CustomerId) -> Result<Option<DetailBody>, Error> {
        self.detail_body(LookupKind::ById, id).await
    }

    /// The answer of `/customers/{id}`, for a list. Lookups for lists have their own breaker. If
    /// `alone` is true, the lookup is made once, without the breaker.
    pub(crate) async fn look_up_for_list(
        &self,
        id: CustomerId,
        alone: bool,
    ) -> Result<Option<DetailBody>, Error> {
        let kind = if alone { LookupKind::Alone } else { LookupKind::ForList };
        self.detail_body(kind, id).await
    }

    async fn detail_body(
        &self,
        kind: LookupKind,
        id: CustomerId,
    ) -> Result<Option<DetailBody>, Error> {
        let read = |customer: &DetailCustomer<'_>| {
            (customer.person.stamp(self.timezone()), account_of(customer))
        };
        let found = self.detail(kind, id, read).await?;
        Ok(found.map(|(body, (stamp, account))| DetailBody {
            body: Personal(body.into()),
            stamp,
            account,
        }))
    }

    /// The body of `/customers/{id}`, and the value that `read` makes from the customer. `None` if
    /// there is no customer with this id.
    async fn detail<T>(
        &self,
        kind: LookupKind,
        id: CustomerId,
        read: impl Fn(&DetailCustomer<'_>) -> T,
    ) -> Result<Option<(Vec<u8>, T)>, Error> {
        let endpoint = Endpoint::Customer(kind);
        let url = self.url_of(&["customers", &id.to_string()]);
        let read = |body: &[u8]| {
            let customer = DetailCustomer::parse_one(body)?;
            if customer.person.id != Some(id) {
                return Err(self.contradiction(Contradiction::OtherCustomer));
            }
            Ok(read(&customer))
        };
        match self.call(endpoint, &url, read).await {
            Ok(found) => {
                self.lookup_access.note_read(id.get());
                self.health.clear(Reason::LookupRight);
                Ok(Some(found))
            }
            // The id is well-formed, so a 400 "ID was invalid" means that no customer has this id.
            Err(Error::NotFound | Error::Invalid) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The records of the customers with this e-mail address, written by `render`. Omits customers
    /// with another address or none, excluded customers, and customers without a usable id.
    ///
    /// # Errors
    /// [`Error::Invalid`] when `DotApparel` does not accept the address.
    pub async fn customers_by_email<R: Render>(
        &self,
        email: &str,
        render: &R,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let body = match self.email_body(email).await {
            Err(Error::NotFound) => return Ok(Vec::new()),
            result => result?,
        };
        let customers = DetailCustomer::parse_many(&body)?;
        let mut own = Vec::with_capacity(customers.len());
        let mut with_other_email = 0;
        for (position, customer) in (1..).zip(&customers) {
            if !has_email(&customer.person, email) {
                with_other_email += 1;
                meet(render, customer);
            } else if customer.person.id.is_none() {
                self.note_skipped(Endpoint::Email, position);
                meet(render, customer);
            } else {
                own.push(customer);
            }
        }
        // The whole answer is examined before any call for points, because such a call may fail.
        self.note_other_emails(with_other_email);
        let mut records = Vec::with_capacity(own.len());
        for (index, customer) in own.iter().enumerate() {
            match self.points(account_of(customer)).await {
                Ok(points) => records.extend(rendered(render, customer, points)),
                Err(error) => {
                    own[index..].iter().for_each(|unserved| meet(render, unserved));
                    return Err(error);
                }
            }
        }
        // All customers are recorded before any record is served. The customers share the address,
        // so the refusal of the last customer also counts for the first.
        Ok(records.iter().map(|record| served(render, record)).collect())
    }

    /// The answer of `/customers?email=`.
    pub(super) async fn email_body(&self, email: &str) -> Result<Vec<u8>, Error> {
        let mut url = self.url_of(&["customers"]);
        url.query_pairs_mut().append_pair("email", email);
        let read = |body: &[u8]| DetailCustomer::parse_many(body).map(drop).map_err(Error::from);
        let (body, ()) = self.call(Endpoint::Email, &url, read).await?;
        Ok(body)
    }
}

/// Whether the customer's e-mail text is or contains this address, as in `Mia <mia@acme.example>`.
/// Case is ignored.
fn has_email(person: &Person<'_>, email: &str) -> bool {
    let own = person.contact.as_ref().and_then(|contact| contact.email.as_deref());
    let (own, email) = (own.unwrap_or_default().to_lowercase(), email.trim().to_lowercase());
    // The characters of an address without quotes, by RFC 5322.
    let is_part = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
    !email.is_empty()
        && own.match_indices(&email).any(|(at, _)| {
            !own[..at].ends_with(is_part) && !own[at + email.len()..].starts_with(is_part)
        })
}

/// Lets `render` record the consent of a customer that is not served. This consent counts too.
pub(crate) fn meet<R: Render>(render: &R, customer: &DetailCustomer<'_>) {
    render.record(&Sources::looked_up(customer), &mut Vec::new());
}

/// The id of the customer's rewards account. Apparel21 allows one account.
pub(crate) fn account_of(customer: &DetailCustomer<'_>) -> Option<i64> {
    customer.rewards_accounts.iter().find_map(|account| account.id)
}

/// The record as it may be served now.
fn served<R: Render>(render: &R, record: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(record.len());
    render.serve(record, &mut out);
    out
}

/// The record of a looked-up customer; `None` if the customer is excluded.
fn rendered<R: Render>(
    render: &R,
    customer: &DetailCustomer<'_>,
    points: Fact<Decimal>,
) -> Option<Vec<u8>> {
    let detail = Detail::Found(customer);
    let sources = Sources { detail, available_points: points, ..Sources::default() };
    let mut record = Vec::with_capacity(RECORD);
    match render.record(&sources, &mut record).inclusion {
        Inclusion::Served => Some(record),
        Inclusion::Excluded => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::dotapparel::tests::{Ids, Subject, answering, requests, serving};
    use crate::health::{Assumption, Reason};
    use crate::paging::Written;

    const ID: i64 = 244_988;

    async fn look_up(server: &wiremock::MockServer) -> Result<Option<Vec<u8>>, Error> {
        let subject = Subject::new(&server.uri());
        subject.client.customer(CustomerId::new(ID), &Ids).await
    }

    async fn by_email(server: &wiremock::MockServer) -> Result<Vec<Vec<u8>>, Error> {
        let subject = Subject::new(&server.uri());
        subject.client.customers_by_email("a@b.example", &Ids).await
    }

    /// An answer with customers that have the address `a@b.example` and these other keys.
    fn matches(customers: &[&str]) -> String {
        let contact = r#""contact":{"email":"a@b.example"}"#;
        let rows: Vec<_> = customers.iter().map(|keys| format!("{{{keys},{contact}}}")).collect();
        format!(r#"{{"data":[{}]}}"#, rows.join(","))
    }

    /// Excludes customers with a first name.
    struct Nameless;

    impl Render for Nameless {
        fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Written {
            let Detail::Found(customer) = sources.detail else { unreachable!("a lookup") };
            if customer.person.first_name.is_some() {
                Inclusion::Excluded.into()
            } else {
                Ids.record(sources, out)
            }
        }
    }

    #[tokio::test]
    async fn a_customer_is_rendered() {
        let server = serving(r#"{"data":{"id":244988}}"#).await;
        assert_eq!(look_up(&server).await.unwrap().unwrap(), b"<244988>");
    }

    #[tokio::test]
    async fn a_404_and_a_400_mean_that_no_customer_has_the_id() {
        for status in [404, 400] {
            let server = answering(ResponseTemplate::new(status)).await;
            assert_eq!(look_up(&server).await.unwrap(), None, "{status}");
        }
    }

    #[tokio::test]
    async fn an_answer_with_another_id_or_without_an_id_is_a_contradiction_and_counted() {
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
    async fn all_customers_of_an_address_are_rendered_and_an_unknown_address_has_an_empty_list() {
        let server = serving(&matches(&[r#""id":2"#, r#""id":1"#])).await;
        assert_eq!(by_email(&server).await.unwrap(), [b"<2>", b"<1>"]);

        for empty in [serving(r#"{"data":[]}"#).await, answering(ResponseTemplate::new(404)).await]
        {
            assert!(by_email(&empty).await.unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn customers_with_another_address_or_none_are_left_out_and_counted() {
        let row = |id, email: &str| format!(r#"{{"id":{id},"contact":{{"email":{email}}}}}"#);
        let rows = [
            row(1, r#"" A@B.Example""#),
            row(2, r#""z@b.example""#),
            row(3, "null"),
            row(4, r#""a@b.example""#),
        ];
        let server = serving(&format!(r#"{{"data":[{}]}}"#, rows.join(","))).await;
        let subject = Subject::new(&server.uri());
        let found = subject.client.customers_by_email("a@b.example", &Ids).await.unwrap();
        assert_eq!(found, [b"<1>", b"<4>"]);
        subject.assert_metric(r#"dotstory_upstream_contradictions_total{kind="other_email"} 2"#);
        assert!(subject.health.has(Reason::Assumption(Assumption::AnswerFits)));
    }

    /// Records the ids of the customers that it renders.
    #[derive(Default)]
    struct Seen(Mutex<BTreeSet<Option<i64>>>);

    impl Render for Seen {
        fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Written {
            let Detail::Found(customer) = sources.detail else { unreachable!("a lookup") };
            self.0.lock().unwrap().insert(customer.person.id.map(CustomerId::get));
            Ids.record(sources, out)
        }
    }

    #[tokio::test]
    async fn each_customer_of_an_answer_is_examined_although_points_fail() {
        let server = MockServer::start().await;
        let row = |keys: &str, email: &str| {
            format!(r#"{{{keys},"contact":{{"email":"{email}"}},"rewardsAccounts":[{{"id":7}}]}}"#)
        };
        let rows = [
            row(r#""id":1"#, "a@b.example"),
            row(r#""id":2"#, "z@b.example"),
            row(r#""id":"x""#, "a@b.example"),
            row(r#""id":4"#, "a@b.example"),
        ];
        let body = format!(r#"{{"data":[{}]}}"#, rows.join(","));
        let found = ResponseTemplate::new(200).set_body_string(body);
        Mock::given(path("/customers")).respond_with(found).mount(&server).await;
        let failing = Mock::given(path("/rewards/accounts/7"));
        failing.respond_with(ResponseTemplate::new(500)).mount(&server).await;

        let subject = Subject::with(&server.uri(), |config| config.points_from_rewards = true);
        let seen = Seen::default();
        subject.client.customers_by_email("a@b.example", &seen).await.unwrap_err();
        subject.assert_metric(r#"dotstory_upstream_contradictions_total{kind="other_email"} 1"#);
        subject.assert_metric("dotstory_records_skipped_total 1");
        assert!(subject.health.has(Reason::Assumption(Assumption::AnswerFits)));
        // The consent of each customer counts.
        assert_eq!(*seen.0.lock().unwrap(), BTreeSet::from([None, Some(1), Some(2), Some(4)]));
    }

    #[tokio::test]
    async fn excluded_customers_are_left_out_of_every_lookup() {
        let server = serving(&matches(&[r#""id":1,"firstname":"Jane""#, r#""id":2"#])).await;
        let client = Subject::new(&server.uri()).client;
        let found = client.customers_by_email("a@b.example", &Nameless).await.unwrap();
        assert_eq!(found, [b"<2>"]);

        let server = serving(r#"{"data":{"id":1,"firstname":"Jane"}}"#).await;
        let client = Subject::new(&server.uri()).client;
        assert_eq!(client.customer(CustomerId::new(1), &Nameless).await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_address_that_is_not_accepted_is_invalid() {
        let server = answering(ResponseTemplate::new(400)).await;
        let result = by_email(&server).await;
        assert!(matches!(result, Err(Error::Invalid)), "{result:?}");
    }

    #[tokio::test]
    async fn a_match_without_a_usable_id_is_skipped_and_counted() {
        let server = serving(&matches(&[r#""id":1"#, r#""id":"x""#, r#""id":3"#])).await;
        let subject = Subject::new(&server.uri());
        let found = subject.client.customers_by_email("a@b.example", &Ids).await.unwrap();
        assert_eq!(found, [b"<1>", b"<3>"]);
        subject.assert_metric("dotstory_records_skipped_total 1");
    }

    #[tokio::test]
    async fn the_points_of_a_skipped_match_are_not_asked_for() {
        let server =
            serving(&matches(&[r#""id":1"#, r#""id":"x","rewardsAccounts":[{"id":7}]"#])).await;
        let subject = Subject::with(&server.uri(), |config| config.points_from_rewards = true);
        let found = subject.client.customers_by_email("a@b.example", &Ids).await.unwrap();
        assert_eq!(found, [b"<1>"]);
        assert_eq!(requests(&server).await, 1);
    }

    #[tokio::test]
    async fn refused_credentials_fail_every_lookup() {
        for status in [401, 403] {
            let server = answering(ResponseTemplate::new(status)).await;
            let result = look_up(&server).await;
            assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
            let result = by_email(&server).await;
            assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
        }
    }
}
