//! `dotstory check --live`, as an operator uses it, against tenants with faults.

use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Output};
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dotstory::clock::SystemClock;
use dotstory::sandbox::{self, Calls, Fault, Injection, Refusals, Sandbox};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Authority, Certified, TestApp, TlsFront};

/// A directory with the configuration of one brand, and its tenant.
struct CheckDesk {
    sandbox: Sandbox,
    directory: TempDir,
    base_url: String,
    listen: [String; 2],
    /// More lines of the main file.
    main: String,
    name: String,
    shop: String,
    password: String,
    /// More lines of `[dotapparel]`.
    dotapparel: &'static str,
    /// The credentials of callers.
    tokens: &'static str,
    mapping: &'static str,
}

/// The credential of a caller.
const TOKEN: &str = "a-token-for-tests-alone";

/// The report of `check --live`.
struct Report {
    text: String,
    code: Option<i32>,
}

// === impl CheckDesk ===

impl CheckDesk {
    fn new(change: impl FnOnce(&mut sandbox::Config)) -> Self {
        let mut tenant = sandbox::Config::default();
        change(&mut tenant);
        let sandbox = Sandbox::start(tenant.clone(), Arc::new(SystemClock)).unwrap();
        Self {
            base_url: sandbox.base_url(),
            sandbox,
            directory: tempfile::tempdir().unwrap(),
            listen: ["127.0.0.1:0", "127.0.0.1:0"].map(str::to_owned),
            main: String::new(),
            name: tenant.name,
            shop: tenant.shop,
            password: tenant.password,
            dotapparel: "",
            tokens: "{ env = \"DESK_TOKEN\" }",
            mapping: "points = \"rewards\"",
        }
    }

    fn with_fault(fault: Fault) -> Self {
        let desk = Self::new(|_| ());
        let injection = Injection { fault, calls: Calls::All, skip: 0, times: None };
        desk.sandbox.control().inject(injection);
        desk
    }

    /// A desk that trusts the authority of this certificate, and its tenant behind TLS.
    async fn with_tls(certified: Certified) -> (Self, TlsFront) {
        let mut desk = Self::new(|_| ());
        let authority = Authority::new("Test CA 1");
        let front = TlsFront::start(&authority, certified, desk.sandbox.addr()).await;
        authority.write_to(&desk.trusted());
        desk.base_url = format!("https://localhost:{}", front.addr.port());
        (desk, front)
    }

    /// The file of trusted authorities.
    fn trusted(&self) -> std::path::PathBuf {
        self.directory.path().join("trusted.pem")
    }

    fn run(&self, more: &[&str]) -> Output {
        self.check(&[&["--live"], more].concat())
    }

    /// Runs `dotstory check` with these options.
    fn check(&self, options: &[&str]) -> Output {
        self.dotstory(&[&["check"], options].concat())
    }

    fn dotstory(&self, arguments: &[&str]) -> Output {
        let Self { base_url, name, shop, dotapparel, tokens, mapping, .. } = self;
        let username = sandbox::Config::default().username;
        let [server, operator] = &self.listen;
        let main = format!(
            "server.listen = \"{server}\"\noperator.listen = \"{operator}\"\n{}",
            self.main
        );
        let brand = format!(
            "timezone = \"Australia/Melbourne\"\ncountry = \"AU\"\n[dotapparel]\n\
             base_url = \"{base_url}\"\nname = \"{name}\"\nshop = \"{shop}\"\n\
             username = \"{username}\"\npassword = {{ env = \"DESK_PASSWORD\" }}\nrate_limit = 1000\n{dotapparel}\n\
             [dailystory]\ntokens = [{tokens}]\n[mapping]\n{mapping}\n"
        );
        let directory = self.directory.path();
        fs::create_dir_all(directory.join("brands")).unwrap();
        fs::create_dir_all(directory.join("none")).unwrap();
        fs::write(directory.join("dotstory.toml"), main).unwrap();
        fs::write(directory.join("brands/acme.toml"), brand).unwrap();
        Command::new(env!("CARGO_BIN_EXE_dotstory"))
            .args(arguments)
            .args(["--config", "dotstory.toml"])
            .current_dir(directory)
            .env("DESK_PASSWORD", &self.password)
            .env("DESK_TOKEN", TOKEN)
            .env("SSL_CERT_FILE", self.trusted())
            .env("SSL_CERT_DIR", directory.join("none"))
            .output()
            .unwrap()
    }

