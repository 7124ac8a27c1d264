//! Addresses that mean "no address", as the configuration names them.

/// Addresses that mean "no address".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholders(pub Vec<Placeholder>);

/// An address that means "no address", or all e-mail addresses that begin and end in a certain way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// An e-mail address, in small letters.
    Email(String),
    /// All e-mail addresses that begin and end like this, in small letters.
    Emails {
        /// The text before the asterisk.
        begin: String,
        /// The text behind the asterisk.
        end: String,
    },
    /// A mobile number, in E.164.
    Mobile(String),
}

// === impl Placeholder ===

impl Placeholder {
    /// Reads `noemail@acme.example`, `*@none.invalid` or `+61400000000`. `None` for any other text.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        if let Some(digits) = text.strip_prefix('+') {
            let is_number = (7..=15).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            return is_number.then_some(Self::Mobile(text));
        }
        let (local, domain) = text.split_once('@')?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return None;
        }
        match text.split_once('*') {
            None => Some(Self::Email(text)),
            Some((_, end)) if end.contains('*') => None,
            Some((begin, end)) => {
                Some(Self::Emails { begin: begin.to_owned(), end: end.to_owned() })
            }
        }
    }
}

// === impl Placeholders ===

impl Placeholders {
    /// Whether the e-mail address is a placeholder.
    pub(crate) fn has_email(&self, address: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let address = address.to_lowercase();
        self.0.iter().any(|placeholder| match placeholder {
            Placeholder::Email(email) => *email == address,
            Placeholder::Emails { begin, end } => address
                .strip_prefix(begin.as_str())
                .is_some_and(|rest| rest.ends_with(end.as_str())),
            Placeholder::Mobile(_) => false,
        })
    }

    /// Whether the mobile number, in E.164, is a placeholder.
    pub(crate) fn has_mobile(&self, number: &str) -> bool {
        self.0.iter().any(
            |placeholder| matches!(placeholder, Placeholder::Mobile(mobile) if mobile == number),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_an_address_a_form_or_a_number() {
        let matches = |placeholder: &str, address: &str| {
            let placeholders = Placeholders(vec![Placeholder::new(placeholder).unwrap()]);
            placeholders.has_email(address) || placeholders.has_mobile(address)
        };
        for (placeholder, address, is_meant) in [
            ("noemail@acme.example", "noemail@acme.example", true),
            ("NoEmail@Acme.example ", "noEMAIL@acme.example", true),
            ("noemail@acme.example", "mia.noemail@acme.example", false),
            ("*@none.invalid", "mia@none.invalid", true),
            ("*@none.invalid", "mia@none.invalid.example", false),
            ("noemail*@acme.example", "noemail17@acme.example", true),
            ("noemail*@acme.example", "mia@acme.example", false),
            ("shop@*", "shop@acme.example", true),
            ("+61400000000", "+61400000000", true),
            ("+61400000000", "+61400000001", false),
        ] {
            assert_eq!(matches(placeholder, address), is_meant, "{placeholder} {address}");
        }
    }

    #[test]
    fn any_other_text_is_no_placeholder() {
        for text in [
            "",
            "noemail",
            "@acme.example",
            "noemail@",
            "*",
            "*@*",
            "a@b@c",
            "0400000000",
            "+61 400",
            "+1",
        ] {
            assert_eq!(Placeholder::new(text), None, "{text}");
        }
    }
}
