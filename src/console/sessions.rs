//! The sessions of the operator, and the number of wrong tokens by address.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use moka::Entry;
use moka::sync::Cache;
use sha2::{Digest, Sha256};

/// The sessions of one process. A restart ends them.
#[derive(Clone, Debug)]
pub(super) struct Sessions {
    /// The digests of the session keys, so that a copy of the memory opens no session.
    keys: Cache<[u8; 32], ()>,
    /// The number of wrong tokens by address.
    failures: Cache<IpAddr, u32>,
}

/// How long a session lasts: a working day.
pub(super) const LIFETIME: Duration = Duration::from_hours(12);

/// How long an address gets 429 for a wrong token, after [`MAX_FAILURES`] wrong tokens.
pub(super) const PENALTY: Duration = Duration::from_mins(1);

/// Number of wrong tokens of one address that get 403. The count ends [`PENALTY`] after the last
/// of these tokens.
const MAX_FAILURES: u32 = 5;

/// Largest number of sessions that are kept, and of addresses whose wrong tokens are counted.
const MAX_KEPT: u64 = 10_000;

// === impl Sessions ===

impl Sessions {
    pub(super) fn new() -> Self {
        Self {
            keys: Cache::builder().max_capacity(MAX_KEPT).time_to_live(LIFETIME).build(),
            failures: Cache::builder().max_capacity(MAX_KEPT).time_to_live(PENALTY).build(),
        }
    }

    /// Begins a session and returns its key.
    pub(super) fn begin(&self) -> String {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system has random numbers");
        let key = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        self.keys.insert(digest(&key), ());
        key
    }

    /// Whether a session has this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains_key(&digest(key))
    }

    /// Ends the session with this key, if there is one.
    pub(super) fn end(&self, key: &str) {
        self.keys.invalidate(&digest(key));
    }

    /// Whether the address sent too many wrong tokens.
    pub(super) fn is_refused(&self, address: IpAddr) -> bool {
        self.failures.get(&address).is_some_and(|failures| failures >= MAX_FAILURES)
    }

    /// Records a wrong token.
    pub(super) fn note_failure(&self, address: IpAddr) {
        let count = |known: Option<Entry<IpAddr, u32>>| {
            known.map_or(1, |entry| entry.into_value().saturating_add(1))
        };
        self.failures.entry(address).and_upsert_with(count);
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lasts_until_it_is_ended() {
        let sessions = Sessions::new();
        let (key, other) = (sessions.begin(), sessions.begin());
        assert_eq!((key.len(), key == other), (43, false));
        assert!(sessions.has(&key));
        sessions.end(&key);
        assert!(!sessions.has(&key) && sessions.has(&other) && !sessions.has(""));
    }

    #[test]
    fn an_address_is_refused_after_five_wrong_tokens() {
        let sessions = Sessions::new();
        let (one, other) = ([127, 0, 0, 1].into(), [127, 0, 0, 2].into());
        for _ in 0..MAX_FAILURES {
            assert!(!sessions.is_refused(one));
            sessions.note_failure(one);
        }
        assert!(sessions.is_refused(one) && !sessions.is_refused(other));
    }
}
