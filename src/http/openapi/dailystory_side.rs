//! The operations of `DailyStory`'s listener.

use serde_json::json;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{Components, ObjectBuilder};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, PathsBuilder, Ref, RefOr, Required, Schema};

use super::parts::{
    JSON, always, components, document, document_operation, failure, get, header, integer_from,
    operation, schemas_of, text, with_body, with_document,
};
use super::schemas::{LIST, RECORD, list, record};
use crate::http::error::Envelope;
use crate::http::query::PageLimits;

const ABOUT: &str = "dotstory serves the customers of a brand. Every request needs the brand's token, or its user and \
    password. Every failure has a body with one sentence in `error`. HEAD has the answer of GET without the body, and \
    any other method gets 405.";

const ABOUT_LIST: &str = "A window of all customers, of the customers changed since `last_updated`, or of the customers \
    with the address `email`. Read a list from `start=0` and add `limit` until `start` reaches `count`. Send the same \
    `last_updated` with every window. `last_updated` and `email` exclude each other. Other parameters are ignored.";

const ABOUT_CUSTOMER: &str = "The record of one customer, fetched from DotApparel at this moment.";

/// The name of the operation that a list links to.
const READ_CUSTOMER: &str = "readCustomer";

/// The forms of `last_updated`, as a regular expression. A blank may replace `+`, because a URL
/// decodes `+` to a blank.
const LAST_UPDATED: &str = r"^([0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(\.[0-9]+)?([Zz]|[+ -]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?)?$";

/// A regular expression for common addresses. dotstory also accepts other texts with an `@` inside,
/// because only `DotApparel` knows which addresses exist.
const EMAIL: &str = r"^[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$";

/// The form of `X-Sweep`, as a regular expression.
const X_SWEEP: &str = "^[0-9a-f]+; certified=(single|quiet|stable|agreed|no); began=[0-9TZ:-]{20}; pages=[0-9]+; passes=[0-9]+$";

/// The document of `DailyStory`'s listener.
pub(super) fn dailystory_side(limits: PageLimits) -> OpenApi {
    let read = document_operation().response("200", answer(with_document()));
    let paths = PathsBuilder::new()
        .path("/api/v1/customers", get(list_operation(limits)))
        .path("/api/v1/customer/{id}", get(customer_operation()))
        .path("/openapi.json", get(with_common_failures(read)));
    let either = ["bearer", "basic"].map(|scheme| SecurityRequirement::new(scheme, [""; 0]));
    document("dotstory for DailyStory", ABOUT, "customers", paths.build())
        .components(Some(shared()))
        .security(Some(either))
        .build()
}

fn shared() -> Components {
    let mut schemas: Vec<(String, RefOr<Schema>)> = schemas_of::<Envelope<'_>>();
    schemas.extend([(RECORD.to_owned(), record()), (LIST.to_owned(), list())]);
    let mut components = components(schemas);
    for (name, scheme) in [("bearer", HttpAuthScheme::Bearer), ("basic", HttpAuthScheme::Basic)] {
        components.add_security_scheme(name, SecurityScheme::Http(Http::new(scheme)));
    }
    components
}

fn list_operation(limits: PageLimits) -> OperationBuilder {
    let sweep = header(
        "The sweep, why it is known to be complete (`certified`), and its cost. Absent from a list by `email`.",
        text(X_SWEEP),
    );
    let first_customer = LinkBuilder::new()
        .operation_id(READ_CUSTOMER)
        .parameter("id", "$response.body#/records/0/id")
        .build();
    let window = with_body("A window of the list.", JSON, Ref::from_schema_name(LIST))
        .header("X-Sweep", sweep.build())
        .link("customer", first_customer);
    let listed = operation("listCustomers", "A window of a list of customers", ABOUT_LIST)
        .parameter(query(
            "last_updated",
            "Only customers changed since this moment. A time without a zone is in UTC, unless the brand names another zone. An empty value counts as no parameter.",
            text(LAST_UPDATED).examples([json!("2022-07-03T12:33:45Z")]),
        ))
        .parameter(query(
            "email",
            "Only customers with this address, such as `someone@example.com`. Excludes `last_updated`.",
            text(EMAIL).max_length(Some(254)),
        ))
        .parameter(query(
            "start",
            "Position of the first record of the window.",
            integer_from(0)
                .maximum(Some(usize::MAX))
                .default(Some(json!(0))),
        ))
        .parameter(query(
            "limit",
            "Largest number of records in the window.",
            integer_from(1)
                .maximum(Some(limits.max.get()))
                .default(Some(json!(limits.default))),
        ))
        .response("200", answer(window))
        .response("400", answer(failure("A parameter cannot be used. The sentence names it.")))
        .response(
            "410",
            answer(failure("The list is no longer kept: begin again at `start=0`.")),
        );
    with_upstream_failures(with_common_failures(listed))
}

fn customer_operation() -> OperationBuilder {
    let id = ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The customer's id in DotApparel."))
        .schema(Some(
            integer_from(isize::MIN).maximum(Some(isize::MAX)).examples([json!(244_988)]),
        ));
    let record = with_body("The customer's record.", JSON, Ref::from_schema_name(RECORD));
    let read = operation(READ_CUSTOMER, "The record of one customer", ABOUT_CUSTOMER)
        .parameter(id)
        .response("200", answer(record))
        .response("400", answer(failure("The id is not a whole number of 64 bits.")))
        .response("404", answer(failure("No customer has this id, or the customer is excluded.")));
    with_upstream_failures(with_common_failures(read))
}

/// Adds the failures that happen before the handler runs, and the 500 of a mistake in dotstory.
fn with_common_failures(operation: OperationBuilder) -> OperationBuilder {
    let scheme = header("The accepted schemes: Basic and Bearer.", text("^(Basic|Bearer) realm="));
    let unauthorized = failure("The credential is missing, or no brand has it.");
    let full = failure("dotstory has as many requests as it may have: try again.");
    let too_many = failure("Too many requests without a known credential came from this address.");
    operation
        .response("401", answer(always(unauthorized, "WWW-Authenticate", scheme)))
        .response("406", answer(failure("`Accept-Encoding` allows no encoding that dotstory has.")))
        .response("429", answer(always(too_many, "Retry-After", wait())))
        .response("500", answer(failure("dotstory failed: see its log.")))
        .response("503", answer(always(full, "Retry-After", wait())))
}

/// Adds the failures of calls to `DotApparel`. The 503 is also the status for a list that is still
/// being collected.
fn with_upstream_failures(operation: OperationBuilder) -> OperationBuilder {
    let unavailable = failure(
        "The list is still being collected, or DotApparel or dotstory is not available: try again.",
    );
    operation
        .response(
            "502",
            answer(failure("DotApparel refuses the call, or its answer cannot be read.")),
        )
        .response("503", answer(always(unavailable, "Retry-After", wait())))
        .response("504", answer(failure("DotApparel did not answer in time.")))
}

/// The header of an answer that asks for another try.
fn wait() -> HeaderBuilder {
    header("Seconds until the next try.", integer_from(1))
}

/// Adds the header of every answer of this listener.
fn answer(response: ResponseBuilder) -> Response {
    let id = header(
        "The request in dotstory's log: the `X-Request-Id` of the request if it is usable, or a new one.",
        text("^[A-Za-z0-9._-]{1,64}$"),
    );
    always(response, "X-Request-Id", id).build()
}

fn query(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}
