//! `dotstory init`, and `check` of the files that it writes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_dotstory");

/// All options except the directory and the brand.
const OPTIONS: [&str; 12] = [
    "--country",
    "AU",
    "--timezone",
    "Australia/Perth",
    "--base-url",
    "https://api.dotapparel.io",
    "--name",
    "acme",
    "--shop",
    "acme.myshopify.com",
    "--username",
    "dailystory@acme.example",
];

fn dotstory(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.current_dir(directory).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn init(directory: &TempDir, brand: &str) -> Output {
    let arguments = [&["init", "--dir", "my config", "--brand", brand], &OPTIONS[..]].concat();
    dotstory(directory.path(), &arguments)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs the printed command that copies `.env.example`. Then fills in the secrets, and runs the
/// printed `check` without `--live`.
fn check_by_the_printed_commands(directory: &TempDir, report: &str) {
    let commands = report.split_once("Next:\n").unwrap().1.replace("check --live", "check");
    let mut lines = commands.lines();
    let (fill_in, check) = (lines.next().unwrap(), lines.next().unwrap());
    let script = format!(
        "set -e; PATH=\"$(dirname '{BINARY}'):$PATH\"; {fill_in}\n\
         sed -i \"s/^\\([A-Z_]*\\)=''/\\1='fixture-\\1'/\" 'my config/.env'\n{check}"
    );
    let output = Command::new("sh").args(["-c", &script]).current_dir(directory).output().unwrap();
    let (shown, error) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{error}");
    assert!(shown.contains("the configuration is valid"), "{shown}");
}

#[test]
fn the_written_files_pass_check_by_the_printed_commands() {
    let directory = tempfile::tempdir().unwrap();
    let output = init(&directory, "acme");
    let report = text(&output.stdout);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
    let expected = "\
wrote ./my config/brands/acme.toml
wrote ./my config/dotstory.toml
wrote ./my config/.env.example

Next:
  install -m 600 './my config/.env.example' './my config/.env'   # then fill in the secrets in './my config/.env'
  set -a; . './my config/.env'; set +a; dotstory check --live --config './my config/dotstory.toml'
  dotstory serve --config './my config/dotstory.toml'
";
    assert_eq!(report, expected);
    check_by_the_printed_commands(&directory, &report);
    let brand = fs::read_to_string(directory.path().join("my config/brands/acme.toml")).unwrap();
    assert!(brand.contains("\ntimezone = \"Australia/Perth\"\n"), "{brand}");
}

#[test]
fn a_second_brand_keeps_the_main_file_and_adds_its_variables() {
    let directory = tempfile::tempdir().unwrap();
    assert!(init(&directory, "acme").status.success());
    let main = directory.path().join("my config/dotstory.toml");
    fs::write(&main, "server.listen = \"127.0.0.1:9000\"\n").unwrap();
    let report = text(&init(&directory, "globex").stdout);
    assert!(report.contains("kept ./my config/dotstory.toml\nadded to "), "{report}");
    assert_eq!(fs::read_to_string(&main).unwrap(), "server.listen = \"127.0.0.1:9000\"\n");
    check_by_the_printed_commands(&directory, &report);
    let report = text(&init(&directory, "initech").stdout);
    let expected =
        "  # add INITECH_DOTAPPAREL_PASSWORD and INITECH_DAILYSTORY_TOKEN to './my config/.env'\n";
    assert!(report.contains(expected), "{report}");
}

#[test]
fn a_brand_gets_its_own_variables_although_another_brands_variables_end_alike() {
    let directory = tempfile::tempdir().unwrap();
    for (brand, variable) in
        [("acme", "ACME_DOTAPPAREL_PASSWORD="), ("me", "ME_DOTAPPAREL_PASSWORD=")]
    {
        assert!(init(&directory, brand).status.success());
        let secrets = fs::read_to_string(directory.path().join("my config/.env.example")).unwrap();
        assert!(secrets.lines().any(|line| line.starts_with(variable)), "{brand}: {secrets}");
    }
}

#[test]
fn no_file_is_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    assert!(init(&directory, "acme").status.success());
    let path = directory.path().join("my config/brands/acme.toml");
    fs::write(&path, "mine").unwrap();
    let output = init(&directory, "acme");
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.contains("acme.toml exists, and init overwrites no file: "), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn without_a_terminal_a_missing_or_wrong_option_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["init", "--dir", "x", "--brand", "acme", "--shop", "s", "--name", "n"];
    for (more, message) in [
        (
            &["--country", "AU"][..],
            "dotstory: init cannot ask, because its standard input is not a terminal: give --timezone, \
             --base-url, --username\n",
        ),
        (
            &[
                "--country",
                "au",
                "--timezone",
                "UTC",
                "--base-url",
                "https://a.example",
                "--username",
                "u",
            ],
            "dotstory: --country: expected a two-letter country code (ISO 3166) such as \"AU\", found \
             \"au\"\n    did you mean \"AU\"?\n",
        ),
    ] {
        let output = dotstory(directory.path(), &[&arguments[..], more].concat());
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(64), message.to_owned()));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
