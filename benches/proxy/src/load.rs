//! The callers: connections that are kept open, each with one request at a time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::statistics::percentile;
use crate::upstream::id_at;

/// The credential of the callers of most measurements. It gives access to invented customers only.
pub(crate) const TOKEN: &str = "bench-token-not-a-secret";

/// The longest wait for an answer. `bench` gets the first window of a list when its walk has ended,
/// and a walk over a million customers takes long.
const TIMEOUT: Duration = Duration::from_mins(3);

/// A caller's connection.
#[derive(Debug)]
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) has_retry_after: bool,
    pub(crate) body: &'a [u8],
}

// === impl Connection ===

impl Connection {
    pub(crate) fn open(addr: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&addr, TIMEOUT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        let reader = BufReader::with_capacity(64 * 1024, stream);
        Ok(Self { reader, line: String::new(), body: Vec::new() })
    }

    /// Gets the body of a 200. Any other status is an error.
    pub(crate) fn get(&mut self, path: &str) -> Result<&[u8]> {
        let Answer { status, body, .. } = self.send("GET", path, TOKEN)?;
        if status != 200 {
            let body = String::from_utf8_lossy(body);
            return Err(format!("GET {path}: {status}: {body}").into());
        }
        Ok(body)
    }

    /// Sends a request without a body.
    pub(crate) fn send(&mut self, method: &str, path: &str, token: &str) -> Result<Answer<'_>> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n\r\n"
        );
        self.reader.get_mut().write_all(request.as_bytes())?;
        let status = self.read_line()?.split(' ').nth(1).map(str::parse);
        let status = status.ok_or("an answer has no status")??;
        let (mut length, mut has_retry_after) = (None, false);
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse()?);
            }
            has_retry_after |= name.eq_ignore_ascii_case("retry-after");
        }
        self.body.resize(length.ok_or("an answer has no Content-Length")?, 0);
        self.reader.read_exact(&mut self.body)?;
        Ok(Answer { status, has_retry_after, body: &self.body })
    }

    fn read_line(&mut self) -> Result<&str> {
        self.line.clear();
        if self.reader.read_line(&mut self.line)? == 0 {
            return Err("a server closed a connection".into());
        }
        Ok(self.line.trim_end())
    }
}

/// Gets `count` paths over `connections` connections at once.
pub(crate) fn get_all(
    addr: SocketAddr,
    connections: usize,
    count: u64,
    path: impl Fn(u64) -> String + Sync,
) -> Result<()> {
    let next = AtomicU64::new(0);
    let caller = || -> Result<()> {
        let mut connection = Connection::open(addr)?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            connection.get(&path(number))?;
        }
    };
    thread::scope(|scope| {
        let callers: Vec<_> = (0..connections).map(|_| scope.spawn(caller)).collect();
        callers.into_iter().try_for_each(|caller| caller.join().expect("a caller does not panic"))
    })
}

/// Reads a whole list, and returns its count.
pub(crate) fn sweep(addr: SocketAddr, limit: u64) -> Result<u64> {
    let mut connection = Connection::open(addr)?;
    let (mut start, mut count) = (0, 1);
    while start < count {
        let body = connection.get(&window_path(start, limit))?;
        count = count_of(body)?;
        start += limit;
    }
    Ok(count)
}

/// The path of the customer with this number. Numbers below `MAX_CUSTOMERS` have different
/// customers.
pub(crate) fn lookup_path(number: u64) -> String {
    format!("/api/v1/customer/{}", id_at(number))
}

pub(crate) fn window_path(start: u64, limit: u64) -> String {
    format!("/api/v1/customers?start={start}&limit={limit}")
}

/// The count of a list, which is the first value of its body.
fn count_of(body: &[u8]) -> Result<u64> {
    let digits = body.strip_prefix(b"{\"count\":").ok_or("a list does not begin with its count")?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or_default();
    Ok(str::from_utf8(&digits[..end])?.parse()?)
}

/// Reads all pages of the upstream through nginx as a bare proxy, and returns their number.
pub(crate) fn read_pages(addr: SocketAddr) -> Result<u64> {
    let mut connection = Connection::open(addr)?;
    let (mut path, mut pages) = ("/customers/search".to_owned(), 0);
    loop {
        let body = connection.get(&path)?;
        pages += 1;
        // The cursor is the last value of the body. The last page has none.
        let tail = str::from_utf8(&body[body.len().saturating_sub(64)..])?;
        let Some((_, rest)) = tail.split_once("\"endCursor\":\"") else { return Ok(pages) };
        let cursor = rest.split('"').next().unwrap_or_default();
        path = format!("/customers/search?after_cursor={cursor}");
    }
}

/// Gets one path after another, until `is_done`. The requests begin at least `pause` apart. Returns
/// the p99 of the times in milliseconds.
pub(crate) fn p99_until(
    addr: SocketAddr,
    is_done: &AtomicBool,
    pause: Duration,
    path: impl Fn(u64) -> String,
) -> Result<f64> {
    let mut connection = Connection::open(addr)?;
    let mut times = Vec::new();
    for number in 0.. {
        if is_done.load(Ordering::Relaxed) {
            break;
        }
        let began = Instant::now();
        connection.get(&path(number))?;
        let time = began.elapsed();
        times.push(time.as_secs_f64() * 1000.0);
        thread::sleep(pause.saturating_sub(time));
    }
    if times.is_empty() {
        return Err("no request was measured".into());
    }
    Ok(percentile(&times, 99))
}
