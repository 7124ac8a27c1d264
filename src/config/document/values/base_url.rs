//! The address of the upstream: a URL that does not expose the password in transit.

use rustls::pki_types::DnsName;
use url::{Host, ParseError, Url};

use crate::config::document::problem::Mistake;
use crate::config::document::raw::Value;

const EXPECTED: &str = "an https URL such as \"https://api.dotapparel.io\"";

/// A URL to which the paths of calls are appended: `https`, or `http` on a loopback address. Its
/// path ends with `/`, so that [`Url::join`] keeps a prefix.
pub(crate) fn base_url(value: &Value) -> Result<Url, Mistake> {
    let Value::Text(text) = value else {
        return Err(Mistake::expected(EXPECTED, value));
    };
    let url = Url::parse(text).map_err(|error| match error {
        // The text may be `https://user:password` without a host.
        ParseError::InvalidPort => Mistake::expected(EXPECTED, "one without a valid port"),
        _ => refused(text),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Mistake::expected(EXPECTED, "one with a user name or password")
            .hint("set the keys username and password instead"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Mistake::expected(EXPECTED, "one with a query or fragment"));
    }
    if let Some(Host::Domain(name)) = url.host()
        && DnsName::try_from(name).is_err()
    {
        return Err(refused(text).hint(format!("{name:?} is not a valid host name")));
    }
    match url.scheme() {
        "https" => Ok(with_final_slash(url)),
        "http" if is_loopback(&url) => Ok(with_final_slash(url)),
        "http" => Err(refused(text).hint(
            "http sends the password unencrypted; use https, or http for a loopback address only",
        )),
        _ => Err(refused(text)),
    }
}

/// The mistake shows the text unless the text may contain credentials.
fn refused(text: &str) -> Mistake {
    let has_host = Url::parse(text).is_ok_and(|url| url.has_host()) || !text.contains(':');
    if text.contains(['@', '?', '#']) || !has_host {
        Mistake::expected(EXPECTED, "other text")
    } else {
        Mistake::expected(EXPECTED, format_args!("{text:?}"))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn with_final_slash(mut url: Url) -> Url {
    let path = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, String> {
        base_url(&Value::Text(text.to_owned()))
            .map(|url| url.to_string())
            .map_err(|mistake| format!("{mistake:?}"))
    }

    #[test]
    fn a_base_url_is_https_or_on_a_loopback_address_and_ends_with_a_slash() {
        for (text, url) in [
            ("https://api.dotapparel.io", "https://api.dotapparel.io/"),
            ("https://api.dotapparel.io/", "https://api.dotapparel.io/"),
            ("https://proxy.example:8443/au/v1", "https://proxy.example:8443/au/v1/"),
            ("https://proxy.example/au//", "https://proxy.example/au/"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/"),
            ("http://127.8.8.8/x", "http://127.8.8.8/x/"),
            ("http://[::1]:9000", "http://[::1]:9000/"),
            ("http://LOCALHOST:9000", "http://localhost:9000/"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(url), "{text:?}");
        }
    }

    #[test]
    fn any_other_base_url_is_refused() {
        for text in [
            "",
            "api.dotapparel.io",
            "http://api.dotapparel.io",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://0.0.0.0:80",
            "http://192.168.0.1",
            "ftp://api.dotapparel.io",
            "file:///etc/passwd",
            "https://",
            "https://api.example.com/?key=1",
            "https://api.example.com/#top",
            "https://api-.example.com",
            "https://-api.example.com",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn credentials_in_a_base_url_are_refused_and_not_shown() {
        for text in [
            "https://user:hunter2@api.example.com",
            "https://hunter2@api.example.com",
            "http://user:hunter2@api.example.com",
            "htps://user:hunter2@api.example.com",
            "user:hunter2@api.example.com",
            "https://api.example.com:port/?key=hunter2",
            "https://user:hunter2",
            "htps://user:hunter2",
            "user:hunter2",
        ] {
            let error = parse(text).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
