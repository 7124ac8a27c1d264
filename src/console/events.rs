//! Server-sent events: the parts of a page that change.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use futures_util::stream;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::gate::Admitted;
use super::routes::{Console, no_such_brand};
use super::{brand_page, overview};

/// The time between two checks for a change.
const TICK: Duration = Duration::from_millis(500);

/// After this number of checks without a change, a comment is sent. A closed connection is
/// noticed only when something is sent.
const QUIET_TICKS: u32 = 30;

struct State<R> {
    ticks: Interval,
    admitted: Admitted,
    render: R,
    sent: String,
    quiet: u32,
}

/// `GET /events`: the overview.
pub(super) async fn overview_events(
    admitted: Admitted,
    console: web::Data<Console>,
) -> HttpResponse {
    let shown = console.clone();
    events(&console, admitted, move || overview::live(&shown))
}

/// `GET /brands/{brand}/events`: the page of a brand.
pub(super) async fn brand_events(
    admitted: Admitted,
    console: web::Data<Console>,
    brand: web::Path<String>,
) -> HttpResponse {
    let Some(brand) = console.brand(&brand) else { return no_such_brand(&brand) };
    let shown = console.clone();
    events(&console, admitted, move || brand_page::live(&shown, &brand))
}

/// Sends the result of `render`, as a JSON string, each time that the result changes. Ends when the
/// operator's session ends or the process stops.
fn events(
    console: &Console,
    admitted: Admitted,
    render: impl Fn() -> String + 'static,
) -> HttpResponse {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let state = State { ticks, admitted, render, sent: String::new(), quiet: 0 };
    let tasks = console.tasks.clone();
    let parts = stream::unfold(state, move |mut state| {
        let tasks = tasks.clone();
        async move {
            tokio::select! {
                part = next(&mut state) => {
                    part.map(|part| (Ok::<_, Infallible>(web::Bytes::from(part)), state))
                }
                () = tasks.stopping() => None,
            }
        }
    });
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/event-stream")).streaming(parts)
}

/// The next part; `None` when the session has ended.
async fn next<R: Fn() -> String>(state: &mut State<R>) -> Option<String> {
    loop {
        state.ticks.tick().await;
        if !state.admitted.is_valid() {
            return None;
        }
        let html = (state.render)();
        if html != state.sent {
            let text = serde_json::to_string(&html).expect("a string is JSON");
            (state.sent, state.quiet) = (html, 0);
            return Some(format!("data: {text}\n\n"));
        }
        state.quiet += 1;
        if state.quiet >= QUIET_TICKS {
            state.quiet = 0;
            return Some(": nothing changed\n\n".to_owned());
        }
    }
}
