//! Compares the alerts and the dashboard of `contrib/`, and the tables of `docs/OPERATIONS.md`,
//! with the code.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use dotstory::health::Reason;
use dotstory::telemetry::{LOG_FIELDS, METRICS};
use serde_json::Value;

use sources::{before_tests, files_below, is_test};

const ALERTS: &str = "contrib/prometheus/alerts.yml";
const ALERTS_TEST: &str = "contrib/prometheus/alerts_test.yml";
const DASHBOARD: &str = "contrib/grafana/dashboard.json";
const OPERATIONS: &str = "docs/OPERATIONS.md";

/// Labels outside the catalogue: Prometheus adds `instance` and `job` of the scraped process, and
/// each bucket of a histogram has `le`.
const ADDED_LABELS: [&str; 3] = ["instance", "job", "le"];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn text_of(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Runs promtool. Panics with its output if promtool finds a mistake.
fn promtool(arguments: &[&str], file: &Path) {
    let outcome = Command::new("promtool").args(arguments).arg(file).output();
    let output = match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound => panic!(
            "promtool is missing, so the alerts cannot be checked: install Debian's package prometheus (apt-get install --no-install-recommends prometheus)"
        ),
        outcome => outcome.unwrap(),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (found, mistakes) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "promtool {arguments:?}:\n{found}\n{mistakes}");
}

// The text of PromQL.

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The word at the start of the text.
fn word(text: &str) -> &str {
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

/// The name of the metric without the suffix of a histogram's series.
fn base_name(name: &str) -> &str {
    let suffixes = ["_bucket", "_sum", "_count"];
    let base = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix));
    base.filter(|base| METRICS.iter().any(|metric| metric.name == *base)).unwrap_or(name)
}

/// The names of the labels in the braces of a selector: the words outside the quotes.
fn matched_labels(selector: &str) -> BTreeSet<&str> {
    let outside_quotes = selector.split('"').step_by(2);
    let words = outside_quotes.flat_map(|part| part.split(|c| !is_word(c)));
    words.filter(|word| !word.is_empty()).collect()
}

/// Each metric that a text names, with the labels of its selector.
fn named_metrics(text: &str) -> Vec<(&str, BTreeSet<&str>)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("dotstory_") {
        let name = word(&text[at..]);
        let rest = &text[at + name.len()..];
        let selector = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
        found.push((name, selector.map(matched_labels).unwrap_or_default()));
    }
    found
}

/// The labels by which a text groups, matches or prints series.
fn used_labels(text: &str) -> BTreeSet<&str> {
    let mut labels = BTreeSet::new();
    for keyword in ["by", "without", "on", "ignoring"] {
        for (at, _) in text.match_indices(&format!("{keyword} (")) {
            if text[..at].ends_with(is_word) {
                continue;
            }
            let list = text[at + keyword.len() + 2..].split(')').next().unwrap();
            labels.extend(list.split(',').map(str::trim));
        }
    }
    labels.extend(text.split("$labels.").skip(1).map(word));
    labels
}

/// The mistakes in the metrics and labels of a text. Each metric must be in the catalogue
/// ([`METRICS`]), with the labels of its selector.
fn mistakes(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, labels) in named_metrics(text) {
        let Some(metric) = METRICS.iter().find(|metric| metric.name == base_name(name)) else {
            wrong.push(format!("{name} is not in the catalogue"));
            continue;
        };
        let is_known = |label: &&str| metric.labels.contains(label) || ADDED_LABELS.contains(label);
        let unknown = labels.into_iter().filter(|label| !is_known(label));
        wrong.extend(unknown.map(|label| format!("{name} has no label {label}")));
    }
    let known: BTreeSet<_> = METRICS.iter().flat_map(|metric| metric.labels).copied().collect();
    let is_known = |label: &&str| known.contains(label) || ADDED_LABELS.contains(label);
    let unknown = used_labels(text).into_iter().filter(|label| !is_known(label));
    wrong.extend(unknown.map(|label| format!("no metric has the label {label}")));
    wrong
}

#[test]
fn an_unknown_metric_or_label_is_found_in_each_form() {
    for (text, wrong) in [
        ("sum by (brand) (rate(dotstory_walks_total{outcome!=\"failed\"}[1h]))", vec![]),
        ("dotstory_walk_pages_bucket{le=\"1\"} and on (brand) dotstory_walk_pages_sum", vec![]),
        ("dotstory_walks_count", vec!["dotstory_walks_count is not in the catalogue"]),
        ("dotstory_walks_total{route=\"x\"}", vec!["dotstory_walks_total has no label route"]),
        ("dotstory_cache_bytes{brand=~\"a=b,c\"}", vec!["dotstory_cache_bytes has no label brand"]),
        (
            "max by (shop, brand) (dotstory_refusals) {{ $labels.zone }}",
            vec!["no metric has the label shop", "no metric has the label zone"],
        ),
    ] {
        assert_eq!(mistakes(text), wrong, "{text}");
    }
}

