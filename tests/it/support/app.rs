//! An application with its tenant.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::mem;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use dotstory::app::Application;
use dotstory::brands::Reloader;
use dotstory::clock::{Clock, ManualClock};
use dotstory::config::{Config, Problems};
use dotstory::sandbox::{self, Control, Sandbox};
use dotstory::telemetry::Metrics;
use reqwest::redirect::Policy;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Position;

use super::canaries::{Canaries, CanaryList};
use super::clocks::{Clocks, StartedClocks};
use super::events::Events;
use super::heard::Heard;
use super::logs;
use super::obstacle::{Obstacle, Obstructed};
use super::response::Response;

/// A running application and the tenant of its first brand.
pub(crate) struct TestApp {
    pub brand: String,
    pub tenant: Control,
    pub password: String,
    caller: Caller,
    metrics: Metrics,
    /// The settings of the last configuration, even if its reload was refused.
    settings: TestAppBuilder,
    /// The brands that run, each with the URL of its tenant.
    brands: Vec<(String, String)>,
    reloader: Reloader,
    sandbox: Option<Sandbox>,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<anyhow::Result<()>>>,
    /// What is between the application and the tenant of its first brand.
    obstructed: Option<Obstructed>,
    other: Option<OtherBrand>,
    clock: Option<Arc<ManualClock>>,
    expected_errors: AtomicUsize,
    /// The texts that must not leak (see [`Canaries`]): the data of the tenants when the
    /// application started, and the credentials of each configuration. Tests may change the
    /// customers later.
    canaries: CanaryList,
    /// Number of log lines without a brand when the application started.
    unbranded_lines: usize,
}

/// A second brand of the same application.
pub(crate) struct OtherBrand {
    pub tenant: Control,
    pub caller: Caller,
    _sandbox: Option<Sandbox>,
}

/// A caller with the brand's token.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub token: String,
    /// The URL of the operator's listener.
    pub operator_url: String,
    base_url: String,
    http: reqwest::Client,
    heard: Heard,
}

/// The settings of a test application.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestAppBuilder {
    tenant: sandbox::Config,
    clocks: Clocks,
    main: String,
    dotapparel: String,
    sync: String,
    mapping: String,
    rate_limit: u32,
    other_customers: Option<usize>,
    other_is_twin: bool,
    other_is_refused: bool,
    brand_zone: Option<Tz>,
    tokens: String,
    obstacle: Option<Obstacle>,
}

/// The secret for `operator.token = { env = "OPERATOR" }`.
pub(crate) const OPERATOR_TOKEN: &str = "token-of-the-operator";

/// Retries with a short backoff, so that tests do not wait.
const IMPATIENT: &str = "min_backoff = \"1ms\"\nmax_backoff = \"2ms\"\n";

// === impl TestAppBuilder ===

impl TestAppBuilder {
    pub(crate) fn customers(mut self, customers: usize) -> Self {
        self.tenant.customers = customers;
        self
    }

    pub(crate) fn tenant(mut self, change: impl FnOnce(&mut sandbox::Config)) -> Self {
        change(&mut self.tenant);
        self
    }

    /// The clocks of the application and its tenants.
    pub(crate) fn clocks(mut self, clocks: Clocks) -> Self {
        self.clocks = clocks;
        self
    }

    /// The `timezone` of the brand, if it differs from the tenant's zone.
    pub(crate) fn brand_zone(mut self, zone: Tz) -> Self {
        self.brand_zone = Some(zone);
        self
    }

    /// Lines of `dotstory.toml`.
    pub(crate) fn main(mut self, toml: &str) -> Self {
        self.main.push_str(toml);
        self
    }

    /// Lines of the brand's `[dotapparel]`.
    pub(crate) fn dotapparel(mut self, toml: &str) -> Self {
        self.dotapparel.push_str(toml);
        self
    }

    /// Calls to each tenant per second; 1,000 by default.
    pub(crate) fn rate_limit(mut self, rate_limit: u32) -> Self {
        self.rate_limit = rate_limit;
        self
    }

    /// Lines of the brand's `[sync]`.
    pub(crate) fn sync(mut self, toml: &str) -> Self {
        self.sync.push_str(toml);
        self
    }

    /// Lines of the brand's `[mapping]`.
    pub(crate) fn mapping(mut self, toml: &str) -> Self {
        self.mapping.push_str(toml);
        self
    }

