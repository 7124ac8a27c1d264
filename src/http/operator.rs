//! The operator's listener: liveness, readiness, metrics.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::{self, ServiceConfig};
use serde::Serialize;

use crate::brands::Brands;
use crate::health::HealthReport;
use crate::http::routes::{get, no_such_path, other_method};
use crate::telemetry::Metrics;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
struct Readiness<'a> {
    status: &'static str,
    brands: Vec<BrandState<'a>>,
}

#[derive(Serialize)]
struct BrandState<'a> {
    id: &'a str,
    #[serde(flatten)]
    health: HealthReport,
}

/// The routes that the operator calls.
pub(crate) fn routes(app: &mut ServiceConfig, brands: &Brands, metrics: &Metrics) {
    app.app_data(web::Data::new(brands.clone()))
        .app_data(web::Data::new(metrics.clone()))
        .service(web::resource("/healthz").route(get().to(health)).default_service(other_method()))
        .service(
            web::resource("/readyz").route(get().to(readiness)).default_service(other_method()),
        )
        .service(
            web::resource("/metrics").route(get().to(show_metrics)).default_service(other_method()),
        )
        .default_service(no_such_path("/healthz, /readyz and /metrics"));
}

/// Answers 200 as long as the process runs.
async fn health() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Health { status: "ok" })
}

/// Answers 200 as soon as the configuration is loaded and the listeners are open, with the state of
/// each brand. A failing upstream does not change the status, because all replicas would then be
/// taken out of service.
async fn readiness(brands: web::Data<Brands>) -> HttpResponse {
    let brands = brands
        .iter()
        .map(|brand| BrandState { id: brand.id().as_str(), health: brand.health() })
        .collect();
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(Readiness { status: "ready", brands })
}

async fn show_metrics(brands: web::Data<Brands>, metrics: web::Data<Metrics>) -> HttpResponse {
    brands.iter().for_each(|brand| brand.activity().check());
    let content_type = ContentType(
        "text/plain; version=0.0.4; charset=utf-8".parse().expect("a constant that parses"),
    );
    HttpResponse::Ok()
        .insert_header(content_type)
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(metrics.render())
}
