//! What the callers of a test asked for, and the failures that they received.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::canaries::{Canaries, CanaryList};

/// What the callers of one application sent and received. All clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(Arc<Mutex<Exchanges>>);

#[derive(Debug, Default)]
struct Exchanges {
    /// The values of `email` in queries.
    emails: BTreeSet<String>,
    /// Credentials that were presented, right and wrong, and the keys of sessions.
    credentials: BTreeSet<String>,
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

    /// Records the credential in a header of a request or of an answer, if it has one.
    pub(super) fn note_header(&self, name: &str, value: &str) {
        let credential = match name.to_ascii_lowercase().as_str() {
            "authorization" => value.split_ascii_whitespace().last(),
            "cookie" | "set-cookie" => value.split([';', '=']).nth(1),
            _ => None,
        };
        let credentials = &mut self.exchanges().credentials;
        if let Some(credential) = credential {
            credentials.insert(credential.to_owned());
            let pair =
                STANDARD.decode(credential).ok().and_then(|pair| String::from_utf8(pair).ok());
            let password = pair.as_deref().and_then(|pair| pair.split_once(':'));
            credentials.extend(password.map(|(_, password)| password.to_owned()));
        }
    }

    /// Records the token in a request's body, if the body is the form of the console's login page.
    pub(super) fn note_form(&self, form: &str) {
        let values = form_urlencoded::parse(form.as_bytes()).filter(|(name, _)| name == "token");
        self.exchanges().credentials.extend(values.map(|(_, token)| token.into_owned()));
    }

    /// Records one request and its answer, as bytes.
    pub(super) fn note_bytes(&self, sent: &[u8], received: &[u8]) {
        let (sent, received) = (String::from_utf8_lossy(sent), String::from_utf8_lossy(received));
        for (name, value) in sent.lines().filter_map(|line| line.split_once(':')) {
            self.note_header(name, value);
        }
        // The first line of a request has the target, and the first line of an answer the status.
        let second = |text: &str| text.split(' ').nth(1).unwrap_or_default().to_owned();
        let body = received.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        self.note(&second(&sent), second(&received).parse().unwrap_or_default(), body.as_bytes());
    }

    /// Adds the addresses that callers asked for, and the credentials that were presented.
    pub(super) fn add_canaries(&self, list: &mut CanaryList) {
        let exchanges = self.exchanges();
        exchanges.emails.iter().for_each(|email| list.add_email(email));
        exchanges.credentials.iter().for_each(|credential| list.add_credential(credential));
    }

    /// Each canary in a body of a failure. A 400 and a 404 may show the words of their own request,
    /// because they show what cannot be used.
    pub(super) fn leaks(&self, canaries: &Canaries) -> Vec<String> {
        let of_failure = |Failure { status, asked, body }: &Failure| {
            let allowed = if matches!(status, 400 | 404) { asked } else { "" };
            let leaks = canaries.in_body(body, allowed);
            leaks.into_iter().map(|leak| format!("{leak}\n    in a {status}")).collect::<Vec<_>>()
        };
        self.exchanges().failures.iter().flat_map(of_failure).collect()
    }

    fn exchanges(&self) -> MutexGuard<'_, Exchanges> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
