//! The address of the client, which may be behind proxies.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

/// The address of a request's client. The middleware adds `ClientAddress` to the request.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct ClientAddress(pub(in crate::http) IpAddr);

/// The header to which each proxy appends the address of its own client. All common proxies can
/// send this header, so `Forwarded` is not read.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client. `peer` is the address of the connection. If `peer` is no trusted
/// proxy, the result is `peer`. A trusted proxy is believed, so the result is then the last address
/// of `X-Forwarded-For` that is no trusted proxy. If all addresses are trusted proxies, the result
/// is the first of them. The addresses before an unreadable entry are not believed.
pub(in crate::http) fn client_address(
    peer: IpAddr,
    headers: &HeaderMap,
    trusted: &[IpNet],
) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    if !is_trusted(&client) {
        return client;
    }
    // A proxy appends to the last line of the header, or adds a line.
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).collect();
    let entries =
        lines.into_iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for entry in entries {
        let Some(address) = address(entry) else { break };
        client = address;
        if !is_trusted(&client) {
            break;
        }
    }
    client
}

/// The address of an entry, with or without a port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = str::from_utf8(entry).ok()?.trim();
    let address = entry.parse().or_else(|_| entry.parse::<SocketAddr>().map(|addr| addr.ip()));
    Some(address.ok()?.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn found(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
            headers.append(HeaderName::from_static(FORWARDED_FOR), line);
        }
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_trusted_proxy() {
        const PROXIES: &[&str] = &["10.0.0.0/8", "127.0.0.1/32", "fd00::/8"];
        for (peer, lines, trusted, client) in [
            // No proxy is trusted, or the connection is not from a trusted proxy.
            ("127.0.0.1", &["198.51.100.1"][..], &[][..], "127.0.0.1"),
            ("192.0.2.7", &["198.51.100.1"], PROXIES, "192.0.2.7"),
            ("127.0.0.2", &["198.51.100.1"], PROXIES, "127.0.0.2"),
            // One proxy, and addresses that the client sent itself.
            ("127.0.0.1", &["198.51.100.1"], PROXIES, "198.51.100.1"),
            ("127.0.0.1", &["192.0.2.9, 198.51.100.1"], PROXIES, "198.51.100.1"),
            ("127.0.0.1", &["192.0.2.9", "198.51.100.1"], PROXIES, "198.51.100.1"),
            ("127.0.0.1", &["10.0.0.1 , 198.51.100.1 "], PROXIES, "198.51.100.1"),
            // Several proxies.
            ("10.1.1.1", &["192.0.2.9, 198.51.100.1, 10.2.2.2"], PROXIES, "198.51.100.1"),
            ("10.1.1.1", &["198.51.100.1, 10.3.3.3", "10.2.2.2"], PROXIES, "198.51.100.1"),
            // A client in the network of the proxies, or no header.
            ("127.0.0.1", &["10.9.9.9"], PROXIES, "10.9.9.9"),
            ("127.0.0.1", &[], PROXIES, "127.0.0.1"),
            // An unreadable entry hides the addresses before it.
            ("127.0.0.1", &["198.51.100.1, unknown"], PROXIES, "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, , 10.2.2.2"], PROXIES, "10.2.2.2"),
            ("127.0.0.1", &["198.51.100.1", "\u{fc}"], PROXIES, "127.0.0.1"),
            ("127.0.0.1", &[""], PROXIES, "127.0.0.1"),
            // Other forms of an address.
            ("127.0.0.1", &["198.51.100.1:4711"], PROXIES, "198.51.100.1"),
            ("fd00::1", &["[2001:db8::1]:4711"], PROXIES, "2001:db8::1"),
            ("fd00::1", &["2001:db8::1"], PROXIES, "2001:db8::1"),
            ("::ffff:127.0.0.1", &["::ffff:198.51.100.1"], PROXIES, "198.51.100.1"),
        ] {
            assert_eq!(found(peer, lines, trusted), client, "{peer} {lines:?} {trusted:?}");
        }
    }
}
