//! Why one key of a record says what it says.

use super::Answers;
use super::body::{Body, Found, Source};
use super::mask::masked;
use super::provenance::Provenance;
use crate::dailystory::record::snake_case;
use crate::dailystory::{
    BrandField, FieldType, Grant, JsonType, Name, NamedList, Phone, Points, Record, ValueRef,
};
use crate::domain::{TimeText, yes_or_no};

/// Why one key says what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedKey {
    /// The key.
    pub key: String,
    /// The type of its values.
    pub json: JsonType,
    /// The rule, in words.
    pub rule: String,
    /// What stands at each place that the rule looks at.
    pub found: Vec<Found>,
    /// What a list says, as JSON; `None` when the key is absent.
    pub in_list: Option<String>,
    /// What a lookup says, as JSON; `None` when the key is absent.
    pub by_id: Option<String>,
    personal: bool,
}

// === impl ExplainedKey ===

impl ExplainedKey {
    fn new(key: &str, json: JsonType, rule: String) -> Self {
        let (found, in_list, by_id, personal) = (Vec::new(), None, None, false);
        Self { key: key.to_owned(), json, rule, found, in_list, by_id, personal }
    }

    pub(crate) fn of(provenance: &Provenance, bodies: &[Body<'_>]) -> Self {
        let json = Record::KEYS.iter().find(|(key, _)| *key == provenance.key);
        let (_, json) = json.expect("a test holds both lists of keys together");
        let found = bodies.iter().flat_map(|body| {
            let paths = match body.source {
                Source::Search => provenance.search,
                Source::Detail => provenance.detail,
                Source::Rewards => &[],
            };
            paths.iter().flat_map(|path| body.found(path))
        });
        Self {
            found: found.collect(),
            personal: provenance.personal,
            ..Self::new(provenance.key, *json, provenance.rule.to_owned())
        }
    }

    pub(crate) fn of_brand(field: &BrandField, bodies: &[Body<'_>]) -> Self {
        let rule = match field.kind() {
            FieldType::Text => "the first value that is not empty".to_owned(),
            FieldType::JoinedText => "all values, with \", \" between them".to_owned(),
            FieldType::Number => "the first value, as a number".to_owned(),
            FieldType::Boolean(yes) if yes.is_empty() => {
                "the first value, as Yes or No and their like".to_owned()
            }
            FieldType::Boolean(yes) => format!("true for {}, false for any other", words(yes)),
            FieldType::List => "all values".to_owned(),
            FieldType::Date => "the first value, as a day by the brand's clock".to_owned(),
            FieldType::DateTime => "the first value, as a moment by the brand's clock".to_owned(),
        };
        let mut key =
            Self::new(field.key(), field.kind().json(), format!("[mapping.fields] {rule}"));
        let known: &[Name] = match field.kind() {
            FieldType::Boolean(yes) => yes,
            _ => &[],
        };
        key.personal = key.json != JsonType::Boolean;
        key.look_under(field.origin(), known, bodies);
        key
    }

    pub(crate) fn grant(&mut self, grant: Option<&Grant>, bodies: &[Body<'_>]) {
        let Some(grant) = grant else { return };
        let granted = words(&grant.granted);
        self.rule = format!(
            "[mapping.consent] true if every answer is one of {granted}; never where privacy is asked for"
        );
        self.look_under(&grant.origin, &grant.granted, bodies);
    }

    /// Adds what stands under a brand's name. What is one of the `known` words, or says yes or no, says nothing of who
    /// somebody is.
    fn look_under(&mut self, origin: &ValueRef, known: &[Name], bodies: &[Body<'_>]) {
        let is_known = |raw: &str| {
            let text = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
            yes_or_no(text.trim()).is_some() || known.iter().any(|word| word.is(text.trim()))
        };
        for body in bodies.iter().filter(|body| body.list() == Some(origin.list)) {
            let named = body.named(origin.list).into_iter();
            let ours = named.filter(|(name, _)| origin.name.is(name.trim()));
            self.found.extend(ours.map(|(_, found)| Found {
                personal: !found.raw.as_deref().is_some_and(is_known),
                ..found
            }));
        }
    }

    pub(crate) fn phones(&mut self, from: &[Phone]) {
        let name = |phone: &Phone| match phone {
            Phone::Mobile => "mobile",
            Phone::Home => "home",
            Phone::Work => "work",
        };
        let names: Vec<_> = from.iter().map(name).collect();
        self.rule = format!(
            "the first of {} that can be a mobile number, else a mobile that is any number, as E.164",
            names.join(", ")
        );
        self.found.retain(|found| names.iter().any(|name| found.path.ends_with(name)));
    }

    pub(crate) fn points(&mut self, points: &Points, answers: &Answers<'_>) {
        match points {
            Points::Loyalty(None) => {}
            Points::Loyalty(Some(kind)) => {
                self.rule =
                    format!("the sum of the loyalties of type {:?}, exactly", kind.as_str());
            }
            Points::Rewards => {
                "availablePoints of the rewards account".clone_into(&mut self.rule);
                let raw = answers.available_points;
                self.found = vec![Found {
                    source: Source::Rewards,
                    path: "availablePoints".to_owned(),
                    raw: raw.flatten().map(|points| points.to_string()),
                    personal: false,
                }];
            }
        }
    }

    /// The same with everything hidden that says who somebody is.
    #[must_use]
    pub fn masked(mut self) -> Self {
        let all = self.personal;
        let results = [self.in_list.clone(), self.by_id.clone()];
        let came_of_it = |raw: &str| is_plain(raw) || results.iter().flatten().any(|it| it == raw);
        // What could not be read as its key's kind may be anything that somebody typed there.
        let places = self
            .found
            .iter_mut()
            .filter(|found| all || found.personal || !found.raw.as_deref().is_none_or(came_of_it));
        let results = [&mut self.in_list, &mut self.by_id].into_iter().filter(|_| all);
        for value in places.map(|found| &mut found.raw).chain(results).flatten() {
            *value = masked(value);
        }
        self
    }
}

/// The keys that stand for names in `attributes` and `references`.
pub(crate) fn extras(bodies: &[Body<'_>]) -> Vec<ExplainedKey> {
    let mut keys: Vec<ExplainedKey> = Vec::new();
    for (body, list) in bodies.iter().filter_map(|body| body.list().map(|list| (body, list))) {
        let (prefix, rule) = match list {
            NamedList::Attributes => {
                ("attr_", "the values under this name, with \", \" between them")
            }
            NamedList::References => ("ref_", "the values of this type, with \", \" between them"),
        };
        for (name, found) in body.named(list) {
            let key = snake_case(prefix, &name);
            match keys.iter_mut().find(|known| known.key == key) {
                Some(known) => known.found.push(found),
                None => keys.push(ExplainedKey {
                    found: vec![found],
                    personal: true,
                    ..ExplainedKey::new(&key, JsonType::Text, rule.to_owned())
                }),
            }
        }
    }
    keys
}

/// Whether a value says nothing but yes, no, or how many, or when.
fn is_plain(raw: &str) -> bool {
    let text = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
    let text = text.trim();
    text.is_empty()
        || yes_or_no(text).is_some()
        || TimeText::parse(text).is_some()
        || text.len() < 5 && text.parse::<u16>().is_ok()
}

fn words(names: &[Name]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("{:?}", name.as_str())).collect();
    quoted.join(", ")
}
