//! Reads `[mapping.fields]`: the brand's own keys of the record.

use super::value_ref::{ANY_VALUES, Arity, read_value_ref};
use crate::config::document::{Mistake, Node, Reported, Section, name, one_of};
use crate::dailystory::{BrandField, BrandFields, FieldType, FoldedName, InvalidField, ValueRef};

/// The key `type` of a field.
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

/// Reads the section.
pub(crate) fn read_fields(fields: &Section<'_>) -> Result<BrandFields, Reported> {
    let read = |(key, node): (&str, &Node)| {
        let section = Section::from_node(node, fields.context())?;
        read_field(key, section)
    };
    // Collects all results first, so that every mistake is reported.
    let fields: Vec<_> = fields.entries().map(read).collect();
    fields.into_iter().collect()
}

fn read_field(key: &str, mut section: Section<'_>) -> Result<BrandField, Reported> {
    let value_ref = read_value_ref(&mut section, ANY_VALUES);
    let kind = section.optional("type", one_of(&TYPES)).map(|kind| kind.unwrap_or(Type::Text));
    let true_when = section.each("true_when", name);
    let field = make_field(key, &section, value_ref, kind, true_when);
    section.finish();
    field
}

fn make_field(
    key: &str,
    section: &Section<'_>,
    value_ref: Result<(ValueRef, Arity), Reported>,
    kind: Result<Type, Reported>,
    true_when: Result<Option<Vec<FoldedName>>, Reported>,
) -> Result<BrandField, Reported> {
    let (kind, true_when) = (kind?, true_when?);
    if true_when.is_some() && kind != Type::Boolean {
        let mistake = Mistake::new("only a field of type \"boolean\" has true_when");
        return Err(section.report_at("true_when", mistake));
    }
    let (value_ref, arity) = value_ref?;
    let kind =
        field_type(kind, arity, true_when).map_err(|mistake| section.report_at("type", mistake))?;
    BrandField::new(key, kind, value_ref).map_err(|error| section.report(mistake(&error)))
}

fn field_type(
    kind: Type,
    arity: Arity,
    true_when: Option<Vec<FoldedName>>,
) -> Result<FieldType, Mistake> {
    match (kind, arity) {
        (Type::Text, Arity::One) => Ok(FieldType::Text),
        (Type::Text, Arity::All) => Ok(FieldType::JoinedText),
        (Type::Number, Arity::One) => Ok(FieldType::Number),
        (Type::Boolean, Arity::One) => Ok(FieldType::Boolean(true_when.unwrap_or_default())),
        (Type::Date, Arity::One) => Ok(FieldType::Date),
        (Type::DateTime, Arity::One) => Ok(FieldType::DateTime),
        (Type::List, Arity::All) => Ok(FieldType::List),
        (Type::List, Arity::One) => {
            Err(Mistake::new("type \"list\" needs the key attributes or references")
                .hint("the keys attribute and reference select one value"))
        }
        (Type::Number | Type::Boolean | Type::Date | Type::DateTime, Arity::All) => {
            Err(Mistake::new("the keys attributes and references need type \"text\" or \"list\"")
                .hint("they select all values of a name, to be joined or listed"))
        }
    }
}

fn mistake(error: &InvalidField) -> Mistake {
    let mistake = Mistake::new(error.to_string());
    match error {
        InvalidField::NotSnakeCase(suggestion) => mistake.did_you_mean(suggestion.as_deref()),
        _ => mistake,
    }
}
