//! The credentials that callers send and brands accept.

use std::fmt;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The digest of a credential. It can be compared in constant time and hides the secret.
#[derive(Clone)]
pub struct Credential {
    digest: [u8; 32],
}

/// RFC 4648 base64 with optional padding, because some clients omit the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

// === impl Credential ===

impl Credential {
    /// The credential of `Authorization: Bearer <token>`.
    pub fn bearer(token: &SecretString) -> Self {
        Self::digest(&[b"bearer", token.expose_secret().as_bytes()])
    }

    /// The credential of `Authorization: Basic base64(username:password)`.
    pub fn basic(username: &str, password: &SecretString) -> Self {
        Self::digest(&[b"basic", username.as_bytes(), password.expose_secret().as_bytes()])
    }

    /// Reads an `Authorization` header: `Bearer <token>` or `Basic <base64>`. The case of the
    /// scheme does not matter, and at least one space follows it. `None` for every other text.
    pub fn presented(header: &[u8]) -> Option<Self> {
        let header = header.trim_ascii();
        let end_of_scheme = header.iter().position(|byte| *byte == b' ')?;
        let (scheme, rest) = header.split_at(end_of_scheme);
        let rest = rest.trim_ascii_start();
        if scheme.eq_ignore_ascii_case(b"bearer") {
            return Some(Self::digest(&[b"bearer", rest]));
        }
        if scheme.eq_ignore_ascii_case(b"basic") {
            let pair = in_utf8(BASE64.decode(rest).ok()?);
            let colon = pair.iter().position(|byte| *byte == b':')?;
            return Some(Self::digest(&[b"basic", &pair[..colon], &pair[colon + 1..]]));
        }
        None
    }

    /// Digests each part with its length, so that another split of the same text has another
    /// digest.
    fn digest(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
        Self { digest: hasher.finalize().into() }
    }
}

/// Converts UTF-8 or Latin-1 to UTF-8. RFC 7617 leaves the encoding of a name and a password open.
/// Latin-1 text with a character outside ASCII is almost never valid UTF-8.
fn in_utf8(bytes: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) => text.into_bytes(),
        Err(error) => {
            error.as_bytes().iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes()
        }
    }
}

impl PartialEq for Credential {
    /// Takes the same time for equal and different credentials.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret(text: &str) -> SecretString {
        text.into()
    }

    #[test]
    fn a_header_presents_its_credential() {
        let bearer = Credential::bearer(&secret("a-token"));
        let basic = Credential::basic("user", &secret("pass:word"));
        let blank = Credential::basic("", &secret(""));
        for (header, credential) in [
            ("Bearer a-token", &bearer),
            ("bearer a-token", &bearer),
            ("  BEARER    a-token  ", &bearer),
            ("Basic dXNlcjpwYXNzOndvcmQ=", &basic),
            ("basic   dXNlcjpwYXNzOndvcmQ", &basic),
            ("Basic Og==", &blank),
        ] {
            assert_eq!(
                Credential::presented(header.as_bytes()).as_ref(),
                Some(credential),
                "{header}"
            );
        }
    }

    #[test]
    fn a_pair_in_latin_1_is_the_pair_in_utf_8() {
        let credential = Credential::basic("dailystory", &secret("pässwörd"));
        for pair in ["dailystory:pässwörd".as_bytes(), b"dailystory:p\xe4ssw\xf6rd"] {
            let header = format!("Basic {}", BASE64.encode(pair));
            assert_eq!(Credential::presented(header.as_bytes()).as_ref(), Some(&credential));
        }
    }

    #[test]
    fn a_header_without_a_credential_presents_none() {
        for header in [
            "",
            " ",
            "Bearer",
            "Basic",
            "Basic !",
            "Basic dXNlcg==",
            "Digest x",
            "Bearera-token",
            "a-token",
            "Basic dXNlcjpwYXNz d29yZA==",
        ] {
            assert_eq!(Credential::presented(header.as_bytes()), None, "{header:?}");
        }
    }

    #[test]
    fn credentials_differ_by_scheme_and_by_the_split_of_user_and_password() {
        let credentials = [
            Credential::bearer(&secret("a")),
            Credential::basic("a", &secret("")),
            Credential::basic("", &secret("a")),
            Credential::basic("a", &secret("b")),
            Credential::basic("ab", &secret("")),
            Credential::bearer(&secret("")),
        ];
        for (i, one) in credentials.iter().enumerate() {
            for (j, other) in credentials.iter().enumerate() {
                assert_eq!(one == other, i == j, "{i} and {j}");
            }
        }
    }

    #[test]
    fn a_credential_shows_nothing_of_its_secret() {
        let shown = format!("{:?}", Credential::bearer(&secret("hush")));
        assert_eq!(shown, "Credential([redacted])");
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_a_panic(header in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Credential::presented(&header);
        }

        #[test]
        fn any_user_and_password_are_read_unchanged(user in "[^:]{0,20}", password in ".{0,20}") {
            let text = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            let presented = Credential::presented(format!("Basic {text}").as_bytes());
            prop_assert_eq!(presented, Some(Credential::basic(&user, &secret(&password))));
        }
    }
}
