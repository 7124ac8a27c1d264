//! The servers side by side: dotstory, nginx with a script that does the same work, and nginx as a
//! bare proxy. Each start has a folder of its own for its configuration and its log.

use std::cell::Cell;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;

use tempfile::TempDir;

use super::nginx::Nginx;
use crate::Result;
use crate::dotstory::{BrandFile, Dotstory};
use crate::load::TOKEN;
use crate::process::{Server, free_addr};

/// The password at the upstream, which does not check it.
const PASSWORD: &str = "not-a-secret";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Dotstory,
    /// nginx with `lua/bridge.lua`.
    Lua,
    /// nginx without a script.
    Bare,
}

/// Worker threads of dotstory, or worker processes of nginx.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Workers {
    OnePerCore,
    /// nginx has one worker, because a script keeps a list in the memory of its worker. dotstory
    /// has one worker per core.
    KeepsLists,
}

/// The programs of this machine that are measured, and a folder for the files of all starts.
#[derive(Debug)]
pub(crate) struct Servers {
    binary: PathBuf,
    nginx: Option<Nginx>,
    directory: TempDir,
    starts: Cell<u32>,
}

// === impl Servers ===

impl Servers {
    pub(crate) fn new(binary: PathBuf) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("dotstory-bench-").tempdir()?;
        Ok(Self { binary, nginx: Nginx::find(), directory, starts: Cell::new(0) })
    }

    /// The kinds that this machine can run. Prints what is missing.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        let mut kinds = vec![Kind::Dotstory];
        let Some(nginx) = &self.nginx else {
            eprintln!("nginx is missing, so only dotstory is measured.");
            eprintln!("Debian: apt-get install nginx-light libnginx-mod-http-lua lua-cjson");
            return kinds;
        };
        if nginx.lua.is_some() {
            kinds.push(Kind::Lua);
        } else {
            eprintln!("nginx has no module for Lua, so nginx + Lua is not measured.");
            eprintln!("Debian: apt-get install libnginx-mod-http-lua lua-cjson");
        }
        kinds.push(Kind::Bare);
        kinds
    }

    /// A folder for files of a measurement.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn start(
        &self,
        kind: Kind,
        workers: Workers,
        upstream: SocketAddr,
    ) -> Result<Server> {
        self.starts.set(self.starts.get() + 1);
        let directory = self.directory.path().join(self.starts.get().to_string());
        fs::create_dir(&directory)?;
        let nginx = match kind {
            Kind::Dotstory => return self.dotstory(&directory, upstream)?.start(),
            Kind::Lua | Kind::Bare => self.nginx.as_ref().ok_or("nginx is missing")?,
        };
        let workers = match workers {
            Workers::OnePerCore => cores(),
            Workers::KeepsLists => 1,
        };
        let addr = free_addr()?;
        let command = nginx.command(kind, workers, &directory, addr, upstream)?;
        Server::start(&command, addr, &directory.join("output.txt"))
    }

    fn dotstory(&self, directory: &Path, upstream: SocketAddr) -> Result<Dotstory> {
        let server = format!("workers = {}\nrequest_timeout = \"10m\"", cores());
        let settings = r#"[log]
format = "json"
[defaults.dotapparel]
rate_limit = 1000000
# Each sweep is a walk, and its caller waits for it.
[defaults.sync]
count_wait = "10m"
reuse = "0s"
"#;
        let dotstory = Dotstory::configure(&self.binary, directory, &server, settings)?;
        dotstory.write_brand(&BrandFile {
            id: "acme",
            zone: "Australia/Melbourne",
            upstream,
            password: PASSWORD,
            token: TOKEN,
            settings: "",
        })?;
        Ok(dotstory)
    }
}

/// The number of cores. dotstory has as many workers.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
