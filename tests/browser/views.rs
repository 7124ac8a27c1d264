//! Every view of the console.

use chrono::TimeDelta;
use dotstory::sandbox::{Control, Fault};

use super::checks::{check_traffic, check_view, emulate, save};
use super::driver::Browser;
use super::support::{Clocks, TestApp, spawn};

/// Two brands with a history of some hours. The second brand's tenant has begun to refuse calls.
async fn app_with_history() -> TestApp {
    let tenant_ahead = TimeDelta::zero();
    let app = TestApp::builder()
        .customers(1037)
        .other_brand(60)
        .clocks(Clocks::Stopped { tenant_ahead })
        .sync("reuse = \"0s\"")
        .mapping("[mapping.exclude]\nstaff = true\n")
        .spawn()
        .await;
    app.read_all(500).await;
    app.other().caller.read_all(500).await;
    for hour in 0..5 {
        let since = app.advance(60) - TimeDelta::hours(1);
        touch(&app.tenant, 7 * hour + 3);
        let since = since.format("%Y-%m-%dT%H:%M:%SZ");
        if hour == 3 {
            app.tenant.fault(Fault::Unauthorized, Some(1));
            app.changes_since(&since).await.assert_status(502);
        }
        app.changes_since(&since).await.assert_status(200);
        app.other().caller.changes_since(&since).await.assert_status(200);
    }
    app.advance(180);
    app.other().tenant.fault(Fault::Unauthorized, None);
    app.other().caller.changes_since("2026-06-01T00:00:00Z").await.assert_status(502);
    app.changes_since("2026-06-01T00:00:00Z").await.assert_status(200);
    app
}

/// Changes this many customers.
fn touch(tenant: &Control, customers: usize) {
    tenant.ids().iter().take(customers).for_each(|id| tenant.touch(*id).unwrap());
}

#[tokio::test]
async fn the_overview_and_the_brands_pass_the_checks_of_a_view() {
    let app = app_with_history().await;
    let (url, brand) = (&app.operator_url, &app.brand);
    let browser = Browser::start().await;
    browser.open(&format!("{url}/")).await;
    check_view(&browser, "overview", None).await;
    browser.open(&format!("{url}/brands/{brand}")).await;
    check_view(&browser, "brand", None).await;
    browser.open(&format!("{url}/brands/{brand}-other")).await;
    check_view(&browser, "brand-failing", None).await;

    app.advance(60);
    app.tenant.hold();
    let caller = (*app).clone();
    let asking = spawn(async move { caller.list(0, 25).await });
    app.tenant.held(1).await;
    browser.open(&format!("{url}/brands/{brand}")).await;
    check_view(&browser, "brand-running", None).await;
    browser.open(&format!("{url}/")).await;
    check_view(&browser, "overview-running", None).await;
    app.tenant.release();
    asking.await.unwrap().assert_status(200);
}

#[tokio::test]
async fn a_new_brand_and_the_messages_pass_the_checks_of_a_view() {
    let app = TestApp::builder().spawn().await;
    let (url, brand) = (&app.operator_url, &app.brand);
    let browser = Browser::start().await;
    browser.open(&format!("{url}/")).await;
    check_view(&browser, "overview-new", None).await;
    browser.open(&format!("{url}/brands/{brand}")).await;
    check_view(&browser, "brand-new", None).await;
    browser.open(&format!("{url}/brands/unknown")).await;
    check_view(&browser, "message", Some(404)).await;
    browser.open(&format!("{url}/brands/{brand}/customer?id=1")).await;
    check_view(&browser, "customer-unknown", Some(404)).await;
    app.tenant.fault(Fault::Unauthorized, None);
    browser.open(&format!("{url}/brands/{brand}/customer?id=1")).await;
    check_view(&browser, "customer-not-asked", Some(502)).await;
}

#[tokio::test]
async fn a_customer_is_masked_until_show_is_pressed() {
    let app = TestApp::builder().spawn().await;
    let id = app.tenant.ids()[3];
    app.tenant
        .edit(id, |person| {
            person.surname = Some("Sampleson".into());
            person.email = Some("a.long.address.of.a.sampleson@mail.acme.example".into());
        })
        .unwrap();
    let browser = Browser::start().await;
    browser.open(&format!("{}/brands/{}", app.operator_url, app.brand)).await;
    browser.fill("#id", &id.to_string()).await;
    browser.click_through(".find button").await;
    browser.wait_until("document.querySelector('h1').innerText.startsWith('Customer ')").await;
    let shows = "document.body.innerText.includes('Sampleson')";
    browser.wait_until(&format!("!{shows}")).await;
    check_view(&browser, "customer-masked", None).await;
    browser.click_through("form[method=post] button").await;
    browser.wait_until(shows).await;
    check_view(&browser, "customer-shown", None).await;
    assert_eq!(app.log("personal data shown in the console").len(), 1);
}

#[tokio::test]
async fn swagger_ui_shows_the_operations_of_both_listeners_without_other_hosts() {
    let app = TestApp::builder().spawn().await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/docs/", app.operator_url)).await;
    for (document, path) in [(0, "/api/v1/customers"), (1, "/readyz")] {
        let select = format!(
            "const select = document.querySelector('#select'); select.selectedIndex = {document}; \
             select.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        );
        browser.wait_until("document.querySelector('#select')").await;
        browser.script(&select).await;
        browser.wait_until(&format!("document.body.innerText.includes('{path}')")).await;
        for (theme, width) in [("light", 1280), ("dark", 390)] {
            emulate(&browser, theme, width).await;
            save(&browser, &format!("docs-{document}-{theme}-{width}")).await;
        }
    }
    check_traffic(&browser, "docs", None).await;
}
