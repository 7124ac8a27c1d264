//! The table of docs/FAULTS.md: what each fault of the upstream does to each kind of request.
//!
//! `UPDATE_EXPECTED=1 cargo test --test it fault_table` writes the page. Read it before you commit
//! it.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta};
use dotstory::sandbox::{Calls, Fault, Injection};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout};

use crate::support::{Clocks, Obstacle, TestApp};

/// A kind of request: a column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    Lookup,
    Everyone,
    Changes,
    /// A list of all customers with `details = "always"`.
    Details,
}

/// What is wrong with the upstream: a row of the table.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    /// The tenant's answers have this fault. It has a name in `dotstory sandbox`.
    Answers(&'static str, Fault),
    /// The tenant cannot be reached.
    Connections(Obstacle),
}

/// An application with its tenant, and the request of a caller.
struct Subject {
    app: TestApp,
    request: Request,
    /// The `last_updated` of a list of changes.
    since: String,
    /// The customers that a complete answer has.
    wanted: Vec<i64>,
}

/// The status of an answer and the customers in it. Only a 200 has customers.
struct Answer {
    status: u16,
    ids: Vec<i64>,
}

/// The results of one kind of request with one fault: a cell of the table.
#[derive(Debug)]
struct Cell {
    /// The status while the fault lasts; `None` if no answer came within [`LIMIT`].
    status: Option<u16>,
    /// How long the caller waited for the answer while the fault lasted.
    waited: Duration,
    /// Number of customers that a complete answer has.
    wanted: usize,
    /// Number of these customers that the answer lacks while the fault lasts. A failure lacks all.
    missing: usize,
    /// Whether the caller got a 200 after the end of the fault.
    recovered: bool,
    /// Number of customers that this 200 lacks.
    lost: usize,
}

/// The cells of one row, in the order of [`REQUESTS`].
struct Row {
    trouble: Trouble,
    cells: Vec<Cell>,
}

/// Which answers are right while a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// Any status except 200.
    Failure,
    /// A 200 with all customers.
    Complete,
    /// A 200 that lacks this number of customers.
    Without(usize),
}

const REQUESTS: [Request; 4] =
    [Request::Lookup, Request::Everyone, Request::Changes, Request::Details];

/// The rows with answers of the tenant, in the words that `dotstory sandbox` reads.
const FAULTS: &[&str] = &[
    "status=302",
    "status=404",
    "status=500",
    "status=501",
    "status=503",
    "rate-limited",
    "rate-limited=300",
    "unauthorized",
    "forbidden",
    "cut-body",
    "not-json",
    "truncated-json",
    "huge-body=70000",
    "hang",
    "drip",
    "data-twice",
    "gzip-members",
    "gzip-bomb",
    "drop-query",
    "next-without-cursor=null",
    "next-without-cursor=empty",
    "next-without-cursor=missing",
    "repeat-cursor",
    "cursor-cycle",
    "empty-pages",
    "expire-cursors",
    "lost-page",
    "not-found-on-search",
    "ignore-filter",
    "no-customers",
    "oversized-page",
    "duplicate-across-pages",
    "missing-ids",
    "wrong-id",
    "wrong-email",
];

/// The rows without a connection.
const OBSTACLES: [Obstacle; 4] =
    [Obstacle::Refused, Obstacle::Expired, Obstacle::OtherName, Obstacle::UnknownIssuer];

/// The first 30 customers of a tenant have no oddity of `sandbox/shop/quirk.rs`. Their first stamps
/// are earlier than every stamp that the list of changes asks for, so this list has only
/// [`CHANGED`].
const CUSTOMERS: usize = 30;

/// The changed customers, by their position in the order of ids.
const CHANGED: Range<usize> = 6..24;

/// Records per page. The list of changes has four pages. A circle of cursors needs at least three.
const PAGE: usize = 5;

/// How long a caller waits for an answer. Even on a slow machine, each answer takes less.
const LIMIT: Duration = Duration::from_secs(10);

/// Largest number of requests after the end of a fault.
const TRIES: usize = 50;

/// Number of rows that are made at the same time. More rows need more open files than some machines
/// allow.
const ROWS_AT_ONCE: usize = 2;

