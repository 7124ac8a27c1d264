//! The command line: the help matches the files in `tests/cmd`, and `check` prints the expected
//! message of each faulty configuration. `serve` runs as a service that starts, reloads and stops.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

fn dotstory(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dotstory"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for line in fs::read_to_string("fixtures/config/environment").unwrap().lines() {
        if let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            command.env(name, value.trim_matches(['"', '\'']));
        }
    }
    command.output().unwrap()
}

#[test]
fn help_and_usage_match_their_files() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd");
}

#[test]
fn check_prints_the_expected_message_of_each_faulty_configuration() {
    let mut cases = 0;
    for case in fs::read_dir("fixtures/config/invalid").unwrap() {
        let directory = case.unwrap().path();
        let main = directory.join("dotstory.toml");
        let expected = fs::read_to_string(directory.join("expected.txt")).unwrap();
        let output = dotstory(&["check", "--config", main.to_str().unwrap()]);
        assert_eq!(String::from_utf8(output.stderr).unwrap(), expected, "{}", directory.display());
        assert_eq!(output.status.code(), Some(64), "{}", directory.display());
        assert!(output.stdout.is_empty());
        cases += 1;
    }
    assert!(cases >= 20, "{cases} cases");
}

#[test]
fn check_prints_the_brands_of_a_valid_configuration() {
    for case in fs::read_dir("fixtures/config/valid").unwrap() {
        let directory = case.unwrap().path();
        let main = directory.join("dotstory.toml");
        let output = dotstory(&["check", "--config", main.to_str().unwrap()]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(text.contains("the configuration is valid") && text.contains("brand"), "{text}");
    }
}

#[test]
fn check_prints_json_for_programs() {
    let check = |main: &str| {
        let output = dotstory(&["check", "--format", "json", "--config", main]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), json)
    };
    let (code, json) = check("fixtures/config/valid/every-key/dotstory.toml");
    assert_eq!((code, &json["valid"]), (Some(0), &true.into()), "{json}");
    assert_eq!(json["tls"], true, "{json}");
    assert!(json["brands"][0]["base_url"].is_string(), "{json}");
    let (code, json) = check("nowhere/else.toml");
    assert_eq!((code, &json["valid"]), (Some(64), &false.into()), "{json}");
    let problem = serde_json::json!({
        "file": "else.toml", "line": null, "key": "", "message": "the file does not exist", "hint": null
    });
    assert_eq!(json["problems"][0], problem);
}

/// A folder with a configuration. `main` is the text of its main file.
fn folder(main: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let brands = directory.path().join("brands");
    fs::create_dir(&brands).unwrap();
    fs::write(directory.path().join("dotstory.toml"), main).unwrap();
    fs::copy(Path::new("config/brands/acme.toml.example"), brands.join("acme.toml")).unwrap();
    directory
}

/// The variables of the secrets in the example of a brand.
const SECRETS: [&str; 3] =
    ["ACME_DOTAPPAREL_PASSWORD", "ACME_DAILYSTORY_TOKEN", "ACME_DAILYSTORY_PASSWORD"];

/// Runs the commands of `shell`, then `dotstory serve` with this main file. Returns the exit code
/// and the error output.
fn serve(shell: &str, main: &str) -> (Option<i32>, String) {
    let directory = folder(main);
    let output = Command::new("sh")
        .args(["-c", &format!("{shell} exec \"$0\" serve --config dotstory.toml")])
        .arg(env!("CARGO_BIN_EXE_dotstory"))
        .current_dir(directory.path())
        .envs(SECRETS.map(|name| (name, format!("fixture-{name}"))))
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_port_in_use_fails_the_start_with_exit_code_1_and_not_64() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap();
    let main = format!("server.listen = \"{addr}\"\noperator.listen = \"127.0.0.1:0\"\n");
    let (code, text) = serve("", &main);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("failed to open [server] listen") && text.contains("in use"), "{text}");
}

#[test]
fn more_workers_than_the_open_files_allow_are_refused_with_a_remedy() {
    let main =
        "server.listen = \"127.0.0.1:0\"\noperator.listen = \"127.0.0.1:0\"\nserver.workers = 50\n";
    let (code, text) = serve("ulimit -n 120;", main);
    let sentence = "server.workers: 50 worker threads need at least 500 open files, and this process may have 120: set fewer workers, or raise the limit (ulimit -n, or LimitNOFILE of systemd)\n";
    assert_eq!((code, text.as_str()), (Some(64), sentence));
}

