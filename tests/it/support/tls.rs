//! Certificates of a test's own authority, a client that trusts them, and TLS in front of a tenant.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::spawn;

/// A certificate authority that no machine trusts.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// The name of the server in a certificate, and the year in which the certificate expires.
#[derive(Clone, Copy)]
pub(crate) struct Certified {
    pub name: &'static str,
    pub until_year: i32,
}

/// A TLS server that passes each connection on to a tenant.
pub(crate) struct TlsFront {
    pub addr: SocketAddr,
    acceptor: Arc<Mutex<TlsAcceptor>>,
    running: JoinHandle<()>,
}

// === impl Authority ===

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, "Example");
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Writes the authority's certificate as a file of trusted authorities.
    pub(crate) fn write_to(&self, path: &Path) {
        std::fs::write(path, &self.pem).unwrap();
    }

    /// A new certificate and its key.
    fn certify(&self, certified: Certified) -> (Certificate, KeyPair) {
        let mut params = CertificateParams::new([certified.name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(certified.until_year, 1, 1);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// Writes a new certificate and its key as PEM files.
    pub(crate) fn write_certificate(&self, certified: Certified, cert: &Path, key: &Path) {
        let (certificate, private_key) = self.certify(certified);
        std::fs::write(cert, certificate.pem()).unwrap();
        std::fs::write(key, private_key.serialize_pem()).unwrap();
    }

    /// The settings of a client that trusts only this authority.
    pub(crate) fn client_config(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    fn acceptor(&self, certified: Certified) -> TlsAcceptor {
        let (certificate, key) = self.certify(certified);
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

// === impl TlsFront ===

impl TlsFront {
    /// Listens on a free port, with a certificate of `authority`.
    pub(crate) async fn start(
        authority: &Authority,
        certified: Certified,
        tenant: SocketAddr,
    ) -> Self {
        let acceptor = Arc::new(Mutex::new(authority.acceptor(certified)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let accept = Arc::clone(&acceptor);
        let running = spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = accept.lock().unwrap().clone();
                spawn(pass_on(acceptor, stream, tenant));
            }
        });
        Self { addr, acceptor, running }
    }

    /// Presents a certificate of `authority` to new connections.
    pub(crate) fn present(&self, authority: &Authority, certified: Certified) {
        *self.acceptor.lock().unwrap() = authority.acceptor(certified);
    }
}

/// Ends when the client refuses the certificate, or when a side closes the connection.
async fn pass_on(acceptor: TlsAcceptor, stream: TcpStream, tenant: SocketAddr) {
    let Ok(mut client) = acceptor.accept(stream).await else { return };
    let mut server = TcpStream::connect(tenant).await.unwrap();
    let _ended = tokio::io::copy_bidirectional(&mut client, &mut server).await;
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.running.abort();
    }
}
