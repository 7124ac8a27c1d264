//! The answers of DotApparel. Each customer is made from its number, and never changes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::customer;
use crate::tenant::{self, Call, Reply, Tenant};

/// Customers of a page, as DotApparel documents.
const PAGE: u64 = 100;

/// The largest number of customers of a tenant.
pub(crate) const MAX_CUSTOMERS: u64 = 1_000_000;

/// Makes a cursor look unlike the position that it names.
const CURSOR_KEY: u64 = 0x5DEE_CE66_D1CE_4E5B;

/// The domain of the customers' e-mail addresses.
const DOMAIN: &str = "example.com";

/// A tenant without faults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upstream {
    pub(crate) customers: u64,
    /// The time that each page of a list takes.
    pub(crate) page_latency: Duration,
}

// === impl Upstream ===

impl Upstream {
    /// Serves the tenant on a free port until the program ends.
    pub(crate) fn start(self) -> io::Result<SocketAddr> {
        assert!(self.customers <= MAX_CUSTOMERS, "ids would occur twice");
        tenant::serve(Arc::new(self))
    }
}

impl Tenant for Upstream {
    fn reply(&self, call: &Call, body: &mut String) -> Reply {
        match call.path_and_query().0 {
            "/customers/search" => {
                thread::sleep(self.page_latency);
                // The customers never change, so a list of changes is empty.
                let is_filtered = call.parameter("updated_after").is_some();
                let count = if is_filtered { 0 } else { self.customers };
                push_page(call, count, id_at, DOMAIN, body)
            }
            "/stores" => {
                customer::push_stores(body);
                Reply::Body("200 OK")
            }
            path => push_lookup(path, MAX_CUSTOMERS, DOMAIN, body),
        }
    }
}

/// Answers a call of `/customers/search`. The list has `count` customers.
pub(crate) fn push_page(
    call: &Call,
    count: u64,
    id_at: impl Fn(u64) -> u64,
    domain: &str,
    body: &mut String,
) -> Reply {
    let start = match call.parameter("after_cursor").map(position) {
        None => 0,
        Some(Some(start)) => start,
        Some(None) => {
            body.push_str(r#"{"message":"Bad Request: The cursor was invalid."}"#);
            return Reply::Body("400 Bad Request");
        }
    };
    body.push_str(r#"{"data":["#);
    let end = (start + PAGE).min(count);
    for position in start..end {
        if position > start {
            body.push(',');
        }
        customer::push_search(id_at(position), domain, body);
    }
    let meta = if end < count {
        format!(r#"],"meta":{{"hasNextPage":true,"endCursor":"{}"}}}}"#, cursor(end))
    } else {
        r#"],"meta":{"hasNextPage":false,"endCursor":null}}"#.to_owned()
    };
    body.push_str(&meta);
    Reply::Body("200 OK")
}

/// Answers a call of `/customers/{id}`. The ids are 1 to `largest_id`.
pub(crate) fn push_lookup(path: &str, largest_id: u64, domain: &str, body: &mut String) -> Reply {
    let id = path.strip_prefix("/customers/").and_then(|id| id.parse().ok());
    let Some(id) = id.filter(|id| (1..=largest_id).contains(id)) else {
        body.push_str(r#"{"message":"Not Found"}"#);
        return Reply::Body("404 Not Found");
    };
    body.push_str(r#"{"data":"#);
    customer::push_detail(id, domain, body);
    body.push('}');
    Reply::Body("200 OK")
}

/// The id of the customer at a position of the list. Customers with successive ids are on pages far
/// from each other, as in a list ordered by update. The factor and `MAX_CUSTOMERS` have no common
/// divisor, so each id occurs once.
pub(crate) fn id_at(position: u64) -> u64 {
    position * 382_939 % MAX_CUSTOMERS + 1
}

fn cursor(position: u64) -> String {
    format!("{:016x}", position.rotate_left(17) ^ CURSOR_KEY)
}

fn position(cursor: &str) -> Option<u64> {
    let number = u64::from_str_radix(cursor, 16).ok()?;
    let position = (number ^ CURSOR_KEY).rotate_right(17);
    (position < MAX_CUSTOMERS).then_some(position)
}
