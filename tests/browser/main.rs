//! The console in a real browser: headless Chromium, driven by `chromedriver`.
//!
//! `driver` has the browser, and `checks` has the checks of each view. `views` opens every view.
//! `login` tests the access from another machine, and `live` the live updates. The pictures are in
//! `target/screenshots`.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod checks;
mod driver;
mod live;
mod login;
#[expect(dead_code, unused_imports, reason = "the tests of the API use the other helpers")]
#[path = "../it/support/mod.rs"]
mod support;
mod views;
