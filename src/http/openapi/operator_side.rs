//! The operations of the operator's listener.

use utoipa::openapi::schema::ObjectBuilder;
use utoipa::openapi::{OpenApi, PathsBuilder, Type};

use super::parts::{
    components, document, document_operation, get, operation, schemas_of, with_body, with_document,
    with_json,
};
use crate::http::operator::{Health, METRICS_TYPE, Readiness};

const ABOUT: &str = "Health, readiness and metrics, for an operator and a monitoring system.";

const ABOUT_READINESS: &str = "The status is 200 as soon as both listeners are open. A failing \
    brand does not change the status. If it did, a load balancer would take all replicas out of \
    service.";

/// The document of the operator's listener.
pub(super) fn operator_side() -> OpenApi {
    let metrics = ObjectBuilder::new().schema_type(Type::String);
    let health = operation("health", "Liveness", "The status is 200 as long as the process runs.")
        .response("200", with_json::<Health>("The process runs."));
    let readiness =
        operation("readiness", "Readiness, and the state of each brand", ABOUT_READINESS)
            .response("200", with_json::<Readiness<'_>>("Each brand, its state and the reasons."));
    let metrics = operation("metrics", "Metrics for Prometheus", "Every metric of the process.")
        .response("200", with_body("Prometheus' text format.", METRICS_TYPE, metrics));
    let paths = PathsBuilder::new()
        .path("/healthz", get(health))
        .path("/readyz", get(readiness))
        .path("/metrics", get(metrics))
        .path("/openapi.json", get(document_operation().response("200", with_document())));
    let mut schemas = schemas_of::<Health>();
    schemas.extend(schemas_of::<Readiness<'_>>());
    document("dotstory for operators", ABOUT, "operations", paths.build())
        .components(Some(components(schemas)))
        .build()
}
