//! Compares the sentences of all errors with the table of `docs/OPERATIONS.md`.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::ResponseError;
use actix_web::http::Method;
use tokio::time::Instant;

use super::*;
use crate::domain::CustomerId;
use crate::dotapparel::{Contradiction, DetailCustomer};
use crate::http::error::{ApiError, BadParameter};
use crate::paging::Progress;

const OPERATIONS: &str = include_str!("../../../docs/OPERATIONS.md");

/// Stands for a part of a sentence that is not always the same.
const PART: &str = "…";

/// The sentence and the status of each row. The status is `any other` if the framework chooses it.
fn rows() -> Vec<(String, String)> {
    let section = OPERATIONS.split("\n## Errors\n").nth(1).expect("the page has this heading");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = |row: &str| {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert!(cells.len() == 4 && !cells[2].is_empty() && !cells[3].is_empty(), "{row}");
        (cells[0].replace('`', "").trim().to_owned(), cells[1].to_owned())
    };
    rows.map(cells).collect()
}

/// The texts between quotes, without escapes.
fn literals(code: &str) -> Vec<String> {
    let code = code.replace(r#"\""#, "\u{0}");
    let texts = code.split('"').skip(1).step_by(2);
    texts.map(|text| text.replace('\u{0}', "\"")).collect()
}

/// The text with [`PART`] in the place of each parameter, and without backticks.
fn template(text: &str) -> String {
    let mut template = String::new();
    let mut rest = text;
    while let Some((before, parameter)) = rest.split_once('{') {
        let (_, after) = parameter.split_once('}').unwrap();
        template = template + before + PART;
        rest = after;
    }
    (template + rest).replace('`', "")
}

/// The template of each sentence in the sources.
fn in_source() -> BTreeSet<String> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code = |source: &str| {
        let lines: Vec<_> = source.lines().filter(is_code).collect();
        lines.join("\n").split("#[cfg(test)]").next().unwrap().to_owned()
    };
    let errors = code(include_str!("../error.rs"));
    let attributes = errors.split("#[error(").skip(1).map(str::trim_start);
    let attributes = attributes.filter(|rest| rest.starts_with('"'));
    let of_errors = attributes.map(|attribute| literals(attribute).swap_remove(0));
    let sentences = literals(&code(include_str!("../sentence.rs"))).into_iter().chain(of_errors);
    sentences.filter(|text| text.contains(' ')).map(|text| template(&text)).collect()
}

