//! The callers. Each has one connection, and asks one question after another.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::brand::{Brand, Presence, View};
use super::customers::{CUSTOMERS, changed_after, moment};
use super::findings::Findings;
use super::judge::{Customers, Question, Window, is_unknown, judge};
use crate::load::Connection;
use crate::record::mix;
use crate::upstream::id_at;

/// A caller of a brand.
#[derive(Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) brand: &'a Brand,
    /// The number of the caller among all callers.
    pub(crate) number: u64,
    pub(crate) addr: SocketAddr,
    pub(crate) statuses: &'a Statuses,
    pub(crate) findings: &'a Findings,
    pub(crate) has_ended: &'a AtomicBool,
    connection: Option<Connection>,
    asked: u64,
}

/// Number of answers by status.
#[derive(Debug, Default)]
pub(crate) struct Statuses {
    pub(crate) ok: AtomicU64,
    /// 401 and 429
    pub(crate) unauthorized: AtomicU64,
    /// Every other 4xx.
    pub(crate) refused: AtomicU64,
    pub(crate) unavailable: AtomicU64,
    /// Every other status.
    pub(crate) failed: AtomicU64,
}

/// The wait before each question.
const PAUSE: Duration = Duration::from_millis(100);

/// The time between two questions of the restless caller.
const RESTLESS_PAUSE: Duration = Duration::from_secs(1);

/// The number of the restless caller's first [`moment`], on 1 November.
const FIRST_MOMENT: u64 = 36_700;

/// The number of the other callers' [`moment`], on 11 November.
const USUAL_MOMENT: u64 = 38_000;

/// Requests that get a refusal in each state of the upstream.
const BAD: [(&str, &str, u16); 8] = [
    ("GET", "/api/v1/customers?limit=0", 400),
    ("GET", "/api/v1/customers?limit=501", 400),
    ("GET", "/api/v1/customers?start=-1", 400),
    ("GET", "/api/v1/customers?last_updated=yesterday", 400),
    ("GET", "/api/v1/customers?email=mia", 400),
    ("GET", "/api/v1/customer/mia", 400),
    ("GET", "/api/v2/customers", 404),
    ("DELETE", "/api/v1/customers", 405),
];

// === impl Statuses ===

impl Statuses {
    fn note(&self, status: u16) {
        let counter = match status {
            200 => &self.ok,
            401 | 429 => &self.unauthorized,
            400..500 => &self.refused,
            503 => &self.unavailable,
            _ => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

// === impl Caller ===

impl<'a> Caller<'a> {
    pub(crate) fn new(
        brand: &'a Brand,
        number: u64,
        addr: SocketAddr,
        (statuses, findings): (&'a Statuses, &'a Findings),
        has_ended: &'a AtomicBool,
    ) -> Self {
        Self { brand, number, addr, statuses, findings, has_ended, connection: None, asked: 0 }
    }

    /// Asks questions of every kind until the run ends.
    pub(crate) fn ask_everything(mut self) {
        while !self.has_ended.load(Ordering::Relaxed) {
            let chance = mix(self.number << 32 | self.asked);
            let id = id_at((chance >> 16) % CUSTOMERS);
            let question = match chance % 100 {
                ..48 => Question::Customer(id),
                48..50 => Question::Missing,
                50..60 => Question::Email(id),
                60..72 => {
                    self.read_list(&moment(USUAL_MOMENT), chance);
                    continue;
                }
                72..76 => {
                    self.read_list("", chance);
                    continue;
                }
                76..88 => Question::WrongToken,
                _ => bad_request(chance >> 16),
            };
            self.ask(&question);
        }
    }

    /// Asks each second for the changes since another moment.
    pub(crate) fn ask_restlessly(mut self) {
        for number in FIRST_MOMENT.. {
            let began = Instant::now();
            if self.has_ended.load(Ordering::Relaxed) {
                return;
            }
            let since = moment(number);
            self.ask(&Question::Window(Window { since, start: 0, limit: 25 }));
            thread::sleep(RESTLESS_PAUSE.saturating_sub(began.elapsed()));
        }
    }

    /// Reads a list to its end. Stops at a window that is not served, or when the brand changes.
    fn read_list(&mut self, since: &str, chance: u64) {
        let limit = [100, 250, 500][pick(chance >> 16, 3)];
        let (mut window, mut ids) = (Window { since: since.to_owned(), start: 0, limit }, vec![]);
        let (mut count, first_view) = (1, self.brand.view());
        while window.start < count {
            let Some(customers) = self.ask(&Question::Window(window.clone())) else { return };
            // No list was served, or the brand changed and its next window may be of another list.
            if customers.count == 0 || self.brand.view() != first_view {
                return;
            }
            count = customers.count;
            ids.extend(customers.ids);
            window.start += limit;
        }
        let met: HashSet<u64> = ids.iter().copied().collect();
        if met.len() != ids.len() {
            self.find("a list has a customer twice", &window.since);
        }
        if !changed_after(since).iter().all(|id| met.contains(id)) {
            self.find("a list lacks a customer", &window.since);
        }
    }

    /// Asks a question and checks the answer. Returns the customers of a right answer.
    fn ask(&mut self, question: &Question) -> Option<Customers> {
        thread::sleep(PAUSE);
        self.asked += 1;
        let (role, view) = (self.brand.role, self.brand.view());
        let wrong_token = format!("wrong-token-{}-{}", self.number, self.asked);
        let token = match question {
            Question::WrongToken => &wrong_token,
            _ => &view.token,
        };
        let path = question.path(role);
        let connection = match self.connection.take() {
            Some(connection) => Ok(connection),
            None => Connection::open(self.addr),
        };
        let answered = connection.and_then(|mut connection| {
            let answer = connection.send(question.method(), &path, token)?;
            self.statuses.note(answer.status);
            let view = view.clone().until(&self.brand.view());
            let judged = judge(question, role, &view, answer).map_err(|sentence| {
                let body = String::from_utf8_lossy(answer.body);
                let shown: String = body.chars().take(200).collect();
                self.find(&sentence, &format!("{path}: {shown}"));
            });
            self.connection = Some(connection);
            Ok(judged.ok())
        });
        answered.unwrap_or_else(|error| {
            self.find("a request without an answer", &format!("{path}: {error}"));
            // A process that has ended refuses each connection at once.
            thread::sleep(RESTLESS_PAUSE);
            None
        })
    }

    fn find(&self, sentence: &str, example: &str) {
        self.findings.add(sentence, format!("brand {}, {example}", self.brand.role.id()));
    }
}

fn bad_request(chance: u64) -> Question {
    let (method, path, status) = BAD[pick(chance, BAD.len())];
    Question::Bad { method, path, status }
}

fn pick(chance: u64, length: usize) -> usize {
    usize::try_from(chance % length as u64).expect("the length is a usize")
}

/// Whether the brand's answer to a first window fits `view`.
pub(crate) fn is_shown(
    brand: &Brand,
    view: &View,
    connection: &mut Connection,
) -> crate::Result<bool> {
    // The key `FIELD` comes from an attribute, and only lists have attributes.
    let question = Question::Window(Window { since: String::new(), start: 0, limit: 10 });
    let answer = connection.send("GET", &question.path(brand.role), &view.token)?;
    Ok(match view.presence {
        Presence::Unknown => is_unknown(answer.status),
        _ => answer.status == 200 && judge(&question, brand.role, view, answer).is_ok(),
    })
}
