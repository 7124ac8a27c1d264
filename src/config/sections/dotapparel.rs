//! Reads `[dotapparel]`: the address of a brand's tenant, and the limits of calls to it.

use std::num::NonZeroUsize;

use bytesize::ByteSize;
use chrono_tz::Tz;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};

use crate::config::document::{
    HOUR, MILLISECOND, Mistake, Reported, Section, base_url, duration, file_path, header, number,
    one_of, proxy, secret, size, username,
};
use crate::dailystory::Country;
use crate::domain::country_zones;
use crate::dotapparel::{Config, DetailPolicy, Limits, ListSource, Password};
use crate::resilience::{BreakerConfig, RetryConfig};

const LISTS: [(&str, ListSource); 2] =
    [("search", ListSource::Search), ("recent", ListSource::Recent)];

/// Reads `[dotapparel]` of a brand. The other arguments are other settings of the brand.
pub(crate) fn read_dotapparel(
    mut section: Section<'_>,
    timezone: Result<Tz, Reported>,
    country: Option<&Country>,
    details: Result<DetailPolicy, Reported>,
    points_from_rewards: bool,
) -> Result<Config, Reported> {
    let base_url = section.required("base_url", base_url);
    let proxy = section.optional("proxy", proxy);
    let extra_roots = read_ca_file(&mut section);
    let name = section.required("name", header);
    let shop = section.required("shop", header);
    let username = section.required("username", username);
    let password = secret::required(&mut section, "password", secret::Rule::Presented);
    if let (Ok(base_url), Ok(Some(_))) = (&base_url, &proxy)
        && base_url.scheme() == "http"
    {
        let mistake = Mistake::expected("no proxy, because base_url is http", "a proxy");
        section.report_at("proxy", mistake.hint("the proxy would see the password".to_owned()));
    }
    let lists = read_lists(&mut section);
    let limits = read_limits(&mut section);
    section.finish();

    Ok(Config {
        base_url: base_url?,
        proxy: proxy?,
        extra_roots: extra_roots?,
        name: name?,
        shop: shop?,
        username: username?,
        password: Password(password?),
        timezone: timezone?,
        country_zones: country
            .map(|country| country_zones(&country.to_string()).collect())
            .unwrap_or_default(),
        limits: limits?,
        lists: lists?,
        details: details?,
        points_from_rewards,
    })
}

/// Reads the certificates of `ca_file`. A relative path starts from the directory of the file that
/// sets it.
fn read_ca_file(section: &mut Section<'_>) -> Result<Vec<CertificateDer<'static>>, Reported> {
    let Some(path) = section.optional("ca_file", file_path)? else { return Ok(Vec::new()) };
    let path = section.place_of("ca_file").file().directory.join(path);
    let certificates = CertificateDer::pem_file_iter(&path).and_then(Iterator::collect);
    let found = match certificates {
        Ok(certificates) if Vec::is_empty(&certificates) => {
            "a file without certificates".to_owned()
        }
        Ok(certificates) => return Ok(certificates),
        Err(pem::Error::Io(error)) => format!("a file that {}", secret::unreadable(&error)),
        Err(_) => "a file that is not PEM".to_owned(),
    };
    let expected = "a file with the certificates of CAs in PEM form";
    Err(section.report_at("ca_file", Mistake::expected(expected, found)))
}

/// Reads where lists come from.
pub(crate) fn read_lists(section: &mut Section<'_>) -> Result<ListSource, Reported> {
    section.required("lists", one_of(&LISTS))
}

/// Reads the limits of calls, which have defaults.
pub(crate) fn read_limits(section: &mut Section<'_>) -> Result<Limits, Reported> {
    let connect_timeout = section.required("connect_timeout", duration(MILLISECOND..=HOUR));
    let attempt_timeout = section.required("attempt_timeout", duration(MILLISECOND..=HOUR));
    let deadline = section.required("deadline", duration(MILLISECOND..=HOUR));
    section.check_ascending(&[
        ("connect_timeout", &connect_timeout),
        ("attempt_timeout", &attempt_timeout),
        ("deadline", &deadline),
    ]);
    let max_body = section.required("max_body", |value| {
        let bytes = size(ByteSize::kib(64)..=ByteSize::gib(1))(value)?;
        NonZeroUsize::try_from(bytes)
            .map_err(|_| Mistake::expected("a size that this platform can address", value))
    });
    let rate_limit = section.required("rate_limit", number(1..=1_000_000));
    let details_concurrency = section.required("details_concurrency", number(1..=64));
    let detail_failures = section.required("detail_failures", number(1..=100));
    let retry = read_retry(section);
    let breaker = read_breaker(section);
    Ok(Limits {
        connect_timeout: connect_timeout?,
        attempt_timeout: attempt_timeout?,
        deadline: deadline?,
        max_body: max_body?,
        rate_limit: rate_limit?,
        details_concurrency: details_concurrency?,
        detail_failures: detail_failures?,
        retry: retry?,
        breaker: breaker?,
    })
}

fn read_retry(section: &mut Section<'_>) -> Result<RetryConfig, Reported> {
    let attempts = section.required("attempts", number(1..=20));
    let min_backoff = section.required("min_backoff", duration(MILLISECOND..=HOUR));
    let max_backoff = section.required("max_backoff", duration(MILLISECOND..=HOUR));
    section.check_ascending(&[("min_backoff", &min_backoff), ("max_backoff", &max_backoff)]);
    Ok(RetryConfig { attempts: attempts?, min_backoff: min_backoff?, max_backoff: max_backoff? })
}

fn read_breaker(section: &mut Section<'_>) -> Result<BreakerConfig, Reported> {
    let failures = section.required("breaker_failures", number(1..=1000));
    let cool_down = section.required("breaker_cool_down", duration(MILLISECOND..=HOUR));
    Ok(BreakerConfig { failures: failures?, cool_down: cool_down? })
}
