//! No served record grants a channel that a known customer of the same address refuses, in any
//! order of lists, windows, lookups and changes. The tests use the real sweeps.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::support::{SEARCH_DELAY, mapper_with};
use crate::clock::{Clock, ManualClock};
use crate::dailystory::contacts::Channel;
use crate::dailystory::{Mapper, Mapping, SharedConsent};
use crate::domain::{CustomerId, NaiveZone};
use crate::dotapparel::{DetailCustomer, Render, SearchCustomer, Sources};
use crate::paging::{
    Budget, BudgetConfig, Config, Cursor, CursorTrust, Filter, FullList, Page, Retryable, Source,
    SourceError, Sweeps, Window,
};
use crate::runtime::Runtime;
use crate::telemetry::Metrics;

/// One version of a customer.
#[derive(Clone, Copy, Debug)]
struct Version {
    email: Option<&'static str>,
    mobile: Option<&'static str>,
    privacy: bool,
}

#[derive(Clone, Debug)]
enum Step {
    /// The customer gets a new version. A deleted customer exists again.
    Change(i64, Version),
    Delete(i64),
    /// Searches show each customer as it was this many versions ago, until [`SEARCH_DELAY`] has
    /// passed since a change.
    Lag(usize),
    /// Reads the first window of a list of all customers, or of the changes in the last n steps.
    Begin(Option<i64>),
    /// Reads the window after this position of a list. The latest list has the number 0.
    Continue(usize, u64),
    /// Looks the customer up. If the second value is true, the record also has the customer of the
    /// search, as in a list with details.
    LookUp(i64, bool),
    Expire,
}

/// The tenant, and what its answers have shown.
#[derive(Debug)]
struct State {
    /// The versions of each customer, each with its stamp.
    customers: BTreeMap<i64, Vec<(NaiveDateTime, Version)>>,
    deleted: BTreeSet<i64>,
    lag: usize,
    /// Whether an answer may have shown an earlier version after a later version. The mapper may
    /// then count a refusal in the earlier version.
    was_late: bool,
    /// The index of the latest version that an answer has shown.
    shown: BTreeMap<i64, usize>,
    /// Until when a full list (a list of all customers) may still show an earlier version than an
    /// answer has shown, for each customer.
    believed_until: BTreeMap<i64, NaiveDateTime>,
    /// The customers that a full list did not have.
    gone: BTreeSet<i64>,
    /// The number of customers of the last full list. An empty list, or a list with less than half
    /// of this number, does not count.
    expected: Option<usize>,
}

struct Shop {
    state: Mutex<State>,
    mapper: Mapper,
    clock: ManualClock,
}

#[derive(Debug, thiserror::Error)]
#[error("the shop never fails")]
struct Never;

const PAGE: usize = 2;

const CONFIG: Config = Config {
    count_wait: Duration::from_secs(20),
    reuse: Duration::ZERO,
    lifetime: Duration::from_mins(1),
    lookback: SEARCH_DELAY,
    clock_skew: Duration::from_secs(1),
    max_passes: NonZeroU32::new(4).unwrap(),
    walk_patience: Duration::ZERO,
    filter_slack: Duration::ZERO,
    walks_at_once: NonZeroU32::MIN,
    naive_zone: NaiveZone(chrono_tz::UTC),
    cursor: CursorTrust::Stable,
};

impl Retryable for Never {
    fn is_retryable(&self) -> bool {
        false
    }

    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

impl SourceError for Never {
    fn is_cursor_rejected(&self) -> bool {
        false
    }

    fn is_put_off(&self) -> bool {
        false
    }

    fn remedy(&self) -> &'static str {
        "none"
    }

    fn may_have_answered(&self) -> bool {
        false
    }
}

// === impl Version ===

impl Version {
    fn refuses(self) -> bool {
        self.privacy
    }

    fn address(self, channel: Channel) -> Option<String> {
        match channel {
            Channel::Email => self.email.map(str::to_lowercase),
            Channel::Sms => self.mobile.map(str::to_owned),
        }
    }

