//! `dotstory sweep`, against the simulated tenant.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use dotstory::sandbox::{self, Fault};
use serde_json::Value;

use crate::support::Desk;

/// The ids of the records, one record per line.
fn ids(lines: &str) -> Vec<i64> {
    let record = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    lines.lines().map(|line| record(line)["id"].as_i64().unwrap()).collect()
}

fn error_of(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The files of a directory that are not the configuration.
fn files_in(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| !path.ends_with("brands") && !path.ends_with("dotstory.toml")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_records_are_written_one_per_line_and_a_summary_follows() {
    let tenant = sandbox::Config { customers: 1037, ..sandbox::Config::default() };
    let desk = Desk::with_tenant(tenant, "");
    let output = desk.run("sweep", &[]);
    let error = error_of(&output);
    assert_eq!(output.status.code(), Some(0), "{error}");
    let mut expected = desk.sandbox.control().ids();
    expected.sort_unstable();
    assert_eq!(ids(str::from_utf8(&output.stdout).unwrap()), expected);
    let calls = "1037 of 1037 records; certified=quiet; 13 calls to DotApparel; ";
    assert!(error.starts_with(calls) && error.lines().count() == 1, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn limit_and_since_make_the_output_shorter() {
    let desk = Desk::new("");
    let tenant = desk.sandbox.control();
    let (first, changed) = (tenant.ids()[0], tenant.ids()[7]);
    let limited = desk.run("sweep", &["--limit", "1"]);
    assert_eq!(ids(str::from_utf8(&limited.stdout).unwrap()), [first]);
    assert!(error_of(&limited).starts_with("1 of 250 records; "));

    tenant.edit(changed, |person| person.surname = Some("Sampleson".into())).unwrap();
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).to_rfc3339();
    let lines = desk.print("sweep", &["--since", &now]);
    assert!(ids(&lines).contains(&changed) && ids(&lines).len() < 250, "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_appears_when_it_is_complete_and_a_failed_run_leaves_the_older_file() {
    let desk = Desk::new("");
    let path = desk.directory().join("all.ndjson");
    let arguments = ["-o", path.to_str().unwrap()];
    assert_eq!(desk.print("sweep", &arguments), "");
    let complete = fs::read_to_string(&path).unwrap();
    assert_eq!(ids(&complete).len(), 250);

    desk.sandbox.control().fault(Fault::Status(401), None);
    let failed = desk.run("sweep", &arguments);
    assert_eq!(failed.status.code(), Some(1));
    let expected = "dotstory: failed to read the list: credentials refused: 401 Unauthorized: check username, \
                    password, name and shop under [dotapparel], and the user's rights\n";
    assert_eq!(error_of(&failed), expected);
    assert_eq!(fs::read_to_string(&path).unwrap(), complete);
    assert_eq!(files_in(desk.directory()), [path]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_may_pass_is_shown_and_the_list_is_asked_for_again() {
    let desk = Desk::new("");
    fs::write(desk.directory().join("dotstory.toml"), "defaults.dotapparel.attempts = 1\n")
        .unwrap();
    desk.sandbox.control().fault(Fault::RateLimited { retry_after: Some(0) }, Some(2));
    let output = desk.run("sweep", &[]);
    let error = error_of(&output);
    let (waits, summary) = error.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(waits, ["DotApparel: calls throttled: 429; asking again in 0.0s"; 2].join("\n"));
    assert!(summary.starts_with("250 of 250 records; "), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_ends_at_once_and_leaves_no_file() {
    let desk = Desk::new("");
    desk.sandbox.control().fault(Fault::RateLimited { retry_after: Some(3600) }, None);
    let path = desk.directory().join("all.ndjson");
    let mut command = desk.command("sweep", &["-o", path.to_str().unwrap()]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert_eq!(
        lines.next().unwrap().unwrap(),
        "DotApparel: calls throttled: 429; asking again in 1h"
    );
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let rest: Vec<_> = lines.map(Result::unwrap).collect();
    assert_eq!(rest, ["dotstory: interrupted before all records were written"]);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(files_in(desk.directory()), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_ends_the_run_quietly() {
    let desk = Desk::new("");
    let mut command = desk.command("sweep", &[]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), error_of(&output)), (Some(0), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_time_and_a_target_that_is_no_file_are_refused() {
    let desk = Desk::new("");
    let output = desk.run("sweep", &["--since", "yesterday"]);
    assert_eq!(output.status.code(), Some(64));
    assert_eq!(
        error_of(&output),
        "dotstory: --since must be a date and time such as 2022-07-03T12:33:45Z, was \"yesterday\"\n"
    );
    let output = desk.run("sweep", &["-o", "/dev/null"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(error_of(&output), "dotstory: /dev/null is not a file that can be replaced\n");
}