/// `[server] request_timeout` of an application that serves lookups.
const LOOKUP_DEADLINE: Duration = Duration::from_secs(3);

/// `[server] request_timeout` of an application that serves lists. It is longer than every failing
/// walk, so that the caller gets the failure of the walk.
const LIST_DEADLINE: Duration = Duration::from_secs(8);

/// An answer that takes less time counts as `at once`. Even on a slow machine, an answer that waits
/// for nothing takes less.
const AT_ONCE: Duration = Duration::from_secs(2);

const DOTAPPAREL: &str = "connect_timeout = \"1s\"\nattempt_timeout = \"3s\"\ndeadline = \"3s\"\n\
                          max_body = \"64KiB\"\nbreaker_cool_down = \"1ms\"\n";

const SYNC: &str = "reuse = \"0s\"\nwalk_patience = \"0s\"\n";

// === impl Request ===

impl Request {
    fn deadline(self) -> Duration {
        match self {
            Self::Lookup => LOOKUP_DEADLINE,
            Self::Everyone | Self::Changes | Self::Details => LIST_DEADLINE,
        }
    }
}

// === impl Subject ===

impl Subject {
    /// Starts a tenant. The customers [`CHANGED`] have changed since `last_updated`. The walks
    /// begin two days later.
    async fn start(request: Request, trouble: Trouble) -> Self {
        let details = if request == Request::Details { "details = \"always\"\n" } else { "" };
        let deadline = request.deadline().as_secs();
        let mut app = TestApp::builder();
        if let Trouble::Connections(obstacle) = trouble {
            app = app.obstacle(obstacle);
        }
        let app = app
            .customers(CUSTOMERS)
            .tenant(|tenant| tenant.page_size = PAGE)
            .clocks(Clocks::Stopped { tenant_ahead: TimeDelta::zero() })
            .main(&format!("server.request_timeout = \"{deadline}s\"\n"))
            .dotapparel(DOTAPPAREL)
            .sync(SYNC)
            .sync(details)
            .spawn()
            .await;
        let ids = app.tenant.ids();
        let since = app.advance(60).to_rfc3339_opts(SecondsFormat::Secs, true);
        for id in &ids[CHANGED] {
            app.tenant.touch(*id).unwrap();
        }
        app.advance(2 * 24 * 60);
        let wanted = match request {
            Request::Lookup => vec![ids[0]],
            Request::Everyone | Request::Details => ids,
            Request::Changes => ids[CHANGED].to_vec(),
        };
        Self { app, request, since, wanted }
    }

    /// Injects a fault into the calls that [`calls`] chooses. Connections fail from the start.
    fn inject(&self, trouble: Trouble) {
        let Trouble::Answers(_, fault) = trouble else { return };
        let calls = calls(trouble, self.request);
        self.app.tenant.inject(Injection { fault, calls, skip: 0, times: None });
    }

    fn repair(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Answers(..) => self.app.tenant.clear_faults(),
            Trouble::Connections(_) => self.app.repair(),
        }
    }

    /// Makes the request; `None` if no answer came within [`LIMIT`].
    async fn ask(&self) -> Option<Answer> {
        let response = timeout(LIMIT, async {
            match self.request {
                Request::Lookup => self.app.customer(self.wanted[0]).await,
                Request::Everyone | Request::Details => self.app.list(0, 500).await,
                Request::Changes => self.app.changes_since(&self.since).await,
            }
        });
        let response = response.await.ok()?;
        let ids = match (response.status, self.request) {
            (200, Request::Lookup) => vec![response.json()["id"].as_i64().unwrap()],
            (200, _) => {
                let ids = response.ids();
                assert_eq!(response.count(), ids.len() as u64, "the window has the whole list");
                ids
            }
            _ => Vec::new(),
        };
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "no customer is in a list twice");
        Some(Answer { status: response.status, ids })
    }

    /// Makes the request until the answer is a 200, at most [`TRIES`] times.
    async fn ask_until_served(&self) -> Option<Answer> {
        for _ in 0..TRIES {
            let answer = self.ask().await?;
            if answer.status == 200 {
                return Some(answer);
            }
        }
        None
    }

    /// Number of wanted customers that the answer lacks.
    fn missing_in(&self, answer: Option<&Answer>) -> usize {
        let lacks = |id: &&i64| answer.is_none_or(|answer| !answer.ids.contains(id));
        self.wanted.iter().filter(lacks).count()
    }
}

