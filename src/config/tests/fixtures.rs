//! The configurations in `fixtures/config`.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;

use super::support::{FIXTURES, from_example};
use crate::config::{Config, Problems};
use crate::dailystory::NamedList::{Attributes, References};
use crate::dailystory::{FoldedName, Phone, PointsRule, SharedConsent};
use crate::domain::NaiveZone;
use crate::dotapparel::DetailPolicy;

/// The variables that `fixtures/config/README.md` describes.
fn environment() -> BTreeMap<String, String> {
    let text = fs::read_to_string(format!("{FIXTURES}/environment")).unwrap();
    let variable = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('\'').to_owned())
    };
    text.lines().map(variable).collect()
}

fn cases(kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(format!("{FIXTURES}/{kind}")).unwrap();
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 2, "too few fixtures in {kind}");
    cases
}

fn load(case: &Path) -> Result<Config, Problems> {
    Config::load(&case.join("dotstory.toml"), &environment())
}

fn name(text: &str) -> FoldedName {
    FoldedName::new(text).unwrap()
}

#[test]
fn every_invalid_fixture_is_refused_with_the_expected_message() {
    #[expect(clippy::disallowed_methods, reason = "the variable asks to rewrite expected.txt")]
    let update = std::env::var("UPDATE_EXPECTED").is_ok();
    let mut wrong = Vec::new();
    for case in cases("invalid") {
        let path = case.join("expected.txt");
        let expected = fs::read_to_string(&path).unwrap_or_default();
        let found = match load(&case) {
            Ok(_) => "accepted".to_owned(),
            Err(problems) => format!("{problems}\n"),
        };
        if update {
            fs::write(&path, &found).unwrap();
        } else if found != expected {
            wrong.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_message_contains_a_secret() {
    let secrets: Vec<_> = environment().into_values().filter(|v| !v.trim().is_empty()).collect();
    for case in cases("invalid") {
        let text = load(&case).unwrap_err().to_string();
        for secret in secrets.iter().map(String::as_str).chain(["plain-text-secret", "12345678"]) {
            assert!(!text.contains(secret), "{}: {secret}", case.display());
        }
    }
}

#[test]
fn every_valid_fixture_is_accepted() {
    for case in cases("valid") {
        let config = load(&case).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(!config.brands.is_empty(), "{}", case.display());
    }
}

#[test]
fn a_mapping_is_read_as_its_file_defines_it() {
    let config = load(&Path::new(FIXTURES).join("valid/mapping")).unwrap();
    let [acme, globex] = config.brands.as_slice() else {
        panic!("two brands");
    };
    let acme = &acme.mapper.mapping;
    let fields: Vec<_> = (acme.fields.as_slice().iter())
        .map(|field| (field.key(), field.origin().list, field.kind().json().word()))
        .collect();
    assert_eq!(
        fields,
        [
            ("total_orders", Attributes, "number"),
            ("total_sales", Attributes, "number"),
            ("date_first_order", Attributes, "date-time"),
            ("date_last_order", Attributes, "date-time"),
            ("last_order_value", Attributes, "number"),
            ("categories", References, "list"),
            ("brands_worn", Attributes, "text"),
            ("favourite_store", Attributes, "text"),
            ("member", Attributes, "boolean"),
            ("vip", References, "boolean"),
        ]
    );
    let email = acme.allow_email.as_ref().unwrap();
    assert_eq!((email.origin.list, &email.origin.name), (References, &name("email opt in")));
    assert_eq!(acme.allow_sms.as_ref().unwrap().granted, [name("Y"), name("Yes")]);
    assert!(matches!(&acme.points, PointsRule::Loyalty(Some(kind)) if *kind == name("vip")));
    assert_eq!(acme.mobile_from.0, [Phone::Mobile, Phone::Home, Phone::Work]);
    assert!(acme.exclude.staff && acme.exclude.unreachable);
    assert_eq!(acme.placeholders.0.len(), 3);
    assert_eq!((acme.max_shared.0.get(), acme.shared_consent), (5, SharedConsent::Each));
    let globex_mapping = &globex.mapper.mapping;
    assert_eq!(globex_mapping.max_shared.0.get(), 20);
    assert_eq!(globex_mapping.shared_consent, SharedConsent::Strictest);
    assert!(matches!(globex.mapper.mapping.points, PointsRule::Rewards));
    assert!(globex.dotapparel.points_from_rewards);
    assert_eq!(globex.mapper.mapping.mobile_from.0, [Phone::Mobile, Phone::Home]);
}

#[test]
fn a_brand_overrides_the_main_file_and_the_main_file_overrides_the_built_in_defaults() {
    let config = load(&Path::new(FIXTURES).join("valid/every-key")).unwrap();
    let [acme, globex] = config.brands.as_slice() else {
        panic!("two brands");
    };
    assert_eq!(acme.dotapparel.limits.deadline, Duration::from_secs(40));
    assert_eq!(globex.dotapparel.limits.deadline, Duration::from_secs(50));
    assert_eq!(acme.sync.reuse, Duration::ZERO);
    assert_eq!(globex.sync.reuse, Duration::from_mins(1));
    assert_eq!(acme.dotapparel.details, DetailPolicy::Always);
    assert_eq!(globex.dotapparel.details, DetailPolicy::Incremental);
    assert_eq!(acme.sync.naive_zone, NaiveZone(Tz::Australia__Melbourne));
    assert_eq!(globex.sync.naive_zone, NaiveZone(Tz::America__New_York));
    assert_eq!(acme.dotapparel.limits.max_body.get(), 8_000_000);
    assert_eq!(config.cache.disk, 10_000_000_000);
    assert_eq!(config.details_memory, 32 << 20);
    assert_eq!(acme.dotapparel.limits.details_concurrency.get(), 2);
    assert_eq!(config.cache.directory, Path::new(FIXTURES).join("valid/every-key/."));
    assert_eq!(config.server.max_limit.get(), 250);
    assert_eq!(config.server.workers.map(NonZeroUsize::get), Some(3));
    assert_eq!(config.server.trusted_proxies.len(), 3);
    assert_eq!(config.server.max_requests.get(), 200);
    let tls = config.server.tls.unwrap();
    assert_eq!(tls.key, Path::new(FIXTURES).join("valid/every-key/server-key.pem"));

    let main = "[defaults.sync]\nreuse = \"45s\"\n";
    let brand = &from_example(Some(main)).brands[0];
    assert_eq!(brand.sync.reuse, Duration::from_secs(45));
    assert_eq!(brand.sync.count_wait, Duration::from_secs(20));
}
