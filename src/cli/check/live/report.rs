//! The report: text for people, or JSON for programs.

use std::fmt::Write;

use serde::Serialize;

use super::checklist::{Check, Checklist, Outcome};
use crate::domain::BrandId;

/// The JSON of all checks.
#[derive(Debug, Serialize)]
struct JsonReport<'a> {
    /// Whether every check passed or was skipped.
    passed: bool,
    checks: Vec<JsonCheck<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonCheck<'a> {
    /// `None` for the checks of the machine.
    brand: Option<&'a str>,
    check: &'static str,
    /// `passed`, `failed` or `skipped`.
    result: &'static str,
    setting: &'a str,
    found: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a str>,
}

/// Width of the text, in columns.
const COLUMNS: usize = 100;
/// Columns before the name, the setting, the result in words and the remedy of a check.
const NAME_AT: usize = 4;
const SETTING_AT: usize = 20;
const FOUND_AT: usize = 42;
const REMEDY_AT: usize = 6;

// === impl Checklist ===

impl Checklist {
    pub(crate) fn has_failure(&self) -> bool {
        self.results().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)))
    }

    /// The text, with `title` as its first line.
    pub(crate) fn to_text(&self, title: &str) -> String {
        let mut text = format!("{title}\n");
        for (check, outcome) in self.results() {
            let row = row(check, outcome);
            let mark = match outcome {
                Outcome::Passed { .. } => '✓',
                Outcome::Failed(_) => '✗',
                Outcome::Skipped { .. } => '–',
            };
            let names = format!(
                "  {mark} {:<name$} {:<setting$} ",
                row.check,
                row.setting,
                name = SETTING_AT - NAME_AT - 1,
                setting = FOUND_AT - SETTING_AT - 1
            );
            let prefix = if row.result == "skipped" { "skipped: " } else { "" };
            wrap(&mut text, &names, FOUND_AT, &format!("{prefix}{}", row.found));
            if let Some(remedy) = row.remedy {
                wrap(&mut text, &" ".repeat(REMEDY_AT), REMEDY_AT, remedy);
            }
        }
        text
    }
}

fn row(check: Check, outcome: &Outcome) -> JsonCheck<'_> {
    let (result, found, setting, remedy) = match outcome {
        Outcome::Passed { found } => ("passed", found, None, None),
        Outcome::Failed(failure) => {
            ("failed", &failure.found, failure.setting.as_deref(), Some(failure.remedy.as_str()))
        }
        Outcome::Skipped { reason } => ("skipped", reason, None, None),
    };
    let setting = setting.unwrap_or(check.setting());
    JsonCheck { brand: None, check: check.name(), result, setting, found, remedy }
}

/// The last line of the text report: the numbers of passed, failed and skipped checks.
pub(crate) fn summary(lists: &[Checklist]) -> String {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (_, outcome) in lists.iter().flat_map(Checklist::results) {
        *match outcome {
            Outcome::Passed { .. } => &mut passed,
            Outcome::Failed(_) => &mut failed,
            Outcome::Skipped { .. } => &mut skipped,
        } += 1;
    }
    format!("{passed} passed, {failed} failed, {skipped} skipped")
}

/// The JSON of all checks, on several lines.
pub(crate) fn to_json(lists: &[Checklist]) -> String {
    let passed = !lists.iter().any(Checklist::has_failure);
    let report = JsonReport { passed, checks: lists.iter().flat_map(rows).collect() };
    serde_json::to_string_pretty(&report).expect("the report has only texts and truth values")
}

/// The rows of one checklist, with its brand.
fn rows(list: &Checklist) -> impl Iterator<Item = JsonCheck<'_>> {
    let brand = list.brand.as_ref().map(BrandId::as_str);
    list.results().map(move |(check, outcome)| JsonCheck { brand, ..row(check, outcome) })
}

/// Writes `first` and the words of `text` in lines of at most [`COLUMNS`]. Only a line with one
/// word of `text` may be longer. Further lines begin at column `indent`.
fn wrap(out: &mut String, first: &str, indent: usize, text: &str) {
    let mut line = first.to_owned();
    let mut is_start = true;
    for word in text.split(' ') {
        let width = line.chars().count() + usize::from(!is_start) + word.chars().count();
        if width > COLUMNS && !is_start {
            writeln!(out, "{}", line.trim_end()).expect("writing to a string cannot fail");
            line = " ".repeat(indent);
            is_start = true;
        }
        if !is_start {
            line.push(' ');
        }
        line.push_str(word);
        is_start = false;
    }
    writeln!(out, "{}", line.trim_end()).expect("writing to a string cannot fail");
}