    /// The customer as both endpoints show it. Its code is the number of the version.
    fn json(self, id: i64, number: usize, stamp: NaiveDateTime) -> Value {
        let phones = json!({"mobile": self.mobile});
        json!({
            "id": id, "code": number.to_string(), "updateTimeStamp": stamp.to_string(),
            "contact": {"email": self.email, "phones": phones}, "privacy": self.privacy,
        })
    }
}

// === impl Shop ===

impl Shop {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn now(&self) -> NaiveDateTime {
        self.clock.now().naive_utc()
    }

    fn look_up(&self, id: i64, with_search: bool) -> Option<Value> {
        let mut state = self.state();
        if state.deleted.contains(&id) {
            return None;
        }
        let versions = state.customers.get(&id)?;
        let number = versions.len() - 1;
        let (stamp, version) = versions[number];
        let body = json!({"data": version.json(id, number, stamp)}).to_string();
        state.show(id, number, self.now() + search_delay());
        let visible = state.visible(self.now()).into_iter().find(|(found, _)| *found == id);
        let search = visible.filter(|_| with_search).map(|(_, number)| {
            let (stamp, version) = state.customers[&id][number];
            version.json(id, number, stamp).to_string()
        });
        drop(state);
        let customer = DetailCustomer::parse_one(body.as_bytes()).unwrap();
        let searched = search.as_ref().map(|body| SearchCustomer::parse(body).unwrap());
        let sources = Sources { search: searched.as_ref(), ..Sources::looked_up(&customer) };
        let (mut stored, mut served) = (Vec::new(), Vec::new());
        self.mapper.record(&sources, &mut stored);
        self.mapper.serve(&stored, &mut served);
        Some(serde_json::from_slice(&served).unwrap())
    }

    /// Checks a served record against the latest version of each customer that answers have shown.
    fn check(&self, record: &Value) -> Result<(), TestCaseError> {
        let state = self.state();
        let id = record["id"].as_i64().unwrap();
        let number: usize = record["customer_code"].as_str().unwrap().parse().unwrap();
        let (_, own) = state.customers[&id][number];
        for channel in Channel::ALL {
            let address = own.address(channel);
            let others = state.shown.iter().filter(|(other, number)| {
                let (_, version) = state.customers[other][**number];
                **other != id
                    && !state.gone.contains(other)
                    && version.refuses()
                    && version.address(channel).is_some()
                    && version.address(channel) == address
            });
            let others: Vec<i64> = others.map(|(other, _)| *other).collect();
            let latest_refuses = state.customers[&id][state.shown[&id]].1.refuses();
            let is_allowed = record[channel.consent_key()].as_bool().unwrap();
            let may_be_allowed = !own.refuses() && !latest_refuses && others.is_empty();
            prop_assert!(may_be_allowed || !is_allowed, "{channel:?} of {id} by {others:?}");
            if is_allowed || own.refuses() || latest_refuses {
                continue;
            }
            let named = address.and_then(|address| {
                self.mapper.contacts.other_refusing(channel, &address, CustomerId::new(id))
            });
            if state.was_late {
                let is_known = self.mapper.contacts.refuses(CustomerId::new(id), channel);
                prop_assert!(is_known || named.is_some(), "{channel:?} of {id}, without a refusal");
            } else {
                prop_assert_eq!(named.map(CustomerId::get), others.first().copied());
            }
        }
        Ok(())
    }
}

impl State {
    fn show(&mut self, id: i64, number: usize, until: NaiveDateTime) {
        let shown = self.shown.entry(id).or_default();
        *shown = number.max(*shown);
        let believed = self.believed_until.entry(id).or_insert(until);
        *believed = until.max(*believed);
        self.gone.remove(&id);
    }

    /// The customers that the search shows now, each with the number of its version. A change
    /// appears after at most [`SEARCH_DELAY`].
    fn visible(&self, now: NaiveDateTime) -> Vec<(i64, usize)> {
        let present = self.customers.iter().filter(|(id, _)| !self.deleted.contains(id));
        let number = |versions: &Vec<(NaiveDateTime, Version)>| {
            let settled = versions.iter().filter(|(stamp, _)| *stamp + search_delay() <= now);
            versions.len().saturating_sub(self.lag).max(settled.count()).checked_sub(1)
        };
        present.filter_map(|(id, versions)| Some((*id, number(versions)?))).collect()
    }

