//! The routes of the operator's listener, except the console: liveness, readiness, metrics and the
//! `OpenAPI` documents.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::{self, ServiceConfig};
use serde::Serialize;
use utoipa::ToSchema;

use crate::brands::Brands;
use crate::health::HealthReport;
use crate::http::openapi::{operators_documents, viewer};
use crate::http::query::PageLimits;
use crate::http::routes::{get, no_such_path, other_method};
use crate::telemetry::Metrics;

/// The answer of `/healthz`.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    status: &'static str,
}

/// The answer of `/readyz`.
#[derive(Serialize, ToSchema)]
pub(super) struct Readiness<'a> {
    status: &'static str,
    brands: Vec<BrandState<'a>>,
}

/// A brand, its state and the reasons.
#[derive(Serialize, ToSchema)]
struct BrandState<'a> {
    id: &'a str,
    #[serde(flatten)]
    health: HealthReport,
}

/// The media type of Prometheus' text format.
pub(super) const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The routes that the operator calls.
pub(crate) fn routes(
    app: &mut ServiceConfig,
    brands: &Brands,
    metrics: &Metrics,
    limits: PageLimits,
) {
    app.app_data(web::Data::new(brands.clone()))
        .app_data(web::Data::new(metrics.clone()))
        .service(web::resource("/healthz").route(get().to(health)).default_service(other_method()))
        .service(
            web::resource("/readyz").route(get().to(readiness)).default_service(other_method()),
        )
        .service(
            web::resource("/metrics").route(get().to(show_metrics)).default_service(other_method()),
        )
        .configure(|app| operators_documents(app, limits))
        .configure(viewer)
        .default_service(no_such_path(
            "/ (the console), /healthz, /readyz, /metrics, /openapi.json and /docs",
        ));
}

/// Answers 200 as long as the process runs.
async fn health() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Health { status: "ok" })
}

/// Answers 200 as soon as the configuration is loaded and the listeners are open, with the state of
/// each brand. A failing brand does not change the status. If it did, a load balancer would take
/// all replicas out of service.
async fn readiness(brands: web::Data<Brands>) -> HttpResponse {
    let brands = brands.all();
    let brands = brands
        .iter()
        .map(|brand| BrandState { id: brand.id().as_str(), health: brand.health() })
        .collect();
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(Readiness { status: "ready", brands })
}

async fn show_metrics(brands: web::Data<Brands>, metrics: web::Data<Metrics>) -> HttpResponse {
    brands.all().iter().for_each(|brand| brand.activity().check());
    let content_type = ContentType(METRICS_TYPE.parse().expect("a constant that parses"));
    HttpResponse::Ok()
        .insert_header(content_type)
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(metrics.render())
}
