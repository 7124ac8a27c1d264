//! How faults change an answer.

use std::collections::BTreeSet;

use serde_json::json;

use super::support::{TestTenant, escaped, ids, next};
use crate::sandbox::{Absence, Config, CursorKind, Fault};

const SEARCH: &str = "/customers/search";

/// A tenant of five pages that shows `fault` once.
fn once(fault: Fault) -> TestTenant {
    let tenant = TestTenant::start(Config { page_size: 50, ..Config::default() });
    tenant.control().fault(fault, Some(1));
    tenant
}

/// A tenant of five pages that always shows `fault`.
fn always(fault: Fault) -> TestTenant {
    let tenant = once(fault);
    tenant.control().fault(fault, None);
    tenant
}

#[tokio::test]
async fn a_status_is_returned_as_often_as_injected() {
    for (fault, status) in [
        (Fault::Status(503), 503),
        (Fault::Status(504), 504),
        (Fault::Unauthorized, 401),
        (Fault::Forbidden, 403),
        (Fault::NotFoundOnSearch, 404),
        (Fault::RateLimited { retry_after: None }, 429),
    ] {
        let tenant = once(fault);
        assert_eq!(tenant.status(SEARCH).await, status);
        assert_eq!(tenant.status(SEARCH).await, 200);
        assert_eq!(tenant.control().counts().searches, 2);
    }
}