    /// A suffix for the tokens in the configuration. [`Caller::token`] stays without the suffix.
    pub(crate) fn tokens(mut self, suffix: &str) -> Self {
        suffix.clone_into(&mut self.tokens);
        self
    }

    /// A second brand, whose tenant has this number of customers.
    pub(crate) fn other_brand(mut self, customers: usize) -> Self {
        self.other_customers = Some(customers);
        self
    }

    /// A second brand, whose tenant has the same customers with the same ids.
    pub(crate) fn twin_brand(mut self) -> Self {
        (self.other_customers, self.other_is_twin) = (Some(self.tenant.customers), true);
        self
    }

    /// A second brand with the URL of the first brand's tenant. The tenant refuses its password.
    pub(crate) fn refused_brand(mut self) -> Self {
        self.other_is_refused = true;
        self
    }

    /// The first brand cannot reach its tenant before [`TestApp::repair`].
    pub(crate) fn obstacle(mut self, obstacle: Obstacle) -> Self {
        self.obstacle = Some(obstacle);
        self
    }

    pub(crate) async fn spawn(mut self) -> TestApp {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        logs::listen();
        let unbranded_lines = logs::lines_of("").len();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let brand = format!("brand-{number}");
        let StartedClocks { application: ours, tenants, hand } =
            mem::take(&mut self.clocks).start();
        let sandbox = Sandbox::start(self.tenant.clone(), Arc::clone(&tenants)).unwrap();
        let seed = if self.other_is_twin { self.tenant.seed } else { 2 };
        let other = self.other_customers.map(|customers| {
            let tenant = sandbox::Config { customers, seed, ..self.tenant.clone() };
            Sandbox::start(tenant, Arc::clone(&tenants)).unwrap()
        });
        let mut base_url = sandbox.base_url();
        let mut obstructed = None;
        if let Some(obstacle) = self.obstacle {
            let started = Obstructed::start(obstacle, sandbox.addr()).await;
            base_url.clone_from(&started.base_url);
            self.dotapparel.push_str(&started.dotapparel);
            obstructed = Some(started);
        }
        let mut brands = vec![(brand.clone(), base_url)];
        brands.extend(other.iter().map(|other| (format!("{brand}-other"), other.base_url())));
        if self.other_is_refused {
            brands.push((format!("{brand}-other"), sandbox.base_url()));
        }
        let config = self.config(&brands);

        let metrics = Metrics::new();
        let application = Application::build(config.unwrap(), ours, metrics.clone()).unwrap();
        let reloader = application.reloader();
        let base_url = format!("http://{}", application.addr());
        let operator_url = format!("http://{}", application.operator_addr());
        let (stop, stopped) = oneshot::channel();
        let running = spawn(application.run_until_stopped(async { drop(stopped.await) }));
        let (http, heard) = (http_client(), Heard::default());
        let caller = |brand: &str| Caller {
            token: token_of(brand),
            base_url: base_url.clone(),
            operator_url: operator_url.clone(),
            http: http.clone(),
            heard: heard.clone(),
        };
        let mut canaries = self.credentials(&brands);
        let controls = other.iter().chain([&sandbox]).map(Sandbox::control);
        controls.for_each(|tenant| canaries.add_tenant(&tenant));
        let has_other = other.is_some() || self.other_is_refused;
        let other = has_other.then(|| OtherBrand {
            tenant: other.as_ref().unwrap_or(&sandbox).control(),
            caller: caller(&format!("{brand}-other")),
            _sandbox: other,
        });
        TestApp {
            tenant: sandbox.control(),
            password: password_of(&brand),
            caller: caller(&brand),
            metrics,
            settings: self,
            brands,
            reloader,
            sandbox: Some(sandbox),
            stop: Some(stop),
            running: Some(running),
            obstructed,
            other,
            brand,
            clock: hand,
            expected_errors: AtomicUsize::new(0),
            canaries,
            unbranded_lines,
        }
    }

    /// The passwords and tokens of the application, of its tenants and of its callers.
    fn credentials(&self, brands: &[(String, String)]) -> CanaryList {
        let mut canaries = CanaryList::default();
        let mut add_user = |username: &str, password: &str| {
            canaries.add_credential(password);
            canaries.add_credential(&STANDARD.encode(format!("{username}:{password}")));
        };
        add_user(&self.tenant.username, &self.tenant.password);
        add_user(&self.tenant.username, self.other_password());
        for (brand, _) in brands {
            add_user("dailystory", &password_of(brand));
        }
        for (brand, _) in brands {
            canaries.add_credential(&token_of(brand));
        }
        canaries.add_credential(OPERATOR_TOKEN);
        canaries
    }

