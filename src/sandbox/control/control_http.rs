//! The routes under `/_sandbox`: they offer [`Control`] by HTTP, for `dotstory sandbox`.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use serde::Deserialize;
use serde_json::json;

use super::fault::{Calls, UnknownFault};
use super::handle::{Control, UnknownCustomer};
use super::injections::Injection;
use super::state::State;

/// The query of `POST /_sandbox/fault`.
#[derive(Deserialize)]
struct InjectionQuery {
    fault: String,
    #[serde(default)]
    skip: u32,
    times: Option<u32>,
    calls: Option<String>,
}

pub(crate) fn routes(config: &mut ServiceConfig) {
    let customers = web::resource("/customers").post(create);
    let customer = web::resource("/customers/{id}").get(show).post(touch).delete(remove);
    let scope = web::scope("/_sandbox")
        .route("/counts", web::get().to(counts))
        .route("/reset", web::post().to(reset))
        .service(web::resource("/fault").post(fault).delete(clear))
        .route("/hold", web::post().to(hold))
        .route("/release", web::post().to(release))
        .service(customers)
        .service(customer);
    config.service(scope);
}

fn control(state: Data<State>) -> Control {
    Control::new(state.into_inner())
}

async fn counts(state: Data<State>) -> impl Responder {
    web::Json(state.counts())
}

async fn reset(state: Data<State>) -> impl Responder {
    control(state).reset_counts();
    HttpResponse::NoContent()
}

async fn fault(state: Data<State>, query: Query<InjectionQuery>) -> HttpResponse {
    match query.into_inner().injection() {
        Ok(injection) => {
            control(state).inject(injection);
            HttpResponse::NoContent().finish()
        }
        Err(error) => HttpResponse::BadRequest().json(json!({ "message": error.to_string() })),
    }
}

async fn clear(state: Data<State>) -> impl Responder {
    control(state).clear_faults();
    HttpResponse::NoContent()
}

async fn hold(state: Data<State>) -> impl Responder {
    control(state).hold();
    HttpResponse::NoContent()
}

async fn release(state: Data<State>) -> impl Responder {
    control(state).release();
    HttpResponse::NoContent()
}

async fn create(state: Data<State>) -> impl Responder {
    let id = control(state).create();
    HttpResponse::Created().json(json!({ "id": id }))
}

async fn show(state: Data<State>, id: Path<i64>) -> HttpResponse {
    match control(state).customer(*id) {
        Some(customer) => HttpResponse::Ok().json(customer),
        None => empty_response(Err(UnknownCustomer(*id))),
    }
}

async fn touch(state: Data<State>, id: Path<i64>) -> HttpResponse {
    empty_response(control(state).touch(*id))
}

async fn remove(state: Data<State>, id: Path<i64>) -> HttpResponse {
    empty_response(control(state).remove(*id))
}

fn empty_response(outcome: Result<(), UnknownCustomer>) -> HttpResponse {
    match outcome {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => HttpResponse::NotFound().json(json!({ "message": error.to_string() })),
    }
}

// === impl InjectionQuery ===

impl InjectionQuery {
    fn injection(self) -> Result<Injection, UnknownFault> {
        Ok(Injection {
            fault: self.fault.parse()?,
            calls: self.calls.map_or(Ok(Calls::All), |calls| calls.parse())?,
            skip: self.skip,
            times: self.times,
        })
    }
}
