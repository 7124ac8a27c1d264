//! One round: a measurement without neighbours, then a measurement with neighbours. Each
//! measurement starts two servers and looks customers up in both. Neighbours are two other brands
//! of one server: the upstream of one brand never answers, and the other brand walks.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::lookups::{self, Figures};
use super::noise::{HANGING, Neighbours, WALKING};
use crate::Result;
use crate::dotstory::{BrandFile, Dotstory};
use crate::load::{TOKEN, get_all, lookup_path};
use crate::process::CpuUse;
use crate::upstream::Upstream;

/// How fast the walking neighbour walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WalkSpeed {
    /// With the default `rate_limit`.
    Default,
    /// As fast as dotstory can.
    Unlimited,
}

/// One round: a measurement without neighbours, and one with neighbours in one of the two servers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) without: Measured,
    pub(crate) with: Measured,
}

/// One measurement: the lookups of two servers in the same seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// The lookups of the server that may have neighbours.
    pub(crate) inside: Figures,
    /// The lookups of the other server.
    pub(crate) elsewhere: Figures,
    /// Part of the machine's CPU time that this measurement used.
    pub(crate) own: f64,
    /// Part of the machine's CPU time that other programs used.
    pub(crate) strange: f64,
    /// Pages that the walking neighbour walked in a second.
    pub(crate) pages: f64,
}

/// What all rounds share.
#[derive(Debug)]
pub(crate) struct Rounds {
    binary: PathBuf,
    quiet: SocketAddr,
    neighbours: Neighbours,
}

/// Lookups before the measurement, so that connections are open.
const WARM_UP: u64 = 500;

// === impl WalkSpeed ===

impl WalkSpeed {
    /// The speed in words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Default => "the walk makes 10 calls a second, the default",
            Self::Unlimited => "the walk is as fast as it can be",
        }
    }

    fn settings(self) -> &'static str {
        match self {
            Self::Default => "",
            Self::Unlimited => "rate_limit = 1000000",
        }
    }
}

// === impl Pair ===

impl Pair {
    /// The part of the machine's CPU time that other programs used, in the measurement in which
    /// they used more.
    pub(crate) fn strange(&self) -> f64 {
        self.without.strange.max(self.with.strange)
    }
}

// === impl Rounds ===

impl Rounds {
    pub(crate) fn new(binary: PathBuf) -> Result<Self> {
        let quiet = Upstream { customers: 1_000, page_latency: Duration::ZERO }.start()?;
        Ok(Self { binary, quiet, neighbours: Neighbours::start()? })
    }

    /// Measures without and with neighbours, one directly after the other.
    pub(crate) fn pair(&self, speed: WalkSpeed) -> Result<Pair> {
        let pair = Pair { without: self.measure(false, speed)?, with: self.measure(true, speed)? };
        eprintln!("{pair:.2?}");
        Ok(pair)
    }

    fn measure(&self, with_neighbours: bool, speed: WalkSpeed) -> Result<Measured> {
        let directory = tempfile::Builder::new().prefix("dotstory-neighbours-").tempdir()?;
        let inside = self.configure(&directory.path().join("inside"), speed)?;
        let elsewhere = self.configure(&directory.path().join("elsewhere"), speed)?;
        let servers = (inside.start()?, elsewhere.start()?);
        for dotstory in [&inside, &elsewhere] {
            let first = u64::from(lookups::LOOKUPS);
            get_all(dotstory.addr, 4, WARM_UP, |number| lookup_path(first + number))?;
        }
        let has_ended = AtomicBool::new(false);
        thread::scope(|scope| {
            let under_way = if with_neighbours {
                self.neighbours.call(scope, inside.addr, &has_ended)
            } else {
                Ok(())
            };
            let measured = under_way.and_then(|()| self.look_up(inside.addr, elsewhere.addr));
            has_ended.store(true, Ordering::Relaxed);
            // The callers wait for answers until their server ends.
            drop(servers);
            measured
        })
    }

    fn look_up(&self, inside: SocketAddr, elsewhere: SocketAddr) -> Result<Measured> {
        let (pages, began) = (self.neighbours.pages()?, CpuUse::now()?);
        let (inside, elsewhere) = lookups::make(inside, elsewhere)?;
        let (own, strange) = began.shares_since()?;
        let pages = (self.neighbours.pages()? - pages) as f64 / lookups::TIME.as_secs_f64();
        Ok(Measured { inside, elsewhere, own, strange, pages })
    }

    fn configure(&self, directory: &Path, speed: WalkSpeed) -> Result<Dotstory> {
        fs::create_dir(directory)?;
        // A measurement ends while the neighbours' callers wait, so the deadline is short. With
        // `reuse = "0s"`, the next request begins a new walk when a walk has ended.
        let server = "shutdown_deadline = \"1s\"";
        let settings = "[log]\nformat = \"json\"\n[defaults.sync]\nreuse = \"0s\"\n";
        let dotstory = Dotstory::configure(&self.binary, directory, server, settings)?;
        let Neighbours { hanging, walking, .. } = self.neighbours;
        for (id, upstream, token, settings) in [
            ("quiet", self.quiet, TOKEN, "rate_limit = 1000000"),
            ("hanging", hanging, HANGING, "rate_limit = 1000000"),
            ("walking", walking, WALKING, speed.settings()),
        ] {
            let password = "not-a-secret";
            let zone = "Australia/Melbourne";
            dotstory.write_brand(&BrandFile { id, zone, upstream, password, token, settings })?;
        }
        Ok(dotstory)
    }
}
