//! The shipped files and `docs/CONFIGURATION.md` agree with the built-in defaults.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::support::{
    EXAMPLE, EveryVariable, MAIN, from_example, with_every_example, with_every_key,
};
use crate::config::Config;
use crate::config::document::{Context, FIRST_BRAND, File, Place, Section, parse_toml};
use crate::config::sections::{BrandDefaults, read_brand};
use crate::domain::NaiveZone;
use crate::dotapparel::DetailPolicy;
use crate::telemetry::LogFormat;

const DOCUMENT: &str = include_str!("../../../docs/CONFIGURATION.md");

#[test]
fn the_shipped_main_file_changes_no_default() {
    let (built_in, shipped) = (from_example(None), from_example(Some(MAIN)));
    assert_eq!(format!("{built_in:?}"), format!("{shipped:?}"));
    assert_eq!(built_in.server.workers, None);
    let every_key = from_example(Some(&with_every_key(MAIN)));
    assert_eq!(every_key.server.trusted_proxies.len(), 2);
    assert_eq!(every_key.server.workers.map(NonZeroUsize::get), Some(4));
    assert_eq!(every_key.cache.directory, Path::new("/var/tmp"));
}

#[test]
fn the_example_shows_the_real_defaults() {
    let with_defaults = from_example(None);
    let text = with_every_key(EXAMPLE);
    let explicit = Config::from_texts(None, &[("acme", &text)], &EveryVariable).unwrap();
    assert_ne!(text, EXAMPLE);
    assert_eq!(format!("{with_defaults:?}"), format!("{explicit:?}"));
}

#[test]
fn the_example_is_valid_with_its_commented_examples() {
    let with_details = EXAMPLE.replace("# details = \"never\"", "details = \"always\"");
    let text = with_every_example(&with_details);
    assert_ne!(text, with_details);
    let config = Config::from_texts(None, &[("acme", &text)], &EveryVariable);
    let mapper = config.unwrap_or_else(|problems| panic!("{problems}")).brands.remove(0).mapper;
    assert_eq!(mapper.mapping.fields.as_slice().len(), 9);
    assert!(mapper.mapping.allow_email.is_some() && mapper.mapping.allow_sms.is_some());
    for line in text.lines().filter(|line| line.contains(" = {")) {
        let key = line.split_once(" = ").unwrap().0;
        assert!(DOCUMENT.contains(key), "docs/CONFIGURATION.md does not show {key}");
    }
}

#[test]
fn the_example_has_every_key_of_a_brand() {
    let without_defaults = "[defaults]\ndotapparel = {}\nsync = {}\n";
    let read = |text: &str| {
        let context = Context::new(&EveryVariable);
        let file = Arc::new(File {
            rank: FIRST_BRAND,
            name: "brands/acme.toml".to_owned(),
            directory: PathBuf::new(),
        });
        let main = parse_toml(without_defaults, &file).unwrap();
        let brand = parse_toml(text, &file).unwrap();
        let entries = BrandDefaults::from_main(&main).merge_into(brand, &file);
        let section = Section::new(Place::from_file(file), &entries, &context);
        read_brand("acme", section)
            .map(drop)
            .map_err(|_| context.report.into_problems().to_string())
    };
    assert_eq!(read(&with_every_key(EXAMPLE)), Ok(()));
    assert!(read(EXAMPLE).unwrap_err().contains("dotapparel.deadline: expected"));
}

#[test]
fn important_defaults_have_their_documented_values() {
    let config = from_example(None);
    assert_eq!(config.server.listen, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert_eq!(config.operator.listen, SocketAddr::from(([127, 0, 0, 1], 8081)));
    assert_eq!(config.server.tls, None);
    assert_eq!(config.server.trusted_proxies, []);
    assert_eq!(config.server.max_requests.get(), 500);
    assert_eq!(config.server.max_limit.get(), 500);
    assert_eq!(config.server.default_limit.get(), 25);
    assert_eq!(config.log.format, LogFormat::Auto);
    assert_eq!(config.cache.memory, 192 << 20);
    assert_eq!(config.cache.disk, 4 << 30);
    assert_eq!(config.cache.directory, std::env::temp_dir());
    assert_eq!(config.details_memory, 64 << 20);
    let brand = &config.brands[0];
    assert_eq!(brand.id.as_str(), "acme");
    assert_eq!(brand.dotapparel.timezone, Tz::Australia__Melbourne);
    assert_eq!(brand.mapper.country, "AU".parse().unwrap());
    assert_eq!(brand.sync.naive_zone, NaiveZone(Tz::UTC));
    assert_eq!(brand.sync.count_wait, Duration::from_secs(20));
    assert_eq!(brand.sync.reuse, Duration::from_secs(30));
    assert_eq!(brand.sync.lookback, Duration::from_mins(30));
    assert_eq!(brand.dotapparel.limits.deadline, Duration::from_mins(1));
    assert_eq!(brand.dotapparel.details, DetailPolicy::Never);
    assert_eq!(brand.dotapparel.limits.details_concurrency.get(), 4);
    assert_eq!(brand.callers.len(), 2, "a token and a user");
}

/// Each TOML block in `docs/CONFIGURATION.md`: the file name of its first line, and the rest.
fn document_blocks() -> Vec<(&'static str, &'static str)> {
    let blocks = DOCUMENT.split("```toml\n# ").skip(1);
    blocks.map(|rest| rest.split_once("```").unwrap().0.split_once('\n').unwrap()).collect()
}

#[test]
fn every_toml_block_of_the_documentation_is_accepted() {
    let blocks = document_blocks();
    assert_eq!(blocks.len(), DOCUMENT.matches("```toml").count());
    assert!(blocks.len() > 1);
    for (name, text) in blocks {
        let config = match name {
            "dotstory.toml" => Config::from_texts(Some(text), &[("acme", EXAMPLE)], &EveryVariable),
            _ => Config::from_texts(None, &[("acme", text)], &EveryVariable),
        };
        config.unwrap_or_else(|problems| panic!("{name}: {problems}"));
    }
}

#[test]
fn the_documentation_lists_every_key_with_its_default() {
    for text in [MAIN, EXAMPLE] {
        for line in with_every_key(text).lines().filter(|line| !line.starts_with('#')) {
            let Some((key, value)) = line.split_once(" = ") else {
                continue;
            };
            let has_default = text != EXAMPLE || EXAMPLE.contains(&format!("# {line}"));
            let row = match key {
                "workers" | "trusted_proxies" | "token" | "directory" | "tokens" | "users" => {
                    format!("| `{key}` |")
                }
                _ if has_default => format!("| `{key}` | `{value}` |"),
                _ => format!("| `{key}` | required |"),
            };
            assert!(DOCUMENT.contains(&row), "docs/CONFIGURATION.md has no row {row}");
        }
    }
}
