//! The live updates of the console, and its use by keyboard.

use std::time::Duration;

use super::checks::{check_traffic, emulate, save};
use super::driver::Browser;
use super::support::{TestApp, spawn};

const FOCUSED: &str =
    "return document.activeElement.textContent.trim() || document.activeElement.id";

#[tokio::test]
async fn the_bar_of_a_walk_moves() {
    let app = TestApp::builder()
        .customers(600)
        .tenant(|tenant| {
            tenant.page_size = 10;
            tenant.latency = Duration::from_millis(50);
        })
        .sync("reuse = \"0s\"")
        .spawn()
        .await;
    app.read_all(500).await;
    let browser = Browser::start().await;
    emulate(&browser, "light", 390).await;
    browser.open(&format!("{}/brands/{}", app.operator_url, app.brand)).await;
    let caller = (*app).clone();
    let asking = spawn(async move { caller.list(0, 25).await });
    let bar = "document.querySelector('progress[value]')";
    browser.wait_until(&format!("{bar}?.value > 0")).await;
    save(&browser, "bar-early").await;
    for _ in 0..2 {
        let value = browser.script(&format!("return {bar}.value")).await;
        browser.wait_until(&format!("{bar}.value > {value}")).await;
    }
    save(&browser, "bar-later").await;
    asking.await.unwrap().assert_status(200);
    browser.wait_until("!document.querySelector('progress')").await;
    browser.wait_until("document.querySelectorAll('#lists-table tbody tr').length === 2").await;
    check_traffic(&browser, "bar", None).await;
}

#[tokio::test]
async fn the_keyboard_reaches_the_links_in_order_and_an_update_keeps_the_focus() {
    let app = TestApp::builder().customers(3).spawn().await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/", app.operator_url)).await;
    let mut order = Vec::new();
    for _ in 0..6 {
        browser.tab().await;
        order.push(browser.script(FOCUSED).await.as_str().unwrap().to_owned());
    }
    let expected = ["Skip to content", "dotstory", "Overview", "Metrics", "API", &app.brand];
    assert_eq!(order, expected);

    browser.script("document.querySelector('article').isOld = true").await;
    app.read_all(25).await;
    browser.wait_until("!document.querySelector('article').isOld").await;
    assert_eq!(browser.script(FOCUSED).await, app.brand.as_str(), "after an update of the page");
}

#[tokio::test]
async fn many_tabs_can_be_open_and_the_visible_tab_is_up_to_date() {
    let app = TestApp::builder().customers(3).spawn().await;
    let browser = Browser::start().await;
    let mut tabs = Vec::new();
    for _ in 0..8 {
        tabs.push(browser.new_tab().await);
        browser.open(&format!("{}/brands/{}", app.operator_url, app.brand)).await;
    }
    app.read_all(25).await;
    for tab in [&tabs[7], &tabs[0]] {
        browser.switch_to(tab).await;
        browser.wait_until("document.querySelectorAll('#lists-table tbody tr').length === 1").await;
    }
}
