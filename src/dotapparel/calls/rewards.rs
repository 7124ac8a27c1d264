//! Points from rewards accounts, and telling an account that does not exist from a user who may not read any.

use std::sync::{Mutex, MutexGuard};

use metrics::Gauge;
use reqwest::StatusCode;
use tracing::{info, warn};

use crate::domain::{BrandId, Decimal, Fact};
use crate::dotapparel::client::Contradiction;
use crate::dotapparel::client::Endpoint;
use crate::dotapparel::client::Error;
use crate::dotapparel::{Client, RewardsBalance};
use crate::telemetry::Metrics;

/// What a call told of a customer's points.
pub(crate) struct PointsAnswer {
    pub(crate) points: Fact<Decimal>,
    /// Whether it was by a 403, which may be about the user and not the account.
    pub(crate) by_refusal: bool,
}

/// What is believed of the user's right to read rewards accounts. `DotApparel` answers 403 both to an account that does not
/// exist and to a user who may not read it.
#[derive(Debug)]
pub(crate) struct RewardsAccess {
    /// Held for a moment, never over an await.
    seen: Mutex<Seen>,
    refused: Gauge,
    brand: BrandId,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Whether an account was read yet.
    readable: bool,
    /// Refusals on end.
    refusals: u32,
}

/// So many refusals on end are not so many accounts that do not exist: each was named by its customer.
const TOO_MANY: u32 = 5;

// === impl Client ===

impl Client {
    /// What a rewards account holds.
    ///
    /// # Errors
    /// [`Error::Refused`] of 403 when there is no such account, or the brand's user may not read it.
    pub async fn rewards_account(&self, id: i64) -> Result<RewardsBalance, Error> {
        let url = self.url_of(&["rewards", "accounts", &id.to_string()]);
        let read = |body: &[u8]| {
            let balance = RewardsBalance::parse(body)?;
            if balance.id != Some(id) {
                return Err(self.contradiction(Contradiction::OtherAccount));
            }
            Ok(balance)
        };
        self.call(Endpoint::Rewards, &url, read).await
    }

    /// The points of a customer who names this rewards account, where the brand wants them from there.
    ///
    /// # Errors
    /// Whatever says nothing of the account: to go on without the points would lose them in silence.
    pub(crate) async fn points(&self, account: Option<i64>) -> Result<Fact<Decimal>, Error> {
        self.told_points(account).await.map(|told| told.points)
    }

