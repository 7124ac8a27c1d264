//! The console in a real browser: headless Chromium, driven by `chromedriver`.
//!
//! `driver` has the browser, and `checks` has what must be true of each view. `views` looks at every
//! view, `login` at who gets in, and `live` at what moves. The pictures are in `target/screenshots`.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod checks;
mod driver;
mod live;
mod login;
#[expect(dead_code, unused_imports, reason = "the tests of the API use the other helpers")]
#[path = "../it/support/mod.rs"]
mod support;
mod views;
