//! Access to the console from another machine.

use super::checks::check_view;
use super::driver::{Browser, REMOTE_NAME};
use super::support::{OPERATOR_TOKEN, TestApp};

/// The address of the console under a remote name.
fn remote_url(app: &TestApp) -> String {
    app.operator_url.replace("127.0.0.1", REMOTE_NAME)
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_the_right_token_opens_the_console() {
    let app = TestApp::builder().main("operator.token = { env = \"OPERATOR\" }\n").spawn().await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/", remote_url(&app))).await;
    browser.wait_until("location.pathname === '/login'").await;
    check_view(&browser, "login", None).await;

    browser.fill("#token", "wrong").await;
    browser.click_through("button").await;
    browser.wait_until("document.querySelector('[role=alert]')").await;
    check_view(&browser, "login-refused", Some(403)).await;

    browser.fill("#token", OPERATOR_TOKEN).await;
    browser.click_through("button").await;
    browser.wait_until("location.pathname === '/' && document.querySelector('article')").await;
    check_view(&browser, "overview-logged-in", None).await;
    assert_eq!(
        browser.script("return document.cookie").await,
        "",
        "a script cannot read the cookie"
    );

    browser.click_through("header button").await;
    browser.wait_until("location.pathname === '/login'").await;
    browser.open(&format!("{}/", remote_url(&app))).await;
    browser.wait_until("location.pathname === '/login'").await;
}

#[tokio::test]
async fn a_console_without_a_token_is_closed_to_other_machines() {
    let app = TestApp::builder().spawn().await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/", remote_url(&app))).await;
    browser.wait_until("document.body.textContent.includes('the console is closed')").await;
    check_view(&browser, "closed", Some(403)).await;
}
