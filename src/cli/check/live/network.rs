//! Checks the name and the port of a tenant, or of the proxy in front of it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use super::checklist::{Check, Checklist, Failure, Stop};
use super::machine::reason;

/// Longest time to resolve a name. A resolver usually tries again after 5 s. The second try has 5 s
/// too.
const DNS_TIMEOUT: Duration = Duration::from_secs(10);

/// The setting that names the host to which dotstory opens its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    BaseUrl,
    Proxy,
}

/// Why the checks of the network and of TLS are skipped behind a proxy. The proxy resolves the
/// tenant's name and connects to the tenant. If the tenant's certificate is wrong, the first call
/// fails.
pub(crate) const THROUGH_PROXY: &str = "the calls go through [dotapparel] proxy";

/// Opens a connection to the host of `url`, within `connect_timeout` for each address. A connection
/// to the proxy shows nothing about the tenant, so DNS and TCP never pass behind a proxy: each is
/// skipped, or fails because the proxy is not reached.
pub(crate) async fn connect(
    peer: Peer,
    url: &Url,
    connect_timeout: Duration,
    list: &mut Checklist,
) -> Result<TcpStream, Stop> {
    let host = url.host().expect("an http or https URL has a host");
    let port = url.port_or_known_default().expect("http and https have a default port");
    let addrs = match resolve(peer, &host, port).await {
        Ok(addrs) => addrs,
        Err(failure) => return Err(list.fail(Check::Dns, failure.at(peer.setting()))),
    };
    peer.pass(Check::Dns, found(&host, &addrs), list);
    let mut failures = Vec::new();
    for addr in addrs {
        match timeout(connect_timeout, TcpStream::connect(addr)).await {
            Ok(Ok(stream)) => {
                peer.pass(Check::Tcp, format!("{addr} accepts connections"), list);
                return Ok(stream);
            }
            Ok(Err(error)) => failures.push(format!("{addr}: {}", reason(&error))),
            Err(_) => failures.push(format!(
                "{addr}: no answer within {}",
                humantime::format_duration(connect_timeout)
            )),
        }
    }
    let failure = Failure::new(failures.join("; "), peer.remedy(&host, port));
    Err(list.fail(Check::Tcp, failure.at(peer.setting())))
}

// === impl Peer ===

impl Peer {
    fn key(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
            Self::Proxy => "proxy",
        }
    }

    fn setting(self) -> String {
        format!("[dotapparel] {}", self.key())
    }

    /// Records that a check of the tenant passed. Behind a proxy, records it as skipped.
    fn pass(self, check: Check, found: String, list: &mut Checklist) {
        match self {
            Self::BaseUrl => list.pass(check, found),
            Self::Proxy => list.skip(check, THROUGH_PROXY),
        }
    }

    /// What to do if no address of the host accepts connections.
    fn remedy(self, host: &Host<&str>, port: u16) -> String {
        let key = self.key();
        let (other_cause, operator) = match self {
            Self::BaseUrl => ("firewall, proxy", "DotApparel whether the API is down"),
            Self::Proxy => ("firewall", "the operator of the proxy whether it is down"),
        };
        format!(
            "Check the host and the port of {key}. If they are right, allow this machine to reach \
             port {port} of {host} ({other_cause}), or ask {operator}."
        )
    }
}

async fn resolve(peer: Peer, host: &Host<&str>, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let name = match host {
        Host::Ipv4(addr) => return Ok(vec![(*addr, port).into()]),
        Host::Ipv6(addr) => return Ok(vec![(*addr, port).into()]),
        Host::Domain(name) => *name,
    };
    match timeout(DNS_TIMEOUT, lookup_host((name, port))).await {
        Ok(Ok(addrs)) => {
            let addrs: Vec<_> = addrs.collect();
            if addrs.is_empty() { Err(unresolved(peer, name, "no address")) } else { Ok(addrs) }
        }
        Ok(Err(error)) => Err(unresolved(peer, name, &lookup_reason(&error))),
        Err(_) => {
            let reason = format!("no answer within {} s", DNS_TIMEOUT.as_secs());
            Err(unresolved(peer, name, &reason))
        }
    }
}

fn unresolved(peer: Peer, name: &str, reason: &str) -> Failure {
    let key = peer.key();
    Failure::new(
        format!("{name} cannot be resolved: {reason}"),
        format!(
            "Check the host of {key} for a typing mistake. If it is right, check the name servers of \
             this machine (/etc/resolv.conf; in a container its --dns)."
        ),
    )
}

/// The reason of a failed lookup, without the words that every failed lookup has.
fn lookup_reason(error: &io::Error) -> String {
    let text = reason(error);
    text.strip_prefix("failed to lookup address information: ")
        .map_or(text.clone(), str::to_lowercase)
}

fn found(host: &Host<&str>, addrs: &[SocketAddr]) -> String {
    let first = addrs[0].ip();
    match (host, addrs.len()) {
        (Host::Domain(name), 1) => format!("{name} is {first}"),
        (Host::Domain(name), count) => format!("{name} is {first} and {} more", count - 1),
        _ => format!("not needed: {first} is an address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_does_not_resolve_is_named_with_the_reason() {
        let error =
            io::Error::other("failed to lookup address information: Name or service not known");
        assert_eq!(
            unresolved(Peer::BaseUrl, "api.dotaparel.io", &lookup_reason(&error)).found,
            "api.dotaparel.io cannot be resolved: name or service not known"
        );
    }

    #[test]
    fn the_first_address_of_a_name_is_shown() {
        let addrs = ["192.0.2.1:443", "192.0.2.2:443"].map(|addr| addr.parse().unwrap());
        let name = Host::Domain("api.example");
        assert_eq!(found(&name, &addrs[..1]), "api.example is 192.0.2.1");
        assert_eq!(found(&name, &addrs), "api.example is 192.0.2.1 and 1 more");
        let host = Host::Ipv4("192.0.2.1".parse().unwrap());
        assert_eq!(found(&host, &addrs[..1]), "not needed: 192.0.2.1 is an address");
    }
}
