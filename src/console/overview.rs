//! The overview: each brand with its state and its last sync.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use super::gate::Admitted;
use super::routes::{Console, Page, html};
use super::walk_view::RunningView;
use super::words;
use crate::activity::Sync;
use crate::brands::Brand;

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    page: Page,
    live: String,
}

/// The part of the page that changes.
#[derive(Template)]
#[template(path = "overview_live.html")]
struct OverviewLive {
    brands: Vec<BrandView>,
}

/// The data about a brand that the overview and the page of the brand show.
pub(super) struct BrandView {
    pub(super) id: String,
    pub(super) state: &'static str,
    pub(super) reasons: Vec<String>,
    pub(super) last_sync: String,
    pub(super) next_sync: String,
    pub(super) running: Vec<RunningView>,
}

/// `GET /`
pub(super) async fn show(admitted: Admitted, console: web::Data<Console>) -> HttpResponse {
    let page = OverviewPage { page: Page::new(admitted.can_log_out()), live: live(&console) };
    html(StatusCode::OK, &page)
}

/// The HTML of the part that changes.
pub(super) fn live(console: &Console) -> String {
    let now = console.clock.now();
    let brands = console.brands.all().iter().map(|brand| BrandView::new(brand, now)).collect();
    OverviewLive { brands }.render().expect("the template writes to a string")
}

// === impl BrandView ===

impl BrandView {
    pub(super) fn new(brand: &Brand, now: DateTime<Utc>) -> Self {
        let (health, activity) = (brand.health(), brand.activity().report());
        Self {
            id: brand.id().to_string(),
            state: health.state.name(),
            reasons: health.reasons.into_iter().map(|reason| reason.sentence).collect(),
            last_sync: last_sync(activity.last_sync.as_ref(), now),
            next_sync: next_sync(activity.last_sync.as_ref(), activity.usual_gap_seconds, now),
            running: activity.running.iter().map(|walk| RunningView::new(walk, now)).collect(),
        }
    }
}

fn last_sync(sync: Option<&Sync>, now: DateTime<Utc>) -> String {
    let Some(sync) = sync else {
        return "none since dotstory started: DailyStory has not read a list to its end".to_owned();
    };
    let certified = match sync.certified {
        "no" => "not certified".to_owned(),
        name => format!("certified: {name}"),
    };
    format!(
        "{} ({}), {}: {} records, {certified}",
        words::time(sync.ended, now),
        words::ago((now - sync.ended).to_std().unwrap_or_default()),
        words::list(sync.since, now),
        words::number(sync.records),
    )
}

fn next_sync(sync: Option<&Sync>, usual_gap: Option<i64>, now: DateTime<Utc>) -> String {
    let (Some(sync), Some(gap)) = (sync, usual_gap) else {
        return "not known until DailyStory has synced four times".to_owned();
    };
    let next = sync.ended + TimeDelta::seconds(gap);
    let every = words::duration(Duration::from_secs(gap.unsigned_abs()));
    if next < now {
        return format!("was expected at {}, usually every {every}", words::time(next, now));
    }
    format!("expected at {}, usually every {every}", words::time(next, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_is_described_with_its_size_and_certificate() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-30T12:00:00Z");
        let ended = at("2026-11-30T11:48:00Z");
        let sync =
            Sync { ended, list_began: ended, since: None, records: 1037, certified: "quiet" };
        assert_eq!(
            last_sync(Some(&sync), now),
            "11:48:00 (12 min ago), all customers: 1,037 records, certified: quiet"
        );
        assert_eq!(
            next_sync(Some(&sync), Some(3600), now),
            "expected at 12:48:00, usually every 1\u{a0}h"
        );
        assert_eq!(
            next_sync(Some(&sync), Some(60), now),
            "was expected at 11:49:00, usually every 1\u{a0}min"
        );
        let uncertified = Sync { certified: "no", since: Some(at("2026-11-29T10:00:00Z")), ..sync };
        let text = last_sync(Some(&uncertified), now);
        assert!(
            text.ends_with(", changes since 29 Nov 10:00: 1,037 records, not certified"),
            "{text}"
        );
    }
}