// The alerts.

/// The text of each alert, by its name.
fn alerts() -> BTreeMap<String, String> {
    let text = text_of(ALERTS);
    let blocks = text.split("- alert: ").skip(1);
    blocks.map(|block| (word(block).to_owned(), block.to_owned())).collect()
}

#[test]
fn promtool_accepts_the_alerts_and_their_tests_pass() {
    promtool(&["check", "rules"], &path(ALERTS));
    promtool(&["test", "rules"], &path(ALERTS_TEST));
}

#[test]
fn each_alert_has_a_severity_annotations_and_an_entry_in_the_operations_page() {
    let operations = text_of(OPERATIONS);
    let headings: Vec<_> =
        operations.lines().filter_map(|line| line.strip_prefix("### Dotstory")).collect();
    let names: Vec<_> = alerts().into_keys().collect();
    let mut headed: Vec<_> = headings.iter().map(|name| format!("Dotstory{name}")).collect();
    headed.sort();
    assert_eq!(headed, names, "{OPERATIONS} needs a heading for each alert, and no others");
    for (name, text) in alerts() {
        assert!(
            ["severity: critical", "severity: warning"].iter().any(|line| text.contains(line)),
            "{name} has no severity"
        );
        for annotation in ["summary: ", "description: "] {
            assert!(text.contains(annotation), "{name} has no {annotation}");
        }
        let runbook = format!("runbook: {OPERATIONS}#{}\n", name.to_lowercase());
        assert!(text.contains(&runbook), "{name} has no {runbook}");
    }
}

#[test]
fn each_alert_has_a_test_in_which_it_fires_and_a_test_in_which_it_does_not() {
    let text = text_of(ALERTS_TEST);
    let cases = text.split("alertname: ").skip(1);
    let cases: BTreeSet<_> =
        cases.map(|case| (word(case), case.contains("exp_alerts: []"))).collect();
    for name in alerts().keys() {
        for is_silent in [false, true] {
            assert!(cases.contains(&(name, is_silent)), "no case of {name}, silent: {is_silent}");
        }
    }
}

#[test]
fn the_alerts_name_only_metrics_and_labels_that_exist() {
    assert_eq!(mistakes(&text_of(ALERTS)), [""; 0]);
    // The tests write all labels of a series between its braces, so `mistakes` finds each label.
    assert_eq!(mistakes(&text_of(ALERTS_TEST)), [""; 0]);
}

// The dashboard.

/// The panels of the dashboard.
fn panels() -> Vec<Value> {
    let dashboard: Value = serde_json::from_str(&text_of(DASHBOARD)).unwrap();
    dashboard["panels"].as_array().unwrap().clone()
}

/// Each query of the panel, and the text that names its series.
fn queries(panel: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let targets = panel["targets"].as_array().into_iter().flatten();
    targets.map(|target| (text(&target["expr"]), text(&target["legendFormat"]))).collect()
}

#[test]
fn the_dashboard_shows_only_metrics_and_labels_that_exist() {
    let known: BTreeSet<_> = METRICS.iter().flat_map(|metric| metric.labels).copied().collect();
    for panel in panels() {
        for (expression, legend) in queries(&panel) {
            assert_eq!(mistakes(&expression), [""; 0], "{}: {expression}", panel["title"]);
            let printed = legend.split("{{").skip(1).map(word);
            let unknown: Vec<_> = printed.filter(|label| !known.contains(label)).collect();
            assert!(unknown.is_empty(), "{}: {unknown:?}", panel["title"]);
        }
    }
    let variables = text_of(DASHBOARD);
    assert!(variables.contains("label_values(dotstory_brand_state, brand)"));
}

#[test]
fn promtool_accepts_each_query_of_the_dashboard() {
    let rule = |(number, (expression, _)): (usize, (String, String))| {
        let expression = expression.replace("$__rate_interval", "5m").replace("$__range", "1h");
        let expression = expression.replace('\'', "''");
        format!("      - record: query:{number}\n        expr: '{expression}'\n")
    };
    let head = "groups:\n  - name: dashboard\n    rules:\n";
    let rules: Vec<_> = panels().iter().flat_map(queries).enumerate().map(rule).collect();
    let file = tempfile::NamedTempFile::with_suffix(".yml").unwrap();
    fs::write(file.path(), format!("{head}{}", rules.concat())).unwrap();
    promtool(&["check", "rules"], file.path());
}

