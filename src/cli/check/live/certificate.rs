//! Reads the certificate of a tenant.

use std::net::{Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, TimeDelta, Utc};
use x509_cert::Certificate as X509;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// The parts of a certificate that the report shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The issuer's common name and organisation.
    pub(crate) issuer: String,
    /// The names and addresses for which the certificate is valid.
    pub(crate) names: Vec<String>,
    pub(crate) not_before: DateTime<Utc>,
    pub(crate) not_after: DateTime<Utc>,
}

// === impl Certificate ===

impl Certificate {
    /// Reads a certificate from its DER; `None` if the bytes are not a certificate.
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        let certificate = X509::from_der(der).ok()?;
        let tbs = certificate.tbs_certificate();
        let names = match tbs.get_extension::<SubjectAltName>() {
            Ok(Some((_, names))) => names.0.iter().filter_map(name_text).collect(),
            _ => Vec::new(),
        };
        let issuer = tbs.issuer();
        let parts = [issuer.common_name(), issuer.organization()];
        let parts: Vec<_> =
            parts.into_iter().filter_map(|part| Some(part.ok()??.value().into_owned())).collect();
        let validity = tbs.validity();
        Some(Self {
            issuer: if parts.is_empty() { issuer.to_string() } else { parts.join(", ") },
            names,
            not_before: DateTime::from(validity.not_before.to_system_time()),
            not_after: DateTime::from(validity.not_after.to_system_time()),
        })
    }

    /// Whole days from `now` to the expiry; negative after the expiry.
    pub(crate) fn days_left(&self, now: DateTime<Utc>) -> i64 {
        (self.not_after - now).num_seconds().div_euclid(TimeDelta::days(1).num_seconds())
    }

    /// At most three names of the certificate, and the number of the others.
    pub(crate) fn names_text(&self) -> String {
        const SHOWN: usize = 3;
        let shown = self.names[..self.names.len().min(SHOWN)].join(", ");
        match self.names.len() {
            0 => "no name".to_owned(),
            count if count > SHOWN => format!("{shown} and {} more", count - SHOWN),
            _ => shown,
        }
    }
}

fn name_text(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        GeneralName::IpAddress(bytes) => match *bytes.as_bytes() {
            [a, b, c, d] => Some(Ipv4Addr::new(a, b, c, d).to_string()),
            ref bytes => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_string()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn the_issuer_the_names_and_the_expiry_are_read() {
        let names = ["api.example", "*.api.example", "192.0.2.1", "::1"].map(str::to_owned);
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "Test CA 1");
        params.distinguished_name.push(DnType::OrganizationName, "Example");
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 3, 1);
        let signed = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let certificate = Certificate::from_der(signed.der()).unwrap();
        assert_eq!(certificate.issuer, "Test CA 1, Example");
        assert_eq!(certificate.names_text(), "api.example, *.api.example, 192.0.2.1 and 1 more");
        assert_eq!(certificate.names[3], "::1");
        for (now, days) in
            [("2026-02-27T00:00:00Z", 2), ("2026-02-28T00:00:01Z", 0), ("2026-03-01T00:00:01Z", -1)]
        {
            assert_eq!(certificate.days_left(now.parse().unwrap()), days, "{now}");
        }
        assert_eq!(Certificate::from_der(b"none"), None);
    }
}