#[tokio::test]
async fn a_rate_limit_can_have_a_retry_after() {
    let tenant = once(Fault::RateLimited { retry_after: Some(30) });
    assert_eq!(tenant.get(SEARCH).await.unwrap().headers()["retry-after"], "30");
    tenant.control().fault(Fault::RateLimited { retry_after: None }, None);
    assert!(!tenant.get(SEARCH).await.unwrap().headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_gateway_s_page_is_html() {
    for fault in [Fault::Status(502), Fault::NotJson] {
        let response = once(fault).get(SEARCH).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert!(response.text().await.unwrap().starts_with("<html>"));
    }
}

#[tokio::test]
async fn a_cut_body_ends_before_its_content_length_and_truncated_json_is_a_complete_body() {
    let whole = TestTenant::small().text(SEARCH).await.unwrap();

    let mut response = once(Fault::CutBody).get("/customers/65432").await.unwrap();
    let length = response.content_length().unwrap();
    let mut received = 0;
    let error = loop {
        match response.chunk().await {
            Ok(chunk) => received += chunk.expect("the body must end with an error").len() as u64,
            Err(error) => break error,
        }
    };
    assert_eq!(received, length / 2, "{error}");

    let tenant = TestTenant::small();
    tenant.control().fault(Fault::TruncatedJson, Some(1));
    assert_eq!(tenant.text(SEARCH).await.unwrap(), whole[..whole.len() / 2]);
}

#[tokio::test]
async fn a_huge_body_is_the_right_body_padded_and_without_a_length() {
    for size in [1, 200_000, 64 * 1024 * 5] {
        let tenant = once(Fault::HugeBody(size));
        let response = tenant.get("/customers/65432").await.unwrap();
        assert_eq!(response.content_length(), None);
        let huge = response.text().await.unwrap();
        let right = tenant.text("/customers/65432").await.unwrap();
        assert_eq!(huge.len(), size.max(right.len()));
        assert_eq!(huge.trim_end(), right);
    }
}

#[tokio::test]
async fn a_hanging_call_is_answered_when_faults_are_cleared() {
    let tenant = once(Fault::Hang);
    let control = tenant.control();
    let mut hanging = Box::pin(tenant.json(SEARCH));
    tokio::select! {
        page = &mut hanging => panic!("answered {page}"),
        () = control.held(1) => (),
    }
    assert_eq!(tenant.status(SEARCH).await, 200);
    control.clear_faults();
    assert_eq!(ids(&[hanging.await]).len(), 50);
}

#[tokio::test]
async fn a_next_page_without_a_cursor_comes_in_three_forms() {
    for (absence, meta) in [
        (Absence::Null, json!({ "hasNextPage": true, "endCursor": null })),
        (Absence::Empty, json!({ "hasNextPage": true, "endCursor": "" })),
        (Absence::Missing, json!({ "hasNextPage": true })),
    ] {
        let page = once(Fault::NextWithoutCursor(absence)).json(SEARCH).await;
        assert_eq!(page["meta"], meta);
    }
}

#[tokio::test]
async fn a_repeated_cursor_leads_back_to_the_same_page() {
    let pages = always(Fault::RepeatCursor).pass("", 5, || ()).await;
    let cursors: BTreeSet<String> = pages.iter().filter_map(next).collect();
    assert_eq!(cursors.len(), 1);
    assert!(pages[1..].iter().all(|page| page == &pages[1]));
    assert_ne!(pages[0]["data"], pages[1]["data"]);
}

#[tokio::test]
async fn a_cycle_of_cursors_leads_back_to_the_page_before() {
    let pages = always(Fault::CursorCycle).pass("", 6, || ()).await;
    assert_eq!(pages.len(), 6);
    assert_eq!(pages[1], pages[3]);
    assert_eq!(pages[2], pages[4]);
    assert_ne!(pages[1]["data"], pages[2]["data"]);
}

#[tokio::test]
async fn empty_pages_are_endless_with_new_cursors_unless_the_fault_is_limited() {
    let pages = always(Fault::EmptyPages).pass("", 9, || ()).await;
    let cursors: BTreeSet<String> = pages.iter().filter_map(next).collect();
    assert_eq!((pages.len(), cursors.len(), ids(&pages)), (9, 9, vec![]));

    let tenant = once(Fault::ExpireCursors);
    tenant.control().clear_faults();
    tenant.control().fault_after(Fault::EmptyPages, 2, Some(1));
    let pages = tenant.pass("", 9, || ()).await;
    assert_eq!((pages.len(), ids(&pages[2..3])), (6, vec![]));
    assert_eq!(ids(&pages), tenant.control().ids());
}

#[tokio::test]
async fn an_expired_cursor_is_a_400_and_a_first_page_is_not() {
    let tenant = always(Fault::ExpireCursors);
    let next = escaped(&next(&tenant.json(SEARCH).await).unwrap());
    assert_eq!(tenant.status(&format!("{SEARCH}?after_cursor={next}")).await, 400);
    assert_eq!(tenant.status(SEARCH).await, 200);
}

#[tokio::test]
async fn after_a_lost_page_its_cursor_returns_the_following_page_once() {
    let tenant = once(Fault::LostPage);
    let first = tenant.json(SEARCH).await;
    let second = format!("{SEARCH}?after_cursor={}", escaped(&next(&first).unwrap()));
    assert!(tenant.text(&second).await.is_err());
    let all = tenant.control().ids();
    assert_eq!(ids(&[tenant.json(&second).await]), all[100..150]);
    assert_eq!(ids(&[tenant.json(&second).await]), all[50..100]);
}

#[tokio::test]
async fn an_oversized_page_has_twice_the_records_and_the_pass_is_still_complete() {
    let tenant = once(Fault::OversizedPage);
    let pages = tenant.pass("", 9, || ()).await;
    assert_eq!(ids(&pages[..1]).len(), 100);
    assert_eq!(ids(&pages), tenant.control().ids());
}

#[tokio::test]
async fn a_duplicate_is_last_on_one_page_and_first_on_the_next() {
    for cursor in [CursorKind::Keyset, CursorKind::Offset] {
        let tenant = TestTenant::start(Config { page_size: 50, cursor, ..Config::default() });
        tenant.control().fault(Fault::DuplicateAcrossPages, None);
        let pages = tenant.pass("", 9, || ()).await;
        for pair in pages.windows(2) {
            assert_eq!(ids(&pair[..1]).last(), ids(&pair[1..]).first());
        }
        let found: BTreeSet<i64> = ids(&pages).into_iter().collect();
        assert!(found.into_iter().eq(tenant.control().ids()));
    }
}

#[tokio::test]
async fn the_first_record_of_an_answer_can_lack_its_id() {
    let tenant = always(Fault::MissingIds);
    let page = tenant.json(SEARCH).await;
    assert_eq!((page["data"][0].get("id"), page["data"][1]["id"].is_i64()), (None, true));
    let one = tenant.json("/customers/65432").await;
    assert_eq!((one["data"].get("id"), one["data"].get("code").is_some()), (None, true));
}

#[tokio::test]
async fn a_wrong_id_is_the_id_of_the_next_customer() {
    let tenant = always(Fault::WrongId);
    let ids = tenant.control().ids();
    for (asked, answered) in [(ids[0], ids[1]), (ids[249], ids[0])] {
        let answer = tenant.json(&format!("/customers/{asked}")).await;
        assert_eq!(answer["data"]["id"], answered);
    }
    assert_eq!(tenant.status("/customers/1").await, 404);
}