// === impl Cell ===

impl Cell {
    /// Makes the request while the fault lasts and after its end.
    async fn new(trouble: Trouble, request: Request) -> Self {
        let mut subject = Subject::start(request, trouble).await;
        subject.inject(trouble);
        let asked = Instant::now();
        let during = subject.ask().await;
        let waited = asked.elapsed();
        subject.repair(trouble);
        let after = subject.ask_until_served().await;
        Self {
            status: during.as_ref().map(|answer| answer.status),
            waited,
            wanted: subject.wanted.len(),
            missing: subject.missing_in(during.as_ref()),
            recovered: after.is_some(),
            lost: subject.missing_in(after.as_ref()),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, waited, wanted, missing, recovered, lost } = *self;
        match status {
            None => f.write_str("no answer")?,
            Some(200) if missing > 0 => write!(f, "200 without {missing} of {wanted}")?,
            Some(status) => write!(f, "{status}")?,
        }
        let not = if recovered { "" } else { "not " };
        let time = if waited < AT_ONCE { "at once" } else { "after a wait" };
        write!(f, " {time}, {not}recovered, {lost} lost")
    }
}

// === impl Row ===

impl Row {
    async fn new(trouble: Trouble) -> Self {
        let cells = join_all(REQUESTS.map(|request| Cell::new(trouble, request))).await;
        Self { trouble, cells }
    }

    /// The cells that are wrong.
    fn mistakes(&self) -> Vec<String> {
        let (rights, _) = expected(self.trouble);
        let trouble = self.trouble;
        let cells = REQUESTS.into_iter().zip(rights).zip(&self.cells);
        cells
            .filter(|((request, right), cell)| {
                let in_time = cell.waited <= request.deadline() + Duration::from_secs(1);
                !right.allows(cell) || !in_time || !cell.recovered || cell.lost > 0
            })
            .map(|((request, right), cell)| format!("{trouble:?}, {request:?}, {right:?}: {cell}"))
            .collect()
    }

    fn line(&self) -> String {
        let cells: Vec<_> = self.cells.iter().map(ToString::to_string).collect();
        let trouble = match self.trouble {
            Trouble::Answers(name, fault) => format!("`{name}`: {}", meaning(fault)),
            Trouble::Connections(obstacle) => reason(obstacle).to_owned(),
        };
        format!("| {trouble} | {} |", cells.join(" | "))
    }
}

// === impl Right ===

impl Right {
    /// Whether the answer of the cell is right.
    fn allows(self, cell: &Cell) -> bool {
        match self {
            Self::Failure => cell.status.is_some_and(|status| status != 200),
            Self::Complete => (cell.status, cell.missing) == (Some(200), 0),
            Self::Without(missing) => (cell.status, cell.missing) == (Some(200), missing),
        }
    }
}

/// The calls that show the fault. In a list with details, a fault that fails a lookup by id is only
/// in the lookups. The column [`Request::Everyone`] shows what this fault does in searches.
fn calls(trouble: Trouble, request: Request) -> Calls {
    let ([by_id, ..], _) = expected(trouble);
    let in_lookups = request == Request::Details && by_id == Right::Failure;
    if in_lookups { Calls::Gets } else { Calls::All }
}

