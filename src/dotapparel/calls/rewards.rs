//! Points from rewards accounts.

use reqwest::StatusCode;
use tracing::info;

use crate::domain::{Decimal, Fact};
use crate::dotapparel::client::{AccessBelief, Contradiction, Endpoint, Error, RefusalCause};
use crate::dotapparel::{Client, RewardsBalance};
use crate::health::Reason;

/// The points of a customer, and whether they come from a refusal.
pub(crate) struct PointsAnswer {
    pub(crate) points: Fact<Decimal>,
    /// Whether the answer was a 403, 404 or 400. The cause may be the user or a temporary fault,
    /// so `points` are not certain.
    pub(crate) by_refusal: bool,
}

/// What the operator reads while rewards accounts are refused.
const REWARDS_REFUSED: &str = "no rewards account can be read, so records have no points: allow the brand's user to read rewards accounts";

// === impl Client ===

impl Client {
    /// The balance of a rewards account.
    ///
    /// # Errors
    /// [`Error::Refused`] with 403 if the account does not exist, or the user may not read it.
    pub async fn rewards_account(&self, id: i64) -> Result<RewardsBalance, Error> {
        self.balance(id, false).await
    }

    async fn balance(&self, id: i64, alone: bool) -> Result<RewardsBalance, Error> {
        let url = self.url_of(&["rewards", "accounts", &id.to_string()]);
        let read = |body: &[u8]| {
            let balance = RewardsBalance::parse(body)?;
            if balance.id != Some(id) {
                return Err(self.contradiction(Contradiction::OtherAccount));
            }
            Ok(balance)
        };
        let (_, balance) = self.call(Endpoint::Rewards { alone }, &url, read).await?;
        Ok(balance)
    }

    /// The points of a customer with this rewards account. `Unknown` if the brand's points do not
    /// come from rewards accounts, or if the account is refused and the cause may be the user.
    ///
    /// # Errors
    /// Returns any failure other than a 403, 404 or 400. Without the error, a record would silently
    /// lack its points.
    pub(crate) async fn points(&self, account: Option<i64>) -> Result<Fact<Decimal>, Error> {
        let answer = self.points_answer(account, false).await?;
        Ok(answer.points)
    }

    /// Like [`points`](Self::points). Also returns whether the account was refused.
    ///
    /// If `alone` is true, the call is made once, without the breaker.
    pub(crate) async fn points_answer(
        &self,
        account: Option<i64>,
        alone: bool,
    ) -> Result<PointsAnswer, Error> {
        let certain = |points| Ok(PointsAnswer { points, by_refusal: false });
        let Some(access) = &self.rewards_access else { return certain(Fact::Unknown) };
        let Some(account) = account else { return certain(Fact::Empty) };
        match self.balance(account, alone).await {
            Ok(balance) => {
                self.health.clear(Reason::Rewards);
                if access.note_read(account) {
                    info!("rewards accounts can be read again");
                }
                self.count_unreadable(balance.unreadable);
                certain(balance.available_points.into())
            }
            Err(
                Error::NotFound | Error::Invalid | Error::Refused { status: StatusCode::FORBIDDEN },
            ) => Ok(PointsAnswer { points: self.points_of_refused(access), by_refusal: true }),
            Err(error) => Err(error),
        }
    }

    /// Whether an account that was read before can be read now.
    pub(crate) async fn can_read_rewards(&self) -> bool {
        let Some(access) = &self.rewards_access else { return false };
        for account in access.controls() {
            if self.balance(account, true).await.is_ok() {
                return true;
            }
        }
        false
    }

