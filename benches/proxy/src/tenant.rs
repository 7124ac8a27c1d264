//! The HTTP server of simulated tenants. Each connection has a thread.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// The request of a call.
#[derive(Debug, Default)]
pub(crate) struct Call {
    /// The request line: method, path with query, and version.
    target: String,
    /// The header `Authorization`; empty if the call has none.
    pub(crate) authorization: String,
    /// The header `X-DotApparel-Name`; empty if the call has none.
    pub(crate) name: String,
}

/// How a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The body, with this status.
    Body(&'static str),
    /// 429 with a `Retry-After` of one second.
    Throttled,
    /// The first half of the body. Then the connection ends.
    Cut,
    /// Nothing, until the other side closes the connection.
    Silence,
}

/// Answers the calls of all connections.
pub(crate) trait Tenant: Send + Sync + 'static {
    /// Writes the body of an answer.
    fn reply(&self, call: &Call, body: &mut String) -> Reply;
}

// === impl Call ===

impl Call {
    /// The path and the query.
    pub(crate) fn path_and_query(&self) -> (&str, &str) {
        let target = self.target.split(' ').nth(1).unwrap_or_default();
        target.split_once('?').unwrap_or((target, ""))
    }

    /// The value of a parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path_and_query();
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// Reads the head of the next request. Returns false at the end of the connection. The requests
    /// of dotstory and nginx have no body.
    fn read(&mut self, reader: &mut impl BufRead, line: &mut String) -> io::Result<bool> {
        let Self { target, authorization, name } = self;
        for text in [&mut *target, &mut *authorization, &mut *name] {
            text.clear();
        }
        if reader.read_line(target)? == 0 {
            return Ok(false);
        }
        loop {
            line.clear();
            if reader.read_line(line)? == 0 {
                return Ok(false);
            }
            let Some((header, value)) = line.split_once(':') else { return Ok(true) };
            if header.eq_ignore_ascii_case("authorization") {
                authorization.push_str(value.trim());
            } else if header.eq_ignore_ascii_case("x-dotapparel-name") {
                name.push_str(value.trim());
            }
        }
    }
}

/// Serves the tenant on a free port until the program ends.
pub(crate) fn serve<T: Tenant>(tenant: Arc<T>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let addr = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tenant = Arc::clone(&tenant);
            // The thread ends with its connection.
            thread::spawn(move || answer_calls(&*tenant, stream));
        }
    });
    Ok(addr)
}

fn answer_calls(tenant: &impl Tenant, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let (mut call, mut line) = (Call::default(), String::new());
    let (mut body, mut answer) = (String::new(), Vec::new());
    while call.read(&mut reader, &mut line)? {
        body.clear();
        answer.clear();
        let reply = tenant.reply(&call, &mut body);
        let (status, headers) = match reply {
            Reply::Body(status) => (status, ""),
            Reply::Throttled => ("429 Too Many Requests", "Retry-After: 1\r\n"),
            Reply::Cut => ("200 OK", ""),
            Reply::Silence => {
                reader.read_to_end(&mut answer)?;
                return Ok(());
            }
        };
        write!(
            answer,
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        )?;
        let sent = if reply == Reply::Cut { body.len() / 2 } else { body.len() };
        answer.extend_from_slice(&body.as_bytes()[..sent]);
        writer.write_all(&answer)?;
        if reply == Reply::Cut {
            return Ok(());
        }
    }
    Ok(())
}
