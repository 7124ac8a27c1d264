//! `/docs`: Swagger UI with both documents. Its files are part of the binary.

use std::sync::Arc;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::{Config, Url, serve};

use crate::http::error::ApiError;
use crate::http::routes::{get, other_method};

/// The viewer's pages load only files of this listener. Swagger UI sets styles inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves the viewer at `/docs/`. The documents below this path must be registered first.
pub(crate) fn viewer(app: &mut ServiceConfig) {
    app.service(web::resource("/docs").route(get().to(redirect)).default_service(other_method()))
        .service(
            web::resource("/docs/{file:.*}")
                .app_data(web::Data::from(configuration()))
                .route(get().to(read_file))
                .default_service(other_method()),
        );
}

/// The viewer of both documents. It only shows the calls, because it cannot reach `DailyStory`'s
/// listener. It uses no validator.
fn configuration() -> Arc<Config<'static>> {
    let documents =
        [Url::new("DailyStory", "dailystory.json"), Url::new("Operator", "../openapi.json")];
    Arc::new(
        Config::new(documents)
            .supported_submit_methods([""; 0])
            .validator_url("none")
            .deep_linking(true)
            .default_models_expand_depth(0),
    )
}

/// The viewer's files are relative to `/docs/`.
async fn redirect() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, "docs/")).finish()
}

async fn read_file(
    request: HttpRequest,
    file: web::Path<String>,
    configuration: web::Data<Config<'static>>,
) -> Result<HttpResponse, ApiError> {
    let found = serve(&file, configuration.into_inner())
        .map_err(|error| ApiError::Internal { cause: error.to_string() })?
        .ok_or_else(|| ApiError::no_such_path(request.path(), "/docs/"))?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(found.content_type)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-cache"));
    if found.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response.body(found.bytes.into_owned()))
}
