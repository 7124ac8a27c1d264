//! The changes of brand files while dotstory runs, each followed by SIGHUP.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::brand::{Brand, FIELD, Presence, Role, View, lock};
use super::caller::is_shown;
use super::findings::Findings;
use super::vitals::{read_metrics, sum};
use crate::Result;
use crate::dotstory::{BrandFile, Dotstory};
use crate::load::Connection;
use crate::process::signal;

/// The part of the run that changes the configuration.
#[derive(Debug)]
pub(crate) struct Reloads<'a> {
    pub(crate) dotstory: &'a Dotstory,
    pub(crate) brands: &'a [Brand],
    pub(crate) upstream: SocketAddr,
    /// The id of the process that reads its configuration again at SIGHUP.
    pub(crate) process: u32,
    pub(crate) findings: &'a Findings,
    pub(crate) has_ended: &'a AtomicBool,
}

/// A change of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Token,
    Mapping,
    Remove,
    Add,
    /// A file that cannot be read. dotstory must keep the old configuration.
    Break,
    Mend,
    Password,
}

/// The changes take turns.
const CHANGES: [Change; 7] = [
    Change::Token,
    Change::Mapping,
    Change::Remove,
    Change::Add,
    Change::Break,
    Change::Mend,
    Change::Password,
];

const INTERVAL: Duration = Duration::from_secs(20);

/// How long a change may take until a caller sees it. The faults of the upstream may open a
/// breaker, which then refuses calls for 30 s.
const LIMIT: Duration = Duration::from_secs(45);

const POLL: Duration = Duration::from_millis(100);

// === impl Change ===

impl Change {
    fn role(self) -> Role {
        match self {
            Self::Token => Role::Token,
            Self::Mapping => Role::Mapping,
            Self::Remove | Self::Add => Role::Removed,
            Self::Break | Self::Mend => Role::Broken,
            Self::Password => Role::Password,
        }
    }

    /// The view of the brand after the change with this number.
    fn apply(self, view: &mut View, number: u32) {
        match self {
            Self::Token => view.token = format!("{}-token-{number}", self.role().id()),
            Self::Mapping => view.has_field = view.has_field.map(|has_field| !has_field),
            Self::Remove => view.presence = Presence::Unknown,
            Self::Add => view.presence = Presence::Known,
            Self::Break | Self::Mend => {}
            Self::Password => {
                view.password = format!("{}{number}", self.role().password_prefix());
            }
        }
    }
}

// === impl Reloads ===

impl Reloads<'_> {
    /// Makes a change every 20 s until the run ends.
    pub(crate) fn run(&self) {
        let mut next = Instant::now() + INTERVAL;
        for (number, change) in (1..).zip(CHANGES.into_iter().cycle()) {
            while Instant::now() < next {
                if self.has_ended.load(Ordering::Relaxed) {
                    return;
                }
                thread::sleep(POLL);
            }
            next += INTERVAL;
            if let Err(error) = self.make(change, number) {
                self.findings.add("a reload that failed", format!("{change:?}: {error}"));
            }
        }
    }

    /// Changes the files, sends SIGHUP, and waits until the change is seen.
    fn make(&self, change: Change, number: u32) -> Result<()> {
        let role = change.role();
        let brand = self.brands.iter().find(|brand| brand.role == role);
        let brand = brand.ok_or("no brand has this role")?;
        let old = brand.view();
        let mut new = old.clone();
        change.apply(&mut new, number);
        // A refused reload and the reload after it change nothing for the callers.
        let changes_view = new != old;
        if changes_view {
            brand.change(|view| (view.presence, view.has_field) = (Presence::Changing, None));
        }
        match change {
            Change::Remove => self.dotstory.remove_brand(role.id())?,
            Change::Break => self.dotstory.break_brand(role.id())?,
            _ => write_file(self.dotstory, role, self.upstream, &new)?,
        }
        signal("HUP", self.process);
        if !changes_view {
            return Self::wait_until(|| {
                self.is_refused().map(|is| is == (change == Change::Break))
            });
        }
        Self::wait_until(|| self.shows(brand, &new))?;
        brand.change(|view| {
            let View { presence, has_field, token, password, .. } = new.clone();
            (view.presence, view.has_field) = (presence, has_field);
            (view.token, view.password) = (token, password);
        });
        if new.token != old.token {
            let mut refused = old;
            refused.presence = Presence::Unknown;
            if !is_shown(brand, &refused, &mut Connection::open(self.dotstory.addr)?)? {
                return Err("the old token is still accepted".into());
            }
        }
        Ok(())
    }

    fn wait_until(is_done: impl Fn() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            if is_done()? {
                return Ok(());
            }
            thread::sleep(POLL);
        }
        Err(format!("no effect within {LIMIT:?}").into())
    }

    /// Whether the last reload was refused.
    fn is_refused(&self) -> Result<bool> {
        Ok(sum(&read_metrics(self.dotstory.operator)?, "dotstory_reload_refused") > 0.0)
    }

    /// Whether callers and the upstream see the brand as it is in `new`.
    fn shows(&self, brand: &Brand, new: &View) -> Result<bool> {
        let is_shown = is_shown(brand, new, &mut Connection::open(self.dotstory.addr)?)?;
        let is_sent = *lock(&brand.last_password) == new.password;
        Ok(is_shown && (is_sent || new.presence == Presence::Unknown))
    }
}

/// Writes the file of the brand with this role.
pub(crate) fn write_file(
    dotstory: &Dotstory,
    role: Role,
    upstream: SocketAddr,
    view: &View,
) -> Result<()> {
    let field = match view.has_field {
        Some(true) => {
            format!("[mapping.fields]\n{FIELD} = {{ attribute = \"Favourite Colour\" }}\n")
        }
        _ => String::new(),
    };
    let settings = match role {
        Role::Broken => "",
        // The caller asks each second, so a request waits at most a second for its walk.
        Role::Restless => "rate_limit = 100\n[sync]\ncount_wait = \"1s\"\n",
        _ => "rate_limit = 100\n",
    };
    dotstory.write_brand(&BrandFile {
        id: role.id(),
        zone: "UTC",
        upstream,
        password: &view.password,
        token: &view.token,
        settings: &format!("{settings}{field}"),
    })
}