/// Which answers are right, in the order of [`REQUESTS`], and why a 200 is right.
fn expected(trouble: Trouble) -> ([Right; 4], Option<&'static str>) {
    use Right::{Complete, Failure, Without};
    let Trouble::Answers(_, fault) = trouble else { return ([Failure; 4], None) };
    match fault {
        Fault::Status(_)
        | Fault::RateLimited { .. }
        | Fault::Unauthorized
        | Fault::Forbidden
        | Fault::CutBody
        | Fault::NotJson
        | Fault::TruncatedJson
        | Fault::HugeBody(_)
        | Fault::Hang
        | Fault::Drip
        | Fault::DataTwice
        | Fault::GzipBomb
        | Fault::DropQuery => ([Failure; 4], None),
        Fault::NextWithoutCursor(_)
        | Fault::RepeatCursor
        | Fault::CursorCycle
        | Fault::EmptyPages
        | Fault::ExpireCursors
        | Fault::LostPage
        | Fault::NotFoundOnSearch => {
            ([Complete, Failure, Failure, Failure], Some("a lookup by id makes no search"))
        }
        Fault::IgnoreFilter => {
            ([Complete; 4], Some("the list of changes has all customers, so no change is missing"))
        }
        Fault::NoCustomers => (
            [Complete, Without(CUSTOMERS), Without(CHANGED.len()), Without(CUSTOMERS)],
            Some(
                "a tenant without customers sends the same answer; after an empty list of all customers, the brand is degraded (`all_visible`)",
            ),
        ),
        Fault::OversizedPage | Fault::DuplicateAcrossPages => {
            ([Complete; 4], Some("the list has each customer once"))
        }
        Fault::MissingIds => (
            [
                Failure,
                Without(CUSTOMERS.div_ceil(PAGE)),
                Without(CHANGED.len().div_ceil(PAGE)),
                Failure,
            ],
            Some(
                "a customer without an id cannot be served: the first customer of each page is left out, logged and counted",
            ),
        ),
        Fault::GzipMembers => ([Complete; 4], Some("all members together are the answer")),
        Fault::WrongId => {
            ([Failure, Complete, Complete, Failure], Some("a list without details makes no lookup"))
        }
        Fault::WrongEmail => {
            ([Complete; 4], Some("these requests make no lookup by e-mail address"))
        }
    }
}

/// All rows, in their order.
fn troubles() -> Vec<Trouble> {
    let answers = FAULTS.iter().map(|name| Trouble::Answers(name, name.parse().unwrap()));
    answers.chain(OBSTACLES.map(Trouble::Connections)).collect()
}

/// What DotApparel does, in the words of the page.
fn meaning(fault: Fault) -> &'static str {
    match fault {
        Fault::Status(_) => "this status with an HTML page",
        Fault::RateLimited { retry_after: None } => "429 without `Retry-After`",
        Fault::RateLimited { retry_after: Some(_) } => "429 with this `Retry-After`",
        Fault::Unauthorized => "401 although the password is right",
        Fault::Forbidden => "403",
        Fault::CutBody => "the connection ends in the middle of the answer",
        Fault::NotJson => "200 with an HTML page",
        Fault::TruncatedJson => "200 with the first half of the JSON",
        Fault::HugeBody(_) => "an answer of this size, which is larger than `max_body`",
        Fault::Hang => "no answer until the fault ends",
        Fault::Drip => "ten bytes of the answer in each second",
        Fault::DataTwice => "`data` twice, first as an empty list",
        Fault::GzipMembers => "an answer in two members of gzip, which is valid",
        Fault::GzipBomb => "an answer of a few KiB that unpacks to more than `max_body`",
        Fault::NextWithoutCursor(_) => "a page has a next page, but no cursor",
        Fault::RepeatCursor => "a page returns its own cursor",
        Fault::CursorCycle => "the third page returns the cursor of the second page",
        Fault::EmptyPages => "empty pages without end",
        Fault::ExpireCursors => "400 to each cursor",
        Fault::LostPage => {
            "a page is cut off, and a retry with the same cursor gets the following page instead"
        }
        Fault::NotFoundOnSearch => "404 to each search",
        Fault::IgnoreFilter => "`updated_after` has no effect",
        Fault::NoCustomers => "a search finds no customer",
        Fault::DropQuery => "a redirect to the same path without the query",
        Fault::OversizedPage => "pages of twice the usual size",
        Fault::DuplicateAcrossPages => "the last customer of a page is also on the next page",
        Fault::MissingIds => "the first customer of each answer has no id",
        Fault::WrongId => "a lookup by id returns another customer",
        Fault::WrongEmail => "a lookup by e-mail address also returns another customer",
    }
}

/// Why the tenant cannot be reached, in the words of the page.
fn reason(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Refused => "each connection is refused",
        Obstacle::Expired => "the certificate of DotApparel has expired",
        Obstacle::OtherName => "the certificate is for another name",
        Obstacle::UnknownIssuer => "the authority of the certificate is unknown",
    }
}