    /// The configuration of brands with these ids and upstreams.
    fn config(&self, brands: &[(String, String)]) -> Result<Config, Problems> {
        let sandbox::Config { password, .. } = &self.tenant;
        let mut environment = BTreeMap::from([
            ("UPSTREAM_0".to_owned(), password.clone()),
            ("UPSTREAM_1".to_owned(), self.other_password().to_owned()),
            ("OPERATOR".to_owned(), OPERATOR_TOKEN.to_owned()),
        ]);
        let mut texts = Vec::new();
        for (number, (brand, base_url)) in brands.iter().enumerate() {
            environment.insert(format!("TOKEN_{number}"), token_of(brand) + &self.tokens);
            environment.insert(format!("PASSWORD_{number}"), password_of(brand));
            texts.push(self.brand_text(base_url, number));
        }
        let main = format!(
            "server.listen = \"127.0.0.1:0\"\nserver.workers = 2\noperator.listen = \"127.0.0.1:0\"\n{}",
            self.main
        );
        let ids = brands.iter().map(|(brand, _)| brand.as_str());
        let brands: Vec<_> = ids.zip(texts.iter().map(String::as_str)).collect();
        Config::from_texts(Some(&main), &brands, &environment)
    }

    /// The second brand's password for its tenant.
    fn other_password(&self) -> &str {
        if self.other_is_refused { "password-that-is-refused" } else { &self.tenant.password }
    }

    fn brand_text(&self, base_url: &str, number: usize) -> String {
        let sandbox::Config { timezone, name, shop, username, .. } = &self.tenant;
        let timezone = self.brand_zone.unwrap_or(*timezone);
        format!(
            "timezone = \"{timezone}\"\ncountry = \"AU\"\n\
             [dotapparel]\nbase_url = \"{base_url}\"\nname = \"{name}\"\nshop = \"{shop}\"\n\
             username = \"{username}\"\npassword = {{ env = \"UPSTREAM_{number}\" }}\n{IMPATIENT}rate_limit = {}\n{}\n\
             [dailystory]\ntokens = [{{ env = \"TOKEN_{number}\" }}]\n\
             users = [{{ username = \"dailystory\", password = {{ env = \"PASSWORD_{number}\" }} }}]\n\
             [sync]\n{}\n[mapping]\n{}\n",
            self.rate_limit, self.dotapparel, self.sync, self.mapping
        )
    }
}

fn token_of(brand: &str) -> String {
    format!("token-of-{brand}")
}

fn password_of(brand: &str) -> String {
    format!("password-of-{brand}")
}

// === impl Caller ===

