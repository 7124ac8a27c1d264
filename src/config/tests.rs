//! Whole configurations: the fixtures, the shipped files, the documents.

use super::document::{place, raw, section};
use super::sections::brand;
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::dailystory::NamedList::{Attributes, References};
use crate::dailystory::{FoldedName, Phone, PointsRule};
use crate::dotapparel::DetailPolicy;
use crate::telemetry::LogFormat;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/config");
const MAIN: &str = include_str!("../../config/dotstory.toml");
const EXAMPLE: &str = include_str!("../../config/brands/acme.toml.example");
const DOCUMENT: &str = include_str!("../../docs/CONFIGURATION.md");

/// The variables that `fixtures/config/README.md` describes.
fn environment() -> BTreeMap<String, String> {
    let text = fs::read_to_string(format!("{FIXTURES}/environment")).unwrap();
    let variable = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('\'').to_owned())
    };
    text.lines().map(variable).collect()
}

/// An environment in which every variable is set, each to another value.
struct Everything;

impl Environment for Everything {
    fn variable(&self, name: &str) -> Result<String, std::env::VarError> {
        Ok(format!("the-secret-value-of-{name}"))
    }
}

fn cases(kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(format!("{FIXTURES}/{kind}")).unwrap();
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 2, "no fixtures in {kind}");
    cases
}

fn load(case: &Path) -> Result<Config, Problems> {
    Config::load(&case.join("dotstory.toml"), &environment())
}

