//! Makes the parts of the documents: operations, responses, headers and schemas.

use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{Components, ObjectBuilder};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApiBuilder, Paths, Ref, RefOr, Schema, Type,
};

use crate::http::error::Envelope;

/// The media type of every body except the metrics.
pub(super) const JSON: &str = "application/json";

/// A document of one listener. The viewer shows all operations under the heading `tag`.
pub(super) fn document(
    title: &str,
    description: &str,
    tag: &str,
    mut paths: Paths,
) -> OpenApiBuilder {
    let info = InfoBuilder::new()
        .title(title)
        .description(Some(description))
        .version(env!("CARGO_PKG_VERSION"));
    for operation in paths.paths.values_mut().filter_map(|path| path.get.as_mut()) {
        operation.tags = Some(vec![tag.to_owned()]);
    }
    OpenApiBuilder::new().info(info.build()).paths(paths)
}

/// The components of a document. `schemas` must have every schema that the document refers to.
pub(super) fn components(schemas: Vec<(String, RefOr<Schema>)>) -> Components {
    let mut components = Components::new();
    components.schemas.extend(schemas);
    components
}

/// The schema of a type and of every type in it, by name.
pub(super) fn schemas_of<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}

/// A path with only this operation. HEAD is GET without the body and has no entry.
pub(super) fn get(operation: OperationBuilder) -> PathItem {
    PathItem::new(HttpMethod::Get, operation)
}

/// An operation with a unique name, a summary of one line, and a description in Markdown.
pub(super) fn operation(id: &str, summary: &str, description: &str) -> OperationBuilder {
    OperationBuilder::new()
        .operation_id(Some(id))
        .summary(Some(summary))
        .description(Some(description))
}

/// The operation that returns the document itself. Each listener adds the responses.
pub(super) fn document_operation() -> OperationBuilder {
    operation("document", "This document", "The operations of this listener, in OpenAPI 3.1.")
}

/// A response with a document.
pub(super) fn with_document() -> ResponseBuilder {
    let document = ["openapi", "info", "paths"]
        .into_iter()
        .fold(ObjectBuilder::new(), ObjectBuilder::required);
    with_body("The document.", JSON, document)
}

/// A response with a body of this media type.
pub(super) fn with_body(
    description: &str,
    media_type: &str,
    schema: impl Into<RefOr<Schema>>,
) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content(media_type, content)
}

/// A response with a JSON body of this type.
pub(super) fn with_json<T: ToSchema>(description: &str) -> ResponseBuilder {
    with_body(description, JSON, Ref::from_schema_name(T::name()))
}

/// A response with the body that every failure has.
pub(super) fn failure(description: &str) -> ResponseBuilder {
    with_json::<Envelope<'_>>(description)
}

/// The response with a required header.
pub(super) fn always(
    response: ResponseBuilder,
    name: &str,
    header: HeaderBuilder,
) -> ResponseBuilder {
    // utoipa has no field for `required`, which is a field of OpenAPI's headers.
    let required = Extensions::from_iter([("required", json!(true))]);
    response.header(name, header.extensions(Some(required)).build())
}

/// A header by its description and the schema of its value.
pub(super) fn header(description: &str, schema: impl Into<RefOr<Schema>>) -> HeaderBuilder {
    HeaderBuilder::new().schema(Some(schema)).description(Some(description))
}

/// Text that fits the regular expression `pattern`.
pub(super) fn text(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))
}

/// A whole number from `least`.
pub(super) fn integer_from(least: isize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least))
}
