//! The page of one customer: what DotApparel sent beside what DailyStory gets.

use std::mem;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use tracing::info;

use super::gate::{Admitted, AdmittedForm, Refused, refuse_foreign};
use super::origin::client_address;
use super::routes::{Console, Page, html, no_such_brand};
use crate::brands::{Brand, Explained};
use crate::dailystory::ExplainedKey;
use crate::domain::CustomerId;
use crate::paging::SourceError;
use crate::telemetry::with_causes;

/// The form that names a customer.
#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    id: String,
}

#[derive(Template)]
#[template(path = "customer.html")]
struct CustomerPage {
    page: Page,
    brand: String,
    id: String,
    masked: bool,
    /// Why there is nothing to show.
    problem: Option<String>,
    /// What is known of the customer's records as a whole.
    facts: Vec<(&'static str, String)>,
    keys: Vec<KeyView>,
}

struct KeyView {
    key: String,
    rule: String,
    /// The places in DotApparel's answers, each with its value.
    found: Vec<(String, String)>,
    /// The served value. If the list and the lookup differ, both values with their names.
    served: Vec<(&'static str, String)>,
}

/// `GET /brands/{brand}/customer?id=`: personal data is masked.
pub(super) async fn show_masked(
    admitted: Admitted,
    console: web::Data<Console>,
    request: HttpRequest,
    brand: web::Path<String>,
    search: web::Query<Search>,
) -> Result<HttpResponse, Refused> {
    refuse_foreign(&request)?;
    let Some(brand) = console.brand(&brand) else { return Ok(no_such_brand(&brand)) };
    Ok(page(Page::new(admitted.can_log_out()), &brand, &search.id, true).await)
}

/// `POST /brands/{brand}/customer`: shows personal data, and logs the access.
pub(super) async fn show_plain(
    _form: AdmittedForm,
    admitted: Admitted,
    console: web::Data<Console>,
    request: HttpRequest,
    brand: web::Path<String>,
    search: web::Form<Search>,
) -> HttpResponse {
    let Some(brand) = console.brand(&brand) else { return no_such_brand(&brand) };
    if let Ok(id) = search.id.trim().parse::<CustomerId>() {
        let address = client_address(&request);
        info!(brand.id = %brand.id(), customer.id = %id, client.address = %address, "personal data shown in the console");
    }
    page(Page::new(admitted.can_log_out()), &brand, &search.id, false).await
}

async fn page(page: Page, brand: &Arc<Brand>, id: &str, masked: bool) -> HttpResponse {
    let mut shown = CustomerPage {
        page,
        brand: brand.id().to_string(),
        id: id.trim().chars().take(20).collect(),
        masked,
        problem: None,
        facts: Vec::new(),
        keys: Vec::new(),
    };
    let Ok(id) = id.trim().parse::<CustomerId>() else {
        shown.problem =
            Some("expected the customer's id: a whole number such as 244988".to_owned());
        return html(StatusCode::BAD_REQUEST, &shown);
    };
    let mut explained = match brand.explain(id).await {
        Ok(explained) => explained,
        Err(error) => {
            shown.problem = Some(format!(
                "the call to DotApparel failed ({}): {}",
                with_causes(&error),
                error.remedy()
            ));
            return html(StatusCode::BAD_GATEWAY, &shown);
        }
    };
    if !explained.is_somewhere() {
        shown.problem = Some("DotApparel finds no customer by this id".to_owned());
        return html(StatusCode::NOT_FOUND, &shown);
    }
    shown.facts = explained.facts();
    let keys = mem::take(&mut explained.explanation.keys);
    shown.keys = keys.into_iter().map(|key| KeyView::new(key, &explained, masked)).collect();
    html(StatusCode::OK, &shown)
}

// === impl KeyView ===

impl KeyView {
    fn new(key: ExplainedKey, explained: &Explained, masked: bool) -> Self {
        let key = if masked { key.masked() } else { key };
        let served = explained.served(&key).into_iter();
        let served = served.map(|(name, value)| (name, value.to_owned())).collect();
        let found = key.found.into_iter().map(|found| {
            let place = format!("{} {}", found.source.name(), found.path);
            (place, found.raw.unwrap_or_else(|| "(absent)".to_owned()))
        });
        Self { key: key.key, rule: key.rule, found: found.collect(), served }
    }
}