    /// The same, and what it rests on.
    pub(crate) async fn told_points(&self, account: Option<i64>) -> Result<PointsAnswer, Error> {
        let told = |points| Ok(PointsAnswer { points, by_refusal: false });
        let Some(access) = &self.rewards else { return told(Fact::Unknown) };
        let Some(account) = account else { return told(Fact::Empty) };
        match self.rewards_account(account).await {
            Ok(balance) => {
                access.note_readable();
                self.count_unreadable(balance.unreadable);
                told(balance.available_points.into())
            }
            Err(Error::NotFound | Error::Invalid) => told(access.note_refusal()),
            Err(Error::Refused { status: StatusCode::FORBIDDEN }) => {
                Ok(PointsAnswer { points: access.note_refusal(), by_refusal: true })
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the brand wants points from rewards accounts, and its user may not read any.
    #[must_use]
    pub fn are_rewards_refused(&self) -> bool {
        self.rewards.as_ref().is_some_and(RewardsAccess::are_refused)
    }
}

// === impl RewardsAccess ===

impl RewardsAccess {
    /// Nothing is known yet. `metrics` carry the brand's label.
    pub(crate) fn new(brand: BrandId, metrics: &Metrics) -> Self {
        let refused = metrics.gauge("dotstory_rewards_refused", &[]);
        Self { seen: Mutex::default(), refused, brand }
    }

    fn are_refused(&self) -> bool {
        self.seen().are_refused()
    }

    fn note_readable(&self) {
        let mut seen = self.seen();
        if seen.are_refused() {
            self.refused.set(0.0);
            info!(brand.id = %self.brand, "rewards accounts can be read again");
        }
        *seen = Seen { readable: true, refusals: 0 };
    }

    /// What a refusal says of the account: that there is none, if others could be read; else nothing.
    fn note_refusal(&self) -> Fact<Decimal> {
        let mut seen = self.seen();
        let were_refused = seen.are_refused();
        seen.refusals = seen.refusals.saturating_add(1);
        if seen.are_refused() && !were_refused {
            self.refused.set(1.0);
            warn!(
                brand.id = %self.brand,
                refusals = seen.refusals,
                "no rewards account can be read, records go without points: may the user read them?"
            );
        }
        if seen.readable && !seen.are_refused() { Fact::Empty } else { Fact::Unknown }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no holder of this lock can panic")
    }
}

// === impl Seen ===

impl Seen {
    fn are_refused(self) -> bool {
        self.refusals >= TOO_MANY
    }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::dotapparel::tests::{Log, Subject, answering, requests, serving};

    fn wanting_points(server: &MockServer) -> Subject {
        Subject::with(&server.uri(), |config| config.points_from_rewards = true)
    }

    /// A server that knows account 1, with 120 points, and answers this status to all others.
    async fn knowing_one_account(otherwise: u16) -> MockServer {
        let server = MockServer::start().await;
        let account = r#"{"data":{"id":1,"availablePoints":120}}"#;
        let found = ResponseTemplate::new(200).set_body_string(account);
        Mock::given(path("/rewards/accounts/1")).respond_with(found).mount(&server).await;
        let others = Mock::given(wiremock::matchers::any());
        others.respond_with(ResponseTemplate::new(otherwise)).mount(&server).await;
        server
    }

    #[tokio::test]
    async fn points_are_asked_of_the_account_and_only_where_they_are_wanted() {
        let server = knowing_one_account(500).await;
        let unwanted = Subject::new(&server.uri()).client.points(Some(1)).await.unwrap();
        assert_eq!(unwanted, Fact::Unknown);
        assert_eq!(requests(&server).await, 0);

        let subject = wanting_points(&server);
        assert_eq!(
            subject.client.points(Some(1)).await.unwrap(),
            Fact::Value("120".parse().unwrap())
        );
        assert_eq!(subject.client.points(None).await.unwrap(), Fact::Empty);
        assert_eq!(requests(&server).await, 1, "who has no account is not asked for");
    }

    #[tokio::test]
    async fn a_refused_account_does_not_exist_once_another_could_be_read() {
        for status in [403, 404, 400] {
            let server = knowing_one_account(status).await;
            let subject = wanting_points(&server);
            assert_eq!(subject.client.points(Some(2)).await.unwrap(), Fact::Unknown, "{status}");
            subject.client.points(Some(1)).await.unwrap();
            assert_eq!(subject.client.points(Some(2)).await.unwrap(), Fact::Empty, "{status}");
        }
    }

    #[tokio::test]
    async fn who_may_not_read_any_account_knows_nothing_and_that_is_said_once() {
        let (log, _listening) = Log::listen();
        let server = knowing_one_account(403).await;
        let subject = wanting_points(&server);
        subject.client.points(Some(1)).await.unwrap();
        let mut answers = Vec::new();
        for _ in 0..7 {
            answers.push(subject.client.points(Some(2)).await.unwrap());
        }
        let (empty, unknown) = (Fact::Empty, Fact::Unknown);
        assert_eq!(answers, [empty, empty, empty, empty, unknown, unknown, unknown]);
        assert!(subject.client.are_rewards_refused());
        subject.assert_metric("dotstory_rewards_refused 1");
        let warnings = || log.lines().iter().filter(|line| line["level"] == "WARN").count();
        assert_eq!(warnings(), 1);

        subject.client.points(Some(1)).await.unwrap();
        assert!(!subject.client.are_rewards_refused());
        subject.assert_metric("dotstory_rewards_refused 0");
        assert_eq!(subject.client.points(Some(2)).await.unwrap(), empty);
        assert_eq!(warnings(), 1);
    }

    #[tokio::test]
    async fn any_other_failure_is_one() {
        for status in [401, 500, 418] {
            let server = answering(ResponseTemplate::new(status)).await;
            wanting_points(&server).client.points(Some(1)).await.unwrap_err();
        }
    }

    #[tokio::test]
    async fn an_answer_for_another_account_is_a_contradiction_and_counted() {
        for body in [r#"{"data":{"id":2,"availablePoints":5}}"#, r#"{"data":{}}"#] {
            let server = serving(body).await;
            let subject = wanting_points(&server);
            let result = subject.client.points(Some(1)).await;
            assert!(
                matches!(result, Err(Error::Contradiction(Contradiction::OtherAccount))),
                "{body}: {result:?}"
            );
            subject
                .assert_metric(r#"dotstory_upstream_contradictions_total{kind="other_account"} 1"#);
        }
    }

    #[tokio::test]
    async fn points_that_cannot_be_read_are_none_and_counted() {
        let server = serving(r#"{"data":{"id":1,"availablePoints":"many"}}"#).await;
        let subject = wanting_points(&server);
        assert_eq!(subject.client.points(Some(1)).await.unwrap(), Fact::Empty);
        subject.assert_metric(
            r#"dotstory_fields_unreadable_total{field="rewards.availablePoints"} 1"#,
        );
    }
}
