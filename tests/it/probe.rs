//! `dotstory probe` against simulated tenants. In some tests, customers change while the probe
//! looks.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{America, Australia, Pacific, Tz};
use dotstory::clock::{Clock, SystemClock};
use dotstory::sandbox::{
    self, Calls, Control, CursorKind, Fault, FilterEdge, FilterWithCursor, Injection, Order,
    Person, Sandbox,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A tenant, and the configuration of its brand.
struct Bench {
    sandbox: Sandbox,
    clock: Arc<LeapingClock>,
    directory: TempDir,
    brand: String,
}

/// The machine's clock, which each leap moves forward by a second. Changes after a leap have later
/// stamps than changes before it, without a wait.
#[derive(Default)]
struct LeapingClock(AtomicI64);

/// What a probe printed.
struct Probed {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl LeapingClock {
    fn leap(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Clock for LeapingClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::seconds(self.0.load(Ordering::Relaxed))
    }
}

impl Bench {
    /// The tenant, and a brand with this zone, this country and these further lines.
    fn new(tenant: sandbox::Config, timezone: Tz, country: &str, more: &str) -> Self {
        let clock = Arc::new(LeapingClock::default());
        let sandbox = Sandbox::start(tenant.clone(), clock.clone()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("brands")).unwrap();
        fs::write(directory.path().join("dotstory.toml"), "").unwrap();
        let sandbox::Config { name, shop, username, .. } = tenant;
        let brand = format!(
            "timezone = \"{timezone}\"\ncountry = \"{country}\"\n[dotapparel]\nbase_url = \"{}\"\n\
             name = \"{name}\"\nshop = \"{shop}\"\nusername = \"{username}\"\n\
             password = {{ env = \"PROBE_PASSWORD\" }}\nrate_limit = 1000\nmin_backoff = \"1ms\"\n\
             [dailystory]\ntokens = [{{ env = \"PROBE_TOKEN\" }}]\n{more}",
            sandbox.base_url()
        );
        let bench = Self { sandbox, clock, directory, brand };
        bench.write_brand(&bench.brand);
        bench
    }

    fn melbourne(tenant: sandbox::Config, more: &str) -> Self {
        Self::new(tenant, Australia::Melbourne, "AU", more)
    }

    fn write_brand(&self, text: &str) {
        fs::write(self.directory.path().join("brands/bench.toml"), text).unwrap();
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dotstory"));
        command
            .args([name, "--config"])
            .arg(self.directory.path().join("dotstory.toml"))
            .env("PROBE_PASSWORD", sandbox::Config::default().password)
            .env("PROBE_TOKEN", "a-token-for-tests-alone");
        command
    }

    /// Runs a probe that does not wait for changes.
    fn probe(&self, arguments: &[&str]) -> Probed {
        self.probe_while(&[&["--for", "0s"], arguments].concat(), |_| {})
    }

    /// Runs a probe. Two more customers change before each look that needs a change.
    fn probe_while_customers_change(&self) -> Probed {
        let tenant = self.sandbox.control();
        let ids = tenant.ids();
        let mut pairs = ids.chunks(2);
        // The probe ends as soon as it is certain. The limit is for a machine that is busy.
        self.probe_while(&["--for", "2m", "--every", "100ms"], |line| {
            if line.contains("waiting for changes") || line.contains("saw changes") {
                self.clock.leap();
                let pair = pairs.next().expect("the tenant has enough customers");
                for id in pair {
                    tenant.touch(*id).unwrap();
                }
            }
        })
    }

    /// Runs the probe, and calls `react` with each line of its progress.
    fn probe_while(&self, arguments: &[&str], mut react: impl FnMut(&str)) -> Probed {
        let mut child = self
            .command("probe")
            .args(["--brand", "bench", "--format", "json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let reading = thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).unwrap();
            text
        });
        let mut stderr = String::new();
        for line in BufReader::new(child.stderr.take().unwrap()).lines() {
            let line = line.unwrap();
            react(&line);
            stderr.push_str(&line);
            stderr.push('\n');
        }
        let code = child.wait().unwrap().code();
        Probed { code, stdout: reading.join().unwrap(), stderr }
    }

    /// Pastes the suggestions into the brand's file, and returns whether `check` accepts it.
    fn accepts(&self, toml: &str) -> bool {
        let first_section = toml.find("\n[").map_or(toml.len(), |at| at + 1);
        let (top, sections) =
            if toml.starts_with('[') { ("", toml) } else { toml.split_at(first_section) };
        let has_zone = top.contains("\ntimezone = ");
        let kept = self.brand.lines().filter(|line| !(has_zone && line.starts_with("timezone")));
        let kept: Vec<_> = kept.collect();
        self.write_brand(&format!("{top}\n{}\n{sections}", kept.join("\n")));
        self.command("check").output().unwrap().status.success()
    }
}

impl Probed {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}", self.stderr))
    }

    /// The verdict and the words of one finding.
    fn finding(&self, name: &str) -> (String, String) {
        let json = self.json();
        let findings = json["findings"].as_array().unwrap();
        let Some(finding) = findings.iter().find(|finding| finding["name"] == name) else {
            panic!("no {name} in {json:#}");
        };
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        (text("verdict"), format!("{} {}", text("found"), text("remedy")))
    }

    fn assert(&self, name: &str, verdict: &str, part: &str) {
        let (found, words) = self.finding(name);
        assert!(found == verdict && words.contains(part), "{name}: {found}, {words}; not {part}");
    }

    fn toml(&self) -> String {
        self.json()["toml"].as_str().unwrap().to_owned()
    }
}

