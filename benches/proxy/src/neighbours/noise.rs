//! The two neighbours: their upstreams, and the callers that keep them busy.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use crate::Result;
use crate::load::{Connection, window_path};
use crate::tenant::{self, Call, Reply, Tenant};
use crate::upstream::{MAX_CUSTOMERS, Upstream};

/// The token of the callers of the brand whose upstream never answers.
pub(crate) const HANGING: &str = "hanging-token-not-a-secret";
/// The token of the callers of the brand that walks.
pub(crate) const WALKING: &str = "walking-token-not-a-secret";

/// The upstreams of the neighbours.
#[derive(Debug)]
pub(crate) struct Neighbours {
    pub(crate) hanging: SocketAddr,
    pub(crate) walking: SocketAddr,
    lookups: Arc<Hanging>,
    /// The process of the walked upstream. It ends when this value is dropped.
    process: Child,
}

/// An upstream that never answers, and the number of its calls.
#[derive(Debug, Default)]
struct Hanging(AtomicU64);

/// An upstream with a million customers, and the number of calls that it received. Nearly all of
/// these calls are for pages.
#[derive(Debug)]
struct Walked(Upstream, AtomicU64);

/// Callers of the hanging brand.
const HANGING_CALLERS: u64 = 16;

/// Pages after which a walk is under way.
const FIRST_PAGES: u64 = 20;

/// How long the neighbours may take until they are under way.
const LIMIT: Duration = Duration::from_secs(20);

const POLL: Duration = Duration::from_millis(20);

/// The wait of a caller after any status but 200. The walk takes longer than `count_wait`, and the
/// hanging upstream never answers.
const RETRY: Duration = Duration::from_secs(1);

/// The path at which the walked upstream shows the number of its calls.
const PAGES: &str = "/pages";

// === impl Neighbours ===

impl Neighbours {
    pub(crate) fn start() -> Result<Self> {
        let lookups = Arc::<Hanging>::default();
        let hanging = tenant::serve(Arc::clone(&lookups))?;
        // DotApparel runs on other machines. Here its pages are made with the lowest priority, so
        // that they take little time from lookups.
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--", "nice", "-n", "19"])
            .arg(std::env::current_exe()?)
            .arg(WALKED_UPSTREAM)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let walking = line.trim().parse().map_err(|_| "the walked upstream does not start")?;
        Ok(Self { hanging, walking, lookups, process })
    }

    /// Number of pages that were walked so far.
    pub(crate) fn pages(&self) -> Result<u64> {
        let mut connection = Connection::open(self.walking)?;
        Ok(str::from_utf8(connection.get(PAGES)?)?.parse()?)
    }

    /// Starts the callers of both brands, and waits until both are under way. The callers end when
    /// `has_ended` is set and the server closes their connections.
    pub(crate) fn call<'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        addr: SocketAddr,
        has_ended: &'scope AtomicBool,
    ) -> Result<()> {
        let lookups = || self.lookups.0.load(Ordering::Relaxed);
        let (first_lookup, first_page) = (lookups(), self.pages()?);
        for _ in 0..HANGING_CALLERS {
            let path = "/api/v1/customer/1".to_owned();
            scope.spawn(move || repeat(addr, HANGING, &path, has_ended));
        }
        scope.spawn(move || repeat(addr, WALKING, &window_path(0, 25), has_ended));
        let deadline = Instant::now() + LIMIT;
        while lookups() < first_lookup + HANGING_CALLERS || self.pages()? < first_page + FIRST_PAGES
        {
            if Instant::now() > deadline {
                return Err("the neighbours do not get under way".into());
            }
            thread::sleep(POLL);
        }
        Ok(())
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        let _ended_before = self.process.kill();
        let _ended_before = self.process.wait();
    }
}

/// The command of this program that serves the walked upstream until it is killed. It prints its
/// address.
pub(crate) const WALKED_UPSTREAM: &str = "walked-upstream";

pub(crate) fn serve_walked_upstream() -> Result<()> {
    let upstream = Upstream { customers: MAX_CUSTOMERS, page_latency: Duration::ZERO };
    let addr = tenant::serve(Arc::new(Walked(upstream, AtomicU64::new(0))))?;
    println!("{addr}");
    loop {
        thread::park();
    }
}

/// Sends a request again and again. Fails when the server stops and closes the connection.
fn repeat(addr: SocketAddr, token: &str, path: &str, has_ended: &AtomicBool) -> Result<()> {
    let mut connection = Connection::open(addr)?;
    while !has_ended.load(Ordering::Relaxed) {
        if connection.send("GET", path, token)?.status != 200 {
            thread::sleep(RETRY);
        }
    }
    Ok(())
}

impl Tenant for Hanging {
    fn reply(&self, _: &Call, _: &mut String) -> Reply {
        self.0.fetch_add(1, Ordering::Relaxed);
        Reply::Silence
    }
}

impl Tenant for Walked {
    fn reply(&self, call: &Call, body: &mut String) -> Reply {
        let Self(upstream, pages) = self;
        if call.path_and_query().0 == PAGES {
            body.push_str(&pages.load(Ordering::Relaxed).to_string());
            return Reply::Body("200 OK");
        }
        pages.fetch_add(1, Ordering::Relaxed);
        upstream.reply(call, body)
    }
}