    /// Records the customers that a list of all customers lacks, if the list is large enough.
    fn end_full_list(&mut self, customers: usize, began: NaiveDateTime) {
        let is_too_small = match self.expected {
            None => customers == 0,
            Some(expected) => customers < expected.div_ceil(2),
        };
        if is_too_small {
            return;
        }
        let before = self.expected.replace(customers);
        if before.is_some_and(|before| customers < before - before / 10) {
            return;
        }
        let unseen = self.believed_until.iter().filter(|(_, until)| **until < began);
        self.gone.extend(unseen.map(|(id, _)| *id));
    }
}

impl Source for Arc<Shop> {
    type Error = Never;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Never> {
        let mut state = self.state();
        let after: i64 = cursor.map_or(0, |cursor| cursor.as_str().parse().unwrap());
        let visible = state.visible(self.now()).into_iter();
        let versions = visible.map(|(id, number)| (id, number, state.customers[&id][number]));
        let matches = versions
            .filter(|(id, _, (stamp, _))| *id > after && since.is_none_or(|since| *stamp >= since));
        let mut rest: Vec<_> = matches.collect();
        let behind = rest.split_off(rest.len().min(PAGE));
        let mut page = Page::default();
        for (id, number, (stamp, version)) in &rest {
            state.show(*id, *number, self.now());
            let body = version.json(*id, *number, *stamp).to_string();
            let customer = SearchCustomer::parse(&body).unwrap();
            page.push(CustomerId::new(*id), Some(*stamp), |out| {
                self.mapper.record(&Sources::searched(&customer), out)
            });
        }
        let last = rest.last().filter(|_| !behind.is_empty());
        page.set_next(last.map(|(id, ..)| Cursor::new(&id.to_string())));
        Ok(page)
    }

    async fn full_list_read(&self, list: &FullList<'_>) {
        self.mapper.read_full_list(list).await;
    }

    fn lists_begin_at(&self, oldest: Instant) {
        self.mapper.forget_before(oldest);
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.naive_utc()
    }

    fn shows_twice(&self, _: NaiveDateTime) -> bool {
        false
    }
}

fn any_version() -> impl Strategy<Value = Version> {
    let email = prop::sample::select(vec![
        None,
        Some("a@x.example"),
        Some("A@X.example"),
        Some("b@x.example"),
    ]);
    let mobile = prop::sample::select(vec![None, Some("+61421552654"), Some("+61421552655")]);
    (email, mobile, any::<bool>()).prop_map(|(email, mobile, privacy)| Version {
        email,
        mobile,
        privacy,
    })
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..6_i64, any_version()).prop_map(|(id, version)| Step::Change(id, version)),
        1 => (1..6_i64).prop_map(Step::Delete),
        1 => (0..2_usize).prop_map(Step::Lag),
        3 => Just(Step::Begin(None)),
        3 => (0..6_i64).prop_map(|steps| Step::Begin(Some(steps))),
        4 => (0..4_usize, 0..5_u64).prop_map(|(list, start)| Step::Continue(list, start)),
        3 => (1..6_i64, any::<bool>()).prop_map(|(id, with_search)| Step::LookUp(id, with_search)),
        2 => Just(Step::Expire),
    ]
}

fn search_delay() -> TimeDelta {
    TimeDelta::from_std(SEARCH_DELAY).unwrap()
}

