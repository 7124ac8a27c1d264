//! Why one key of a record has its value.

use super::body::{Body, DataSource, SourceValue};
use super::provenance::{Provenance, YES_OR_NO};
use crate::dailystory::record::{ATTRIBUTE_PREFIX, REFERENCE_PREFIX, snake_case};
use crate::dailystory::{
    BrandField, Channel, FieldType, FoldedName, Grant, JsonType, NamedList, Phone, PointsRule,
    Record, ValueRef,
};
use crate::domain::{CustomerId, Decimal, Fact, yes_or_no};

/// Why one key has its value.
#[derive(Clone, PartialEq, Eq)]
pub struct ExplainedKey {
    /// The key.
    pub key: String,
    /// The type of its values.
    pub json: JsonType,
    /// The rule, in words.
    pub rule: String,
    /// The raw value at each place that the rule reads.
    pub found: Vec<SourceValue>,
    /// The value in a list, as JSON; `None` when the key is absent.
    pub in_list: Option<String>,
    /// The value of a lookup by id, as JSON; `None` when the key is absent.
    pub by_id: Option<String>,
    pub(super) personal: bool,
}

// === impl ExplainedKey ===

impl ExplainedKey {
    fn new(key: &str, json: JsonType, rule: String) -> Self {
        let (found, in_list, by_id, personal) = (Vec::new(), None, None, false);
        Self { key: key.to_owned(), json, rule, found, in_list, by_id, personal }
    }