#[test]
fn each_panel_has_its_own_id_and_place_and_describes_what_it_shows() {
    let panels = panels();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let mut taken = BTreeSet::new();
    for panel in &panels {
        let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{}", panel["title"]);
        for row in place("y")..place("y") + place("h") {
            for column in place("x")..place("x") + place("w") {
                assert!(taken.insert((row, column)), "{} lies over another", panel["title"]);
            }
        }
        let is_row = panel["type"] == "row";
        assert!(is_row || panel["description"].as_str().is_some_and(|text| text.ends_with('.')));
    }
}

// The operations page.

#[test]
fn promtool_accepts_the_configuration_that_the_operations_page_shows() {
    let text = text_of(OPERATIONS);
    let example = text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prometheus.yml");
    fs::write(&file, example.unwrap()).unwrap();
    fs::copy(path(ALERTS), folder.path().join("alerts.yml")).unwrap();
    promtool(&["check", "config"], &file);
}

#[test]
fn the_alerts_select_the_scrape_job_of_the_operations_page() {
    let operations = text_of(OPERATIONS);
    let job = operations.split("job_name: ").nth(1).map(word).unwrap();
    let alerts = text_of(ALERTS);
    let selected: BTreeSet<_> = alerts.split("job=\"").skip(1).map(word).collect();
    assert_eq!(selected, BTreeSet::from([job]));
}

/// The cells of each row of the tables below this heading.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = text_of(OPERATIONS);
    let after = text.split(&format!("\n## {heading}\n")).nth(1);
    let after = after.unwrap_or_else(|| panic!("{OPERATIONS} has no heading {heading}"));
    let section = after.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = |row: &str| row.trim_matches('|').split(" | ").map(trimmed).collect();
    rows.map(cells).collect()
}

fn trimmed(cell: &str) -> String {
    cell.trim().to_owned()
}

/// The cells of [`rows`], without backticks.
fn table(heading: &str) -> Vec<Vec<String>> {
    let plain = |cells: Vec<String>| cells.iter().map(|cell| cell.replace('`', "")).collect();
    rows(heading).into_iter().map(plain).collect()
}

#[test]
fn the_operations_page_has_every_metric_with_its_kind_labels_and_meaning() {
    let row = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let found: Vec<_> = table("Metrics").iter().map(|cells| row(cells)).collect();
    let expected: Vec<_> = METRICS
        .iter()
        .map(|metric| {
            let (name, kind, help) = (metric.name, metric.kind.name(), metric.help);
            format!("| {name} | {kind} | {} | {help} |", metric.labels.join(", "))
        })
        .collect();
    let missing: Vec<_> = expected.iter().filter(|row| !found.contains(row)).collect();
    assert!(missing.is_empty(), "{OPERATIONS} lacks these rows:\n{missing:#?}");
    assert_eq!(found, expected, "{OPERATIONS} must have the metrics in the order of the catalogue");
}

#[test]
fn the_operations_page_has_every_reason_with_its_level_its_meaning_and_a_remedy() {
    let rows = table("Reasons");
    let found: Vec<_> = rows.iter().map(|cells| (cells[0].as_str(), cells[1].as_str())).collect();
    let expected = Reason::ALL.map(|reason| (reason.name(), reason.level().name()));
    assert_eq!(found, expected);
    for cells in &rows {
        assert!(cells.len() == 4 && cells.iter().all(|cell| !cell.is_empty()), "{cells:?}");
    }
}

/// A place in a source text that logs.
#[derive(Debug, PartialEq, Eq)]
struct LogCall {
    message: String,
    level: &'static str,
    fields: BTreeSet<String>,
}

