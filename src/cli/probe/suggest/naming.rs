//! Recognises the names of a brand's values, and makes keys of them.

use crate::cli::probe::sample::{NameReport, ValueKind};
use crate::dailystory::{
    BrandField, Channel, FieldType, FoldedName, InvalidField, NamedList, Phone, ValueRef,
};
use crate::domain::yes_or_no;

/// Parts of names that are common for consent, without blanks and marks.
const CONSENT: [&str; 6] = ["optin", "consent", "subscri", "permission", "marketing", "newsletter"];

/// Parts of names that are common for refusals.
const REFUSAL: [&str; 8] =
    ["optout", "unsubscri", "donot", "decline", "refus", "block", "suppress", "bounce"];

/// The values of a name that are words for yes, the commonest first.
pub(crate) fn granting(name: &NameReport) -> Vec<&str> {
    let words = name.values.iter().filter(|value| value.is_word);
    words.map(|value| value.shown.as_str()).filter(|word| yes_or_no(word) == Some(true)).collect()
}

/// Whether a name seems to be the name of a consent to the channel.
pub(crate) fn is_consent_to(name: &str, channel: Channel) -> bool {
    let folded: String =
        name.to_lowercase().chars().filter(|char| char.is_alphanumeric()).collect();
    let has = |parts: &[&str]| parts.iter().any(|part| folded.contains(part));
    let is_about = match channel {
        Channel::Email => has(&["mail"]),
        Channel::Sms => has(&["sms", "mobile", "text"]) && !has(&["mail"]),
    };
    is_about && has(&CONSENT) && !has(&REFUSAL)
}

/// The key of `[mapping.fields]` for a name, and its type: a list if a customer has several values,
/// in any other case the common type of the values. `None` if the values have no common type, or if
/// the record cannot have the key.
pub(crate) fn typed_key(list: NamedList, name: &NameReport) -> Option<(String, &'static str)> {
    let (kind, word) = if name.has_several {
        (FieldType::List, "list")
    } else {
        let kind = name.kind?;
        let field = match kind {
            ValueKind::Number => FieldType::Number,
            ValueKind::Boolean => FieldType::Boolean(Vec::new()),
            ValueKind::Date => FieldType::Date,
            ValueKind::DateTime => FieldType::DateTime,
        };
        (field, kind.word())
    };
    let new = |key: &str| {
        let origin = ValueRef { list, name: FoldedName::new(&name.name).ok_or(None)? };
        BrandField::new(key, kind.clone(), origin).map_err(|error| match error {
            InvalidField::NotSnakeCase(suggested) => suggested,
            _ => None,
        })
    };
    let field = new(&name.name).or_else(|suggested| new(&suggested.unwrap_or_default())).ok()?;
    Some((field.key().to_owned(), word))
}

/// The TOML key for a name of this list.
pub(crate) fn list_key(list: NamedList) -> &'static str {
    match list {
        NamedList::Attributes => "attribute",
        NamedList::References => "reference",
    }
}

/// The name of the phone in `mobile_from`.
pub(crate) fn phone_name(phone: Phone) -> &'static str {
    match phone {
        Phone::Mobile => "mobile",
        Phone::Home => "home",
        Phone::Work => "work",
    }
}

/// The text as a string of TOML. TOML reads the escapes of JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_is_recognised_by_its_name_and_a_refusal_is_no_consent() {
        for (name, email, sms) in [
            ("Email Opt In", true, false),
            ("sms_opt_in", false, true),
            ("SMS Consent", false, true),
            ("E-Mail Newsletter", true, false),
            ("Email Opt Out", false, false),
            ("Email Unsubscribed", false, false),
            ("Do Not Email Marketing", false, false),
            ("Favourite Colour", false, false),
        ] {
            let found = [Channel::Email, Channel::Sms].map(|channel| is_consent_to(name, channel));
            assert_eq!(found, [email, sms], "{name}");
        }
    }
}
