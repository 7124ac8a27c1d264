//! Two `Authorization` headers.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::auth::Credential;

/// The token or the pair that a header presents, not as a digest.
#[derive(PartialEq, Eq)]
enum Presented {
    Token(Vec<u8>),
    /// The user, a colon, and the password.
    Pair(String),
}

/// Reads the two lines of the bytes as two headers. A single line counts twice.
///
/// # Panics
/// - A credential depends on blanks around the header, or on the case of the scheme.
/// - A credential differs from the same credential in the configuration.
/// - The `Debug` of a credential shows its secret.
/// - The two headers have different tokens or pairs, but equal credentials, or the reverse.
pub fn authorization(bytes: &[u8]) {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let one = lines.next().unwrap_or_default();
    let other = lines.next().unwrap_or(one);
    check(one);
    check(other);
    let credentials = [one, other].map(Credential::presented);
    if let [Some(one_credential), Some(other_credential)] = credentials {
        let are_same = presented(one) == presented(other);
        assert_eq!(one_credential == other_credential, are_same, "two headers");
    }
}

fn check(header: &[u8]) {
    let credential = Credential::presented(header);
    let with_blanks = [b"  ", header, b" \t"].concat();
    assert_eq!(Credential::presented(&with_blanks), credential, "blanks");
    assert_eq!(Credential::presented(&with_loud_scheme(header)), credential, "case");
    let Some(credential) = credential else { return };
    assert_eq!(format!("{credential:?}"), "Credential([redacted])");
    match presented(header).expect("a header with a credential has a scheme and a secret") {
        Presented::Token(token) => {
            if let Ok(token) = String::from_utf8(token) {
                assert_eq!(Credential::bearer(&token.into()), credential, "a token");
            }
        }
        Presented::Pair(pair) => {
            let (user, password) = pair.split_once(':').expect("a pair has a colon");
            assert_eq!(Credential::basic(user, &password.into()), credential, "a pair");
            let again = format!("Basic {}", STANDARD.encode(&pair));
            assert_eq!(Credential::presented(again.as_bytes()), Some(credential), "in UTF-8");
        }
    }
}

/// The header with its scheme in upper case.
fn with_loud_scheme(header: &[u8]) -> Vec<u8> {
    let mut header = header.trim_ascii().to_owned();
    let end = header.iter().position(|byte| *byte == b' ').unwrap_or(0);
    header[..end].make_ascii_uppercase();
    header
}

/// Reads a header for which [`Credential::presented`] returns a credential. For any other header,
/// the result has no meaning.
fn presented(header: &[u8]) -> Option<Presented> {
    let header = header.trim_ascii();
    let end = header.iter().position(|byte| *byte == b' ')?;
    let secret = header[end..].trim_ascii();
    match header[..end].to_ascii_lowercase().as_slice() {
        b"bearer" => Some(Presented::Token(secret.to_owned())),
        b"basic" => {
            let digits = secret.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
            let pair = STANDARD_NO_PAD.decode(&secret[..digits]).ok()?;
            // Latin-1 has the first 256 characters of Unicode, so each byte is a character.
            let pair = String::from_utf8(pair)
                .unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect());
            pair.contains(':').then_some(Presented::Pair(pair))
        }
        _ => None,
    }
}