impl Caller {
    /// `GET` of a path, with the brand's token.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request("GET", path, &[("authorization", &format!("Bearer {}", self.token))]).await
    }

    /// A window of all customers.
    pub(crate) async fn list(&self, start: u64, limit: u32) -> Response {
        self.get(&format!("/api/v1/customers?start={start}&limit={limit}")).await
    }

    /// The first window of the changes since `last_updated`, which is sent as written.
    pub(crate) async fn changes_since(&self, last_updated: impl Display) -> Response {
        self.get(&format!("/api/v1/customers?limit=500&last_updated={last_updated}")).await
    }

    /// One customer.
    pub(crate) async fn customer(&self, id: i64) -> Response {
        self.get(&format!("/api/v1/customer/{id}")).await
    }

    /// Any request, with these headers and no others.
    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Response {
        self.send(&format!("{}{path}", self.base_url), method, headers, "").await
    }

    /// Sends these bytes and returns everything received until the connection is closed.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        String::from_utf8(self.raw_bytes(bytes).await).unwrap()
    }

    /// Like [`Self::raw`], for an answer that may be compressed.
    pub(crate) async fn raw_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let addr = self.base_url.strip_prefix("http://").unwrap();
        let (mut from, mut to) = tokio::net::TcpStream::connect(addr).await.unwrap().into_split();
        let mut answer = Vec::new();
        // The application may refuse before it has received all bytes. Then the write fails.
        // The read may fail too, after it has received the whole answer.
        let (_sent, _read) = tokio::join!(to.write_all(bytes), from.read_to_end(&mut answer));
        self.note_bytes(bytes, &answer);
        answer
    }

    /// Records an exchange that the test made itself, for the search for leaks at the end of the
    /// test.
    pub(crate) fn note_bytes(&self, sent: &[u8], received: &[u8]) {
        self.heard.note_bytes(sent, received);
    }

    /// `GET` of a path of the operator's listener.
    pub(crate) async fn operator(&self, path: &str) -> Response {
        self.ask_operator("GET", path, &[], "").await
    }

    /// Any request to the operator's listener.
    pub(crate) async fn ask_operator(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        self.send(&format!("{}{path}", self.operator_url), method, headers, body).await
    }

    /// The events of a path of the operator's listener.
    pub(crate) async fn operator_events(&self, path: &str, headers: &[(&str, &str)]) -> Events {
        let mut request = self.http.get(format!("{}{path}", self.operator_url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        #[expect(clippy::disallowed_methods, reason = "a test plays the browser")]
        Events::new(request.send().await.unwrap())
    }

    /// The state of the first brand, and its reasons with their sentences, from `/readyz`.
    pub(crate) async fn health(&self) -> (String, Vec<(String, String)>) {
        let ready = self.operator("/readyz").await.assert_status(200).json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let brand = &ready["brands"][0];
        let reasons = brand["reasons"].as_array().unwrap().iter();
        let reasons = reasons.map(|one| (text(&one["reason"]), text(&one["sentence"])));
        (text(&brand["state"]), reasons.collect())
    }

    /// The ids of all customers, read by windows of `limit` from the first.
    pub(crate) async fn read_all(&self, limit: u32) -> Vec<i64> {
        let mut ids = Vec::new();
        loop {
            let page = self.list(ids.len() as u64, limit).await;
            let (count, shown) = (page.count(), page.ids());
            assert!(!shown.is_empty() || count == 0, "a page before the end is not empty");
            ids.extend(shown);
            if ids.len() as u64 >= count {
                return ids;
            }
        }
    }

    async fn send(
        &self,
        url: &str,
        method: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let mut request = self.http.request(method.parse().unwrap(), url);
        if !body.is_empty() {
            request = request.body(body.to_owned());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
            self.heard.note_header(name, value);
        }
        self.heard.note_form(body);
        #[expect(clippy::disallowed_methods, reason = "a test plays the caller")]
        let response = request.send().await.unwrap();
        let (target, status) = (response.url().clone(), response.status().as_u16());
        let headers = response.headers().clone();
        for cookie in headers.get_all("set-cookie") {
            self.heard.note_header("set-cookie", cookie.to_str().unwrap());
        }
        let body: Vec<u8> = response.bytes().await.unwrap().into();
        self.heard.note(&target[Position::BeforePath..], status, &body);
        Response { status, headers, body }
    }
}

// === impl TestApp ===

impl Deref for TestApp {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl TestApp {
    /// A tenant of 250 customers in pages of 100.
    pub(crate) fn builder() -> TestAppBuilder {
        TestAppBuilder { rate_limit: 1_000, ..TestAppBuilder::default() }
    }

    /// Reloads the configuration with these changes. Returns the settings before the changes.
    pub(crate) fn reload(
        &mut self,
        change: impl FnOnce(TestAppBuilder) -> TestAppBuilder,
    ) -> TestAppBuilder {
        let changed = change(self.settings.clone());
        self.canaries.extend(changed.credentials(&self.brands));
        self.reloader.apply(changed.config(&self.brands));
        mem::replace(&mut self.settings, changed)
    }

    /// Reloads the configuration without the second brand, and returns the brand's id and URL.
    pub(crate) fn remove_other(&mut self) -> (String, String) {
        let removed = self.brands.pop().expect("the test asked for another brand");
        self.reload(|same| same);
        removed
    }

    /// Reloads the configuration with one more brand.
    pub(crate) fn add(&mut self, brand: (String, String)) {
        self.brands.push(brand);
        self.reload(|same| same);
    }

    /// From now on, the first brand reaches its tenant.
    pub(crate) fn repair(&mut self) {
        self.obstructed.as_mut().expect("the test chose an obstacle").repair();
    }

    /// Advances the clocks of the test, and returns the application's time.
    pub(crate) fn advance(&self, minutes: i64) -> DateTime<Utc> {
        let clock = self.clock.as_ref().expect("the test chose clocks that it advances");
        clock.advance(TimeDelta::minutes(minutes));
        clock.now()
    }

    /// The addresses of the API and of the operator's listener.
    pub(crate) fn addrs(&self) -> [&str; 2] {
        [&self.caller.base_url, &self.caller.operator_url].map(|url| &url["http://".len()..])
    }

    /// The second brand.
    pub(crate) fn other(&self) -> &OtherBrand {
        self.other.as_ref().expect("the test asked for another brand")
    }

    /// The sum of this brand's values of the metric. Only lines that contain all texts of `labels`
    /// count.
    pub(crate) fn metric(&self, name: &str, labels: &[&str]) -> u64 {
        let text = self.metrics.render();
        let of_brand = format!("brand=\"{}\"", self.brand);
        let fits = |line: &&str| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with('{'))
                && line.contains(&of_brand)
                && labels.iter().all(|label| line.contains(label))
        };
        text.lines()
            .filter(fits)
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
            .sum()
    }

    /// The value of a metric without a brand label.
    pub(crate) fn total(&self, name: &str) -> u64 {
        let text = self.metrics.render();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {text}"))
    }

    /// The log lines of this brand with this message.
    pub(crate) fn log(&self, message: &str) -> Vec<Value> {
        let lines = logs::lines_of(&self.brand);
        lines.into_iter().filter(|line| line["message"] == message).collect()
    }

    /// The log lines with this message that name the file of this brand.
    pub(crate) fn log_of_file(&self, message: &str) -> Vec<Value> {
        let file = format!("brands/{}.toml", self.brand);
        self.log(message).into_iter().filter(|line| line.to_string().contains(&file)).collect()
    }

    /// All log lines of this brand.
    pub(crate) fn whole_log(&self) -> Vec<Value> {
        logs::lines_of(&self.brand)
    }

    /// The personal data of the tenants as it was at the start and as it is now, their cursors, the
    /// addresses that callers asked for, and all credentials, right and wrong.
    pub(crate) fn canaries(&self) -> Canaries {
        let mut list = self.canaries.clone();
        list.add_tenant(&self.tenant);
        self.other.iter().for_each(|other| list.add_tenant(&other.tenant));
        self.caller.heard.add_canaries(&mut list);
        list.finish()
    }

    /// Each canary in the log, in the metrics and in the failures that callers received.
    fn leaks(&self) -> Vec<String> {
        let canaries = self.canaries();
        let mut lines = logs::lines_of(&self.brand);
        lines.extend(logs::lines_of(&format!("{}-other", self.brand)));
        lines.extend(logs::lines_of("").into_iter().skip(self.unbranded_lines));
        let mut leaks: Vec<_> = lines.iter().flat_map(|line| canaries.in_line(line)).collect();
        leaks.extend(canaries.in_metrics(&self.metrics.render()));
        leaks.extend(self.caller.heard.leaks(&canaries));
        leaks
    }

    /// Stops the application and returns its result.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        self.begin_to_stop();
        self.running
            .take()
            .expect("a test stops its application once")
            .await
            .expect("the application does not panic")
    }

    /// Expects this number of log lines at `error`. By default, a test expects none.
    pub(crate) fn expect_errors(&self, lines: usize) {
        self.expected_errors.store(lines, Ordering::Relaxed);
    }

    /// Begins to stop the application.
    pub(crate) fn begin_to_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _already_gone = stop.send(());
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.begin_to_stop();
        drop(self.sandbox.take());
        if !std::thread::panicking() {
            let errors: Vec<_> = logs::lines_of(&self.brand)
                .into_iter()
                .filter(|line| line["level"] == "ERROR")
                .collect();
            let expected = self.expected_errors.load(Ordering::Relaxed);
            assert_eq!(errors.len(), expected, "number of errors in the log: {errors:#?}");
            let leaks = self.leaks();
            assert!(leaks.is_empty(), "personal data or credentials leak:\n{}", leaks.join("\n"));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test waits for what it spawns")]
pub(crate) fn spawn<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(work)
}

fn http_client() -> reqwest::Client {
    // The first test sets the provider for the process; later tests find it set.
    let _already_set = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "a test plays the caller")]
    reqwest::Client::builder().no_gzip().redirect(Policy::none()).build().unwrap()
}
