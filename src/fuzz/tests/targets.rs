//! Runs each entry point, and checks that each has its program and its seeds.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::changes::changed;
use crate::fuzz;

/// Declares a test for each entry point. The number is the `share` of [`run`].
macro_rules! targets {
    ($($test:ident: $target:ident, $share:literal;)*) => {
        $(
            #[test]
            fn $test() {
                run(stringify!($target), fuzz::$target, $share);
            }
        )*

        /// The names of all entry points.
        const NAMES: &[&str] = &[$(stringify!($target)),*];
    };
}

targets! {
    any_query_is_read_in_one_way_or_refused: query, 400;
    any_header_has_one_credential_or_none: authorization, 400;
    any_search_page_keeps_its_customers_and_their_refusals: search_page, 150;
    any_customer_keeps_its_refusal: customer, 150;
    any_list_of_customers_keeps_its_customers_and_their_refusals: customers, 120;
    any_rewards_account_is_read_exactly: rewards_account, 400;
    any_list_of_stores_keeps_its_stores: stores, 300;
    any_body_in_gzip_is_unpacked_within_its_limit: gzip, 150;
    any_configuration_is_accepted_or_refused_without_a_secret: configuration, 40;
    any_phone_is_a_number_of_the_text_or_none: phone, 200;
    any_records_are_read_as_they_were_stored: stored_records, 80;
    any_damaged_block_takes_little_memory_and_is_read_in_one_way: stored_block, 200;
}

/// Runs `target` with its seeds, and with changed seeds: `share` times the usual number of cases of
/// a property. The usual number is 256, or `PROPTEST_CASES`.
fn run(name: &str, target: fn(&[u8]), share: u32) {
    let mut seeds = Vec::new();
    for path in seeds_of(name) {
        println!("{}", path.display()); // shown if the seed fails
        seeds.push(fs::read(path).unwrap());
        target(seeds.last().unwrap());
    }
    let usual = Config::default();
    let config = Config {
        cases: usual.cases.saturating_mul(share),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..usual
    };
    let inputs = changed(seeds, words());
    let result = TestRunner::new(config).run(&inputs, |input| {
        target(&input.0);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{name}: {failure}\nadd the input to fuzz/corpus/{name}, and fix the bug");
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn seeds_of(name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder("corpus").join(name)).expect("each entry point has seeds");
    let mut seeds: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    seeds.sort();
    seeds
}

/// The words of `fuzz/words.dict`, which libFuzzer reads too. A word is written as in JSON.
fn words() -> Vec<Vec<u8>> {
    let text = fs::read_to_string(folder("words.dict")).unwrap();
    let lines = text.lines().filter(|line| line.starts_with('"'));
    lines.map(|line| serde_json::from_str::<String>(line).unwrap().into_bytes()).collect()
}

#[test]
fn each_entry_point_has_its_program_and_small_seeds() {
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    let programs: Vec<_> = manifest.lines().filter(|line| line.starts_with("path = \"")).collect();
    assert_eq!(programs.len(), NAMES.len(), "{programs:#?}");
    for name in NAMES {
        let path = format!("fuzz_targets/{name}.rs");
        assert!(programs.contains(&format!("path = \"{path}\"").as_str()), "{name}");
        let program = fs::read_to_string(folder(&path)).unwrap();
        assert!(program.contains(&format!("dotstory::fuzz::{name}(bytes)")), "{name}");
        let seeds = seeds_of(name);
        assert!(seeds.len() >= 4, "{name} has {} seeds", seeds.len());
        for seed in seeds {
            let bytes = fs::metadata(&seed).unwrap().len();
            assert!(bytes <= 4096, "{} has {bytes} bytes", seed.display());
        }
    }
}