    pub(crate) fn from_provenance(provenance: &Provenance, bodies: &[Body<'_>]) -> Self {
        let json = Record::KEYS.iter().find(|(key, _)| *key == provenance.key);
        let (_, json) = json.expect("a test compares both lists of keys");
        let found = bodies.iter().flat_map(|body| {
            let paths = match body.list {
                NamedList::Attributes => provenance.search,
                NamedList::References => provenance.detail,
            };
            paths.iter().flat_map(|path| body.values_at(path))
        });
        Self {
            found: found.collect(),
            personal: provenance.personal,
            ..Self::new(provenance.key, *json, provenance.rule.to_owned())
        }
    }

    pub(crate) fn from_brand_field(field: &BrandField, bodies: &[Body<'_>]) -> Self {
        let rule = match field.kind() {
            FieldType::Text => "the first value that is not empty".to_owned(),
            FieldType::JoinedText => "all values, joined by \", \"".to_owned(),
            FieldType::Number => "the first value, as a number".to_owned(),
            FieldType::Boolean(yes) if yes.is_empty() => format!("the first value: {YES_OR_NO}"),
            FieldType::Boolean(yes) => {
                format!("the first value: true for {}, false for any other", words(yes))
            }
            FieldType::List => "all values".to_owned(),
            FieldType::Date => "the first value, as a day in the brand's time zone".to_owned(),
            FieldType::DateTime => "the first value, as a time in the brand's time zone".to_owned(),
        };
        let mut key =
            Self::new(field.key(), field.kind().json(), format!("[mapping.fields] {rule}"));
        let harmless: &[FoldedName] = match field.kind() {
            FieldType::Boolean(yes) => yes,
            _ => &[],
        };
        key.personal = key.json != JsonType::Boolean;
        key.add_values_of(field.origin(), harmless, bodies);
        key
    }

    pub(crate) fn apply_grant(&mut self, grant: Option<&Grant>, bodies: &[Body<'_>]) {
        let Some(grant) = grant else { return };
        self.rule = format!(
            "[mapping.consent] true if every answer of the customer is one of {}; false without an \
             answer, or if privacy is true or unreadable",
            words(&grant.granted)
        );
        self.add_values_of(&grant.origin, &grant.granted, bodies);
    }

    /// Adds the values that `origin` selects. A value that is one of the `harmless` words, or means
    /// yes or no, does not identify a person.
    fn add_values_of(&mut self, origin: &ValueRef, harmless: &[FoldedName], bodies: &[Body<'_>]) {
        let is_harmless = |raw: &str| {
            let text = unquoted(raw);
            let text = text.trim();
            yes_or_no(text).is_some() || harmless.iter().any(|word| word.is(text))
        };
        for body in bodies.iter().filter(|body| body.list == origin.list) {
            for (name, mut value) in body.named_values() {
                if origin.name.is(name.trim()) {
                    value.personal = !value.raw.as_deref().is_some_and(is_harmless);
                    self.found.push(value);
                }
            }
        }
    }

    /// Adds a refusal that is in no answer from which the record is made. `other` is the customer
    /// that has the same address and refuses; `None` if another answer about this customer refuses.
    pub(crate) fn add_refusal(&mut self, channel: Channel, other: Option<CustomerId>) {
        let rule = match other {
            Some(other) => {
                self.found.push(SourceValue {
                    source: DataSource::Other,
                    path: "id of the customer that refuses".to_owned(),
                    raw: Some(other.to_string()),
                    personal: true,
                });
                format!(
                    "false, because another customer with this {} refuses ([mapping.consent] shared)",
                    channel.address_name()
                )
            }
            None => "false, because another answer about this customer, of the same version or a \
                     later one, refuses"
                .to_owned(),
        };
        if !self.rule.starts_with(&rule) {
            self.rule = format!("{rule}; without that refusal: {}", self.rule);
        }
        self.found.dedup();
    }

    pub(crate) fn apply_phones(&mut self, from: &[Phone]) {
        let name = |phone: &Phone| match phone {
            Phone::Mobile => "mobile",
            Phone::Home => "home",
            Phone::Work => "work",
        };
        let names: Vec<_> = from.iter().map(name).collect();
        self.rule = format!(
            "the first number in {} that can be texted; in E.164 format; null for a placeholder or \
             a number of more customers than max_shared",
            names.join(", ")
        );
        self.found.retain(|found| names.iter().any(|name| found.path.ends_with(name)));
    }

    pub(crate) fn apply_points(&mut self, points: &PointsRule, available_points: Fact<Decimal>) {
        match points {
            PointsRule::Loyalty(None) => {}
            PointsRule::Loyalty(Some(kind)) => {
                self.rule = format!(
                    "the exact sum of the balances of the loyalties of type {:?}",
                    kind.as_str()
                );
            }
            PointsRule::Rewards => {
                "availablePoints of the rewards account".clone_into(&mut self.rule);
                let raw = match available_points {
                    Fact::Value(points) => Some(points.to_string()),
                    Fact::Empty | Fact::Unknown => None,
                };
                self.found = vec![SourceValue {
                    source: DataSource::Rewards,
                    path: "availablePoints".to_owned(),
                    raw,
                    personal: false,
                }];
            }
        }
    }
}

/// The keys `attr_<key>` and `ref_<type>`.
pub(crate) fn named_keys(bodies: &[Body<'_>]) -> Vec<ExplainedKey> {
    let mut keys: Vec<ExplainedKey> = Vec::new();
    for body in bodies {
        let (prefix, rule) = match body.list {
            NamedList::Attributes => {
                (ATTRIBUTE_PREFIX, "the values under this name, joined by \", \"")
            }
            NamedList::References => {
                (REFERENCE_PREFIX, "the values of this type, joined by \", \"")
            }
        };
        for (name, value) in body.named_values() {
            let key = snake_case(prefix, &name);
            match keys.iter_mut().find(|known| known.key == key) {
                Some(known) => known.found.push(value),
                None => keys.push(ExplainedKey {
                    found: vec![value],
                    personal: true,
                    ..ExplainedKey::new(&key, JsonType::Text, rule.to_owned())
                }),
            }
        }
    }
    keys
}

/// The text of a JSON string; the JSON itself for any other value.
pub(crate) fn unquoted(raw: &str) -> String {
    serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned())
}

fn words(names: &[FoldedName]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("{:?}", name.as_str())).collect();
    quoted.join(", ")
}
