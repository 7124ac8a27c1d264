//! A changed configuration is applied as a whole or not at all, while requests go on.

use chrono::TimeDelta;

use crate::support::{Caller, Clocks, Response, TestApp, TestAppBuilder, spawn};

const ALL: &str = "/api/v1/customers?limit=100";

fn walks(app: &TestApp) -> u64 {
    app.metric("dotstory_walks_total", &["outcome=\"complete\""])
}

#[tokio::test]
async fn an_equal_configuration_keeps_the_lists() {
    let mut app = TestApp::builder().customers(20).spawn().await;
    app.get(ALL).await.assert_status(200);
    app.reload(|same| same);
    app.get(ALL).await.assert_status(200);
    assert_eq!(walks(&app), 1);
}

#[tokio::test]
async fn a_changed_mapping_drops_the_lists_and_the_next_request_has_the_new_records() {
    let mut app = TestApp::builder().customers(20).spawn().await;
    let before = app.get(ALL).await;
    assert!(!before.text().contains("total_orders"), "{}", before.text());
    app.reload(|changed| {
        changed.mapping("fields.total_orders = { attribute = \"Orders\", type = \"number\" }\n")
    });
    let after = app.get(ALL).await;
    assert!(after.text().contains("\"total_orders\":"), "{}", after.text());
    assert_eq!(walks(&app), 2);
}

#[tokio::test]
async fn a_new_token_is_accepted_at_once_and_the_lists_are_kept() {
    let mut app = TestApp::builder().customers(20).spawn().await;
    app.get(ALL).await.assert_status(200);
    app.reload(|changed| changed.tokens("-2"));
    app.get(ALL).await.assert_status(401);
    let token = format!("Bearer {}-2", app.token);
    app.request("GET", ALL, &[("authorization", &token)]).await.assert_status(200);
    assert_eq!(walks(&app), 1);
}

#[tokio::test]
async fn a_healthy_brand_keeps_its_lists_with_a_new_password_and_a_degraded_brand_starts_again() {
    let mut app = TestApp::builder().customers(20).spawn().await;
    app.get(ALL).await.assert_status(200);
    let id = app.tenant.ids()[0];
    let wrong = |changed: TestAppBuilder| {
        changed.tenant(|tenant| "a-wrong-password".clone_into(&mut tenant.password))
    };
    let right = app.reload(wrong);
    for _ in 0..3 {
        app.customer(id).await.assert_status(502);
    }
    app.get(ALL).await.assert_status(200);
    assert_eq!((walks(&app), app.health().await.0.as_str()), (1, "degraded"));

    app.reload(|_| right);
    app.customer(id).await.assert_status(200);
    app.get(ALL).await.assert_status(200);
    assert_eq!((walks(&app), app.health().await.0.as_str()), (2, "healthy"));
    assert!(app.list(0, 100).await.text().contains("\"store_name\":"), "the stores are read again");
}

#[tokio::test]
async fn a_brand_is_removed_and_added_without_an_effect_on_the_other() {
    let mut app = TestApp::builder().customers(20).other_brand(30).spawn().await;
    let other = app.other().caller.clone();
    let shows_other = |answer: Response| answer.text().contains("-other\"");
    other.get(ALL).await.assert_status(200);
    app.get(ALL).await.assert_status(200);
    assert!(shows_other(app.operator("/metrics").await));

    let removed = app.remove_other();
    other.get(ALL).await.assert_status(401);
    app.get(ALL).await.assert_status(200);
    assert_eq!(walks(&app), 1);
    assert!(
        !shows_other(app.operator("/metrics").await),
        "a metric of a removed brand may cause an alert"
    );
    assert!(!shows_other(app.operator("/readyz").await));

    app.add(removed);
    assert_eq!(other.get(ALL).await.assert_status(200).count(), 30);
    assert_eq!(walks(&app), 1);
    assert!(shows_other(app.operator("/metrics").await));
}

#[tokio::test]
async fn another_share_of_the_memory_for_lookups_starts_no_brand_again() {
    let builder = TestApp::builder().customers(20).sync("details = \"always\"\n");
    let mut app = builder.other_brand(30).spawn().await;
    app.get(ALL).await.assert_status(200);
    let removed = app.remove_other();
    app.get(ALL).await.assert_status(200);
    app.add(removed);
    app.get(ALL).await.assert_status(200);
    app.reload(|changed| changed.main("server.request_timeout = \"10s\"\n"));
    app.get(ALL).await.assert_status(200);
    assert_eq!(walks(&app), 1);
}

#[tokio::test]
async fn a_wrong_configuration_changes_nothing_and_every_problem_is_logged() {
    let mut app = TestApp::builder().customers(20).spawn().await;
    app.expect_errors(2);
    app.get(ALL).await.assert_status(200);
    let right =
        app.reload(|changed| changed.tokens("-2").sync("reuse = \"no duration\"\nlooks = 1\n"));
    assert_eq!(app.total("dotstory_reload_refused"), 1);
    app.get(ALL).await.assert_status(200);
    let refused = app.log_of_file("changed configuration refused");
    let problems: Vec<_> = refused.iter().map(|line| line["problem"].as_str().unwrap()).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("sync.reuse: expected"), "{problems:?}");
    assert!(problems[1].contains("sync.looks"), "{problems:?}");

    app.reload(|_| right);
    assert_eq!(app.total("dotstory_reload_refused"), 0);
    assert_eq!(walks(&app), 1);
}

#[tokio::test]
async fn a_running_lookup_ends_with_its_answer_although_its_brand_is_removed() {
    let mut app = TestApp::builder().customers(20).other_brand(20).spawn().await;
    let (other, tenant) = (app.other().caller.clone(), app.other().tenant.clone());
    let id = tenant.ids()[0];
    tenant.hold();
    let lookup = spawn(async move { other.customer(id).await });
    tenant.held(1).await;
    app.remove_other();
    tenant.release();
    lookup.await.unwrap().assert_status(200);
}

#[tokio::test]
async fn the_walk_of_a_changed_brand_stops_and_its_caller_can_begin_again() {
    let mut app = TestApp::builder().customers(20).spawn().await;
    app.tenant.hold();
    let caller: Caller = (*app).clone();
    let list = spawn(async move { caller.get(ALL).await });
    app.tenant.held(1).await;
    app.reload(|changed| changed.mapping("max_shared = 7\n"));
    let answer = list.await.unwrap();
    answer.assert_error(503, "dotstory or this brand is restarting: begin again at start=0");
    app.tenant.release();
    assert_eq!(app.get(ALL).await.assert_status(200).count(), 20);
}

#[tokio::test]
async fn the_age_of_the_last_sync_grows_on_although_its_brand_changes_or_comes_back() {
    let clocks = Clocks::Stopped { tenant_ahead: TimeDelta::zero() };
    let mut app = TestApp::builder().customers(20).clocks(clocks).other_brand(20).spawn().await;
    let other = app.other().caller.clone();
    for caller in [&app as &Caller, &other] {
        caller.get(ALL).await.assert_status(200);
    }
    app.reload(|changed| changed.mapping("max_shared = 7\n"));
    let removed = app.remove_other();
    app.advance(30);
    app.add(removed);
    app.advance(30);
    let metrics = app.operator("/metrics").await;
    let ages = metrics.text().lines().filter(|line| line.starts_with("dotstory_sync_age_seconds{"));
    let ages: Vec<_> = ages.map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(ages, ["3600", "3600"]);
}
