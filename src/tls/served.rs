//! The certificate that new connections get.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tracing::{error, info};

use super::CertificateFiles;
use super::files::{CertificateError, expiry};
use crate::telemetry::with_causes;

/// The certificate that new connections get. Clones share the certificate. An open connection keeps
/// the certificate with which it began.
#[derive(Clone, Debug)]
pub struct ServedCertificate(Arc<Served>);

#[derive(Debug)]
struct Served {
    files: CertificateFiles,
    certified: ArcSwap<CertifiedKey>,
    /// The problem of the files at the last reload, so that a problem that lasts is logged once.
    /// The lock is never held over an await.
    problem: Mutex<Option<String>>,
}

// === impl ServedCertificate ===

impl ServedCertificate {
    /// Reads the certificate of these files.
    pub(crate) fn load(files: CertificateFiles) -> Result<Self, CertificateError> {
        let certified = ArcSwap::from_pointee(files.load()?);
        Ok(Self(Arc::new(Served { files, certified, problem: Mutex::default() })))
    }

    /// The settings of a listener that serves this certificate. The only provider of cryptography
    /// is ring, as for the calls to `DotApparel`.
    pub(crate) fn server_config(&self) -> Result<ServerConfig, rustls::Error> {
        let resolver: Arc<Served> = Arc::clone(&self.0);
        Ok(ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver))
    }

    /// The certificates that new connections get.
    #[cfg(test)]
    pub(crate) fn chain(&self) -> Vec<rustls::pki_types::CertificateDer<'static>> {
        self.0.certified.load().cert.clone()
    }

    /// Reads the files again, and serves their certificate from now on if it differs. If the files
    /// have a problem, the old certificate stays. Reads files, so it may block.
    pub(crate) fn reload(&self) {
        let Served { files, certified, problem } = &*self.0;
        let mut known_problem = problem.lock().unwrap_or_else(PoisonError::into_inner);
        let tls_cert = files.cert.display();
        match files.load() {
            Ok(read) => {
                *known_problem = None;
                if read.cert != certified.load().cert {
                    let tls_expiry = expiry(&read);
                    certified.store(Arc::new(read));
                    info!(tls.cert = %tls_cert, tls.expiry = tls_expiry, "certificate reloaded");
                }
            }
            Err(error) => {
                let found = with_causes(&error);
                if known_problem.as_ref() != Some(&found) {
                    error!(tls.cert = %tls_cert, error = found, "certificate not reloaded");
                    *known_problem = Some(found);
                }
            }
        }
    }
}

// === impl Served ===

impl ResolvesServerCert for Served {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certified.load_full())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::telemetry::tests::Log;
    use crate::tls::tests::{certified, files};

    #[test]
    fn a_changed_certificate_is_served_and_a_wrong_one_leaves_the_old_one() {
        let ([cert, key], [next_cert, next_key]) = (certified(), certified());
        let (_folder, files) = files(&cert, &key);
        let served = ServedCertificate::load(files.clone()).unwrap();
        let (log, _listening) = Log::listen();
        let logged = || {
            let lines = log.lines().into_iter();
            let fields = ["level", "message", "tls.expiry", "error"];
            lines.map(move |line| {
                fields.map(|field| line[field].as_str().unwrap_or_default().to_owned())
            })
        };
        let first = served.chain();

        served.reload();
        assert_eq!(logged().count(), 0, "the files are as before");

        fs::write(&files.cert, next_cert).unwrap();
        served.reload();
        served.reload();
        let wrong = "the key belongs to another certificate";
        assert_eq!(logged().next().unwrap(), ["ERROR", "certificate not reloaded", "", wrong]);
        assert_eq!(logged().count(), 1, "one line for one problem");
        assert_eq!(served.chain(), first);

        fs::write(&files.key, next_key).unwrap();
        served.reload();
        let reloaded = ["INFO", "certificate reloaded", "2090-01-01T00:00:00Z", ""];
        assert_eq!(logged().nth(1).unwrap(), reloaded);
        assert_ne!(served.chain(), first);

        fs::remove_file(&files.key).unwrap();
        served.reload();
        let [level, message, _, error] = logged().nth(2).unwrap();
        assert_eq!([level.as_str(), message.as_str()], ["ERROR", "certificate not reloaded"]);
        assert!(error.starts_with("the file of the key cannot be read: "), "{error}");
    }
}
