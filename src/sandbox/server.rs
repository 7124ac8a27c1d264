//! The tenant on its socket.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use tokio::task::JoinHandle;

use super::api;
use super::config::Config;
use super::control::{Control, State, control_routes};
use crate::clock::Clock;
use crate::shutdown::Tasks;

/// A simulated tenant that serves until it is dropped.
pub struct Sandbox {
    addr: SocketAddr,
    state: Arc<State>,
    handle: ServerHandle,
    running: Option<JoinHandle<io::Result<()>>>,
}

// === impl Sandbox ===

impl Sandbox {
    /// Makes the customers, binds the socket, and serves. `clock` stamps the changes.
    ///
    /// # Errors
    /// When the address cannot be bound, or `page_size` is 0.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(config: Config, clock: Arc<dyn Clock>) -> io::Result<Self> {
        if config.page_size == 0 {
            let message = "page_size must be at least 1";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listen = config.listen;
        let state = Arc::new(State::new(config, clock));
        let data = Data::from(Arc::clone(&state));
        let app = move || {
            App::new().app_data(data.clone()).configure(api::routes).configure(control_routes)
        };
        let server = HttpServer::new(app).workers(2).disable_signals().bind(listen)?;
        let addr = server.addrs().first().copied().unwrap_or(listen);
        let server = server.run();
        Ok(Self { addr, state, handle: server.handle(), running: Some(Tasks::new().spawn(server)) })
    }

    /// The address of the socket.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The API's address for a client, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// A handle that inspects and changes this tenant.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.state))
    }

    /// Stops at once, like a machine that is switched off. The connections of waiting callers
    /// break.
    pub async fn stop(mut self) {
        self.handle.stop(false).await;
        if let Some(running) = self.running.take() {
            // The server has stopped, so its result no longer matters.
            let _ended = running.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The call of `stop` makes the server stop at once. The returned future only waits for the
        // end.
        drop(self.handle.stop(false));
    }
}