    /// The points of a refused account: empty if the refusal is about the account, else unknown.
    fn points_of_refused(&self, access: &AccessBelief) -> Fact<Decimal> {
        let cause = access.note_refusal();
        if cause == (RefusalCause::User { is_new: true }) {
            self.health.raise(Reason::Rewards, REWARDS_REFUSED);
        }
        if cause == RefusalCause::Object { Fact::Empty } else { Fact::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::dotapparel::tests::{Log, Subject, answering, requests, serving};

    fn subject_with_points(server: &MockServer) -> Subject {
        Subject::with(&server.uri(), |config| config.points_from_rewards = true)
    }

    /// A server where account 1 has 120 points. All other requests get the status `otherwise`.
    async fn with_one_account(otherwise: u16) -> MockServer {
        let server = MockServer::start().await;
        let account = r#"{"data":{"id":1,"availablePoints":120}}"#;
        let found = ResponseTemplate::new(200).set_body_string(account);
        Mock::given(path("/rewards/accounts/1")).respond_with(found).mount(&server).await;
        let others = Mock::given(wiremock::matchers::any());
        others.respond_with(ResponseTemplate::new(otherwise)).mount(&server).await;
        server
    }

    #[tokio::test]
    async fn no_account_is_read_unless_the_brand_wants_points() {
        let server = with_one_account(500).await;
        assert_eq!(
            Subject::new(&server.uri()).client.points(Some(1)).await.unwrap(),
            Fact::Unknown
        );
        assert_eq!(requests(&server).await, 0);

        let subject = subject_with_points(&server);
        assert_eq!(
            subject.client.points(Some(1)).await.unwrap(),
            Fact::Value("120".parse().unwrap())
        );
        assert_eq!(subject.client.points(None).await.unwrap(), Fact::Empty);
        assert_eq!(requests(&server).await, 1, "a customer without an account needs no call");
    }

    #[tokio::test]
    async fn a_refused_account_counts_as_missing_after_another_account_was_read() {
        for status in [403, 404, 400] {
            let server = with_one_account(status).await;
            let subject = subject_with_points(&server);
            assert_eq!(subject.client.points(Some(2)).await.unwrap(), Fact::Unknown, "{status}");
            subject.client.points(Some(1)).await.unwrap();
            assert_eq!(subject.client.points(Some(2)).await.unwrap(), Fact::Empty, "{status}");
        }
    }

    #[tokio::test]
    async fn points_become_unknown_with_one_warning_while_accounts_are_refused() {
        let (log, _listening) = Log::listen();
        let server = with_one_account(403).await;
        let subject = subject_with_points(&server);
        subject.client.points(Some(1)).await.unwrap();
        let mut answers = Vec::new();
        for _ in 0..7 {
            answers.push(subject.client.points(Some(2)).await.unwrap());
        }
        let (empty, unknown) = (Fact::Empty, Fact::Unknown);
        assert_eq!(answers, [empty, empty, empty, empty, unknown, unknown, unknown]);
        assert!(subject.health.has(Reason::Rewards));
        subject.assert_metric("dotstory_rewards_refused 1");
        let warnings = || log.lines().iter().filter(|line| line["level"] == "WARN").count();
        assert_eq!(warnings(), 1);

        subject.client.points(Some(1)).await.unwrap();
        assert!(!subject.health.has(Reason::Rewards));
        subject.assert_metric("dotstory_rewards_refused 0");
        assert_eq!(subject.client.points(Some(2)).await.unwrap(), empty);
        assert_eq!(warnings(), 1);
    }

    #[tokio::test]
    async fn any_other_failure_is_an_error() {
        for status in [401, 500, 418] {
            let server = answering(ResponseTemplate::new(status)).await;
            subject_with_points(&server).client.points(Some(1)).await.unwrap_err();
        }
    }

    #[tokio::test]
    async fn an_answer_for_another_account_is_a_contradiction_and_counted() {
        for body in [r#"{"data":{"id":2,"availablePoints":5}}"#, r#"{"data":{}}"#] {
            let server = serving(body).await;
            let subject = subject_with_points(&server);
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
    async fn unreadable_points_are_empty_and_counted() {
        let server = serving(r#"{"data":{"id":1,"availablePoints":"many"}}"#).await;
        let subject = subject_with_points(&server);
        assert_eq!(subject.client.points(Some(1)).await.unwrap(), Fact::Empty);
        subject.assert_metric(
            r#"dotstory_fields_unreadable_total{field="rewards.availablePoints"} 1"#,
        );
    }
}
