//! Closes connections whose client sends no request.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt;
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a new connection may stay without a whole request head, and before that without a whole
/// TLS handshake. Load balancers and port scanners open such connections.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);

/// How long the framework waits for a request head before it sends 408. This is longer than
/// [`SILENCE`], so that a silent connection is closed without an answer.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Ends the watch over a connection at its first request, or when the connection ends.
struct Watch {
    ended: CancellationToken,
    _end: DropGuard,
}

/// Watches a new connection, and closes it after [`SILENCE`] without a request.
pub(crate) fn watch_for_silence(connection: &dyn Any, data: &mut Extensions) {
    let Some(connection) = tcp_stream(connection) else { return };
    // Without a free descriptor, the framework's own timeout closes the connection.
    let Ok(socket) = connection.as_fd().try_clone_to_owned() else { return };
    let ended = CancellationToken::new();
    data.insert(Watch { ended: ended.clone(), _end: ended.clone().drop_guard() });
    rt::spawn(async move {
        tokio::select! {
            biased;
            () = ended.cancelled() => {}
            () = sleep(SILENCE) => {
                // The client may have closed the connection meanwhile.
                let _closed = TcpStream::from(socket).shutdown(Shutdown::Both);
            }
        }
    });
}

/// The TCP connection below plain HTTP or TLS.
fn tcp_stream(connection: &dyn Any) -> Option<&rt::net::TcpStream> {
    let tls = connection.downcast_ref::<TlsStream<rt::net::TcpStream>>();
    tls.map(|tls| tls.get_ref().0).or_else(|| connection.downcast_ref())
}

/// Notes that a request arrived on its connection.
pub(super) fn note_request(request: &actix_web::dev::ServiceRequest) {
    if let Some(watch) = request.conn_data::<Watch>() {
        watch.ended.cancel();
    }
}