/// The arguments of a macro call, up to its closing parenthesis.
fn arguments(call: &str) -> Vec<&str> {
    let (mut found, mut begin, mut depth, mut is_text) = (Vec::new(), 0, 0_u32, false);
    for (at, c) in call.char_indices() {
        match c {
            '"' => is_text = !is_text,
            _ if is_text => {}
            ')' if depth == 0 => {
                found.push(call[begin..at].trim());
                break;
            }
            ',' if depth == 0 => {
                found.push(call[begin..at].trim());
                begin = at + 1;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    found.retain(|argument| !argument.is_empty());
    found
}

/// The names of the fields among the arguments of a macro of `tracing`.
fn field_names(arguments: &[&str]) -> BTreeSet<String> {
    const OTHERS: [&str; 5] = ["\"", "$", "parent:", "target:", "name:"];
    let is_field = |argument: &&&str| !OTHERS.iter().any(|other| argument.starts_with(other));
    let name = |argument: &&str| {
        let name = argument.split_once(" = ").map_or(*argument, |(name, _)| name);
        name.trim_start_matches(['%', '?']).to_owned()
    };
    arguments.iter().filter(is_field).map(name).collect()
}

/// For each call of a macro whose name ends with `name`: the text from its first argument on.
fn calls<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    source.split(&format!("{name}!(")).skip(1).collect()
}

/// Every place of the source that logs. A call of `log_at!` (`http/request_log.rs`) has only a
/// level and a message. The fields are in the call of `$level!` in its definition.
fn log_calls(source: &str) -> Vec<LogCall> {
    let common = calls(source, "$level").first().map(|call| arguments(call)).unwrap_or_default();
    let mut found = Vec::new();
    for level in ["trace", "debug", "info", "warn", "error"] {
        let call = |arguments: &[&str], fields| {
            let message = arguments.last().map_or("", |last| last.trim_matches('"')).to_owned();
            LogCall { message, level, fields }
        };
        for arguments in calls(source, level).into_iter().map(arguments) {
            found.push(call(&arguments, field_names(&arguments)));
        }
        for arguments in calls(source, "log_at").into_iter().map(arguments) {
            if arguments.first() == Some(&level) {
                found.push(call(&arguments, field_names(&common)));
            }
        }
    }
    found
}

/// The names of the fields of every span.
fn span_fields(source: &str) -> BTreeSet<String> {
    let calls = calls(source, "span").into_iter();
    calls.flat_map(|call| field_names(&arguments(call))).collect()
}

#[test]
fn a_log_line_is_found_in_each_form_with_its_fields() {
    let source = "warn!(reason = reason.name(), state = %level(&a, b), sentence, \"not healthy\");\n\
                  () = stop => info!(\"stopping\"),\n\
                  $level!(\n    brand.id = brand,\n    list.start = served.map(|(a, b)| a),\n    $message\n)\n\
                  log_at!(debug, \"request\"),\n\
                  error_span!(parent: &self.span, \"a, b\", trace.id = 1, brand.id = Empty)\n\
                  info!(\n    error = with_causes(error),\n    %cause,\n    \"last, (of three)\"\n);";
    let call = |message: &str, level, fields: &[&str]| LogCall {
        message: message.to_owned(),
        level,
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
    };
    let expected = [
        call("request", "debug", &["brand.id", "list.start"]),
        call("stopping", "info", &[]),
        call("last, (of three)", "info", &["error", "cause"]),
        call("not healthy", "warn", &["reason", "state", "sentence"]),
    ];
    assert_eq!(log_calls(source), expected);
    assert_eq!(span_fields(source).into_iter().collect::<Vec<_>>(), ["brand.id", "trace.id"]);
}

/// The source texts of dotstory, each without its tests.
fn source_texts() -> Vec<String> {
    let files = files_below("").into_iter().filter(|file| !is_test(file));
    files.map(|file| before_tests(&fs::read_to_string(file).unwrap()).to_owned()).collect()
}

#[test]
fn the_operations_page_has_every_log_line_with_its_level_and_its_fields() {
    let mut expected = BTreeMap::<_, BTreeSet<_>>::new();
    for LogCall { message, level, fields } in source_texts().iter().flat_map(|text| log_calls(text))
    {
        expected.entry((message, level)).or_default().extend(fields);
    }
    let mut found = BTreeMap::new();
    for cells in rows("Log lines") {
        let levels = ["trace", "debug", "info", "warn", "error"];
        let [message, its_levels, fields, _] = &cells[..] else { panic!("{cells:?}") };
        let fields: BTreeSet<_> = fields.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let of_line = levels.into_iter().filter(|level| its_levels.contains(level));
        let message = message.trim_matches('`');
        found.extend(of_line.map(|level| ((message.to_owned(), level), fields.clone())));
    }
    let wrong: Vec<_> =
        expected.iter().filter(|(line, fields)| found.get(*line) != Some(*fields)).collect();
    let needless: Vec<_> = found.keys().filter(|line| !expected.contains_key(*line)).collect();
    assert!(
        wrong.is_empty() && needless.is_empty(),
        "{OPERATIONS} lacks {wrong:#?}, and has {needless:#?}, which no code logs"
    );
}

#[test]
fn the_fields_of_log_lines_and_spans_are_those_of_the_list() {
    let mut used = BTreeSet::new();
    for source in source_texts() {
        used.extend(log_calls(&source).into_iter().flat_map(|call| call.fields));
        used.extend(span_fields(&source));
    }
    let list: BTreeSet<_> = LOG_FIELDS.iter().map(|&field| field.to_owned()).collect();
    let unlisted: Vec<_> = used.difference(&list).collect();
    let unused: Vec<_> = list.difference(&used).collect();
    assert!(
        unlisted.is_empty() && unused.is_empty() && LOG_FIELDS.is_sorted(),
        "LOG_FIELDS must be sorted; it lacks {unlisted:?}, and has {unused:?}, which no code logs"
    );
}