/// The text with its commented-out settings set: `# key = value`.
fn with_every_key(text: &str) -> String {
    let is_key = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let set = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if rest.split_once(" = ").is_some_and(|(key, _)| is_key(key)) => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(set).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_invalid_fixture_is_refused_with_exactly_the_expected_words() {
    #[expect(clippy::disallowed_methods, reason = "asks for the expected words to be written anew")]
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
fn no_message_holds_a_secret() {
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

fn from_example(main: Option<&str>) -> Config {
    Config::from_texts(main, &[("acme", EXAMPLE)], &Everything)
        .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn the_shipped_main_file_changes_nothing() {
    let (built_in, shipped) = (from_example(None), from_example(Some(MAIN)));
    assert_eq!(format!("{built_in:?}"), format!("{shipped:?}"));
    assert_eq!(built_in.server.workers, None);
    let every_key = from_example(Some(&with_every_key(MAIN)));
    assert_eq!(every_key.server.workers.map(NonZeroUsize::get), Some(4));
    assert_eq!(every_key.cache.directory, Path::new("/var/tmp"));
}

#[test]
fn the_example_shows_each_default_as_it_is() {
    let with_defaults = from_example(None);
    let text = with_every_key(EXAMPLE);
    let spelt_out = Config::from_texts(None, &[("acme", &text)], &Everything).unwrap();
    assert_ne!(text, EXAMPLE);
    assert_eq!(format!("{with_defaults:?}"), format!("{spelt_out:?}"));
}

/// The example with its example lines set: `#key = value`.
fn with_every_example(text: &str) -> String {
    let set = |line: &str| match line.strip_prefix('#') {
        Some(example) if !example.starts_with(' ') => example.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(set).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_examples_of_the_example_hold() {
    let with_details = EXAMPLE.replace("# details = \"never\"", "details = \"always\"");
    let text = with_every_example(&with_details);
    assert_ne!(text, with_details);
    let config = Config::from_texts(None, &[("acme", &text)], &Everything);
    let mapping = config.unwrap_or_else(|problems| panic!("{problems}")).brands.remove(0).mapping;
    assert_eq!(mapping.mapping.fields.as_slice().len(), 9);
    assert!(mapping.mapping.allow_email.is_some() && mapping.mapping.allow_sms.is_some());
    for line in text.lines().filter(|line| line.contains(" = {")) {
        let key = line.split_once(" = ").unwrap().0;
        assert!(DOCUMENT.contains(key), "the document does not show {key}");
    }
}

#[test]
fn a_mapping_is_what_its_file_says() {
    let config = load(&Path::new(FIXTURES).join("valid/mapping")).unwrap();
    let [acme, globex] = config.brands.as_slice() else {
        panic!("two brands");
    };
    let acme = &acme.mapping.mapping;
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
    assert!(matches!(globex.mapping.mapping.points, PointsRule::Rewards));
    assert_eq!(globex.mapping.mapping.mobile_from.0, [Phone::Mobile, Phone::Home]);
}

fn name(text: &str) -> FoldedName {
    FoldedName::new(text).unwrap()
}

#[test]
fn the_example_names_every_key_of_a_brand() {
    let without_defaults = "[defaults]\ndotapparel = {}\nsync = {}\n";
    let read = |text: &str| {
        let context = section::Context::new(&Everything);
        let file = std::sync::Arc::new(place::File {
            rank: place::FIRST_BRAND,
            name: "brands/acme.toml".to_owned(),
            directory: PathBuf::new(),
        });
        let main = raw::parse(without_defaults, &file).unwrap();
        let entries =
            brand::BrandDefaults::of(&main).under(raw::parse(text, &file).unwrap(), &file);
        let section = section::Section::new(Place::of_file(file), &entries, &context);
        brand::read("acme", section)
            .map(drop)
            .map_err(|_| context.report.into_problems().to_string())
    };
    assert_eq!(read(&with_every_key(EXAMPLE)), Ok(()));
    assert!(read(EXAMPLE).unwrap_err().contains("dotapparel.deadline: expected"));
}

#[test]
fn the_defaults_are_what_the_design_says() {
    let config = from_example(None);
    assert_eq!(config.server.listen, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert_eq!(config.operator.listen, SocketAddr::from(([127, 0, 0, 1], 8081)));
    assert_eq!(config.server.max_limit.get(), 500);
    assert_eq!(config.server.default_limit.get(), 25);
    assert_eq!(config.log.format, LogFormat::Auto);
    assert_eq!(config.cache.memory, 256 << 20);
    assert_eq!(config.cache.disk, 4 << 30);
    assert_eq!(config.cache.directory, std::env::temp_dir());
    assert_eq!(config.details_memory, 64 << 20);
    let brand = &config.brands[0];
    assert_eq!(brand.id.as_str(), "acme");
    assert_eq!(brand.dotapparel.timezone, Tz::Australia__Melbourne);
    assert_eq!(brand.mapping.country, "AU".parse().unwrap());
    assert_eq!(brand.naive_last_updated, NaiveZone(Tz::UTC));
    assert_eq!(brand.sync.count_wait, Duration::from_secs(20));
    assert_eq!(brand.sync.reuse, Duration::from_secs(30));
    assert_eq!(brand.sync.lookback, Duration::from_mins(30));
    assert_eq!(brand.dotapparel.limits.deadline, Duration::from_mins(1));
    assert_eq!(brand.dotapparel.details, DetailPolicy::Never);
    assert_eq!(brand.dotapparel.limits.details_concurrency.get(), 4);
    let keys: Vec<_> = brand.callers.iter().map(|caller| caller.key.as_str()).collect();
    assert_eq!(keys, ["dailystory.tokens[0]", "dailystory.users[0]"]);
}

#[test]
fn a_brand_wins_over_the_main_file_and_that_over_what_is_built_in() {
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
    assert_eq!(acme.naive_last_updated, NaiveZone(Tz::Australia__Melbourne));
    assert_eq!(globex.naive_last_updated, NaiveZone(Tz::America__New_York));
    assert_eq!(acme.dotapparel.limits.max_body.get(), 8_000_000);
    assert_eq!(config.cache.disk, 10_000_000_000);
    assert_eq!(config.details_memory, 32 << 20);
    assert_eq!(acme.dotapparel.limits.details_concurrency.get(), 2);
    assert_eq!(config.cache.directory, Path::new(FIXTURES).join("valid/every-key/."));
    assert_eq!(config.server.max_limit.get(), 250);
    assert_eq!(config.server.workers.map(NonZeroUsize::get), Some(3));

    let main = "[defaults.sync]\nreuse = \"45s\"\n";
    let brand = &from_example(Some(main)).brands[0];
    assert_eq!(brand.sync.reuse, Duration::from_secs(45));
    assert_eq!(brand.sync.count_wait, Duration::from_secs(20));
}

#[test]
fn the_debug_of_a_whole_configuration_shows_no_secret() {
    let config = from_example(None);
    for text in [format!("{config:?}"), format!("{config:#?}")] {
        assert!(text.contains("dailystory@acme.example"), "{text}");
        assert!(!text.contains("the-secret-value"), "{text}");
    }
}

#[test]
fn a_bound_that_is_built_in_is_named_as_the_default() {
    let text = EXAMPLE.replace("# deadline = \"60s\"", "deadline = \"20s\"");
    let problems = Config::from_texts(None, &[("acme", &text)], &Everything).unwrap_err();
    let text = problems.to_string();
    assert!(text.contains("expected at least attempt_timeout, which is \"30s\", found \"20s\""));
    assert!(text.ends_with("\n    attempt_timeout is so by default"), "{text}");
}

#[test]
fn two_listeners_on_one_address_are_reported_where_that_was_said() {
    let problems = |main: &str| {
        let config = Config::from_texts(Some(main), &[("acme", EXAMPLE)], &Everything);
        config.err().map(|problems| problems.to_string())
    };
    let text = problems("[server]\nlisten = \"127.0.0.1:8081\"\n").unwrap();
    assert!(text.contains("dotstory.toml:2: server.listen: expected an address"), "{text}");
    for (server, operator, good) in [
        ("127.0.0.1:0", "127.0.0.1:0", true),
        ("127.0.0.1:80", "127.0.0.2:80", true),
        ("127.0.0.1:80", "0.0.0.0:80", false),
        ("[::]:80", "127.0.0.1:80", false),
    ] {
        let main = format!("server.listen = \"{server}\"\noperator.listen = \"{operator}\"");
        assert_eq!(problems(&main).is_none(), good, "{server} {operator}");
    }
}

#[test]
fn without_a_disk_its_directory_need_not_be_there() {
    let main =
        |disk: &str| format!("[cache]\ndisk = \"{disk}\"\ndirectory = \"/nowhere/at/all\"\n");
    for none in ["0", "0B", "0 GiB"] {
        assert_eq!(from_example(Some(&main(none))).cache.disk, 0);
    }
    let problems = Config::from_texts(Some(&main("1GiB")), &[("acme", EXAMPLE)], &Everything);
    let text = problems.unwrap_err().to_string();
    assert!(text.contains("cache.directory: expected a directory in which files can be made"));
}

#[test]
fn only_a_dotstory_toml_may_be_absent() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("brands")).unwrap();
    fs::write(directory.path().join("brands/acme.toml"), EXAMPLE).unwrap();
    let load = |name: &str| Config::load(&directory.path().join(name), &Everything);
    assert_eq!(load("dotstory.toml").unwrap().brands.len(), 1);
    let text = load("dotstroy.toml").unwrap_err().to_string();
    assert!(text.ends_with("\n\ndotstroy.toml: the file does not exist"), "{text}");
}

#[test]
fn files_that_cannot_be_read_are_problems_too() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("brands/globex.toml")).unwrap();
    fs::write(directory.path().join("brands/acme.toml"), b"timezone = \"\xff\"").unwrap();
    let problems = Config::load(&directory.path().join("dotstory.toml"), &Everything).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "2 problems in the configuration:\n\n\
         brands/acme.toml: the file is not UTF-8\n\
         brands/globex.toml: the file is a directory"
    );
}

/// The blocks of TOML in the document, each with the name of its file in its first line.
fn document_blocks() -> Vec<(&'static str, &'static str)> {
    let blocks = DOCUMENT.split("```toml\n# ").skip(1);
    blocks.map(|rest| rest.split_once("```").unwrap().0.split_once('\n').unwrap()).collect()
}

#[test]
fn every_block_of_the_document_is_accepted() {
    let blocks = document_blocks();
    assert_eq!(blocks.len(), DOCUMENT.matches("```toml").count());
    assert!(blocks.len() > 1);
    for (name, text) in blocks {
        let config = match name {
            "dotstory.toml" => Config::from_texts(Some(text), &[("acme", EXAMPLE)], &Everything),
            _ => Config::from_texts(None, &[("acme", text)], &Everything),
        };
        config.unwrap_or_else(|problems| panic!("{name}: {problems}"));
    }
}

#[test]
fn the_document_tells_every_key_with_its_default() {
    for text in [MAIN, EXAMPLE] {
        for line in with_every_key(text).lines().filter(|line| !line.starts_with('#')) {
            let Some((key, value)) = line.split_once(" = ") else {
                continue;
            };
            let has_default = text != EXAMPLE || EXAMPLE.contains(&format!("# {line}"));
            let row = match key {
                "workers" | "directory" => format!("| `{key}` |"),
                _ if has_default => format!("| `{key}` | `{value}` |"),
                _ => format!("| `{key}` | required |"),
            };
            let row = if matches!(key, "tokens" | "users") { format!("| `{key}` |") } else { row };
            assert!(DOCUMENT.contains(&row), "no row {row}");
        }
    }
}

/// A line of the example or of the main file, with its value in the way of being typed.
fn any_line() -> impl Strategy<Value = (bool, String)> {
    let lines =
        [MAIN, EXAMPLE].map(|text| (text == MAIN, with_every_example(&with_every_key(text))));
    let keys: Vec<_> = lines
        .iter()
        .flat_map(|(main, text)| text.lines().map(move |line| (*main, line.to_owned())))
        .filter(|(_, line)| line.contains(" = ") && !line.starts_with('#'))
        .collect();
    (proptest::sample::select(keys), "\\PC{0,12}", any::<u8>()).prop_map(
        |((main, line), noise, cut)| {
            let cut = usize::from(cut) % (line.len() + 1);
            let head = line.get(..cut).unwrap_or_default();
            (main, format!("{head}{noise}{}", line.get(cut..).unwrap_or_default()))
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_typed_is_accepted_or_explained(lines in vec(any_line(), 0..8)) {
        let text_of = |file: bool| {
            let lines = lines.iter().filter(|(main, _)| *main == file);
            lines.map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n")
        };
        let brands = [("acme", text_of(false)), ("globex", EXAMPLE.to_owned())];
        let brands = brands.each_ref().map(|(id, text)| (*id, text.as_str()));
        if let Err(problems) = Config::from_texts(Some(&text_of(true)), &brands, &Everything) {
            prop_assert!(problems.iter().count() > 0);
            prop_assert!(!problems.to_string().contains("the-secret-value"));
        }
    }
}
