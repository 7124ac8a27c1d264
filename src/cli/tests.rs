//! The command line as a whole, and its man pages in `contrib/man`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;
use crate::config::{Environment, ProcessEnvironment};

/// The files of a directory: their names and texts.
fn files_in(directory: &Path) -> BTreeMap<String, String> {
    let file = |path: &Path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    fs::read_dir(directory).unwrap().map(|entry| file(&entry.unwrap().path())).collect()
}

#[test]
fn the_commands_and_options_do_not_conflict() {
    Cli::command().debug_assert();
}

/// `UPDATE_EXPECTED=1 cargo test man_pages` rewrites the pages.
#[test]
fn the_man_pages_match_the_command_line() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/man");
    let generated = tempfile::tempdir().unwrap();
    clap_mangen::generate_to(Cli::command(), generated.path()).unwrap();
    if ProcessEnvironment.variable("UPDATE_EXPECTED").is_ok() {
        fs::create_dir_all(&shipped).unwrap();
        for name in files_in(&shipped).into_keys() {
            fs::remove_file(shipped.join(name)).unwrap();
        }
        for (name, text) in files_in(generated.path()) {
            fs::write(shipped.join(name), text).unwrap();
        }
    }
    let (shipped, generated) = (files_in(&shipped), files_in(generated.path()));
    assert!(shipped.keys().eq(generated.keys()), "{:?} {:?}", shipped.keys(), generated.keys());
    for (name, text) in generated {
        assert_eq!(shipped[&name], text, "{name}: UPDATE_EXPECTED=1 rewrites it");
    }
}