    fn report(&self) -> Report {
        let Output { status, stdout, stderr } = self.run(&[]);
        let text = String::from_utf8(stdout).unwrap();
        assert!(stderr.is_empty(), "{text}{}", String::from_utf8_lossy(&stderr));
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        Report { text, code: status.code() }
    }
}

// === impl Report ===

impl Report {
    /// The names of the checks with this mark, in their order: `✓` passed, `✗` failed, `–` skipped.
    fn checks(&self, mark: char) -> Vec<&str> {
        let lines = self.text.lines().filter_map(|line| line.trim_start().strip_prefix(mark));
        lines.map(|line| line[1..17].trim_end()).collect()
    }

    /// The report in one line, with single blanks.
    fn joined(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Asserts that only this check failed, and that the report has these texts.
    fn assert_fails(&self, case: &str, check: &str, texts: &[&str]) {
        println!("=== {case}\n{}", self.text);
        assert_eq!(self.checks('✗'), [check], "{case}: {}", self.text);
        assert_eq!(self.code, Some(1), "{case}");
        for text in texts {
            assert!(self.joined().contains(text), "{case}: {text} in\n{}", self.text);
        }
    }

    fn assert_passes(&self) {
        println!("{}", self.text);
        assert!(self.checks('✗').is_empty(), "{}", self.text);
        assert_eq!(self.code, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brand_that_works_passes_every_check() {
    let desk = CheckDesk::new(|_| ());
    let report = desk.report();
    report.assert_passes();
    assert_eq!(report.checks('–'), ["TLS", "TLS expiry"]);
    assert!(report.text.ends_with("\n15 passed, 0 failed, 2 skipped\n"), "{}", report.text);

    let (desk, _front) =
        CheckDesk::with_tls(Certified { name: "localhost", until_year: 2100 }).await;
    let report = desk.report();
    report.assert_passes();
    assert!(report.checks('–').is_empty(), "{}", report.text);
    let text = report.joined();
    assert!(text.contains("issued by Test CA 1, Example; for localhost"), "{text}");
    assert!(text.contains("[dotapparel] base_url 2100-01-01, ") && text.contains(" days left"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_without_the_search_passes_with_recent_changes() {
    let mut desk = CheckDesk::new(|tenant| tenant.may_search = false);
    desk.dotapparel = "lists = \"recent\"";
    let report = desk.report();
    report.assert_passes();
    assert!(report.checks('✓').contains(&"recent changes"), "{}", report.text);
}

/// By default, the sandbox refuses each of these mistakes with the same answer. The API's document
/// does not define whether the answer names the mistake.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_and_headers_are_named() {
    const ANY: [&str; 2] = [
        "✗ credentials [dotapparel] password refused with 401 Unauthorized",
        "DotApparel refuses the user, the name or the shop; its answer does not show which. Compare \
         username, password (also the variable or file that holds it), name and shop",
    ];
    for (refusals, wrong, check, texts) in [
        (Refusals::Alike, "password", "credentials", &ANY[..]),
        (Refusals::Alike, "name", "credentials", &ANY),
        (Refusals::Alike, "shop", "credentials", &ANY),
        (Refusals::Named, "password", "credentials", &[ANY[0]]),
        (
            Refusals::Named,
            "name",
            "name header",
            &[
                "✗ name header [dotapparel] name refused with 401 Unauthorized",
                "DotApparel refuses the name or the shop; its answer does not show which. Compare \
                 name (the alias of the brand, sent as X-DotApparel-Name) and shop",
            ],
        ),
        (
            Refusals::Named,
            "shop",
            "shop header",
            &[
                "✓ name header [dotapparel] name accepted",
                "✗ shop header [dotapparel] shop refused with 401 Unauthorized",
                "DotApparel refuses the shop. Compare shop (the Shopify domain",
            ],
        ),
    ] {
        let mut desk = CheckDesk::new(|tenant| tenant.refusals = refusals);
        match wrong {
            "password" => "wrong-password".clone_into(&mut desk.password),
            "name" => "wrong-name".clone_into(&mut desk.name),
            _ => "wrong.myshopify.example".clone_into(&mut desk.shop),
        }
        desk.report().assert_fails(&format!("wrong {wrong}, {refusals:?}"), check, texts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_named() {
    type Change = fn(&mut sandbox::Config);
    let cases: [(&str, Change, &str, &[&str]); 3] = [
        (
            "no right to rewards",
            |tenant| tenant.may_read_rewards = false,
            "rewards",
            &[
                "✗ rewards [mapping] points refused with 403 Forbidden",
                "Records have no points. Ask the retailer's DotApparel administrator to let the \
                 user read /rewards/accounts, or set [mapping] points to another source.",
            ],
        ),
        (
            "no right to stores",
            |tenant| tenant.may_read_stores = false,
            "stores",
            &["✗ stores [dotapparel] username refused with 403 Forbidden", "read /stores."],
        ),
        (
            "no right to search",
            |tenant| tenant.may_search = false,
            "search",
            &[
                "✓ credentials [dotapparel] password accepted",
                "✓ shop header [dotapparel] shop accepted",
                "✗ search [dotapparel] lists refused with 403 Forbidden",
                "For a tenant without this search, set lists = \"recent\".",
                "✓ stores",
            ],
        ),
    ];
    for (case, change, check, texts) in cases {
        CheckDesk::new(change).report().assert_fails(case, check, texts);
    }
    let mut desk = CheckDesk::new(|tenant| tenant.may_read_rewards = false);
    desk.mapping = "";
    desk.report().assert_passes();
}

/// Faults of the tenant, the checks that fail, and texts of the report.
const UNUSABLE: [(Fault, &str, &[&str]); 8] = [
    (
        Fault::NotJson,
        "search",
        &[
            "✗ search [dotapparel] base_url an HTML page in place of JSON",
            "Set base_url to the API, such as https://api.dotapparel.io, not to a web page.",
        ],
    ),
    (
        Fault::Status(502),
        "search",
        &["502 Bad Gateway with an HTML page: DotApparel fails", "Check again in some minutes."],
    ),
    (Fault::NotFoundOnSearch, "search", &["404 Not Found", "Check the path of base_url."]),
    (Fault::RateLimited { retry_after: None }, "search", &["[dotapparel] rate_limit 429"]),
    (Fault::TruncatedJson, "search", &["[dotapparel] base_url expected", "Check base_url."]),
    (
        Fault::NextWithoutCursor(sandbox::Absence::Null),
        "search",
        &["a next page but no cursor", "Send this line to DotApparel."],
    ),
    (
        Fault::NoCustomers,
        "search",
        &["[dotapparel] shop 0 customers", "Check whether name and shop are those"],
    ),
    (Fault::WrongId, "customer by id", &["the answer is about another customer"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_unusable_answer_is_named() {
    for (fault, check, texts) in UNUSABLE {
        CheckDesk::with_fault(fault).report().assert_fails(&format!("{fault:?}"), check, texts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_of_the_stores_blames_base_url_only_if_no_list_was_read() {
    const REMEDY: &str = "Records have the codes of stores instead of their names. Ask the \
                          retailer's DotApparel administrator whether the tenant has /stores, and \
                          whether the user may read it.";
    let desk = CheckDesk::new(|_| ());
    let (fault, calls) = (Fault::Status(404), Calls::Stores);
    desk.sandbox.control().inject(Injection { fault, calls, skip: 0, times: None });
    let report = desk.report();
    let line = "✗ stores [dotapparel] username 404 Not Found";
    report.assert_fails("no /stores", "stores", &["✓ search", line, REMEDY]);
    assert!(!report.joined().contains("Check the path of base_url"), "{}", report.text);

    let mut desk = CheckDesk::new(|_| ());
    desk.dotapparel = "lists = \"recent\"";
    desk.base_url += "/api";
    desk.report().assert_fails("wrong path", "stores", &["Check the path of base_url."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_host_is_named() {
    let mut desk = CheckDesk::with_fault(Fault::Hang);
    desk.dotapparel = "connect_timeout = \"1s\"\nattempt_timeout = \"1s\"";
    desk.report().assert_fails(
        "slow host",
        "search",
        &[
            "✗ search [dotapparel] attempt_timeout no answer within 1s",
            "If DotApparel needs longer than attempt_timeout for an answer, set a longer attempt_timeout.",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_finish_tls_is_named() {
    // The system opens connections for a listener, even if the listener never accepts them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut desk = CheckDesk::new(|_| ());
    Authority::new("Test CA 1").write_to(&desk.trusted());
    desk.base_url = format!("https://{}", silent.local_addr().unwrap());
    desk.dotapparel = "connect_timeout = \"1s\"";
    desk.report().assert_fails(
        "silent host",
        "TLS",
        &["✗ TLS [dotapparel] base_url no handshake within 1s", "whether a firewall or a proxy"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_host_is_named() {
    let mut desk = CheckDesk::new(|_| ());
    // A socket that is bound and does not listen keeps its port and refuses connections.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let dead = socket.local_addr().unwrap();
    desk.base_url = format!("https://{dead}");
    desk.report().assert_fails(
        "dead host",
        "TCP",
        &[
            &format!("✗ TCP [dotapparel] base_url {dead}: connection refused"),
            "Check the host and the port of base_url.",
            "– credentials [dotapparel] password skipped: TCP failed",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_proxy_is_named() {
    let mut desk = CheckDesk::new(|_| ());
    Authority::new("Test CA 1").write_to(&desk.trusted());
    desk.base_url = "https://tenant.invalid".to_owned();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let dead = socket.local_addr().unwrap();
    desk.dotapparel = format!("proxy = \"http://{dead}\"").leak();
    desk.report().assert_fails(
        "dead proxy",
        "TCP",
        &[
            &format!("✗ TCP [dotapparel] proxy {dead}: connection refused"),
            "Check the host and the port of proxy.",
            "– credentials [dotapparel] password skipped: TCP failed",
        ],
    );

    // A listener that closes each connection stands for a proxy that refuses to connect.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    desk.dotapparel = format!("proxy = \"http://{proxy}\"").leak();
    desk.report().assert_fails(
        "useless proxy",
        "search",
        &[
            "✗ search [dotapparel] proxy the proxy opened no connection to DotApparel",
            "allow the proxy to reach them",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_refused_is_named() {
    for (case, certified, texts) in [
        (
            "expired certificate",
            Certified { name: "localhost", until_year: 2024 },
            &[
                "✗ TLS [dotapparel] base_url the certificate expired on 2024-01-01, ",
                "Ask the operator of localhost to renew the certificate (issued by Test CA 1, \
                 Example).",
            ][..],
        ),
        (
            "certificate for another name",
            Certified { name: "api.example", until_year: 2100 },
            &[
                "✗ TLS [dotapparel] base_url the certificate is for api.example, not for localhost",
                "Set base_url to the name for which the API has a certificate",
            ],
        ),
    ] {
        let (desk, _front) = CheckDesk::with_tls(certified).await;
        desk.report().assert_fails(case, "TLS", texts);
    }

    let (desk, _front) =
        CheckDesk::with_tls(Certified { name: "api.example", until_year: 2100 }).await;
    let Output { stderr, .. } = desk.dotstory(&["customer", "--brand", "acme", "1"]);
    let text = String::from_utf8(stderr).unwrap();
    for part in ["certificate not valid", "for name", "run `dotstory check --live`"] {
        assert!(text.contains(part), "{text}");
    }

    let (desk, _front) =
        CheckDesk::with_tls(Certified { name: "localhost", until_year: 2100 }).await;
    for other in ["Test CA 1", "Test CA 2"] {
        Authority::new(other).write_to(&desk.trusted());
        let text = "the issuer of the certificate is not trusted: Test CA 1, Example";
        desk.report().assert_fails("unknown issuer", "TLS", &[text]);
    }
    fs::write(desk.trusted(), "").unwrap();
    desk.report().assert_fails(
        "no CA certificates",
        "TLS",
        &["✗ TLS [dotapparel] ca_file this machine has no CA certificates", "ca-certificates"],
    );

    let Output { status, stderr, .. } = desk.check(&[]);
    let text = String::from_utf8(stderr).unwrap();
    assert_eq!(
        status.code(),
        Some(64),
        "`check` must refuse what `serve` cannot start with: {text}"
    );
    assert!(text.contains("brand acme: failed to set up HTTPS: install the CA"), "{text}");

    let Output { status, stdout, .. } = desk.check(&["--format", "json"]);
    let json: Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!((status.code(), &json["valid"]), (Some(64), &false.into()), "{json}");
    let problem = &json["problems"][0];
    assert_eq!(
        (&problem["file"], &problem["key"]),
        (&"brands/acme.toml".into(), &"dotapparel".into())
    );
    let message = problem["message"].as_str().unwrap();
    assert!(message.starts_with("failed to set up HTTPS: install the CA"), "{message}");

    let mut desk = CheckDesk::new(|_| ());
    Authority::new("Test CA 1").write_to(&desk.trusted());
    desk.base_url = desk.base_url.replace("http:", "https:");
    let texts = &["the port does not speak TLS", "Check the port of base_url"];
    desk.report().assert_fails("no TLS", "TLS", texts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_the_brands_own_ca_is_trusted() {
    let (mut desk, _front) =
        CheckDesk::with_tls(Certified { name: "localhost", until_year: 2100 }).await;
    fs::copy(desk.trusted(), desk.directory.path().join("own.pem")).unwrap();
    fs::write(desk.trusted(), "").unwrap();
    desk.dotapparel = "ca_file = \"../own.pem\"";
    let report = desk.report();
    assert!(report.checks('✓').contains(&"TLS"), "{}", report.text);
    assert_eq!(report.code, Some(0), "{}", report.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_asks_the_address_of_the_configuration() {
    let app = TestApp::builder().spawn().await;
    let mut desk = CheckDesk::new(|_| ());
    desk.listen = app.addrs().map(str::to_owned);
    let ready = format!("dotstory is ready on {}\n", app.addrs()[1]);
    let Output { status, stdout, stderr } = desk.check(&["--running"]);
    assert_eq!(String::from_utf8(stdout).unwrap(), ready, "{}", String::from_utf8_lossy(&stderr));
    assert_eq!(status.code(), Some(0));

    desk.listen = ["127.0.0.1:1", "0.0.0.0:1"].map(str::to_owned);
    let Output { status, stderr, .. } = desk.check(&["--running"]);
    let text = String::from_utf8(stderr).unwrap();
    assert!(text.contains("dotstory is not ready on 127.0.0.1:1"), "{text}");
    assert_eq!(status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_must_be_free_or_held_by_a_ready_dotstory() {
    let app = TestApp::builder().spawn().await;
    let mut desk = CheckDesk::new(|_| ());
    desk.listen = app.addrs().map(str::to_owned);
    let report = desk.report();
    report.assert_passes();
    let held = format!("{} is held by a dotstory that is ready", app.addrs()[0]);
    assert!(report.joined().contains(&held), "{}", report.text);

    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr: SocketAddr = other.local_addr().unwrap();
    desk.listen = [addr.to_string(), "127.0.0.1:0".to_owned()];
    desk.report().assert_fails(
        "port in use",
        "server port",
        &[
            &format!("✗ server port [server] listen {addr}: address already in use"),
            "Stop that program, or set another port.",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ready_dotstory_is_recognized_only_with_the_certificate_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("Test CA 1");
    let lines = |name: &str| {
        let [cert, key] = ["cert", "key"].map(|part| folder.path().join(format!("{name}-{part}")));
        let certified = Certified { name: "dotstory.example", until_year: 2100 };
        authority.write_certificate(certified, &cert, &key);
        let (cert, key) = (cert.display(), key.display());
        format!("server.tls.cert = \"{cert}\"\nserver.tls.key = \"{key}\"\n")
    };
    let (own, other) = (lines("own"), lines("other"));
    let app = TestApp::builder().main(&own).spawn().await;
    let mut desk = CheckDesk::new(|_| ());
    desk.listen = app.addrs().map(str::to_owned);
    desk.main = own;
    let report = desk.report();
    report.assert_passes();
    let held = format!("{} is held by a dotstory that is ready", app.addrs()[0]);
    assert!(report.joined().contains(&held), "{}", report.text);

    desk.main = other;
    let report = desk.report();
    assert!(!report.joined().contains(&held), "{}", report.text);
}

/// A desk with a misspelt key, a missing file and a missing variable.
fn misconfigured() -> CheckDesk {
    let mut desk = CheckDesk::new(|_| ());
    desk.dotapparel = "atempts = 3";
    desk.tokens = "{ file = \"none/token\" }, { env = \"DESK_UNSET\" }";
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn each_problem_of_the_configuration_is_a_failed_check_and_nothing_else_is_tried() {
    let desk = misconfigured();
    let report = desk.report();
    assert_eq!(report.code, Some(1));
    assert_eq!(report.checks('✗'), ["configuration"; 3], "{}", report.text);
    assert!(report.checks('✓').is_empty(), "{}", report.text);
    for name in ["cache directory", "server port", "DNS", "credentials", "search", "rewards"] {
        assert!(report.checks('–').contains(&name), "{name} in\n{}", report.text);
    }
    for text in [
        "✗ configuration [dotapparel] atempts brands/acme.toml:10: unknown key Correct \
         brands/acme.toml, line 10: did you mean \"attempts\"?",
        "✗ configuration [dailystory] tokens[0] brands/acme.toml:12: file \"none/token\" does not \
         exist Write the secret to the file \"none/token\" so that the user of dotstory can read it, or \
         name another file.",
        "✗ configuration [dailystory] tokens[1] brands/acme.toml:12: environment variable \
         DESK_UNSET is not set Set the variable DESK_UNSET for the process of dotstory, or name \
         another variable.",
        "– DNS [dotapparel] base_url skipped: not tried, because the configuration is wrong",
    ] {
        assert!(report.joined().contains(text), "{text} in\n{}", report.text);
    }
    assert!(report.text.ends_with("\n0 passed, 3 failed, 16 skipped\n"), "{}", report.text);
    assert_eq!(desk.sandbox.control().counts(), sandbox::Counts::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_has_each_problem_of_the_configuration() {
    let output = misconfigured().run(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["passed"], false);
    let checks = json["checks"].as_array().unwrap();
    let (failed, others) = checks.split_at(3);
    let settings: Vec<_> = failed.iter().map(|check| &check["setting"]).collect();
    assert_eq!(
        settings,
        ["[dotapparel] atempts", "[dailystory] tokens[0]", "[dailystory] tokens[1]"]
    );
    for check in failed {
        assert_eq!(
            (&check["check"], &check["result"]),
            (&"configuration".into(), &"failed".into())
        );
        assert!(check["remedy"].is_string(), "{check}");
    }
    assert!(others.iter().all(|check| check["result"] == "skipped"), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_has_as_many_checks_as_the_text_and_the_parts_of_a_failed_check() {
    let desk = CheckDesk::new(|tenant| tenant.may_read_stores = false);
    let output = desk.run(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["passed"], false);
    let checks = json["checks"].as_array().unwrap();
    let names: Vec<_> = checks.iter().map(|check| check["check"].as_str().unwrap()).collect();
    let report = desk.report();
    let marks = ['✓', '–', '✗'];
    assert_eq!(names.len(), marks.map(|mark| report.checks(mark).len()).iter().sum::<usize>());
    let stores = checks.iter().find(|check| check["check"] == "stores").unwrap();
    assert_eq!(stores["brand"], "acme");
    assert_eq!(stores["result"], "failed");
    assert_eq!(stores["setting"], "[dotapparel] username");
    assert_eq!(stores["found"], "refused with 403 Forbidden");
    assert!(stores["remedy"].as_str().unwrap().contains("/stores"));
    assert_eq!((&checks[0]["brand"], &checks[0]["result"]), (&Value::Null, &"passed".into()));
    assert!(checks[0].get("remedy").is_none());
}

/// Parts of the texts that no report may have: a name, a mobile number, an e-mail address, a
/// password and a token.
const CANARIES: [&str; 7] =
    ["anaria", "irdsong", "0491570", "491 570", "home.ex", "canary-password", TOKEN];

/// A desk whose secrets and customers have the texts of [`CANARIES`]. Each call for customers that
/// can show the fault shows it.
fn desk_with_canaries(fault: Option<Fault>) -> CheckDesk {
    let desk = CheckDesk::new(|tenant| "canary-password-7291".clone_into(&mut tenant.password));
    let tenant = desk.sandbox.control();
    for id in tenant.ids() {
        tenant
            .edit(id, |person| {
                person.firstname = Some("Canaria".into());
                person.surname = Some("Birdsong".into());
                person.email = Some(format!("canaria.birdsong+{id}@home.example").into());
                person.mobile = Some("0491 570 156".into());
                person.home = Some("0491570156".into());
                person.title = Some("Birdsong".into());
                person.code = Some("Birdsong".into());
            })
            .unwrap();
    }
    if let Some(fault) = fault {
        tenant.inject(Injection { fault, calls: Calls::All, skip: 0, times: None });
    }
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_has_no_personal_data_and_no_secret() {
    let faults = UNUSABLE.map(|(fault, ..)| fault).into_iter().chain([
        Fault::Unauthorized,
        Fault::Forbidden,
        Fault::CutBody,
        Fault::HugeBody(20_000_000),
        Fault::MissingIds,
        Fault::DropQuery,
        Fault::WrongEmail,
    ]);
    let mut desks: Vec<_> =
        [None].into_iter().chain(faults.map(Some)).map(desk_with_canaries).collect();
    let [mut wrong_password, mut wrong_shop] = [None, None].map(desk_with_canaries);
    wrong_password.password.push('8');
    wrong_shop.shop.push('x');
    desks.extend([wrong_password, wrong_shop]);
    let [mut bad_key, mut bad_token] = [None, None].map(desk_with_canaries);
    bad_key.dotapparel = "atempts = \"canary-password\"";
    bad_token.tokens = "\"a-token-for-tests-alone\"";
    desks.extend([bad_key, bad_token]);
    for desk in desks {
        let pair = format!("{}:{}", sandbox::Config::default().username, desk.password);
        let basic = BASE64_STANDARD.encode(pair);
        let ids: Vec<_> = desk.sandbox.control().ids().iter().map(i64::to_string).collect();
        for arguments in [&[][..], &["--format", "json"]] {
            let Output { stdout, stderr, .. } = desk.run(arguments);
            let text = String::from_utf8([stdout, stderr].concat()).unwrap();
            assert!(text.contains("configuration"), "{text}");
            for part in CANARIES.into_iter().chain([&*basic, "@"]) {
                assert!(!text.contains(part), "{part} in {text}");
            }
            let mut numbers = text.split(|char: char| !char.is_ascii_digit());
            assert!(!numbers.any(|number| ids.iter().any(|id| id == number)), "{text}");
        }
    }
}
