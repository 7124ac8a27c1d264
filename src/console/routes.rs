//! The route table of the console, and what its pages share.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use askama::Template;

use super::gate::Gate;
use super::{assets, brand_page, customer_page, events, gate, headers, overview};
use crate::brands::{Brand, Brands};
use crate::clock::Clock;
use crate::config::Operator;
use crate::shutdown::Tasks;
use crate::telemetry::Metrics;

/// The parts of the process that the pages show, and the gate of the pages.
#[derive(Clone)]
pub(crate) struct Console {
    pub(super) brands: Brands,
    pub(super) metrics: Metrics,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tasks: Tasks,
    pub(super) gate: Gate,
}

/// The data in the frame of each page.
pub(super) struct Page {
    pub(super) version: &'static str,
    pub(super) can_log_out: bool,
}

/// A page with one message.
#[derive(Template)]
#[template(path = "message.html")]
pub(super) struct MessagePage {
    pub(super) page: Page,
    pub(super) title: &'static str,
    pub(super) text: String,
}

/// The login page.
#[derive(Template)]
#[template(path = "login.html")]
pub(super) struct LoginPage {
    pub(super) page: Page,
    pub(super) problem: Option<&'static str>,
}

/// The routes of the console.
pub(crate) fn routes(app: &mut ServiceConfig, console: &Console) {
    let page = |path: &str| web::resource(path).wrap(from_fn(headers::add_headers));
    app.app_data(web::Data::new(console.clone()))
        .service(page("/").get(overview::show))
        .service(page("/events").get(events::overview_events))
        .service(page("/brands/{brand}").get(brand_page::show))
        .service(page("/brands/{brand}/events").get(events::brand_events))
        .service(
            page("/brands/{brand}/customer")
                .get(customer_page::show_masked)
                .post(customer_page::show_plain),
        )
        .service(page("/login").get(gate::show_login).post(gate::log_in))
        .service(page("/logout").post(gate::log_out))
        .service(page("/assets/console.css").get(assets::style))
        .service(page("/assets/console.js").get(assets::script))
        .service(page("/assets/icon.svg").get(assets::icon));
}

// === impl Console ===

impl Console {
    pub(crate) fn new(
        operator: &Operator,
        brands: Brands,
        metrics: Metrics,
        clock: Arc<dyn Clock>,
        tasks: Tasks,
    ) -> Self {
        Self { brands, metrics, clock, tasks, gate: Gate::new(operator) }
    }

    /// The brand with this id.
    pub(super) fn brand(&self, id: &str) -> Option<Arc<Brand>> {
        self.brands.all().into_iter().find(|brand| brand.id().as_str() == id)
    }
}

// === impl Page ===

impl Page {
    pub(super) fn new(can_log_out: bool) -> Self {
        Self { version: env!("CARGO_PKG_VERSION"), can_log_out }
    }
}

/// The page as an answer.
pub(super) fn html(status: StatusCode, page: &impl Template) -> HttpResponse {
    let text = page.render().expect("the template writes to a string");
    HttpResponse::build(status).insert_header(ContentType::html()).body(text)
}

pub(super) fn no_such_brand(id: &str) -> HttpResponse {
    let text = format!("no brand is named {id}");
    html(StatusCode::NOT_FOUND, &MessagePage { page: Page::new(false), title: "Not found", text })
}
