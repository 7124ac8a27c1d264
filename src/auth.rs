//! Who may call: credentials as callers present them and as brands hold them.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A credential, kept only as its digest: so that it can be compared in constant time whatever its length, and shown
/// by nobody. A held and a presented credential are one type.
#[derive(Clone)]
pub struct Credential {
    digest: [u8; 32],
}

// === impl Credential ===

impl Credential {
    /// The credential of `Authorization: Bearer <token>`.
    #[must_use]
    pub fn bearer(token: &SecretString) -> Self {
        Self::digest(&[b"bearer", token.expose_secret().as_bytes()])
    }

    /// The credential of `Authorization: Basic base64(username:password)`.
    #[must_use]
    pub fn basic(username: &str, password: &SecretString) -> Self {
        Self::digest(&[
            b"basic",
            username.as_bytes(),
            password.expose_secret().as_bytes(),
        ])
    }

    /// Digests the parts with their lengths, so that no two lists of parts are alike.
    fn digest(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
        Self {
            digest: hasher.finalize().into(),
        }
    }
}

impl PartialEq for Credential {
    /// Takes the same time whether and wherever the two differ.
    fn eq(&self, other: &Self) -> bool {
        self.digest.ct_eq(&other.digest).into()
    }
}

impl Eq for Credential {}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential([redacted])")
    }
}