/// Whether the template can make this text.
fn fits(template: &str, text: &str) -> bool {
    let (first, others) = template.split_once(PART).unwrap_or((template, ""));
    if !template.contains(PART) {
        return template == text;
    }
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let (middle, last) = others.rsplit_once(PART).unwrap_or(("", others));
    for part in middle.split(PART) {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

fn upstream_errors() -> Vec<UpstreamError> {
    let status = StatusCode::IM_A_TEAPOT.as_u16().try_into().unwrap();
    let transport = || reqwest::Proxy::all("").unwrap_err();
    vec![
        UpstreamError::Refused { status },
        UpstreamError::NotFound,
        UpstreamError::Unreadable(DetailCustomer::parse_one(b"<html>").unwrap_err()),
        UpstreamError::Unreadable(DetailCustomer::parse_one(b"{").unwrap_err()),
        UpstreamError::TooLarge { limit: 7 },
        UpstreamError::Unexpected { status },
        UpstreamError::Contradiction(Contradiction::OtherCustomer),
        UpstreamError::Redirected { status },
        UpstreamError::Throttled { retry_after: None },
        UpstreamError::Unavailable { status, retry_after: None },
        UpstreamError::BreakerOpen { retry_in: Duration::ZERO },
        UpstreamError::Crowded,
        UpstreamError::Insecure(transport()),
        UpstreamError::Connect(transport()),
        UpstreamError::CutShort(transport().into()),
        UpstreamError::TimedOut,
    ]
}

fn sweep_errors() -> Vec<SweepError<UpstreamError>> {
    let still_walking = |wait| SweepError::StillWalking {
        progress: Progress { records: 7, wait },
        retry_after: Duration::ZERO,
    };
    let (error, until) = (Arc::new(UpstreamError::TimedOut), Instant::now());
    let failed = io::Error::other("failed");
    let write = StorageError::Write { directory: "/var/tmp".into(), source: failed };
    let walks = [
        WalkError::CursorsExpire { passes: 3, after: Duration::ZERO, source: Arc::clone(&error) },
        WalkError::FilterLost,
        WalkError::Circle { page: 1 },
        WalkError::Storage(StorageError::OutOfBudget { memory: 7, disk: 9 }),
        WalkError::Storage(write),
        WalkError::Storage(StorageError::TooManyFiles),
    ];
    let mut errors = vec![
        still_walking(None),
        still_walking(Some(Wait::Turn)),
        still_walking(Some(Wait::Upstream { error, until })),
        SweepError::UnknownSweep,
        SweepError::OtherFilter,
        SweepError::TooManyLists,
        SweepError::OutOfReach,
        SweepError::Interrupted,
    ];
    errors.extend(walks.map(|error| SweepError::Walk(Arc::new(error))));
    errors
}

/// An error for each row of the table.
fn errors() -> Vec<ApiError> {
    let mut errors = vec![
        BadParameter::new("limit", "a number", "many").into(),
        ApiError::Unauthorized,
        ApiError::TwoCredentials,
        ApiError::NoSuchCustomer(CustomerId::new(1)),
        ApiError::no_such_path("/nowhere", "/here"),
        ApiError::MethodNotAllowed(Method::POST),
        ApiError::TooManyWrong { wait: Duration::ZERO },
        ApiError::Overloaded,
        ApiError::Stopping,
        ApiError::Framework(StatusCode::PAYLOAD_TOO_LARGE),
        ApiError::Internal { cause: "a mistake".to_owned() },
    ];
    errors.extend(upstream_errors().into_iter().map(ApiError::from));
    errors.extend(sweep_errors().into_iter().map(ApiError::from));
    errors
}

#[tokio::test]
async fn the_operations_page_has_each_error_with_its_status() {
    let rows = rows();
    let mut used = BTreeSet::new();
    for error in errors() {
        let sentence = error.to_string().replace('`', "");
        let fitting: Vec<_> = rows.iter().filter(|(row, _)| fits(row, &sentence)).collect();
        let [(row, status)] = fitting[..] else {
            panic!("{sentence:?} fits these rows: {fitting:?}");
        };
        let expected = match error {
            ApiError::Framework(_) => "any other".to_owned(),
            error => error.status_code().as_u16().to_string(),
        };
        assert_eq!(*status, expected, "{row}");
        used.insert(row);
    }
    let unused: Vec<_> = rows.iter().filter(|(row, _)| !used.contains(row)).collect();
    assert!(unused.is_empty(), "no error has these sentences: {unused:?}");
}

#[test]
fn the_operations_page_has_each_sentence_of_the_sources_and_no_other() {
    let found: BTreeSet<_> = rows().into_iter().map(|(row, _)| row).collect();
    let expected = in_source();
    let missing: Vec<_> = expected.difference(&found).collect();
    assert!(missing.is_empty(), "the table lacks these sentences: {missing:#?}");
    let unknown: Vec<_> = found.difference(&expected).collect();
    assert!(unknown.is_empty(), "the sources lack these sentences: {unknown:#?}");
}

#[test]
fn a_template_fits_only_the_texts_that_it_can_make() {
    for (template, text, is_fit) in [
        ("a b", "a b", true),
        ("a b", "a b c", false),
        ("a … c", "a b c", true),
        ("a … c", "a b d", false),
        ("… of … are", "1 of 2 are", true),
        ("… of … are", "1 of 2 is", false),
        ("a … or … b", "a b", false),
    ] {
        assert_eq!(fits(template, text), is_fit, "{template} and {text}");
    }
    assert_eq!(template("{name} is `{0:?}`"), "… is …");
    assert_eq!(literals(r#"f("a \"b\"", 'c', "d")"#), ["a \"b\"", "d"]);
}
