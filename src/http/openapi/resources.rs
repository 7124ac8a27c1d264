//! The resources that serve the documents. Each listener describes itself at `/openapi.json`.

use std::future::ready;

use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpResponse, Resource};
use utoipa::openapi::OpenApi;

use super::dailystory_side::dailystory_side;
use super::operator_side::operator_side;
use crate::http::auth::Authorized;
use crate::http::query::PageLimits;
use crate::http::routes::{get, other_method};

/// Serves the document of `DailyStory`'s listener to callers with a credential.
pub(crate) fn callers_document(limits: PageLimits) -> Resource {
    let body = json_of(&dailystory_side(limits));
    web::resource("/openapi.json")
        .route(get().to(move |_: Authorized| ready(answer(body.clone()))))
        .default_service(other_method())
}

/// Serves both documents to the operator. `/docs/dailystory.json` is the document of `DailyStory`'s
/// listener.
pub(crate) fn operators_documents(app: &mut ServiceConfig, limits: PageLimits) {
    for (path, document) in
        [("/openapi.json", operator_side()), ("/docs/dailystory.json", dailystory_side(limits))]
    {
        let body = json_of(&document);
        app.service(
            web::resource(path)
                .route(get().to(move || ready(answer(body.clone()))))
                .default_service(other_method()),
        );
    }
}

fn json_of(document: &OpenApi) -> Bytes {
    Bytes::from(document.to_json().expect("a document has only text keys, which serde can write"))
}

fn answer(document: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::json())
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(document)
}
