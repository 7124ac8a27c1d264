//! Counts wrong credentials by the address of the client.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::{IpNet, Ipv6Net};
use moka::Entry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::time::Instant;
use tracing::warn;

/// The requests with a wrong credential, or without one, by client. Clones share the counts. The
/// counts never refuse a right credential, because many callers may share an address.
#[derive(Clone, Debug)]
pub(crate) struct WrongCredentials {
    by_client: Cache<IpNet, Minute>,
}

/// The wrong credentials of one client in one minute.
#[derive(Clone, Copy, Debug)]
struct Minute {
    began: Instant,
    requests: u32,
}

/// How long requests of one client are counted together.
const MINUTE: Duration = Duration::from_mins(1);

/// Number of requests in a minute that get 401. An operator who tries a few credentials by hand
/// sees the usual answer.
const MAX_REQUESTS: u32 = 10;

/// Largest number of clients that are counted. They take about a megabyte. If there are more, the
/// client that was idle for the longest time is forgotten.
const MAX_CLIENTS: u64 = 10_000;

/// Length of the IPv6 network that counts as one client. An internet provider gives each household
/// a whole network of this length.
const IPV6_CLIENT: u8 = 64;

// === impl WrongCredentials ===

impl WrongCredentials {
    pub(crate) fn new() -> Self {
        let lru = EvictionPolicy::lru();
        Self { by_client: Cache::builder().max_capacity(MAX_CLIENTS).eviction_policy(lru).build() }
    }

    /// Counts a request without a right credential. Returns how long the client must wait if it
    /// sent too many of them.
    pub(in crate::http) fn note(&self, client: IpAddr, now: Instant) -> Option<Duration> {
        let client = network_of(client);
        let next = |known: Option<Entry<IpNet, Minute>>| match known.map(Entry::into_value) {
            Some(minute) if !minute.is_over(now) => minute.with_one_more(),
            Some(over) => {
                over.report(client);
                Minute { began: now, requests: 1 }
            }
            None => Minute { began: now, requests: 1 },
        };
        let minute = self.by_client.entry(client).and_upsert_with(next).into_value();
        minute.is_throttled().then(|| minute.began + MINUTE - now)
    }

    /// Logs each client whose minute is over and that sent too many requests. Must be called every
    /// minute.
    pub(in crate::http) fn report(&self, now: Instant) {
        let over = self.by_client.iter().filter(|(_, minute)| minute.is_over(now));
        for client in over.map(|(client, _)| *client).collect::<Vec<_>>() {
            if let Some(minute) = self.by_client.remove(&client) {
                minute.report(client);
            }
        }
    }
}

/// The client to which an address belongs: the address, or its network for IPv6.
fn network_of(address: IpAddr) -> IpNet {
    match address {
        IpAddr::V4(_) => address.into(),
        IpAddr::V6(address) => {
            let network = Ipv6Net::new_assert(address, IPV6_CLIENT);
            IpNet::V6(network.trunc())
        }
    }
}

// === impl Minute ===

impl Minute {
    fn is_over(&self, now: Instant) -> bool {
        self.began + MINUTE <= now
    }

    fn is_throttled(&self) -> bool {
        self.requests > MAX_REQUESTS
    }

    fn with_one_more(self) -> Self {
        Self { requests: self.requests.saturating_add(1), ..self }
    }

    /// Writes one line about a client that sent too many requests. The lines of these requests are
    /// at `debug`.
    fn report(&self, client: IpNet) {
        if self.is_throttled() {
            let requests = self.requests;
            match client {
                IpNet::V4(client) => {
                    warn!(client.address = %client.addr(), requests, "wrong credentials throttled");
                }
                IpNet::V6(client) => {
                    warn!(client.address = %client, requests, "wrong credentials throttled");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::tests::Log;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn after_ten_requests_a_client_waits_for_the_end_of_its_minute() {
        let (counts, client) = (WrongCredentials::new(), address("192.0.2.7"));
        let note = |client| counts.note(client, Instant::now());
        for _ in 0..10 {
            assert_eq!(note(client), None);
            tokio::time::advance(Duration::from_secs(2)).await;
        }
        assert_eq!(note(client), Some(Duration::from_secs(40)));
        assert_eq!(note(address("192.0.2.8")), None, "another client");
        tokio::time::advance(Duration::from_secs(39)).await;
        assert_eq!(note(client), Some(Duration::from_secs(1)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(note(client), None, "a new minute");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_of_ipv6_is_a_whole_network() {
        let counts = WrongCredentials::new();
        for last in 0..10 {
            let client = address(&format!("2001:db8:0:1::{last}"));
            assert_eq!(counts.note(client, Instant::now()), None);
        }
        assert!(counts.note(address("2001:db8:0:1:f::1"), Instant::now()).is_some());
        assert_eq!(counts.note(address("2001:db8:0:2::1"), Instant::now()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_client_has_one_line_for_each_minute() {
        let (log, _listening) = Log::listen();
        let counts = WrongCredentials::new();
        let send = |client: &str, requests| {
            for _ in 0..requests {
                counts.note(address(client), Instant::now());
            }
        };
        let lines = || {
            let lines = log.lines().into_iter();
            let text = |line: serde_json::Value| {
                format!("{} {} {}", line["level"], line["client.address"], line["requests"])
            };
            lines.map(text).collect::<Vec<_>>().join("; ")
        };
        send("192.0.2.7", 12);
        send("192.0.2.8", 10);
        counts.report(Instant::now());
        assert_eq!(lines(), "", "no minute is over");
        tokio::time::advance(MINUTE).await;
        send("192.0.2.7", 1);
        let first = "\"WARN\" \"192.0.2.7\" 12";
        assert_eq!(lines(), first);
        send("2001:db8::1", 30);
        tokio::time::advance(MINUTE).await;
        counts.report(Instant::now());
        counts.report(Instant::now());
        assert_eq!(lines(), format!("{first}; \"WARN\" \"2001:db8::/64\" 30"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_counted_clients_is_limited() {
        let counts = WrongCredentials::new();
        for number in 0..20_000_u32 {
            counts.note(IpAddr::from(number.to_be_bytes()), Instant::now());
        }
        counts.by_client.run_pending_tasks();
        assert!(counts.by_client.entry_count() <= MAX_CLIENTS);
    }
}