/// The time between two steps.
const PACE: Duration = Duration::from_secs(10);

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let metrics = Metrics::new();
    let now = DateTime::from_timestamp(1_732_104_000, 0).unwrap();
    let state = State {
        customers: BTreeMap::new(),
        deleted: BTreeSet::new(),
        lag: 0,
        was_late: false,
        shown: BTreeMap::new(),
        believed_until: BTreeMap::new(),
        gone: BTreeSet::new(),
        expected: None,
    };
    let shop = Arc::new(Shop {
        state: Mutex::new(state),
        mapper: mapper_with(Mapping::default(), &metrics),
        clock: ManualClock::new(now),
    });
    let runtime = Runtime::new(Arc::new(ManualClock::new(now)), metrics.clone());
    let directory = std::env::temp_dir();
    let budget = BudgetConfig { memory: 1 << 20, disk: 0, paused: 0, directory };
    let budget = Budget::new(&budget, &metrics);
    let clock = Arc::new(ManualClock::new(now));
    let runtime = Runtime { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..runtime };
    let sweeps = Sweeps::new(Arc::clone(&shop), CONFIG, runtime, budget);
    let mut filters = Vec::new();
    for step in steps {
        tokio::time::advance(PACE).await;
        let pace = TimeDelta::from_std(PACE).unwrap();
        clock.advance(pace);
        shop.clock.advance(pace);
        let (filter, start) = match step {
            Step::Change(id, version) => {
                let stamp = shop.now();
                let mut state = shop.state();
                state.deleted.remove(&id);
                state.customers.entry(id).or_default().push((stamp, version));
                continue;
            }
            Step::Delete(id) => {
                shop.state().deleted.insert(id);
                continue;
            }
            Step::Lag(lag) => {
                let mut state = shop.state();
                state.lag = lag;
                state.was_late |= lag > 0;
                continue;
            }
            Step::Expire => {
                sweeps.expire();
                continue;
            }
            Step::LookUp(id, with_search) => {
                if let Some(record) = shop.look_up(id, with_search) {
                    shop.check(&record)?;
                }
                continue;
            }
            Step::Begin(None) => (Filter::Everyone, 0),
            Step::Begin(Some(steps)) => {
                let since = clock.now() - pace * i32::try_from(steps).unwrap();
                (Filter::ChangedSince(since), 0)
            }
            Step::Continue(list, start) => {
                let Some(filter) = filters.iter().rev().nth(list) else { continue };
                (*filter, start + 1)
            }
        };
        if start == 0 {
            filters.push(filter);
        }
        let window = Window::new(start, NonZeroU32::new(3).unwrap());
        let Ok(answer) = sweeps.window(filter, window).await else { continue };
        if start == 0 && filter == Filter::Everyone {
            let (now, mut state) = (shop.now(), shop.state());
            let customers = state.visible(now).len();
            state.end_full_list(customers, now);
        }
        let mut text = b"[".to_vec();
        answer.append_to(&mut text, |record, out| shop.mapper.serve(record, out)).unwrap();
        text.push(b']');
        let records: Vec<Value> = serde_json::from_slice(&text).unwrap();
        for record in &records {
            shop.check(record)?;
        }
    }
    Ok(())
}

proptest! {
    // At least 400 cases. `PROPTEST_CASES` can ask for more.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(400)))]

    #[test]
    fn no_record_grants_what_a_known_customer_of_its_address_refuses(
        steps in prop::collection::vec(any_step(), 1..60),
    ) {
        run_paused(steps)?;
    }
}

/// Runs the steps with a paused clock.
fn run_paused(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(run(steps))
}

#[test]
fn a_vanished_customer_stays_refused_in_a_list_that_is_renewed() {
    let version = |privacy| Version { email: Some("a@x.example"), mobile: None, privacy };
    let everyone = (1..6).map(|id| Step::Change(id, version(false)));
    let until_gone = [
        Step::Begin(None),
        Step::Change(5, version(true)),
        Step::LookUp(5, false),
        Step::Delete(5),
        Step::Begin(None),
        Step::Begin(None),
        Step::Begin(None),
        Step::Expire,
        // The window with the vanished customer.
        Step::Continue(0, 2),
    ];
    run_paused(everyone.chain(until_gone).collect()).unwrap();
}

#[test]
fn a_full_list_that_shows_a_new_customer_late_does_not_end_its_refusal() {
    let version = |privacy| Version { email: Some("a@x.example"), mobile: None, privacy };
    let others = (1..5).map(|id| Step::Change(id, version(false)));
    let late = [
        Step::Begin(None),
        Step::Lag(1),
        Step::Change(5, version(true)),
        Step::LookUp(5, false),
        Step::Begin(None),
    ];
    run_paused(others.chain(late).collect()).unwrap();
}

