//! What the callers of a test asked for, and the failures that they received.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::form_urlencoded;

use super::canaries::{Canaries, CanaryList};

/// What the callers of one application sent and received. All clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(Arc<Mutex<Exchanges>>);

#[derive(Debug, Default)]
struct Exchanges {
    /// The values of `email` in queries.
    emails: BTreeSet<String>,
    failures: Vec<Failure>,
}

/// An answer with a status from 400.
#[derive(Debug)]
struct Failure {
    status: u16,
    /// The request's target, escaped and unescaped.
    asked: String,
    body: String,
}

// === impl Heard ===

impl Heard {
    /// Records an answer to a request for `target`: a path with its query.
    pub(super) fn note(&self, target: &str, status: u16, body: &[u8]) {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let emails = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "email");
        let mut exchanges = self.exchanges();
        exchanges.emails.extend(emails.map(|(_, email)| email.into_owned()));
        if status >= 400 {
            let unescaped = form_urlencoded::parse(target.as_bytes());
            let unescaped: Vec<_> = unescaped.flat_map(|(name, value)| [name, value]).collect();
            let asked = format!("{target}\n{}", unescaped.join("\n"));
            let body = String::from_utf8_lossy(body).into_owned();
            exchanges.failures.push(Failure { status, asked, body });
        }
    }

    /// Adds the addresses that callers asked for.
    pub(super) fn add_emails(&self, list: &mut CanaryList) {
        self.exchanges().emails.iter().for_each(|email| list.add_email(email));
    }

    /// Each canary in a body of a failure. A 400 and a 404 may show the words of their own request,
    /// because they show what cannot be used.
    pub(super) fn leaks(&self, canaries: &Canaries) -> Vec<String> {
        let of_failure = |Failure { status, asked, body }: &Failure| {
            let allowed = if matches!(status, 400 | 404) { asked } else { "" };
            let leaks = canaries.in_text(body, allowed);
            leaks.into_iter().map(|leak| format!("{leak}\n    in a {status}")).collect::<Vec<_>>()
        };
        self.exchanges().failures.iter().flat_map(of_failure).collect()
    }

    fn exchanges(&self) -> MutexGuard<'_, Exchanges> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
