//! The schemas of a record and of a list, which are written without serde.

use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, SchemaFormat, SchemaType,
};
use utoipa::openapi::{KnownFormat, Ref, RefOr, Schema, Type};

use super::parts::{integer_from, text};
use crate::dailystory::{JsonType, Record};

/// The name of the record's schema.
pub(super) const RECORD: &str = "Record";

/// The name of the schema of a list.
pub(super) const LIST: &str = "List";

/// The record, from the keys that `Record` writes. A brand's own keys are additional.
pub(super) fn record() -> RefOr<Schema> {
    let record = ObjectBuilder::new().description(Some(
        "One customer. A key is absent if this list or lookup has no source of its value, and `null` if the customer has no value.",
    ));
    let keys = Record::KEYS.iter().zip(Record::MEANINGS);
    let record = keys.fold(record, |record, ((key, kind), meaning)| {
        let nullable = *key != "id";
        record.property(*key, value(*kind, nullable, meaning.trim()))
    });
    let other = [Type::String, Type::Number, Type::Boolean, Type::Array, Type::Null];
    let other = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter(other))
        .description(Some("`attr_<key>`, `ref_<type>`, and the keys of `[mapping.fields]`."));
    record.required("id").additional_properties(Some(other)).into()
}

/// The envelope of a list.
pub(super) fn list() -> RefOr<Schema> {
    let echoed =
        |of: &str| text("^[0-9]+$").description(Some(format!("The `{of}` of the request.")));
    ObjectBuilder::new()
        .description(Some("A window of a list."))
        .property(
            "count",
            integer_from(0).description(Some("Number of customers in the whole list.")),
        )
        .property("start", echoed("start"))
        .property("limit", echoed("limit"))
        .property("records", ArrayBuilder::new().items(Ref::from_schema_name(RECORD)))
        .required("count")
        .required("start")
        .required("limit")
        .required("records")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .into()
}

/// The schema of a value in a record. A nullable value may also be `null`.
fn value(kind: JsonType, nullable: bool, meaning: &str) -> RefOr<Schema> {
    let (json, format) = match kind {
        JsonType::Text => (Type::String, None),
        JsonType::Number => (Type::Number, None),
        JsonType::Boolean => (Type::Boolean, None),
        JsonType::Date => (Type::String, Some(KnownFormat::Date)),
        JsonType::DateTime => (Type::String, Some(KnownFormat::DateTime)),
        JsonType::List => (Type::Array, None),
    };
    let kinds = if nullable { SchemaType::Array(vec![json, Type::Null]) } else { json.into() };
    if kind == JsonType::List {
        let item = ObjectBuilder::new().schema_type(Type::String);
        return ArrayBuilder::new()
            .schema_type(kinds)
            .items(item)
            .description(Some(meaning))
            .into();
    }
    ObjectBuilder::new()
        .schema_type(kinds)
        .format(format.map(SchemaFormat::KnownFormat))
        .description(Some(meaning))
        .into()
}
