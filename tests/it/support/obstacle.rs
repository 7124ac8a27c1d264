//! A connection to a tenant that fails until the test repairs it.

use std::net::SocketAddr;

use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::{Authority, Certified, TlsFront, spawn};

/// Why each connection to a tenant fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// No server listens.
    Refused,
    /// The certificate has expired.
    Expired,
    /// The certificate is for another name.
    OtherName,
    /// The certificate is of an authority that the brand does not trust.
    UnknownIssuer,
}

/// An address through which a tenant cannot be reached before [`Obstructed::repair`].
pub(crate) struct Obstructed {
    pub base_url: String,
    /// Lines of the brand's `[dotapparel]`.
    pub dotapparel: String,
    tenant: SocketAddr,
    door: Door,
}

enum Door {
    /// The socket is bound, but does not listen. So no other program gets the port.
    Closed(Option<TcpSocket>),
    /// The brand trusts the authority, whose certificate is in the directory.
    Tls { front: TlsFront, authority: Box<Authority>, _directory: TempDir },
    /// The server passes each connection on.
    Open(JoinHandle<()>),
}

/// The right certificate.
const RIGHT: Certified = Certified { name: "127.0.0.1", until_year: 2100 };

// === impl Obstructed ===

impl Obstructed {
    pub(crate) async fn start(obstacle: Obstacle, tenant: SocketAddr) -> Self {
        let (trusted, unknown) = (Authority::new("Test CA 1"), Authority::new("Test CA 2"));
        let (issuer, certified) = match obstacle {
            Obstacle::Refused => return Self::closed(tenant),
            Obstacle::Expired => (&trusted, Certified { until_year: 2021, ..RIGHT }),
            Obstacle::OtherName => (&trusted, Certified { name: "api.example", ..RIGHT }),
            Obstacle::UnknownIssuer => (&unknown, RIGHT),
        };
        let front = TlsFront::start(issuer, certified, tenant).await;
        let directory = tempfile::tempdir().unwrap();
        let ca_file = directory.path().join("trusted.pem");
        trusted.write_to(&ca_file);
        Self {
            base_url: format!("https://{}", front.addr),
            dotapparel: format!("ca_file = \"{}\"\n", ca_file.display()),
            tenant,
            door: Door::Tls { front, authority: Box::new(trusted), _directory: directory },
        }
    }

    fn closed(tenant: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self {
            base_url: format!("http://{}", socket.local_addr().unwrap()),
            dotapparel: String::new(),
            tenant,
            door: Door::Closed(Some(socket)),
        }
    }

    /// From now on, connections reach the tenant.
    pub(crate) fn repair(&mut self) {
        match &mut self.door {
            Door::Tls { front, authority, .. } => front.present(authority, RIGHT),
            Door::Closed(socket) => {
                let listener = socket.take().expect("a closed door has its socket").listen(64);
                let (listener, tenant) = (listener.unwrap(), self.tenant);
                self.door = Door::Open(spawn(async move {
                    while let Ok((stream, _)) = listener.accept().await {
                        spawn(pass_on(stream, tenant));
                    }
                }));
            }
            Door::Open(_) => {}
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Self::Open(running) = self {
            running.abort();
        }
    }
}

async fn pass_on(mut client: TcpStream, tenant: SocketAddr) {
    let mut server = TcpStream::connect(tenant).await.unwrap();
    let _ended = tokio::io::copy_bidirectional(&mut client, &mut server).await;
}
