//! The upstream of all brands, with faults at a fixed rate. It has one address, as DotApparel has.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::brand::{Brand, Role, lock};
use super::customers::changed_after;
use super::findings::Findings;
use crate::customer;
use crate::tenant::{Call, Reply, Tenant};
use crate::upstream::{MAX_CUSTOMERS, push_lookup, push_page};

/// The tenants of all brands.
#[derive(Debug)]
pub(crate) struct Tenants {
    pub(crate) brands: Vec<Brand>,
    pub(crate) findings: Findings,
    pub(crate) began: Instant,
}

/// What is wrong with the answer to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// 401
    Unauthorized,
    /// 500
    Failure,
    /// 429
    Throttled,
    Cut,
    Slow,
    /// The first half of the JSON, as a whole body.
    HalfJson,
}

/// The time of a slow answer. It is shorter than each timeout of a call.
const SLOW: Duration = Duration::from_secs(2);

// === impl Tenants ===

impl Tenants {
    /// The fault of a brand's call with this number. One call in ten has a fault. All calls of the
    /// brands [`Role::Refused`] and [`Role::Outage`] fail for 10 s of each minute.
    fn fault(&self, role: Role, number: u64) -> Option<Fault> {
        match (role, self.began.elapsed().as_secs() % 60) {
            (Role::Refused, 10..20) => return Some(Fault::Unauthorized),
            (Role::Outage, 40..50) => return Some(Fault::Failure),
            _ => {}
        }
        match number % 80 {
            7 | 47 => Some(Fault::Failure),
            17 | 57 => Some(Fault::Throttled),
            27 | 67 => Some(Fault::Cut),
            37 => Some(Fault::Slow),
            77 => Some(Fault::HalfJson),
            _ => None,
        }
    }

    /// Whether the call has a password of the brand that it names. Each brand has its own user.
    fn is_authorized(&self, brand: &Brand, call: &Call) -> bool {
        let encoded = call.authorization.strip_prefix("Basic ").unwrap_or_default();
        let decoded = BASE64_STANDARD.decode(encoded).unwrap_or_default();
        let text = String::from_utf8(decoded).unwrap_or_default();
        let (user, password) = text.split_once(':').unwrap_or_default();
        password.clone_into(&mut lock(&brand.last_password));
        let is_own = user == format!("dailystory@{}", brand.role.domain())
            && password.starts_with(&brand.role.password_prefix());
        if !is_own {
            let sentence = "a call does not have the credential of its brand";
            self.findings.add(sentence, format!("{user} for {}", brand.role.id()));
        }
        is_own
    }
}

impl Tenant for Tenants {
    fn reply(&self, call: &Call, body: &mut String) -> Reply {
        let Some(brand) = self.brands.iter().find(|brand| brand.role.id() == call.name) else {
            self.findings.add("a call names no brand", call.name.as_str());
            return Reply::Body("404 Not Found");
        };
        if !self.is_authorized(brand, call) {
            return Reply::Body("401 Unauthorized");
        }
        let number = brand.calls.fetch_add(1, Ordering::Relaxed);
        let fault = self.fault(brand.role, number);
        match fault {
            Some(Fault::Unauthorized) => return Reply::Body("401 Unauthorized"),
            Some(Fault::Failure) => return Reply::Body("500 Internal Server Error"),
            Some(Fault::Throttled) => return Reply::Throttled,
            Some(Fault::Slow) => thread::sleep(SLOW),
            Some(Fault::Cut | Fault::HalfJson) | None => {}
        }
        let reply = answer(call, &brand.role.domain(), body);
        match fault {
            Some(Fault::Cut) => Reply::Cut,
            Some(Fault::HalfJson) => {
                body.truncate(body.len() / 2);
                reply
            }
            _ => reply,
        }
    }
}

/// The answer without a fault. All texts are ASCII.
fn answer(call: &Call, domain: &str, body: &mut String) -> Reply {
    let unescaped =
        |name| call.parameter(name).unwrap_or_default().replace("%3A", ":").replace("%40", "@");
    match call.path_and_query().0 {
        "/customers/search" => {
            let ids = changed_after(&unescaped("updated_after"));
            let id_at = |position| ids[usize::try_from(position).expect("ids are in memory")];
            push_page(call, ids.len() as u64, id_at, domain, body)
        }
        "/customers" => {
            let email = unescaped("email");
            body.push_str(r#"{"data":["#);
            if let Some(id) = id_of(&email).filter(|id| customer::email(*id, domain) == email) {
                customer::push_detail(id, domain, body);
            }
            body.push_str("]}");
            Reply::Body("200 OK")
        }
        "/stores" => {
            customer::push_stores(body);
            Reply::Body("200 OK")
        }
        path => push_lookup(path, MAX_CUSTOMERS, domain, body),
    }
}

/// The number at the end of an address's local part.
fn id_of(email: &str) -> Option<u64> {
    let (local, _) = email.split_once('@')?;
    local.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}
