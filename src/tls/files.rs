//! Reads a certificate and its key from PEM files.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use x509_cert::Certificate as X509;
use x509_cert::der::Decode;

/// The PEM files of a certificate and its key: `[server.tls]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate of the listener, then the certificates of its CAs.
    pub cert: PathBuf,
    /// The private key of the certificate.
    pub key: PathBuf,
}

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    /// A file cannot be read.
    #[error("the file of the {0} cannot be read")]
    Unreadable(Part, #[source] io::Error),
    /// A file is not PEM.
    #[error("the file of the {0} is not PEM")]
    NotPem(Part),
    /// A file has no such part.
    #[error("the file of the {0} has no {0}")]
    Missing(Part),
    /// The part is damaged, or of a kind that dotstory does not support.
    #[error("the {0} is damaged or of an unknown kind")]
    Unusable(Part),
    /// The key does not fit the certificate.
    #[error("the key belongs to another certificate")]
    OtherKey,
}

/// A part of what a listener needs for TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Certificate,
    Key,
}

// === impl CertificateFiles ===

impl CertificateFiles {
    /// Reads both files, and checks that the key fits the certificate.
    pub(crate) fn load(&self) -> Result<CertifiedKey, CertificateError> {
        let chain: Vec<_> = CertificateDer::pem_file_iter(&self.cert)
            .and_then(Iterator::collect)
            .map_err(|error| unreadable(Part::Certificate, error))?;
        let key = read_key(&self.key)?;
        if chain.is_empty() {
            return Err(CertificateError::Missing(Part::Certificate));
        }
        let provider = ring::default_provider();
        let key = provider.key_provider.load_private_key(key);
        let key = key.map_err(|_| CertificateError::Unusable(Part::Key))?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(certified),
            Err(Error::InconsistentKeys(_)) => Err(CertificateError::OtherKey),
            Err(_) => Err(CertificateError::Unusable(Part::Certificate)),
        }
    }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| unreadable(Part::Key, error))
}

fn unreadable(part: Part, error: pem::Error) -> CertificateError {
    match error {
        pem::Error::Io(error) => CertificateError::Unreadable(part, error),
        pem::Error::NoItemsFound => CertificateError::Missing(part),
        _ => CertificateError::NotPem(part),
    }
}

/// The time at which the certificate expires, such as `2027-01-01T00:00:00Z`. `None` if the time
/// cannot be read.
pub(super) fn expiry(certified: &CertifiedKey) -> Option<String> {
    let certificate = X509::from_der(certified.cert.first()?).ok()?;
    let not_after = certificate.tbs_certificate().validity().not_after;
    let not_after: DateTime<Utc> = not_after.to_system_time().into();
    Some(not_after.to_rfc3339_opts(SecondsFormat::Secs, true))
}

// === impl CertificateError ===

impl CertificateError {
    /// The part whose file the operator must look at.
    pub(crate) fn part(&self) -> Part {
        match *self {
            Self::Unreadable(part, _)
            | Self::NotPem(part)
            | Self::Missing(part)
            | Self::Unusable(part) => part,
            Self::OtherKey => Part::Key,
        }
    }
}

// === impl Part ===

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate",
            Self::Key => "key",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::tests::{certified, files};

    fn problem(cert: &str, key: &str) -> String {
        let (_folder, files) = files(cert, key);
        files.load().map_or_else(|error| error.to_string(), |_| "right".to_owned())
    }

    #[test]
    fn a_certificate_and_its_key_are_read_from_two_files_or_from_one() {
        let [cert, key] = certified();
        assert_eq!(problem(&cert, &key), "right");
        let both = format!("{key}{cert}");
        assert_eq!(problem(&both, &both), "right");
        let (_folder, files) = files(&format!("{cert}{}", certified()[0]), &key);
        let read = files.load().unwrap();
        assert_eq!(read.cert.len(), 2, "the certificates of CAs follow");
        assert_eq!(expiry(&read).as_deref(), Some("2090-01-01T00:00:00Z"));
    }

    #[test]
    fn files_that_cannot_be_served_are_refused_in_words() {
        let [cert, key] = certified();
        let other = certified();
        let cut = &key[..key.len() / 2];
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let unknown = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        for (cert, key, words) in [
            ("", key.as_str(), "the file of the certificate has no certificate"),
            (&key, &key, "the file of the certificate has no certificate"),
            (&cert, "", "the file of the key has no key"),
            (&cert, &cert, "the file of the key has no key"),
            (&cert, cut, "the file of the key is not PEM"),
            (damaged, &key, "the certificate is damaged or of an unknown kind"),
            (&cert, unknown, "the key is damaged or of an unknown kind"),
            (&cert, &other[1], "the key belongs to another certificate"),
        ] {
            assert_eq!(problem(cert, key), words);
        }
        let (folder, mut files) = files(&cert, &key);
        files.key = folder.path().join("absent.pem");
        assert_eq!(files.load().unwrap_err().to_string(), "the file of the key cannot be read");
    }
}