fn edit_all(tenant: &Control, ids: &[i64], edit: impl Fn(&mut Person)) {
    for id in ids {
        tenant.edit(*id, &edit).unwrap();
    }
}

/// The minutes by which a clock in `zone` is ahead of UTC now.
fn minutes(zone: Tz) -> i32 {
    zone.offset_from_utc_datetime(&SystemClock.now().naive_utc()).fix().local_minus_utc() / 60
}

/// A zone of a tenant, its country, and a wrong zone of the brand.
const ZONES: [(Tz, &str, Tz); 6] = [
    (Australia::Melbourne, "AU", Australia::Perth),
    (Australia::Perth, "AU", Australia::Melbourne),
    (Pacific::Auckland, "NZ", Australia::Sydney),
    (Tz::UTC, "GB", Australia::Melbourne),
    (America::New_York, "US", Tz::UTC),
    (America::Los_Angeles, "US", America::New_York),
];

/// One tenant of [`cases`], and the zone that its brand configures.
#[derive(Clone, Copy, Debug)]
struct Case {
    zone: Tz,
    country: &'static str,
    configured: Tz,
    cursor: CursorKind,
    order: Order,
    filter: FilterEdge,
}

/// Each zone with each cursor, order and filter. In half of the cases, the brand's zone is wrong.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for cursor in [CursorKind::Keyset, CursorKind::Offset] {
        for order in [Order::Id, Order::Update] {
            for filter in [FilterEdge::Inclusive, FilterEdge::Exclusive] {
                for (number, (zone, country, wrong)) in ZONES.into_iter().enumerate() {
                    let is_right = (number + cases.len() / ZONES.len()).is_multiple_of(2);
                    let configured = if is_right { zone } else { wrong };
                    cases.push(Case { zone, country, configured, cursor, order, filter });
                }
            }
        }
    }
    cases
}