/// The text of the page before the table.
fn introduction() -> String {
    let (changed, limit) = (CHANGED.len(), LIMIT.as_secs());
    format!(
        "# What each fault of DotApparel does\n\n\
         This page shows what a caller gets while DotApparel has a fault, and after the fault. `tests/it/fault_table.rs` makes each\n\
         fault in a simulated tenant, sends each kind of request over real sockets, and compares the results with this page.\n\
         `UPDATE_EXPECTED=1 cargo test --test it fault_table` writes the page.\n\n\
         Each cell has an application and a tenant of its own. The tenant has {CUSTOMERS} customers in pages of {PAGE}. {changed} of these customers\n\
         have changed since the `last_updated` of the list of changes. The fault begins before the request and ends after the\n\
         answer. The code in the first column is the name of the fault in `dotstory sandbox`. A fault without a name fails\n\
         each connection to DotApparel.\n\n\
         A cell such as `504 after a wait, recovered, 0 lost` has four parts:\n\n\
         - `504` is the status while the fault lasts. [OPERATIONS.md](OPERATIONS.md#troubleshooting) has the remedy for each status.\n  \
           A 200 has all customers of the request. `200 without 6 of {CUSTOMERS}` lacks 6 of {CUSTOMERS} customers. `no answer` means that no answer\n  \
           came within {limit} s.\n\
         - `at once` means within 2 s. `after a wait` means later, at most a second after the deadline\n  \
           (`request_timeout`): 3 s for a lookup and 8 s for a list. By default it is 25 s, and a list has at most 20 s (`count_wait`).\n\
         - `recovered` means that the same request got a 200 after the fault, with at most {TRIES} tries.\n\
         - `0 lost` is the number of customers that this 200 lacks.\n\n\
         In the last column, a fault that makes a lookup by id fail is injected only into the lookups of the list. Any other\n\
         fault is injected into all calls for customers. `walk_patience` is 0 s, so a walk is paused at once. By default, a walk\n\
         that has customers waits for up to 15 minutes, and its callers get 503 meanwhile.\n"
    )
}

/// The reasons why a 200 is right, each with its faults, in the order of the rows.
fn reasons() -> Vec<(&'static str, Vec<String>)> {
    let mut reasons: Vec<(&'static str, Vec<String>)> = Vec::new();
    for trouble in troubles() {
        let (Trouble::Answers(name, _), (_, Some(reason))) = (trouble, expected(trouble)) else {
            continue;
        };
        let name = format!("`{name}`");
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    reasons
}

fn page(rows: &[Row]) -> String {
    let mut lines = vec![
        introduction(),
        "| fault | lookup by id | all customers | changes | all customers with details |"
            .to_owned(),
        "| --- | --- | --- | --- | --- |".to_owned(),
    ];
    lines.extend(rows.iter().map(Row::line));
    lines.push("\n## Why a 200 is right\n".to_owned());
    lines.push("| fault | reason |\n| --- | --- |".to_owned());
    let reasons = reasons().into_iter();
    lines.extend(reasons.map(|(reason, names)| format!("| {} | {reason} |", names.join(", "))));
    lines.join("\n") + "\n"
}

#[test]
fn every_fault_of_the_sandbox_has_a_row() {
    for known in Fault::all_names() {
        let kind = known.split(['=', '[']).next();
        let has_row = FAULTS.iter().any(|name| name.split('=').next() == kind);
        assert!(has_row, "{known} has no row in FAULTS");
    }
}

#[tokio::test]
async fn each_fault_does_to_each_request_what_the_page_shows_and_loses_no_customer() {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let rows = stream::iter(troubles()).map(Row::new).buffered(ROWS_AT_ONCE);
    let rows: Vec<Row> = rows.collect().await;
    let (page, path) = (page(&rows), Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/FAULTS.md"));
    if update {
        fs::write(&path, &page).unwrap();
    }
    let mistakes: Vec<_> = rows.iter().flat_map(Row::mistakes).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(page == expected, "UPDATE_EXPECTED=1 writes the page, which would now be:\n{page}");
}
