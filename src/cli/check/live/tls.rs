//! Checks the certificate of a tenant with the verifier that the calls use.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::certificate::Certificate;
use super::checklist::{Check, Checklist, Failure, Stop};
use super::machine::reason;
use crate::dotapparel;

/// Verifies with `inner`, and keeps the tenant's certificate, so that a failure can describe the
/// certificate.
#[derive(Debug)]
struct Recorder {
    inner: Arc<dyn ServerCertVerifier>,
    /// The lock is never held over an await.
    seen: Mutex<Option<Certificate>>,
}

// === impl Recorder ===

impl Recorder {
    fn certificate(&self) -> Option<Certificate> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = Certificate::from_der(end_entity);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = certificate;
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Makes a TLS handshake on `stream` within `connect_timeout`, then closes the connection. Sends no
/// request.
pub(crate) async fn check_tls(
    config: &dotapparel::Config,
    stream: TcpStream,
    now: DateTime<Utc>,
    list: &mut Checklist,
) -> Result<(), Stop> {
    let (url, limit) = (&config.base_url, config.limits.connect_timeout);
    if url.scheme() == "http" {
        for check in [Check::Tls, Check::Expiry] {
            list.skip(check, "base_url is http, on this machine");
        }
        return Ok(());
    }
    let provider = Arc::new(ring::default_provider());
    let roots = config.extra_roots.clone();
    let verifier = match Verifier::new_with_extra_roots(roots, Arc::clone(&provider)) {
        Ok(verifier) => Arc::new(verifier),
        Err(error) => return Err(list.fail(Check::Tls, no_verifier(&error))),
    };
    let recorder = Arc::new(Recorder { inner: verifier, seen: Mutex::default() });
    let connector = connector(Arc::clone(&recorder), provider);
    let handshake = timeout(limit, connector.connect(server_name(url), stream)).await;
    let certificate = recorder.certificate();
    let failure = match (handshake, &certificate) {
        (Ok(Ok(_connection)), Some(certificate)) => {
            let names = certificate.names_text();
            list.pass(Check::Tls, format!("issued by {}; for {names}", certificate.issuer));
            let (day, days) = (date(certificate.not_after), certificate.days_left(now));
            list.pass(Check::Expiry, format!("{day}, {days} day{} left", plural(days)));
            return Ok(());
        }
        (Ok(Ok(_connection)), None) => {
            list.pass(Check::Tls, "the certificate is valid");
            list.skip(Check::Expiry, "the certificate cannot be read");
            return Ok(());
        }
        (Ok(Err(error)), _) => refusal(url, &error, certificate.as_ref(), now),
        (Err(_), _) => Failure::new(
            format!("no handshake within {}", humantime::format_duration(limit)),
            "The host accepts connections but does not finish TLS. Check the port of base_url, and \
             whether a firewall or a proxy of your network holds back TLS.",
        ),
    };
    Err(list.fail(Check::Tls, failure))
}

fn connector(recorder: Arc<Recorder>, provider: Arc<CryptoProvider>) -> TlsConnector {
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for the default versions")
        .dangerous()
        .with_custom_certificate_verifier(recorder)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

fn server_name(url: &Url) -> ServerName<'static> {
    match url.host().expect("an https URL has a host") {
        Host::Domain(name) => ServerName::try_from(name.to_owned())
            .expect("the configuration refuses a base_url whose host is not a DNS name"),
        Host::Ipv4(addr) => ServerName::IpAddress(addr.into()),
        Host::Ipv6(addr) => ServerName::IpAddress(addr.into()),
    }
}

fn no_verifier(error: &Error) -> Failure {
    let found = match error {
        Error::General(text) if text.contains("No CA certificates") => {
            "this machine has no CA certificates".to_owned()
        }
        _ => format!("this machine's CA certificates cannot be used: {error}"),
    };
    Failure::new(
        found,
        "Install the system's CA certificates (on Debian: apt install ca-certificates), or set ca_file \
         to a file with the CA certificates that DotApparel needs.",
    )
    .at("[dotapparel] ca_file")
}

/// Why a handshake failed. `certificate` is the tenant's.
fn refusal(
    url: &Url,
    error: &io::Error,
    certificate: Option<&Certificate>,
    now: DateTime<Utc>,
) -> Failure {
    let host = url.host_str().unwrap_or_default();
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match (tls, certificate) {
        (Some(Error::InvalidCertificate(problem)), Some(certificate)) => {
            refused_certificate(host, problem, certificate, now)
        }
        (Some(Error::InvalidMessage(_)), _) => Failure::new(
            "the port does not speak TLS",
            "Check the port of base_url: 443 is usual for https.",
        ),
        (Some(error), _) => Failure::new(
            format!("the handshake failed: {error}"),
            "Check the host and the port of base_url. If they are right, send this line to \
             DotApparel. dotstory needs TLS 1.2 or 1.3.",
        ),
        (None, _) => Failure::new(
            format!("the connection broke during the handshake: {}", reason(error)),
            "Check the port of base_url, and whether a firewall or a proxy of your network ends TLS \
             connections.",
        ),
    }
}

/// Why this certificate is refused.
fn refused_certificate(
    host: &str,
    problem: &CertificateError,
    certificate: &Certificate,
    now: DateTime<Utc>,
) -> Failure {
    let issuer = &certificate.issuer;
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let days = (now - certificate.not_after).num_days();
            let ago = format!("{days} day{} ago", plural(days));
            Failure::new(
                format!("the certificate expired on {}, {ago}", date(certificate.not_after)),
                format!(
                    "Ask the operator of {host} to renew the certificate (issued by {issuer}). If \
                     the expiry day is still to come, the clock of this machine is wrong: set it."
                ),
            )
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Failure::new(
                format!("the certificate is valid only from {}", date(certificate.not_before)),
                "Compare the clock of this machine with the real time, and synchronise it.",
            )
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Failure::new(
                format!("the certificate is for {}, not for {host}", certificate.names_text()),
                "Set base_url to the name for which the API has a certificate, or ask DotApparel for \
                 the right name. A proxy of your network can be the cause too.",
            )
        }
        // If a trusted issuer has the same name but another key, the error is `BadSignature`.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Failure::new(
            format!("the issuer of the certificate is not trusted: {issuer}"),
            "If this is a proxy of your own network, add its CA certificate to those of this machine \
             (on Debian: update-ca-certificates). Otherwise check the host of base_url; do not send \
             the password to this host.",
        ),
        _ => Failure::new(
            format!("the certificate is refused: {problem}"),
            format!(
                "Send this line to the operator of {host}; the certificate is issued by {issuer}."
            ),
        ),
    }
}

fn date(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d").to_string()
}

fn plural(count: i64) -> &'static str {
    if count == 1 { "" } else { "s" }
}
