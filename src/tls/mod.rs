//! The certificate of the listener for callers.
//!
//! `files` reads a certificate and its key from PEM files, and checks that they fit. `served` has
//! the certificate that new connections get, and replaces it when the files change.

mod files;
mod served;
#[cfg(test)]
pub(crate) mod tests;

pub use files::CertificateFiles;
pub(crate) use files::{CertificateError, Part};
pub use served::ServedCertificate;
