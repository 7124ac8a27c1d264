//! Closes the connection of a client that makes dotstory wait too long.
//!
//! The framework has a time limit for the first request only. After that, a client could send half
//! a request and stop, or ask for an answer and not read it. The connection would stay open for
//! ever.

use std::any::Any;
use std::cell::Cell;
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::{Extensions, ServiceRequest};
use actix_web::rt;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a new connection may stay without a whole request head, and before that without a whole
/// TLS handshake. Load balancers and port scanners open such connections.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);

/// How long the framework waits for a request head before it sends 408. This is longer than
/// [`SILENCE`], so that a silent connection is closed without an answer.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection stays open. Common proxies close an idle connection after 60 s, so
/// the proxy closes first and sends no request on a closed connection.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long a client may take to receive an answer. The largest answer has about half a megabyte,
/// so only a client that receives less than 2 KB a second is disconnected.
const ANSWER: Duration = Duration::from_mins(5);

/// How long the system sends without progress before it closes the connection: the client is gone,
/// or it reads nothing.
#[cfg(target_os = "linux")]
const NO_PROGRESS: Duration = Duration::from_mins(1);

/// Interval at which the time limit of a connection is looked up. A request changes the limit
/// without waking a task.
const LOOK: Duration = SILENCE;

/// The moment at which a connection is closed; `None` while a request runs.
type Limit = Rc<Cell<Option<Instant>>>;

/// The watch over a connection, which ends with the connection.
struct Watch {
    limit: Limit,
    _end: DropGuard,
}

/// A request on its connection, until its answer is sent or dropped. Meanwhile, other time
/// limits apply than between two requests.
pub(super) struct Exchange {
    limit: Option<Limit>,
}

/// Watches a new connection. The watch uses a duplicate of its file descriptor, because only the
/// framework has the connection itself.
pub(crate) fn watch_connection(connection: &dyn Any, data: &mut Extensions) {
    let Some(connection) = tcp_stream(connection) else { return };
    #[cfg(target_os = "linux")]
    {
        // If the system refuses this timeout, the watch still closes the connection after `ANSWER`.
        let _set = socket2::SockRef::from(connection).set_tcp_user_timeout(Some(NO_PROGRESS));
    }
    // If no file descriptor is free, the framework's own time limits apply.
    let Ok(socket) = connection.as_fd().try_clone_to_owned() else { return };
    let limit = Limit::new(Cell::new(Some(Instant::now() + SILENCE)));
    let ended = CancellationToken::new();
    data.insert(Watch { limit: Rc::clone(&limit), _end: ended.clone().drop_guard() });
    rt::spawn(watch(socket, limit, ended));
}

/// The TCP connection below plain HTTP or TLS.
fn tcp_stream(connection: &dyn Any) -> Option<&rt::net::TcpStream> {
    let tls = connection.downcast_ref::<TlsStream<rt::net::TcpStream>>();
    tls.map(|tls| tls.get_ref().0).or_else(|| connection.downcast_ref())
}

/// Closes the connection at its limit, unless it has ended.
async fn watch(socket: OwnedFd, limit: Limit, ended: CancellationToken) {
    loop {
        let next_look = Instant::now() + LOOK;
        let next_look = limit.get().map_or(next_look, |limit| limit.min(next_look));
        tokio::select! {
            biased;
            () = ended.cancelled() => return,
            () = sleep_until(next_look) => {}
        }
        if limit.get().is_some_and(|limit| limit <= Instant::now()) {
            // The client may have closed the connection meanwhile.
            let _closed = TcpStream::from(socket).shutdown(Shutdown::Both);
            return;
        }
    }
}

// === impl Exchange ===

impl Exchange {
    /// Begins when the head of the request has arrived. The handler has its own time limits.
    pub(super) fn begin(request: &ServiceRequest) -> Self {
        let limit = request.conn_data::<Watch>().map(|watch| Rc::clone(&watch.limit));
        let exchange = Self { limit };
        exchange.set(None);
        exchange
    }

    /// Notes that the answer is sent from now on.
    pub(super) fn begin_answer(&self) {
        self.set(Some(ANSWER));
    }

    fn set(&self, wait: Option<Duration>) {
        if let Some(limit) = &self.limit {
            limit.set(wait.map(|wait| Instant::now() + wait));
        }
    }
}

impl Drop for Exchange {
    /// The answer is sent, or no answer will follow.
    fn drop(&mut self) {
        self.set(Some(KEEP_ALIVE + SILENCE));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;

    use super::*;

    /// The client's side of a connection, and the server's side.
    fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.set_nonblocking(true).unwrap();
        (client, listener.accept().unwrap().0)
    }

    fn is_closed(mut client: &TcpStream) -> bool {
        client.read(&mut [0; 1]).is_ok_and(|read| read == 0)
    }

    fn limit_in(wait: Duration) -> Limit {
        Limit::new(Cell::new(Some(Instant::now() + wait)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_closed_at_its_limit() {
        let ((client, server), began) = (connection(), Instant::now());
        let socket = server.try_clone().unwrap().into();
        watch(socket, limit_in(SILENCE), CancellationToken::new()).await;
        assert_eq!(began.elapsed(), SILENCE);
        assert!(is_closed(&client));
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_request_has_no_limit_and_its_answer_and_the_next_request_have_one() {
        const RUNNING: Duration = Duration::from_hours(1);
        let ((client, server), limit) = (connection(), limit_in(SILENCE));
        let (socket, began) = (server.try_clone().unwrap().into(), Instant::now());
        let sending = ANSWER.saturating_sub(SILENCE);
        let exchanges = async {
            for _ in 0..3 {
                let exchange = Exchange { limit: Some(Rc::clone(&limit)) };
                exchange.set(None);
                tokio::time::sleep(RUNNING).await;
                exchange.begin_answer();
                tokio::time::sleep(sending).await;
                drop(exchange);
                tokio::time::sleep(KEEP_ALIVE).await;
            }
            let exchange = Exchange { limit: Some(Rc::clone(&limit)) };
            exchange.begin_answer();
            std::future::pending::<()>().await;
            drop(exchange);
        };
        tokio::select! {
            () = watch(socket, Rc::clone(&limit), CancellationToken::new()) => {}
            () = exchanges => {}
        }
        assert_eq!(began.elapsed(), 3 * (RUNNING + sending + KEEP_ALIVE) + ANSWER);
        assert!(is_closed(&client), "the client does not read the last answer");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_whole_second_request_is_closed() {
        let ((client, server), limit) = (connection(), limit_in(SILENCE));
        let socket = server.try_clone().unwrap().into();
        drop(Exchange { limit: Some(Rc::clone(&limit)) });
        let began = Instant::now();
        watch(socket, limit, CancellationToken::new()).await;
        assert_eq!(began.elapsed(), KEEP_ALIVE + SILENCE);
        assert!(is_closed(&client));
    }

    #[tokio::test(start_paused = true)]
    async fn the_watch_ends_with_its_connection() {
        let ((client, server), ended) = (connection(), CancellationToken::new());
        let end = ended.clone().drop_guard();
        let began = Instant::now();
        tokio::join!(watch(server.into(), limit_in(SILENCE), ended), async { drop(end) });
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert!(is_closed(&client), "no other file keeps the connection open");
    }
}
