//! The route table of `DailyStory`'s listener.

use std::future::ready;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};

use crate::brands::Brands;
use crate::http::customers::{list_customers, read_customer};
use crate::http::error::ApiError;
use crate::http::openapi::callers_document;
use crate::http::query::PageLimits;

/// The routes that `DailyStory` calls.
pub(crate) fn routes(app: &mut ServiceConfig, brands: &Brands, limits: PageLimits) {
    app.app_data(web::Data::new(brands.clone()))
        .app_data(web::Data::new(limits))
        .service(
            web::resource("/api/v1/customer/{id}")
                .route(get().to(read_customer))
                .default_service(other_method()),
        )
        .service(
            web::resource("/api/v1/customers")
                .route(get().to(list_customers))
                .default_service(other_method()),
        )
        .service(callers_document(limits))
        .default_service(no_such_path(
            "/api/v1/customers, /api/v1/customer/{id} and /openapi.json",
        ));
}

/// Matches GET, and HEAD, which is GET without the body.
pub(super) fn get() -> Route {
    use actix_web::guard::{Any, Get, Head};
    web::route().guard(Any(Get()).or(Head()))
}

pub(super) fn other_method() -> Route {
    web::to(async |request: HttpRequest| -> Result<HttpResponse, ApiError> {
        Err(ApiError::MethodNotAllowed(request.method().clone()))
    })
}

/// Refuses every path. `paths` names the paths of the listener, for the message.
pub(super) fn no_such_path(paths: &'static str) -> Route {
    web::to(move |request: HttpRequest| {
        let error = ApiError::no_such_path(request.path(), paths);
        ready(Err::<HttpResponse, ApiError>(error))
    })
}
