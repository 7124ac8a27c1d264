//! Test helpers: a client for any URL, records that are only an id, and servers.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Australia::Melbourne;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::clock::ManualClock;
use crate::dotapparel::{
    Client, Config, CustomerFeed, Detail, DetailCache, DetailPolicy, DetailSettings, Limits,
    Password, Render, Sources, StoreReader,
};
use crate::health::Health;
use crate::paging::{Inclusion, Page, Written};
use crate::resilience::{BreakerConfig, RetryConfig};
use crate::runtime::Runtime;
use crate::shutdown::Tasks;
use crate::telemetry::Metrics;

/// Writes records that are only the customer's id.
pub(crate) struct Ids;

impl Render for Ids {
    fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Written {
        let searched = sources.search.map(|customer| &customer.person);
        let Some(person) = searched.or(match sources.detail {
            Detail::Found(customer) => Some(&customer.person),
            Detail::NotAsked | Detail::NotFound | Detail::Unavailable => None,
        }) else {
            return Inclusion::Excluded.into();
        };
        let id = person.id.map_or("none".to_owned(), |id| id.to_string());
        out.extend(format!("<{id}>").into_bytes());
        Inclusion::Served.into()
    }
}

/// The records of a page, joined into one text.
pub(crate) fn text(page: &Page) -> String {
    let bodies: Vec<_> = page.records().map(|record| record.body).collect();
    String::from_utf8(bodies.concat()).unwrap()
}

/// A client under test, with its metrics, its health and its clock.
pub(crate) struct Subject {
    pub(crate) client: Arc<Client>,
    pub(crate) metrics: Metrics,
    pub(crate) health: Health,
    pub(crate) clock: Arc<ManualClock>,
}

/// The time at which tests begin: 2024-11-20T12:00:00Z.
pub(crate) const NOW: DateTime<Utc> = DateTime::from_timestamp(1_732_104_000, 0).unwrap();

impl Subject {
    /// A client with three attempts and almost no waits. `change` may change its configuration.
    pub(crate) fn with(base_url: &str, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Self::config(base_url);
        change(&mut config);
        let metrics = Metrics::new();
        let clock = Arc::new(ManualClock::new(NOW));
        let health = Health::new(&metrics);
        let runtime =
            Runtime { health: health.clone(), ..Runtime::new(clock.clone(), metrics.clone()) };
        let client = Client::new(&config, &runtime).unwrap();
        let client = Arc::new(client);
        Self { client, metrics, health, clock }
    }

    pub(crate) fn new(base_url: &str) -> Self {
        Self::with(base_url, |_| {})
    }

    pub(crate) fn feed(&self) -> CustomerFeed<Ids> {
        self.feed_of(Ids)
    }

    /// A feed that writes records with `render` and does not read the stores.
    pub(crate) fn feed_of<R: Render>(&self, render: R) -> CustomerFeed<R> {
        let runtime = Runtime::new(self.clock.clone(), self.metrics.clone());
        let cache = DetailCache::new(1 << 20, &self.metrics);
        let stores = StoreReader::silent(self.client.clone(), &runtime);
        let details = DetailSettings { cache, walk_patience: Duration::ZERO };
        CustomerFeed::new(self.client.clone(), Arc::new(render), stores, details, &runtime)
    }

    pub(crate) fn config(base_url: &str) -> Config {
        let many = NonZeroU32::new(1000).unwrap();
        Config {
            base_url: base_url.parse().unwrap(),
            proxy: None,
            extra_roots: Vec::new(),
            name: "acme".to_owned(),
            shop: "acme.myshopify.com".to_owned(),
            username: "dailystory@acme.example".to_owned(),
            password: Password("s3cret".into()),
            timezone: Melbourne,
            country_zones: vec![Melbourne, chrono_tz::Australia::Perth],
            limits: Limits {
                connect_timeout: Duration::from_secs(10),
                attempt_timeout: Duration::from_secs(20),
                deadline: Duration::from_secs(30),
                max_body: std::num::NonZeroUsize::new(10_000).unwrap(),
                rate_limit: many,
                details_concurrency: NonZeroU32::new(4).unwrap(),
                detail_failures: NonZeroU32::new(3).unwrap(),
                retry: RetryConfig {
                    attempts: NonZeroU32::new(3).unwrap(),
                    min_backoff: Duration::from_micros(1),
                    max_backoff: Duration::from_micros(2),
                },
                breaker: BreakerConfig { failures: many, cool_down: Duration::from_secs(30) },
            },
            lists: crate::dotapparel::ListSource::Search,
            details: DetailPolicy::Never,
            points_from_rewards: false,
        }
    }

    /// Asserts that the metrics contain this line.
    #[track_caller]
    pub(crate) fn assert_metric(&self, line: &str) {
        let text = self.metrics.render();
        assert!(text.lines().any(|found| found == line), "{text}");
    }
}

/// A server with this answer to all requests.
pub(crate) async fn answering(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    server
}

/// A server with status 200 and this body for all requests.
pub(crate) async fn serving(body: &str) -> MockServer {
    answering(ResponseTemplate::new(200).set_body_string(body)).await
}

/// Number of requests that the server received.
pub(crate) async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// A server that sends raw bytes.
pub(crate) struct RawServer {
    pub(crate) url: String,
    _tasks: Tasks,
}

impl RawServer {
    /// Sends the next of these texts to each connection, and closes the connection.
    pub(crate) async fn start(answers: &[&str]) -> Self {
        let answers: Vec<_> = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Self::answer(answers.into_iter(), drop).await
    }

    /// Sends this text to all connections, and keeps the connections open.
    pub(crate) async fn stalling(answer: &str) -> Self {
        let mut open = Vec::new();
        let answers = std::iter::repeat(answer.to_owned());
        Self::answer(answers, move |connection| open.push(connection)).await
    }

    async fn answer(
        answers: impl Iterator<Item = String> + Send + 'static,
        mut then: impl FnMut(TcpStream) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let tasks = Tasks::new();
        tasks.spawn(async move {
            for answer in answers {
                let (mut connection, _) = listener.accept().await.unwrap();
                read_head(&mut connection).await;
                connection.write_all(answer.as_bytes()).await.unwrap();
                then(connection);
            }
        });
        Self { url, _tasks: tasks }
    }
}

async fn read_head(connection: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
}
