//! The page of one brand.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};

use super::gate::Admitted;
use super::overview::BrandView;
use super::plot::{Bar, Plot};
use super::routes::{Console, Page, html, no_such_brand};
use super::walk_view::{EndedView, milliseconds};
use super::words;
use crate::activity::EndedWalk;
use crate::brands::Brand;
use crate::dailystory::FilledKey;
use crate::health::AssumptionReport;

#[derive(Template)]
#[template(path = "brand.html")]
struct BrandPage {
    page: Page,
    brand: String,
    live: String,
}

/// The part of the page that changes.
#[derive(Template)]
#[template(path = "brand_live.html")]
struct BrandLive {
    brand: BrandView,
    calls_last_minute: String,
    rate_limit: String,
    /// The backends to which calls are suspended.
    breakers: Vec<String>,
    walks: Vec<EndedView>,
    plots: Vec<Plot>,
    assumptions: Vec<AssumptionView>,
    counts: Vec<CountList>,
    filled: Vec<FilledView>,
}

struct AssumptionView {
    assumption: &'static str,
    refuted: bool,
    state: &'static str,
    finding: String,
    when: String,
}

/// Counters of one kind, largest first.
struct CountList {
    title: &'static str,
    entries: Vec<(String, String)>,
}

struct FilledView {
    key: String,
    percent: u64,
}

/// The counters of unusual data of a brand: the title, the metric and the label of each.
const COUNTS: [(&str, &str, &str); 4] = [
    ("Unreadable values by field", "dotstory_fields_unreadable_total", "field"),
    ("Contradictory answers of DotApparel", "dotstory_upstream_contradictions_total", "kind"),
    ("Consents made stricter", "dotstory_consents_made_stricter_total", "channel"),
    ("Placeholders", "dotstory_placeholders_total", "channel"),
];

/// `GET /brands/{brand}`
pub(super) async fn show(
    admitted: Admitted,
    console: web::Data<Console>,
    brand: web::Path<String>,
) -> HttpResponse {
    let Some(brand) = console.brand(&brand) else { return no_such_brand(&brand) };
    let page = BrandPage {
        page: Page::new(admitted.can_log_out()),
        brand: brand.id().to_string(),
        live: live(&console, &brand),
    };
    html(StatusCode::OK, &page)
}

/// The HTML of the part that changes.
pub(super) fn live(console: &Console, brand: &Arc<Brand>) -> String {
    let now = console.clock.now();
    let activity = brand.activity().report();
    let metrics = console.metrics.scoped(&[("brand", brand.id().as_str())]);
    let text = metrics.render();
    let counted = |(title, metric, label)| CountList {
        title,
        entries: metrics.values_by(&text, metric, label).into_iter().map(shown_count).collect(),
    };
    let open = metrics.values_by(&text, "dotstory_upstream_breaker_open", "backend");
    let live = BrandLive {
        brand: BrandView::new(brand, now),
        calls_last_minute: words::number(activity.calls_last_minute),
        rate_limit: words::number(brand.rate_limit().get().into()),
        breakers: open.into_iter().map(|(backend, _)| backend).collect(),
        plots: plots(&activity.ended),
        walks: activity.ended.iter().map(|walk| EndedView::new(walk, now)).collect(),
        assumptions: brand.assumptions().into_iter().map(|one| shown(one, now)).collect(),
        counts: COUNTS.into_iter().map(counted).collect(),
        filled: brand.filled_keys().into_iter().map(shown_key).collect(),
    };
    live.render().expect("the template writes to a string")
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a counter is a whole number from 0"
)]
fn shown_count((name, count): (String, f64)) -> (String, String) {
    (name, words::number(count as u64))
}

fn shown(one: AssumptionReport, now: DateTime<Utc>) -> AssumptionView {
    let state = match (one.refuted, &one.finding) {
        (true, _) => "refuted",
        (false, Some(_)) => "fits",
        (false, None) => "not contradicted",
    };
    let when =
        one.age.and_then(|age| now.checked_sub_signed(chrono::TimeDelta::from_std(age).ok()?));
    AssumptionView {
        assumption: one.assumption.sentence(),
        refuted: one.refuted,
        state,
        finding: one.finding.unwrap_or_default(),
        when: when.map_or(String::new(), |when| words::time(when, now)),
    }
}

fn shown_key(key: FilledKey) -> FilledView {
    FilledView { percent: key.filled * 100 / key.records.max(1), key: key.key }
}

/// The plots of the walks. `walks` has the newest walk first.
#[expect(clippy::cast_precision_loss, reason = "the numbers are far below 2^53")]
fn plots(walks: &[EndedWalk]) -> Vec<Plot> {
    let plot = |title, value: fn(&EndedWalk) -> f64, show: fn(f64) -> String| {
        let bar = |walk: &EndedWalk| Bar { value: value(walk), failed: walk.error.is_some() };
        Plot::new(title, &walks.iter().rev().map(bar).collect::<Vec<_>>(), show)
    };
    let number = |value: f64| shown_count((String::new(), value)).1;
    vec![
        plot("Records", |walk| walk.records as f64, number),
        plot("Duration", |walk| walk.duration_ms as f64, milliseconds),
        plot("Calls", |walk| walk.calls as f64, number),
        plot("p95 of a call", |walk| walk.p95_ms.unwrap_or_default(), milliseconds),
        plot("Failed calls", |walk| walk.failed_calls as f64, number),
    ]
}