/// A running `dotstory serve`, which sends messages to a service manager.
struct Service {
    process: Child,
    folder: tempfile::TempDir,
    messages: UnixDatagram,
}

impl Service {
    /// Starts `dotstory serve` with these variables in addition, and waits until it is ready.
    fn start(variables: &[(&str, &str)]) -> Self {
        let folder = folder("server.listen = \"127.0.0.1:0\"\noperator.listen = \"127.0.0.1:0\"\n");
        let socket = folder.path().join("notify");
        let messages = UnixDatagram::bind(&socket).unwrap();
        messages.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_dotstory"))
            .args(["serve", "--config", "dotstory.toml"])
            .current_dir(folder.path())
            .envs(SECRETS.map(|name| (name, format!("fixture-{name}"))))
            .envs(variables.iter().copied())
            .env("NOTIFY_SOCKET", socket)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let service = Self { process, folder, messages };
        assert_eq!(service.message(), "READY=1");
        service
    }

    /// Waits for the end of the process. Returns its exit code and its log.
    fn wait(self) -> (Option<i32>, String) {
        let output = self.process.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    fn message(&self) -> String {
        let mut bytes = [0; 200];
        let length = self.messages.recv(&mut bytes).unwrap();
        let text = std::str::from_utf8(&bytes[..length]).unwrap();
        text.lines().next().unwrap().to_owned()
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(
            Command::new("sh")
                .args(["-c", &format!("kill -{name} {id}")])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Replaces a text in the file of the brand.
    fn replace_brand(&self, before: &str, after: &str) {
        let path = self.folder.path().join("brands/acme.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{text}");
        fs::write(path, text.replace(before, after)).unwrap();
    }

    fn write_main(&self, text: &str) {
        fs::write(self.folder.path().join("dotstory.toml"), text).unwrap();
    }
}

#[test]
fn a_service_reports_its_start_its_reloads_and_its_stop() {
    let service = Service::start(&[]);
    for main in ["defaults.sync.reuse = \"1h\"\n", "defaults.sync.reuse = \"an hour\"\n"] {
        service.write_main(main);
        service.signal("HUP");
        assert_eq!(service.message(), "RELOADING=1");
        assert_eq!(service.message(), "READY=1");
    }
    service.signal("TERM");
    assert_eq!(service.message(), "STOPPING=1");
    let (code, log) = service.wait();
    assert_eq!(code, Some(0), "{log}");
    let line = |message: &str| {
        let found = log.lines().find(|line| line.contains(&format!("\"{message}\"")));
        found.unwrap_or_else(|| panic!("no {message} in {log}"))
    };
    assert!(line("configuration reloaded").contains("\"brands.restarted\":\"acme\""), "{log}");
    assert!(line("changed configuration refused").contains("sync.reuse: expected"), "{log}");
}

#[test]
fn a_second_signal_ends_a_service_that_waits_for_a_request() {
    // A tenant that accepts connections and answers nothing.
    let tenant = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut service = Service::start(&[]);
    service.replace_brand(
        "https://api.dotapparel.io",
        &format!("http://{}", tenant.local_addr().unwrap()),
    );
    service.signal("HUP");
    assert_eq!(service.message(), "RELOADING=1");
    assert_eq!(service.message(), "READY=1");
    let mut log = BufReader::new(service.process.stderr.take().unwrap());
    let mut line = String::new();
    log.read_line(&mut line).unwrap();
    let started: serde_json::Value = serde_json::from_str(&line).unwrap();

    let mut caller = TcpStream::connect(started["addr"].as_str().unwrap()).unwrap();
    let token = "fixture-ACME_DAILYSTORY_TOKEN";
    let request = format!(
        "GET /api/v1/customer/7 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    caller.write_all(request.as_bytes()).unwrap();
    let _call = tenant.accept().unwrap();
    service.signal("TERM");
    assert_eq!(service.message(), "STOPPING=1");
    service.signal("TERM");
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert_eq!(service.wait().0, Some(1), "{rest}");
    assert!(rest.contains("received a second signal to stop"), "{rest}");
}

#[test]
fn a_proxy_in_the_environment_is_named_in_the_log_because_it_is_not_used() {
    let service = Service::start(&[("HTTPS_PROXY", "http://127.0.0.1:9")]);
    service.signal("TERM");
    let (_, log) = service.wait();
    let line = log.lines().find(|line| line.contains("proxy of the environment not used"));
    assert!(line.is_some_and(|line| line.contains("\"variable\":\"HTTPS_PROXY\"")), "{log}");
}