fn probe_case(case: Case) {
    let Case { zone, country, configured, cursor, order, filter } = case;
    let tenant =
        sandbox::Config { timezone: zone, cursor, order, filter, ..sandbox::Config::default() };
    let bench = Bench::new(tenant, configured, country, "");
    let probed = bench.probe_while_customers_change();
    let cursor = match cursor {
        CursorKind::Keyset => "a key (text in Base64)",
        CursorKind::Offset => "a row number (text in Base64)",
    };
    probed.assert("cursor", "fits", cursor);
    probed.assert("order", "fits", if order == Order::Id { "by id" } else { "by stamp" });
    let edge = if filter == FilterEdge::Inclusive { "inclusive" } else { "exclusive" };
    probed.assert("updated_after", "fits", edge);
    probed.assert("filter with cursor", "fits", "accepted together");
    probed.assert("page size", "fits", "100");
    probed.assert("cursor life", "fits", "at least ");
    let toml = probed.toml();
    if configured == zone {
        probed.assert("timezone", "fits", zone.name());
        assert_eq!(probed.code, Some(0), "{case:?}: {}", probed.stdout);
        assert!(!toml.contains("timezone ="), "{toml}");
    } else {
        probed.assert("timezone", "refuted", zone.name());
        assert_eq!(probed.code, Some(1), "{case:?}: {}", probed.stdout);
        let suggested = toml.split('"').nth(1).unwrap().parse().unwrap();
        assert_eq!(minutes(suggested), minutes(zone), "{toml}");
        let change = format!("# timezone: {suggested} instead of {configured}: ");
        assert!(toml.starts_with(&change) && toml.contains(" difference"), "{toml}");
    }
    assert!(bench.accepts(&toml), "{toml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_zone_cursor_order_and_filter_is_found_and_a_wrong_zone_is_refuted() {
    const AT_ONCE: usize = 24;
    let runtime = tokio::runtime::Handle::current();
    for cases in cases().chunks(AT_ONCE) {
        thread::scope(|scope| {
            for case in cases {
                let runtime = runtime.clone();
                scope.spawn(move || {
                    let _inside = runtime.enter();
                    probe_case(*case);
                });
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_without_changes_leaves_the_zone_open_unless_its_stamps_are_in_the_future() {
    let bench = Bench::melbourne(sandbox::Config::default(), "");
    let probed = bench.probe(&[]);
    probed.assert("timezone", "open", "no customer changed");
    probed.assert("timezone", "open", "run probe with a longer --for");
    assert_eq!(probed.code, Some(0), "{}", probed.stdout);

    let ahead = Bench::new(sandbox::Config::default(), Australia::Perth, "AU", "");
    let tenant = ahead.sandbox.control();
    edit_all(&tenant, &tenant.ids()[..2], |_| {});
    let probed = ahead.probe(&[]);
    probed.assert("timezone", "refuted", "Australia/Perth is wrong");
    assert!(!probed.toml().contains("timezone ="), "{}", probed.toml());
    assert_eq!(probed.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_zone_is_refuted_after_an_import_whose_stamps_fill_several_pages() {
    for seconds_apart in [0, 1] {
        let tenant = sandbox::Config { page_size: 20, ..sandbox::Config::default() };
        let bench = Bench::new(tenant, Australia::Perth, "AU", "");
        let tenant = bench.sandbox.control();
        for id in tenant.ids() {
            (0..seconds_apart).for_each(|_| bench.clock.leap());
            tenant.touch(id).unwrap();
        }
        let probed = bench.probe_while_customers_change();
        probed.assert("timezone", "refuted", "Australia/Perth is wrong");
        probed.assert("updated_after", "fits", "exclusive");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answers_to_a_filter_beside_a_cursor_and_to_a_cursor_alone_are_found() {
    for (kind, found) in [
        (FilterWithCursor::Both, "accepted together"),
        (FilterWithCursor::Carried, "refused together (400); the cursor alone keeps the filter"),
        (FilterWithCursor::Lost, "refused together (400); the cursor alone loses the filter"),
    ] {
        let tenant = sandbox::Config { filter_with_cursor: kind, ..sandbox::Config::default() };
        let probed = Bench::melbourne(tenant, "").probe(&[]);
        probed.assert("filter with cursor", "fits", found);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_does_not_fit_and_a_filter_without_effect_are_refuted() {
    let tenant = sandbox::Config { cursor: CursorKind::Offset, ..sandbox::Config::default() };
    let bench = Bench::melbourne(tenant, "[sync]\ncursor = \"stable\"\n");
    let probed = bench.probe(&[]);
    probed.assert("cursor", "refuted", "a row number");
    assert!(probed.toml().contains("[sync]\n# cursor: drifting instead of stable"));

    let bench = Bench::melbourne(sandbox::Config::default(), "");
    bench.sandbox.control().fault(Fault::IgnoreFilter, None);
    let probed = bench.probe(&[]);
    probed.assert("updated_after", "refuted", "ignored");
    assert_eq!(probed.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_number_counts_the_customers_without_an_id() {
    for page_size in [20, 1] {
        let cursor = CursorKind::Offset;
        let tenant = sandbox::Config { cursor, page_size, ..sandbox::Config::default() };
        let bench = Bench::melbourne(tenant, "[sync]\ncursor = \"stable\"\n");
        bench.sandbox.control().fault(Fault::MissingIds, None);
        let probed = bench.probe(&[]);
        probed.assert("cursor", "refuted", "a row number");
        probed.assert("page size", "fits", &page_size.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_dies_before_the_end_is_reported_with_its_age() {
    let bench = Bench::melbourne(sandbox::Config::default(), "");
    let tenant = bench.sandbox.control();
    let probed = bench.probe_while(&["--for", "200ms", "--every", "100ms"], |line| {
        if line.contains("waiting for changes") {
            tenant.fault(Fault::ExpireCursors, None);
        }
    });
    probed.assert("cursor life", "open", "refused after ");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_values_of_customers_are_counted_and_become_suggestions() {
    let tenant = sandbox::Config { customers: 300, ..sandbox::Config::default() };
    let bench = Bench::melbourne(tenant, "");
    let control = bench.sandbox.control();
    let ids = control.ids();
    for (number, id) in ids.iter().enumerate().take(160) {
        let word = if number % 4 == 0 { "No" } else { "Yes" };
        let attributes = json!([
            { "key": "Email Opt In", "value": word },
            { "key": "Orders", "value": (number % 7).to_string() },
            { "key": "First Order", "value": "2026-03-04" },
            { "key": "Brand", "value": "Denim" },
            { "key": "Brand", "value": "Linen" },
            { "key": "Note", "value": format!("calls at {number}") },
        ]);
        control
            .edit(*id, |person| {
                person.attributes = Some(attributes);
                person.privacy = Some(false.into());
                person.references = Some(json!([{ "type": "Club", "value": "Gold" }]));
            })
            .unwrap();
    }
    edit_all(&control, &ids[200..220], |person| person.email = Some("noemail@acme.example".into()));
    let probed = bench.probe(&["--lookups", "300"]);
    let json = probed.json();
    let sample = &json["sample"];
    let name = |list: &str, name: &str| {
        let names = sample[list].as_array().unwrap().iter();
        let mut found = names.filter(|found| found["name"] == name);
        found.next().unwrap_or_else(|| panic!("no {name} in {sample:#}")).clone()
    };
    assert_eq!(sample["customers"], 300);
    assert_eq!(name("attributes", "Email Opt In")["values"][0]["shown"], "Yes");
    assert_eq!(name("attributes", "First Order")["values"][0]["shown"], "9999-99-99");
    assert_eq!(name("attributes", "Note")["values"][0]["shown"], "x x 99");
    assert_eq!(name("references", "Club")["values"][0]["shown"], "Gold");
    assert_eq!(sample["shared_addresses"][0]["address"], "no***@acme.example");
    assert_eq!(sample["shared_addresses"][0]["customers"], 20);
    let toml = probed.toml();
    for line in [
        "allow_email = { attribute = \"Email Opt In\", granted = [\"Yes\"] }\n",
        "orders = { attribute = \"Orders\", type = \"number\" }\n",
        "first_order = { attribute = \"First Order\", type = \"date\" }\n",
        "brand = { attributes = \"Brand\", type = \"list\" }\n",
        "# placeholders = []\n",
        "no***@acme.example of 20 customers\n",
    ] {
        assert!(toml.contains(line), "{line} in\n{toml}");
    }
    assert!(bench.accepts(&toml), "{toml}");

    let mapped = bench.probe(&[]);
    assert!(!mapped.toml().contains("allow_email ="), "{}", mapped.toml());
    let share = &mapped.json()["sample"]["shares"][2];
    assert_eq!((&share["key"], &share["of"]), (&json!("allow_email"), &json!(300)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_the_mapping_that_no_customer_has_is_reported() {
    let more = "[mapping.fields]\nstore = { attribute = \"FavStore\" }\n";
    let probed = Bench::melbourne(sandbox::Config::default(), more).probe(&[]);
    probed.assert("mapping", "open", "store: no customer of the sample has the name \"favstore\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_personal_data_is_printed() {
    let bench = Bench::melbourne(sandbox::Config::default(), "");
    let control = bench.sandbox.control();
    let ids = control.ids();
    control
        .edit(ids[7], |person| {
            person.firstname = Some("Canaria".into());
            person.surname = Some("Birdsong".into());
            person.email = Some("canaria.birdsong@home.example".into());
            person.mobile = Some("0491 570 156".into());
            person.date_of_birth = Some("1984-02-03".into());
            person.attributes = Some(json!([
                { "key": "Nickname", "value": "Birdie" },
                { "key": "canaria.birdsong@home.example", "value": "Birdsong" },
            ]));
            person.references = Some(json!([{ "type": "Birdsong", "value": "0491570156" }]));
        })
        .unwrap();
    // A family, and a name that is only in an attribute.
    edit_all(&control, &ids[20..40], |person| {
        person.surname = Some("Birdsong-Canariata".into());
        if let Some(postal) = &mut person.billing {
            postal.address.city = Some("Birdsong Bay".into());
        }
        person.attributes = Some(json!([
            { "key": "Family", "value": "Birdsong" },
            { "key": "Household", "value": "B Birdsong" },
            { "key": "Place", "value": "Birdsong Bay" },
            { "key": "Maiden Name", "value": "Birdwell" },
            { "key": "Opted In", "value": "Yes" },
            { "key": "Tier", "value": "Gold" },
        ]));
        person.references = Some(json!([{ "type": "Partner", "value": "Canariata" }]));
    });
    for format in ["json", "text"] {
        let output = bench
            .command("probe")
            .args(["--brand", "bench", "--for", "0s", "--lookups", "250", "--format", format])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(stdout.contains("Yes") && stdout.contains("Gold"), "{stdout}");
        for text in [stdout, stderr] {
            for part in ["anaria", "ird", "570", "1984", "home.ex"] {
                assert!(!text.contains(part), "{part} in {text}");
            }
            assert!(!text.contains(&ids[7].to_string()), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_makes_at_most_the_announced_number_of_calls() {
    let bench = Bench::melbourne(sandbox::Config::default(), "");
    let probed = bench.probe(&["--pages", "2", "--lookups", "5"]);
    let announced = probed.stderr.split("at most ").nth(1).unwrap().split(' ').next().unwrap();
    let counts = bench.sandbox.control().counts();
    assert!(counts.searches + counts.gets <= announced.parse().unwrap(), "{counts:?}, {announced}");
    assert_eq!(counts.gets, 5);
    assert_eq!(probed.json()["calls"], counts.searches + counts.gets);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_announced_number_of_calls_includes_the_attempts_after_failures() {
    let bench = Bench::melbourne(sandbox::Config::default(), "");
    bench.write_brand(&bench.brand.replace("rate_limit", "breaker_failures = 1000\nrate_limit"));
    // The first lookup succeeds. Without a success, the probe would make no lookup after the third
    // failure.
    let failure = Injection { fault: Fault::Status(503), calls: Calls::Gets, skip: 1, times: None };
    bench.sandbox.control().inject(failure);
    let probed = bench.probe(&["--pages", "1", "--lookups", "20"]);
    let announced: u64 =
        probed.stderr.split("at most ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let counts = bench.sandbox.control().counts();
    // 20 lookups and their retries. A brand may make 10 retries at the start, and one more for
    // every five calls.
    assert!((20 + 10..20 + 20).contains(&counts.gets), "{counts:?}");
    assert!(counts.searches + counts.gets <= announced, "{counts:?}, {announced}");
    assert_eq!(probed.json()["calls"], counts.searches + counts.gets);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_beyond_the_deadline_ends_the_call_at_once() {
    let bench = Bench::melbourne(sandbox::Config::default(), "");
    for fault in
        [Fault::RateLimited { retry_after: Some(3600) }, Fault::RateLimited { retry_after: None }]
    {
        let tenant = bench.sandbox.control();
        tenant.clear_faults();
        tenant.reset_counts();
        tenant.fault(fault, None);
        let probed = bench.probe(&[]);
        probed.assert("search", "failed", "calls throttled: 429");
        let attempts = if fault == (Fault::RateLimited { retry_after: None }) { 4 } else { 1 };
        assert_eq!(tenant.counts().searches, attempts, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lookup_by_id_is_refuted_if_it_finds_no_listed_customer() {
    let bench = Bench::melbourne(sandbox::Config::default(), "");
    let not_found =
        Injection { fault: Fault::Status(404), calls: Calls::Gets, skip: 0, times: None };
    bench.sandbox.control().inject(not_found);
    let probed = bench.probe(&["--lookups", "5"]);
    probed.assert("lookup by id", "refuted", "0 of 5 customers found");
    assert_eq!(probed.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_fails_and_an_unknown_brand_are_reported() {
    let bench = Bench::melbourne(sandbox::Config::default(), "");
    bench.sandbox.control().fault(Fault::Unauthorized, None);
    let probed = bench.probe(&[]);
    assert_eq!(probed.code, Some(1));
    probed.assert("search", "failed", "credentials refused: 401");
    probed.assert("search", "failed", "check username, password");

    let output = bench.command("probe").args(["--brand", "bank"]).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "dotstory: no brand bank; the brands are bench\n");
}
