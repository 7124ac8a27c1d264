//! Finds out whether a process is ready, and whether the process at an address is dotstory.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::bail;

use super::own_tls::tls_stream;
use crate::config::Server;

/// Timeout of connecting, and of each read. The process is on the same machine.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The beginning of an answer, up to its status.
type StatusLine = [u8; b"HTTP/1.1 200".len()];

/// Asks the process at `addr` whether it is ready.
pub(super) fn check_ready(addr: SocketAddr) -> anyhow::Result<()> {
    match &connect(addr).and_then(|stream| status_line(stream, addr, "/readyz"))? {
        b"HTTP/1.1 200" => Ok(()),
        other => bail!("the answer was {}", String::from_utf8_lossy(other)),
    }
}

/// Whether the process at the address of `server` refuses a request without credentials, as
/// dotstory does. With TLS, the process must also have the certificate of `server`.
pub(super) fn is_dotstory(server: &Server) -> bool {
    let (addr, path) = (server.listen, "/api/v1/customers");
    let answer = connect(addr).and_then(|stream| match &server.tls {
        Some(files) => status_line(tls_stream(stream, files)?, addr, path),
        None => status_line(stream, addr, path),
    });
    // A dotstory that got many such requests answers 429, and a busy dotstory answers 503.
    answer.is_ok_and(|line| [b"HTTP/1.1 401", b"HTTP/1.1 429", b"HTTP/1.1 503"].contains(&&line))
}

fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&addr, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// The beginning of the answer to a GET. One GET over a stream needs no HTTP client.
fn status_line(
    mut stream: impl Read + Write,
    addr: SocketAddr,
    path: &str,
) -> io::Result<StatusLine> {
    stream.write_all(
        format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut status_line = StatusLine::default();
    stream.read_exact(&mut status_line).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => io::ErrorKind::TimedOut.into(),
        _ => error,
    })?;
    Ok(status_line)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread;

    use super::*;

    #[test]
    fn only_status_200_is_ready() {
        for (answer, ready) in
            [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 X\r\n\r\n", false), ("", false)]
        {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let addr = listener.local_addr().unwrap();
            let server = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let _asked = stream.read(&mut [0; 512]).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            });
            assert_eq!(check_ready(addr).is_ok(), ready, "{answer:?}");
            server.join().unwrap();
        }
    }
}
