//! The e-mail address in a text that a person typed.

use std::borrow::Cow;

use email_address::{EmailAddress, Options};

use super::clean::clean;

/// What counts as an address: `mia@acme.example`, or `Mia <mia@acme.example>`.
fn options() -> Options {
    Options::default().with_required_tld().without_domain_literal().with_display_text()
}

/// The address, if the text has exactly one: alone, after `mailto:`, or after a display name.
pub(super) fn email_address(text: &str) -> Option<Cow<'_, str>> {
    match clean(text) {
        Cow::Borrowed(text) => {
            if is_plain_address(text) {
                return Some(Cow::Borrowed(text));
            }
            let address = without_scheme(text);
            let parsed = parse(address)?;
            let is_itself = parsed.email() == address;
            Some(if is_itself { Cow::Borrowed(address) } else { parsed.email().to_owned().into() })
        }
        Cow::Owned(text) => Some(parse(without_scheme(&text))?.email().to_owned().into()),
    }
}

/// The addresses in a text that has several, such as `mia@acme.example; leo@acme.example`.
pub(super) fn addresses_in(text: &str) -> Vec<String> {
    let is_separator = |c: char| c.is_whitespace() || ",;:/|<>()[]\"".contains(c);
    let text = clean(text);
    text.split(is_separator).filter_map(email_address).map(Cow::into_owned).collect()
}

/// Whether the text is an address of letters, digits and the usual marks, as nearly every address
/// is. The parser accepts every such address too, but takes ten times as long.
fn is_plain_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_word = |text: &str, is_mark: fn(u8) -> bool| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
    };
    let is_label = |label: &str| {
        is_word(label, |byte| byte == b'-')
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    local.len() <= 64
        && domain.len() <= 200
        && domain.contains('.')
        && local.split('.').all(|part| is_word(part, |byte| matches!(byte, b'-' | b'_' | b'+')))
        && domain.split('.').all(is_label)
}

/// Reads an address. Returns `None` if the display name may contain a second address.
fn parse(text: &str) -> Option<EmailAddress> {
    let address = EmailAddress::parse_with_options(text, options()).ok()?;
    (!address.display_part().contains(['@', '<', '>'])).then_some(address)
}

/// The text after `mailto:`, without the link's parameters. Returns other text unchanged.
fn without_scheme(text: &str) -> &str {
    const SCHEME: &str = "mailto:";
    match text.get(..SCHEME.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => {
            let address = &text[SCHEME.len()..];
            address.split_once('?').map_or(address, |(address, _)| address).trim()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_with_exactly_one_address_is_that_address() {
        for (typed, address) in [
            ("mia@acme.example", Some("mia@acme.example")),
            (" mia@acme.example ", Some("mia@acme.example")),
            ("Mia.O'Neill+shop@mail.acme.example", Some("Mia.O'Neill+shop@mail.acme.example")),
            ("mia_99%x@acme-shop.example", Some("mia_99%x@acme-shop.example")),
            ("mailto:mia@acme.example", Some("mia@acme.example")),
            ("MailTo:mia@acme.example?subject=Hi", Some("mia@acme.example")),
            ("Mia <mia@acme.example>", Some("mia@acme.example")),
            ("Mia Wong <mia@acme.example>", Some("mia@acme.example")),
            ("mia\u{200B}@acme.example\u{00AD}", Some("mia@acme.example")),
            ("ｍｉａ＠ａｃｍｅ．ｅｘａｍｐｌｅ", Some("mia@acme.example")),
            ("zoë@acme.example", Some("zoë@acme.example")),
            ("mia@", None),
            ("@acme.example", None),
            ("n/a", None),
            ("none", None),
            ("mia", None),
            ("mia@acme", None),
            ("mia@localhost", None),
            ("mia@[127.0.0.1]", None),
            ("mia@acme..example", None),
            ("mia@acme.example.", None),
            (".mia@acme.example", None),
            ("mia@@acme.example", None),
            ("mia wong@acme.example", None),
            ("mia@acme.example, leo@acme.example", None),
            ("mia@acme.example;leo@acme.example", None),
            ("mia@acme.example leo@acme.example", None),
            ("mia@acme.example / leo@acme.example", None),
            ("Mia <mia@acme.example> Leo <leo@acme.example>", None),
            ("mailto:", None),
            ("", None),
        ] {
            assert_eq!(email_address(typed).as_deref(), address, "{typed}");
        }
    }

    #[test]
    fn a_text_with_several_addresses_has_each_of_them() {
        let both = ["mia@acme.example", "leo@acme.example"];
        for text in [
            "mia@acme.example, leo@acme.example",
            "mia@acme.example;leo@acme.example",
            "mia@acme.example leo@acme.example",
            "mia@acme.example / leo@acme.example",
            "Mia <mia@acme.example> Leo <leo@acme.example>",
            "mailto:mia@acme.example,\u{200B}leo@acme.example",
        ] {
            assert_eq!(addresses_in(text), both, "{text}");
        }
        assert_eq!(addresses_in("n/a"), [""; 0]);
    }

    #[test]
    fn a_long_text_has_no_address() {
        assert_eq!(email_address(&format!("{}@acme.example", "m".repeat(300))), None);
        assert_eq!(email_address(&"@".repeat(1_000_000)), None);
    }

    proptest! {
        #[test]
        fn the_parser_accepts_each_plain_address(
            text in "[a-zA-Z0-9._+-]{1,12}@[a-z0-9.-]{1,20}|[a-z.@-]{1,16}",
        ) {
            if is_plain_address(&text) {
                let parsed = parse(&text);
                prop_assert_eq!(parsed.as_ref().map(EmailAddress::email), Some(&*text));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,60}|[<>@.a-c ,:\"()]{0,40}") {
            if let Some(address) = email_address(&text) {
                prop_assert!(address.contains('@') && !address.contains(['<', '>', ',']));
            }
        }
    }
}
