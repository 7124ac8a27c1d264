//! The upstream: it behaves like DotApparel, and makes each customer from its number.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::customer;

/// Customers of a page, as DotApparel documents.
const PAGE: u64 = 100;

/// The largest number of customers of a tenant.
pub(crate) const MAX_CUSTOMERS: u64 = 1_000_000;

/// Makes a cursor look unlike the position that it names.
const CURSOR_KEY: u64 = 0x5DEE_CE66_D1CE_4E5B;

/// A tenant whose customers never change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upstream {
    pub(crate) customers: u64,
    /// The time that each page of a list takes.
    pub(crate) page_latency: Duration,
}

// === impl Upstream ===

impl Upstream {
    /// Serves the tenant on a free port until the program ends. Each connection has a thread.
    pub(crate) fn start(self) -> io::Result<SocketAddr> {
        assert!(self.customers <= MAX_CUSTOMERS, "ids would occur twice");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A server that closes its connection ends the thread.
                thread::spawn(move || self.serve(stream));
            }
        });
        Ok(addr)
    }

    fn serve(self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        let (mut target, mut line) = (String::new(), String::new());
        let (mut body, mut answer) = (String::new(), Vec::new());
        loop {
            target.clear();
            if reader.read_line(&mut target)? == 0 {
                return Ok(());
            }
            while line != "\r\n" {
                line.clear();
                if reader.read_line(&mut line)? == 0 {
                    return Ok(());
                }
            }
            line.clear();
            body.clear();
            let path = target.split(' ').nth(1).unwrap_or_default();
            let status = self.answer(path, &mut body);
            answer.clear();
            write!(
                answer,
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            )?;
            answer.extend_from_slice(body.as_bytes());
            writer.write_all(&answer)?;
        }
    }

    /// Writes the body of an answer, and returns its status.
    fn answer(self, path: &str, body: &mut String) -> &'static str {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if path == "/customers/search" {
            thread::sleep(self.page_latency);
            return self.page(query, body);
        }
        if path == "/stores" {
            customer::push_stores(body);
            return "200 OK";
        }
        let id = path.strip_prefix("/customers/").and_then(|id| id.parse().ok());
        let Some(id) = id.filter(|id| (1..=MAX_CUSTOMERS).contains(id)) else {
            body.push_str(r#"{"message":"Not Found"}"#);
            return "404 Not Found";
        };
        body.push_str(r#"{"data":"#);
        customer::push_detail(id, body);
        body.push('}');
        "200 OK"
    }

    fn page(self, query: &str, body: &mut String) -> &'static str {
        let parameter = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let start = match parameter("after_cursor").map(position) {
            None => 0,
            Some(Some(start)) => start,
            Some(None) => {
                body.push_str(r#"{"message":"Bad Request: The cursor was invalid."}"#);
                return "400 Bad Request";
            }
        };
        // The customers never change, so a list of changes is empty.
        let count = if parameter("updated_after").is_some() { 0 } else { self.customers };
        body.push_str(r#"{"data":["#);
        let end = (start + PAGE).min(count);
        for position in start..end {
            if position > start {
                body.push(',');
            }
            customer::push_search(id_at(position), body);
        }
        let meta = if end < count {
            format!(r#"],"meta":{{"hasNextPage":true,"endCursor":"{}"}}}}"#, cursor(end))
        } else {
            r#"],"meta":{"hasNextPage":false,"endCursor":null}}"#.to_owned()
        };
        body.push_str(&meta);
        "200 OK"
    }
}

/// The customer at a position of the list. Neighbours by id are on pages far from each other, as in
/// a list ordered by update. The factor and `MAX_CUSTOMERS` have no common divisor, so each id
/// occurs once.
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
