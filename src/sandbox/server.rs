//! The tenant on its socket.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::shutdown::Tasks;

use super::api;
use crate::sandbox::config::Config;
use crate::sandbox::control::Control;
use crate::sandbox::control::State;
use crate::sandbox::control::control_http;

/// A simulated tenant that serves. It stops when it is dropped.
pub struct Sandbox {
    addr: SocketAddr,
    state: Arc<State>,
    handle: ServerHandle,
    running: Option<JoinHandle<io::Result<()>>>,
}

// === impl Sandbox ===

impl Sandbox {
    /// Makes the customers, binds the socket, and serves. `clock` stamps what changes.
    ///
    /// # Errors
    /// When it cannot listen on the address, or pages are to hold no record.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(config: Config, clock: Arc<dyn Clock>) -> io::Result<Self> {
        if config.page_size == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a page must hold a record"));
        }
        let listen = config.listen;
        let state = Arc::new(State::new(config, clock));
        let data = Data::from(Arc::clone(&state));
        let app = move || {
            App::new().app_data(data.clone()).configure(api::routes).configure(control_http::routes)
        };
        let server = HttpServer::new(app).workers(2).disable_signals().bind(listen)?;
        let addr = server.addrs().first().copied().unwrap_or(listen);
        let server = server.run();
        Ok(Self { addr, state, handle: server.handle(), running: Some(Tasks::new().spawn(server)) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What a client is to be given as the API's address, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What looks into this tenant and makes it misbehave.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.state))
    }

    /// Stops as a machine that is switched off: whoever still waits for an answer sees the connection break.
    pub async fn stop(mut self) {
        self.handle.stop(false).await;
        if let Some(running) = self.running.take() {
            // It has ended, and how is nobody's concern any more.
            let _ended = running.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Sends the order at once; what it returns only waits.
        drop(self.handle.stop(false));
    }
}
