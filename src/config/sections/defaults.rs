//! The built-in defaults, and `[defaults]` of the main file, which overrides them for all brands.

use std::path::PathBuf;
use std::sync::Arc;

use chrono_tz::Tz;

use super::dotapparel::{read_limits, read_lists};
use super::sync::read_sync;
use crate::config::document::{
    BUILT_IN, Entries, File, Node, Place, Reported, Section, Value, overlay, parse_toml,
};

/// The default values of a brand's sections.
pub(crate) struct BrandDefaults {
    dotapparel: Entries,
    sync: Entries,
}

/// `config/dotstory.toml` at build time: every key with its default.
const DEFAULTS: &str = include_str!("../../../config/dotstory.toml");

/// The built-in defaults.
pub(crate) fn built_in() -> Entries {
    let file = Arc::new(File {
        rank: BUILT_IN,
        name: "built-in dotstory.toml".to_owned(),
        directory: PathBuf::new(),
    });
    parse_toml(DEFAULTS, &file).expect("a test parses the defaults")
}

/// Checks `[defaults]` itself, so that its mistakes are reported even without a brand.
pub(crate) fn check_defaults(mut defaults: Section<'_>) -> Result<(), Reported> {
    let dotapparel = defaults.section("dotapparel").and_then(|mut section| {
        let (lists, limits) = (read_lists(&mut section), read_limits(&mut section));
        section.finish();
        lists.and(limits.map(drop))
    });
    let sync = defaults.section("sync").and_then(|section| read_sync(section, Tz::UTC)).map(drop);
    defaults.finish();
    dotapparel.and(sync)
}

// === impl BrandDefaults ===

impl BrandDefaults {
    /// The defaults in `main`: the entries of the main file, already merged into the built-in
    /// defaults.
    pub(crate) fn from_main(main: &Entries) -> Self {
        let built_in = built_in();
        let section = |name| section_defaults(main, &built_in, name);
        Self { dotapparel: section("dotapparel"), sync: section("sync") }
    }

    /// Adds the defaults to a brand's entries. The brand's own keys override them. A section that
    /// is not a table stays, so that it is reported.
    pub(crate) fn merge_into(&self, mut brand: Entries, file: &Arc<File>) -> Entries {
        for (name, defaults) in [("dotapparel", &self.dotapparel), ("sync", &self.sync)] {
            let (place, value) = match brand.remove(name) {
                None => {
                    let place = Place::from_file(Arc::clone(file)).key(name);
                    (place, Value::Table(defaults.clone()))
                }
                Some(Node { place, value: Value::Table(own) }) => {
                    (place, Value::Table(overlay(defaults, own)))
                }
                Some(Node { place, value }) => (place, value),
            };
            brand.insert(name.to_owned(), Node { place, value });
        }
        brand
    }
}

/// `[defaults.<name>]` of `main` without its unknown keys. `main` already has the built-in
/// defaults. If `[defaults.<name>]` is not a table, returns the built-in defaults.
/// [`check_defaults`] reports unknown keys and a section that is not a table.
fn section_defaults(main: &Entries, built_in: &Entries, name: &str) -> Entries {
    let built_in = table(built_in, name).cloned().unwrap_or_default();
    match table(main, name) {
        Some(own) => {
            let known = own.iter().filter(|(key, _)| built_in.contains_key(*key));
            known.map(|(key, node)| (key.clone(), node.clone())).collect()
        }
        None => built_in,
    }
}

fn table<'e>(main: &'e Entries, name: &str) -> Option<&'e Entries> {
    let Value::Table(defaults) = &main.get("defaults")?.value else {
        return None;
    };
    match &defaults.get(name)?.value {
        Value::Table(entries) => Some(entries),
        _ => None,
    }
}
