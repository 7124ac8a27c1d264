//! `[mapping.fields]`: the record's keys that only a brand has.

use super::value_ref::{ANY_VALUES, Arity, read_origin};
use crate::config::document::Node;
use crate::config::document::Section;
use crate::config::document::{Mistake, Reported};
use crate::config::document::{name, one_of};
use crate::dailystory::{BrandField, BrandFields, FieldType, FoldedName, InvalidField, ValueRef};

/// The types of a field, before what else they need is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Number,
    Boolean,
    List,
    Date,
    DateTime,
}

const TYPES: [(&str, Type); 6] = [
    ("text", Type::Text),
    ("number", Type::Number),
    ("boolean", Type::Boolean),
    ("list", Type::List),
    ("date", Type::Date),
    ("date-time", Type::DateTime),
];

/// Reads `[mapping.fields]`.
pub(crate) fn read_fields(fields: &Section<'_>) -> Result<BrandFields, Reported> {
    let read = |(key, node): (&str, &Node)| {
        let section = Section::of(node, fields.context())?;
        read_field(key, section)
    };
    // All of them, so that each mistake is reported.
    let fields: Vec<_> = fields.entries().map(read).collect();
    fields.into_iter().collect()
}

fn read_field(key: &str, mut field: Section<'_>) -> Result<BrandField, Reported> {
    let origin = read_origin(&mut field, ANY_VALUES);
    let kind = field.optional("type", one_of(&TYPES)).map(|kind| kind.unwrap_or(Type::Text));
    let true_when = field.each("true_when", name);
    let made = make_field(key, &field, origin, kind, true_when);
    field.finish();
    made
}

fn make_field(
    key: &str,
    field: &Section<'_>,
    origin: Result<(ValueRef, Arity), Reported>,
    kind: Result<Type, Reported>,
    true_when: Result<Option<Vec<FoldedName>>, Reported>,
) -> Result<BrandField, Reported> {
    let (kind, true_when) = (kind?, true_when?);
    if true_when.is_some() && kind != Type::Boolean {
        let mistake = Mistake::new("only a field of type \"boolean\" is true or false");
        return Err(field.report_at("true_when", mistake));
    }
    let (origin, number) = origin?;
    let kind =
        field_type(kind, number, true_when).map_err(|mistake| field.report_at("type", mistake))?;
    BrandField::new(key, kind, origin).map_err(|error| field.report(explain(&error)))
}

fn field_type(
    kind: Type,
    number: Arity,
    true_when: Option<Vec<FoldedName>>,
) -> Result<FieldType, Mistake> {
    match (kind, number) {
        (Type::Text, Arity::One) => Ok(FieldType::Text),
        (Type::Text, Arity::All) => Ok(FieldType::JoinedText),
        (Type::Number, Arity::One) => Ok(FieldType::Number),
        (Type::Boolean, Arity::One) => Ok(FieldType::Boolean(true_when.unwrap_or_default())),
        (Type::Date, Arity::One) => Ok(FieldType::Date),
        (Type::DateTime, Arity::One) => Ok(FieldType::DateTime),
        (Type::List, Arity::All) => Ok(FieldType::List),
        (Type::List, Arity::One) => {
            Err(Mistake::expected("attributes or references beside a list", "one value")
                .hint("a list holds all values of the name"))
        }
        (Type::Number | Type::Boolean | Type::Date | Type::DateTime, Arity::All) => Err(
            Mistake::expected("\"text\" or \"list\" beside attributes or references", "another")
                .hint("all values of a name are joined, or listed"),
        ),
    }
}

fn explain(error: &InvalidField) -> Mistake {
    let mistake = Mistake::new(error.to_string());
    match error {
        InvalidField::NotSnakeCase(meant) => mistake.did_you_mean(meant.as_deref()),
        _ => mistake,
    }
}