/// A tenant whose only page shows one customer twice with one stamp and two values of `privacy`.
struct Twice {
    mapper: Arc<Mapper>,
    privacy: [bool; 2],
}

impl Source for Twice {
    type Error = Never;

    async fn page(&self, _: Option<NaiveDateTime>, _: Option<&Cursor>) -> Result<Page, Never> {
        let stamp = DateTime::from_timestamp(1_700_000_000, 0).unwrap().naive_utc();
        let mut page = Page::default();
        for privacy in self.privacy {
            let version = Version { email: Some("a@x.example"), mobile: None, privacy };
            let body = version.json(1, 0, stamp).to_string();
            let customer = SearchCustomer::parse(&body).unwrap();
            page.push(CustomerId::new(1), Some(stamp), |out| {
                self.mapper.record(&Sources::searched(&customer), out)
            });
        }
        Ok(page)
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.naive_utc()
    }

    fn shows_twice(&self, _: NaiveDateTime) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn two_versions_that_contradict_are_counted_and_the_stricter_version_is_served() {
    for (privacy, is_allowed, contradictions) in
        [([false, true], false, 1), ([true, false], false, 1), ([false, false], true, 0)]
    {
        let metrics = Metrics::new();
        let mapper = Arc::new(mapper_with(Mapping::default(), &metrics));
        let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(1_732_104_000, 0).unwrap()));
        let runtime = Runtime::new(clock, metrics.clone());
        let directory = std::env::temp_dir();
        let budget = BudgetConfig { memory: 1 << 20, disk: 0, paused: 0, directory };
        let budget = Budget::new(&budget, &metrics);
        let twice = Twice { mapper: Arc::clone(&mapper), privacy };
        let sweeps = Sweeps::new(twice, CONFIG, runtime, budget);
        let window = Window::new(0, NonZeroU32::MIN);
        let answer = sweeps.window(Filter::Everyone, window).await.unwrap();
        let mut record = Vec::new();
        answer.append_to(&mut record, |record, out| mapper.serve(record, out)).unwrap();
        let record: Value = serde_json::from_slice(&record).unwrap();
        assert_eq!(record["allow_email"], json!(is_allowed), "{privacy:?}");
        let line = format!(
            "dotstory_upstream_contradictions_total{{kind=\"consent\"}} {contradictions}\n"
        );
        assert!(metrics.render().contains(&line), "{privacy:?}");
    }
}

#[test]
fn each_customer_decides_alone_if_shared_consent_is_each() {
    let mapping = Mapping { shared_consent: SharedConsent::Each, ..Mapping::default() };
    for (mapping, is_allowed) in [(mapping, true), (Mapping::default(), false)] {
        let mapper = mapper_with(mapping, &Metrics::new());
        let version = |privacy| Version { email: Some("a@x.example"), mobile: None, privacy };
        let stamp = NaiveDateTime::default();
        let mut served = Vec::new();
        for (id, privacy) in [(1, true), (2, false)] {
            let body = version(privacy).json(id, 0, stamp).to_string();
            let customer = SearchCustomer::parse(&body).unwrap();
            let mut stored = Vec::new();
            mapper.record(&Sources::searched(&customer), &mut stored);
            served.clear();
            mapper.serve(&stored, &mut served);
        }
        let record: Value = serde_json::from_slice(&served).unwrap();
        assert_eq!(record["allow_email"], json!(is_allowed));
    }
}

#[test]
fn a_full_list_does_not_end_the_refusal_that_a_list_with_details_has_shown() {
    let version = |privacy| Version { email: Some("a@x.example"), mobile: None, privacy };
    let steps = [
        Step::Change(1, version(false)),
        Step::Change(2, version(false)),
        Step::Lag(1),
        Step::Change(1, version(true)),
        Step::LookUp(1, true),
        Step::Begin(None),
        Step::Begin(None),
    ];
    run_paused(steps.into()).unwrap();
}
