//! Reads the origin of a request: its host, its site, its proxy and its client.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, ORIGIN};

/// The header in which a browser states whether a page caused a request, and whether this page has
/// the same origin or the same site as the request.
const FETCH_SITE: &str = "sec-fetch-site";

/// Whether the request names this machine as its host.
pub(super) fn names_this_machine(request: &HttpRequest) -> bool {
    header(request, HOST.as_str()).is_some_and(is_loopback_name)
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// Whether the request has a header that a proxy adds.
pub(super) fn is_forwarded(request: &HttpRequest) -> bool {
    const HEADERS: [&str; 6] = [
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
    ];
    HEADERS.iter().any(|name| request.headers().contains_key(*name))
}

/// Whether a `Host` header names this machine.
fn is_loopback_name(host: &str) -> bool {
    let without_port = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    let name = without_port.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a form comes from a page of the console, by the header `Sec-Fetch-Site`. Without this
/// header, `Origin` must have the host of the request.
pub(super) fn is_same_origin(request: &HttpRequest) -> bool {
    match (header(request, FETCH_SITE), header(request, ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let of_origin = origin.split_once("://").map(|(_, host)| host);
            of_origin.is_some() && of_origin == header(request, HOST.as_str())
        }
        (None, None) => false,
    }
}

/// Whether a page outside the console caused the request, by the header `Sec-Fetch-Site`. A request
/// without this header is not foreign.
pub(super) fn is_foreign(request: &HttpRequest) -> bool {
    header(request, FETCH_SITE).is_some_and(|site| !["same-origin", "none"].contains(&site))
}

/// Whether the browser opens a page, as after a click on a link.
pub(super) fn is_navigation(request: &HttpRequest) -> bool {
    header(request, "sec-fetch-mode") == Some("navigate")
}

/// The address of the client. A proxy on this machine appends the address of its client to
/// `X-Forwarded-For`, so the last address counts.
pub(super) fn client_address(request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    // A client may send the header too. A proxy appends to the client's value, or adds a line.
    let forwarded = request.headers().get_all("x-forwarded-for").last();
    let forwarded = forwarded.and_then(|value| value.to_str().ok()).filter(|_| peer.is_loopback());
    let last = forwarded.and_then(|addresses| addresses.rsplit(',').next()?.trim().parse().ok());
    last.unwrap_or(peer)
}

/// Whether a proxy received the request over TLS.
pub(super) fn is_over_tls(request: &HttpRequest) -> bool {
    header(request, "x-forwarded-proto") == Some("https")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback_names() {
        for (host, is_loopback) in [
            ("localhost:8081", true),
            ("LOCALHOST", true),
            ("127.0.0.1:8081", true),
            ("127.1.2.3", true),
            ("[::1]:8081", true),
            ("evil.example:8081", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example:8081", false),
            ("10.0.0.1:8081", false),
            ("", false),
        ] {
            assert_eq!(is_loopback_name(host), is_loopback, "{host}");
        }
    }

    #[test]
    fn a_form_of_another_site_is_recognised() {
        for (headers, is_ours) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://here:1")], false),
            (&[("origin", "http://here:1")], true),
            (&[("origin", "https://here:1")], true),
            (&[("origin", "http://evil.example")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            let mut request = TestRequest::post().insert_header(("host", "here:1"));
            for header in headers {
                request = request.insert_header(*header);
            }
            assert_eq!(is_same_origin(&request.to_http_request()), is_ours, "{headers:?}");
        }
    }

    #[test]
    fn the_last_address_from_a_local_proxy_is_the_client() {
        for (peer, forwarded, address) in [
            ("127.0.0.1:1", &[][..], "127.0.0.1"),
            ("127.0.0.1:1", &["192.0.2.9, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1:1", &["192.0.2.9", "198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1:1", &["nonsense"], "127.0.0.1"),
            ("192.0.2.7:1", &["198.51.100.1"], "192.0.2.7"),
        ] {
            let mut request = TestRequest::post().peer_addr(peer.parse().unwrap());
            for line in forwarded {
                request = request.append_header(("x-forwarded-for", *line));
            }
            let request = request.to_http_request();
            assert_eq!(client_address(&request).to_string(), address, "{peer} {forwarded:?}");
        }
    }
}
