//! Helpers for tests with TLS: certificates and their files.

use std::fs;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::CertificateFiles;

/// A new certificate that expires in 2090, and its key, in PEM.
pub(crate) fn certified() -> [String; 2] {
    let mut params = CertificateParams::new(["dotstory.example".to_owned()]).unwrap();
    params.not_after = date_time_ymd(2090, 1, 1);
    let key = KeyPair::generate().unwrap();
    [params.self_signed(&key).unwrap().pem(), key.serialize_pem()]
}

/// Files with these texts, in a new folder.
pub(crate) fn files(cert: &str, key: &str) -> (TempDir, CertificateFiles) {
    let folder = tempfile::tempdir().unwrap();
    let [cert_path, key_path] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    fs::write(&cert_path, cert).unwrap();
    fs::write(&key_path, key).unwrap();
    (folder, CertificateFiles { cert: cert_path, key: key_path })
}
