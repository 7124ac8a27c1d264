//! Faults of the upstream, as callers see them. A list that cannot be complete is an error; only a
//! customer without an id is left out.

use std::fs;
use std::path::Path;

use dotstory::sandbox::{Absence, Calls, Fault, Injection};
use futures_util::future::join_all;

use crate::support::TestApp;

const UNREADABLE: &str = "DotApparel sent an answer that cannot be read";
const CONTRADICTS: &str = "DotApparel's answer contradicts the request or itself";
const TOO_LARGE: &str = "DotApparel sent an answer that is larger than max_body";
const ENDLESS: &str = "DotApparel's pages do not end, so this list cannot be collected";
const REFUSED: &str = "DotApparel refuses the credentials configured for this brand";

#[tokio::test]
async fn a_fault_has_the_same_status_and_sentence_on_both_endpoints() {
    for (fault, status, sentence) in [
        (Fault::Unauthorized, 502, REFUSED),
        (Fault::Forbidden, 502, REFUSED),
        (Fault::Status(500), 503, "DotApparel is not available"),
        (Fault::Status(504), 503, "DotApparel is not available"),
        (Fault::Status(501), 502, "DotApparel sent an answer with an unexpected status"),
        (Fault::Status(302), 502, "DotApparel redirects the call to another address"),
        (Fault::NotJson, 502, "DotApparel sent an HTML page instead of JSON"),
        (Fault::TruncatedJson, 502, UNREADABLE),
        (Fault::CutBody, 503, "DotApparel's answer ended before it was complete"),
        (Fault::HugeBody(70_000), 502, TOO_LARGE),
        (Fault::GzipBomb, 502, TOO_LARGE),
        (Fault::DataTwice, 502, UNREADABLE),
        (
            Fault::RateLimited { retry_after: None },
            503,
            "DotApparel throttles the calls of this brand",
        ),
    ] {
        let app = TestApp::builder()
            .customers(3)
            .dotapparel(
                "max_body = \"64KiB\"\nbreaker_failures = 100\nbreaker_cool_down = \"1ms\"\n",
            )
            .spawn()
            .await;
        app.tenant.fault(fault, None);
        app.list(0, 25).await.assert_error(status, sentence);
        let single = app.customer(app.tenant.ids()[0]).await;
        single.assert_error(status, sentence);
        assert_eq!(single.header("retry-after").is_some(), status == 503, "{fault:?}");

        app.tenant.clear_faults();
        if status != 503 {
            // After refused credentials, one call tries them again. dotstory refuses other calls
            // meanwhile.
            while app.customer(app.tenant.ids()[0]).await.status != 200 {}
            assert_eq!(app.list(0, 25).await.count(), 3, "after {fault:?} is cleared");
        }
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_to_its_end_is_an_error() {
    for (fault, sentence) in [
        (Fault::NextWithoutCursor(Absence::Null), CONTRADICTS),
        (Fault::NextWithoutCursor(Absence::Empty), CONTRADICTS),
        (Fault::NextWithoutCursor(Absence::Missing), CONTRADICTS),
        (Fault::RepeatCursor, ENDLESS),
        (Fault::CursorCycle, ENDLESS),
        (Fault::EmptyPages, ENDLESS),
        (
            Fault::ExpireCursors,
            "DotApparel refuses its own cursors 0 s after the first page, and this list takes longer: make walks faster with details = \"never\" under [sync] or a higher rate_limit under [dotapparel]",
        ),
        (Fault::NotFoundOnSearch, "DotApparel rejects the request of dotstory"),
    ] {
        let app = TestApp::builder().customers(450).spawn().await;
        app.tenant.fault(fault, None);
        let answer = app.list(0, 25).await;
        assert_eq!(answer.status, 502, "{fault:?}");
        answer.assert_error(502, sentence);

        app.tenant.clear_faults();
        assert_eq!(app.read_all(100).await, app.tenant.ids(), "after {fault:?} is cleared");
    }
}

#[tokio::test]
async fn an_odd_but_harmless_answer_is_accepted() {
    for (fault, times) in [
        (Fault::EmptyPages, Some(3)),
        (Fault::OversizedPage, None),
        (Fault::DuplicateAcrossPages, None),
        (Fault::ExpireCursors, Some(1)),
    ] {
        let app = TestApp::builder().customers(450).spawn().await;
        app.tenant.fault(fault, times);
        assert_eq!(app.read_all(100).await, app.tenant.ids(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_record_without_an_id_is_left_out_counted_and_logged_by_its_position() {
    let app = TestApp::builder().customers(250).spawn().await;
    app.tenant.fault(Fault::MissingIds, Some(1));
    assert_eq!(app.read_all(100).await, app.tenant.ids()[1..]);
    assert_eq!(app.metric("dotstory_records_skipped_total", &[]), 1);
    assert!(
        app.whole_log()
            .iter()
            .any(|line| line["level"] == "WARN" && line.to_string().contains("position"))
    );
}

#[tokio::test]
async fn a_brief_failure_is_retried_within_the_request() {
    let app = TestApp::builder().customers(250).spawn().await;
    for fault in [
        Fault::Status(503),
        Fault::CutBody,
        Fault::TruncatedJson,
        Fault::RateLimited { retry_after: None },
    ] {
        app.tenant.fault(fault, Some(2));
        app.customer(app.tenant.ids()[0]).await.assert_status(200);
    }
    assert_eq!(app.tenant.counts().gets, 12);
}

#[tokio::test]
async fn a_tenant_that_does_not_answer_is_a_timeout() {
    let impatient = "attempt_timeout = \"50ms\"\nconnect_timeout = \"50ms\"\ndeadline = \"80ms\"\n";
    let app = TestApp::builder().customers(3).dotapparel(impatient).spawn().await;
    app.tenant.fault(Fault::Hang, None);
    app.customer(app.tenant.ids()[0]).await.assert_error(504, "DotApparel did not answer in time");
    app.list(0, 25).await.assert_error(504, "DotApparel did not answer in time");
    app.tenant.clear_faults();
}

#[tokio::test]
async fn a_lookup_ends_at_the_request_timeout_and_opens_the_breaker() {
    let (server, limits) = ("server.request_timeout = \"150ms\"\n", "breaker_failures = 3\n");
    let app = TestApp::builder().customers(3).main(server).dotapparel(limits).spawn().await;
    app.tenant.fault(Fault::Hang, None);
    for _ in 0..3 {
        let answer = app.customer(app.tenant.ids()[0]).await;
        answer.assert_error(504, "DotApparel did not answer in time");
    }
    let answer = app.customer(app.tenant.ids()[0]).await;
    answer.assert_error(503, "DotApparel kept failing, so no calls are made for a while");
    app.tenant.clear_faults();
}

#[tokio::test]
async fn lookups_that_the_rate_limit_delays_get_503_and_open_no_breaker() {
    let server = "server.request_timeout = \"150ms\"\n";
    let app = TestApp::builder().customers(3).main(server).rate_limit(1).spawn().await;
    let id = app.tenant.ids()[0];
    app.customer(id).await.assert_status(200);
    let answers = join_all((0..5).map(|_| app.customer(id))).await;
    for answer in answers {
        answer.assert_error(
            503,
            "dotstory has too many calls for this brand's rate_limit: try later, with fewer requests at once",
        );
    }
    assert_eq!(app.metric("dotstory_upstream_breaker_open", &["backend=\"lookup\""]), 0);
}

#[tokio::test]
async fn refused_credentials_are_sent_rarely_until_they_are_accepted() {
    let app = TestApp::builder().customers(3).spawn().await;
    let id = app.tenant.ids()[0];
    for calls in [Calls::All, Calls::Stores] {
        let fault = Fault::Unauthorized;
        app.tenant.inject(Injection { fault, calls, skip: 0, times: None });
    }
    for _ in 0..3 {
        app.customer(id).await.assert_error(502, REFUSED);
        app.list(0, 25).await.assert_error(502, REFUSED);
    }
    let counts = app.tenant.counts();
    let sent = counts.gets + counts.searches + counts.stores;
    // A list asks for the stores and for its first page at the same time.
    assert!((2..=3).contains(&sent), "a system may lock a user after wrong passwords: {counts:?}");
    let (state, reasons) = app.health().await;
    assert_eq!(state, "failing", "the list failed too");
    let sentence = "DotApparel refuses the credentials, so all calls are suspended";
    assert!(reasons.iter().any(|(_, text)| text.starts_with(sentence)), "{reasons:?}");

    let impatient = "breaker_cool_down = \"1ms\"\n";
    let app = TestApp::builder().customers(3).dotapparel(impatient).spawn().await;
    app.tenant.fault(Fault::Unauthorized, Some(2));
    for _ in 0..2 {
        app.customer(id).await.assert_error(502, REFUSED);
    }
    while app.customer(id).await.status != 200 {}
}

#[tokio::test]
async fn a_retry_after_beyond_the_deadline_is_passed_on_at_once() {
    let app = TestApp::builder().customers(3).spawn().await;
    app.tenant.fault(Fault::RateLimited { retry_after: Some(300) }, None);
    let answer = app.list(0, 25).await;
    answer.assert_error(503, "DotApparel throttles the calls of this brand");
    assert_eq!(answer.header("retry-after"), Some("300"));
    assert_eq!(app.tenant.counts().searches, 1);
}

#[tokio::test]
async fn a_tenant_that_keeps_failing_gets_no_lookups_for_a_while_and_its_brand_is_degraded() {
    let app = TestApp::builder().customers(3).dotapparel("breaker_failures = 4\n").spawn().await;
    app.tenant.fault(Fault::Status(500), None);
    app.customer(app.tenant.ids()[0]).await.assert_status(503);
    let answer = app.customer(app.tenant.ids()[0]).await;
    answer.assert_error(503, "DotApparel kept failing, so no calls are made for a while");
    assert!(answer.header("retry-after").is_some());
    assert_eq!(app.tenant.counts().gets, 4);

    app.tenant.clear_faults();
    assert_eq!(app.list(0, 25).await.count(), 3, "searches have a breaker of their own");

    let (state, reasons) = app.health().await;
    assert_eq!(state, "degraded");
    let sentence = "DotApparel kept failing, so calls of the kind \"lookup\" are suspended: after 30 s the next request tries one call, and a success lets calls through again";
    assert_eq!(reasons, [("breaker".to_owned(), sentence.to_owned())]);
}

#[tokio::test]
async fn a_sweep_beyond_the_memory_limit_is_served_from_disk() {
    let app = TestApp::builder().customers(12_000).main("cache.memory = \"1MiB\"\n").spawn().await;
    assert_eq!(app.read_all(500).await, app.tenant.ids());
    app.list(11_990, 25).await.assert_shows(&app.tenant.ids(), 11_990..12_000);
    assert!(app.total("dotstory_cache_disk_bytes") > 1 << 20, "the sweep did not fit into memory");
    assert_eq!(app.total("dotstory_cache_disk_limit_bytes"), 4 << 30);
    assert!(app.total("dotstory_cache_bytes") < 1 << 18, "a sweep on disk leaves the memory");
}

#[tokio::test]
async fn a_list_that_cannot_be_read_from_disk_is_not_counted_as_a_sync() {
    let directory = tempfile::tempdir().unwrap();
    let cache =
        format!("cache.memory = \"1MiB\"\ncache.directory = \"{}\"\n", directory.path().display());
    let app = TestApp::builder().customers(12_000).main(&cache).spawn().await;
    app.list(0, 25).await.assert_status(200);
    cut_files_in(directory.path());
    app.expect_errors(1);
    app.list(11_990, 25).await.assert_status(500);
    let line = app.log("request").pop().unwrap();
    assert_eq!(line["remedy"], "check directory under [cache]");
    assert_eq!(app.metric("dotstory_records_served_total", &[]), 25);
    assert_eq!(app.metric("dotstory_sweeps_total", &[]), 0);
}

/// Empties the open files of this directory, which have no names.
fn cut_files_in(directory: &Path) {
    let mut cut = 0;
    for descriptor in fs::read_dir("/proc/self/fd").unwrap() {
        let descriptor = descriptor.unwrap().path();
        if fs::read_link(&descriptor).is_ok_and(|target| target.starts_with(directory)) {
            fs::File::options().write(true).open(&descriptor).unwrap().set_len(0).unwrap();
            cut += 1;
        }
    }
    assert!(cut > 0, "no file of {}", directory.display());
}

#[tokio::test]
async fn a_sweep_beyond_memory_and_disk_is_refused_with_the_settings_to_raise() {
    for (disk, bytes) in [("0", 0), ("1MiB", 1_048_576)] {
        let cache = format!("cache.memory = \"1MiB\"\ncache.disk = \"{disk}\"\n");
        let app = TestApp::builder().customers(12_000).main(&cache).spawn().await;
        let sentence = format!(
            "the snapshots need more than 1048576 bytes of memory and {bytes} bytes of disk: raise `memory` or `disk` under [cache] in dotstory.toml"
        );
        app.list(0, 25).await.assert_error(503, &sentence);
        assert_eq!(app.total("dotstory_cache_bytes"), 0);
        assert_eq!(app.total("dotstory_cache_disk_bytes"), 0);
    }
}
