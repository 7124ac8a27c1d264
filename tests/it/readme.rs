//! Runs the commands of the README as a new operator would.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const README: &str = include_str!("../../README.md");

/// The shell commands below this heading.
fn commands(heading: &str) -> &'static str {
    let section = README.split_once(heading).expect("the README has the heading").1;
    let block = section.split_once("```sh\n").expect("the section has commands").1;
    block.split_once("```").expect("the block ends").0
}

/// The commands with free ports, so that the test does not use the ports of another process.
fn with_free_ports(commands: &str) -> String {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [api, operator, tenant] =
        listeners.each_ref().map(|listener| listener.local_addr().unwrap().port().to_string());
    let listen = format!("dotstory sandbox --listen 127.0.0.1:{tenant}");
    let settings = format!(
        "sed -i 's/^# \\(listen = \"127.0.0.1:8080\"\\)/\\1/; s/^# \\(listen = \"127.0.0.1:8081\"\\)/\\1/; \
         s/:8080\"/:{api}\"/; s/:8081\"/:{operator}\"/' trial/dotstory.toml\n\n# The secrets"
    );
    commands
        .replace("# The secrets", &settings)
        .replace("dotstory sandbox", &listen)
        .replace("127.0.0.1:8082", &format!("127.0.0.1:{tenant}"))
        .replace("127.0.0.1:8080/", &format!("127.0.0.1:{api}/"))
}

#[test]
fn the_commands_of_the_readme_connect_a_brand() {
    let home = tempfile::tempdir().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_dotstory")).parent().unwrap();
    let commands = with_free_ports(commands("## Try to connect a brand"));
    let script = format!(
        "set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\nPATH={}:$PATH\n{commands}wait\n",
        binary.display()
    );
    let output = Command::new("timeout")
        .args(["-k", "5", "120", "bash", "-c", &script])
        .current_dir(home.path())
        .process_group(0)
        .output()
        .unwrap();
    let (text, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}\n{text}\n{errors}");
    assert!(text.contains("0 failed"), "check --live: {text}");
    assert!(errors.contains("1037 of 1037 records"), "sweep: {errors}");

    let records = fs::read_to_string(home.path().join("trial/customers.ndjson")).unwrap();
    assert_eq!(records.lines().count(), 1037);
    let window: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!((&window["count"], &window["limit"]), (&1037.into(), &"2".into()));
    assert_eq!(window["records"][0]["id"], first_id(&records));
    let log = fs::read_to_string(home.path().join("trial/log.txt")).unwrap();
    assert!(log.contains("walk complete") && log.contains("stopped"), "{log}");
}

fn first_id(records: &str) -> Value {
    let first: Value = serde_json::from_str(records.lines().next().unwrap()).unwrap();
    first["id"].clone()
}
