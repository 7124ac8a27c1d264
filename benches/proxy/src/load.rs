//! The callers: connections that are kept open, each with one request at a time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::servers::TOKEN;

/// The longest wait for an answer. A list of a million customers begins when its walk has ended.
const TIMEOUT: Duration = Duration::from_mins(3);

/// A caller's connection.
#[derive(Debug)]
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
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
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nAccept: application/json\r\n\r\n"
        );
        self.reader.get_mut().write_all(request.as_bytes())?;
        let status = self.read_line()?.to_owned();
        let mut length = None;
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse()?);
            }
        }
        self.body.resize(length.ok_or("an answer has no Content-Length")?, 0);
        self.reader.read_exact(&mut self.body)?;
        if status.split(' ').nth(1) != Some("200") {
            let body = String::from_utf8_lossy(&self.body);
            return Err(format!("GET {path}: {status}: {body}").into());
        }
        Ok(&self.body)
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

pub(crate) fn window_path(start: u64, limit: u64) -> String {
    format!("/api/v1/customers?start={start}&limit={limit}")
}

/// The count of a list, which is the first value of its body.
fn count_of(body: &[u8]) -> Result<u64> {
    let digits = body.strip_prefix(b"{\"count\":").ok_or("a list does not begin with its count")?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or_default();
    Ok(str::from_utf8(&digits[..end])?.parse()?)
}

/// Reads all pages of the upstream through a bare proxy, and returns their number.
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

/// Gets one path after another, at most one path in each `pause`, until `is_done`. Returns the p99
/// of the times in milliseconds.
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
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 99 / 100).copied().ok_or_else(|| "no request was measured".into())
}
