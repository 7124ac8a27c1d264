//! Reads `[mapping]`: the meaning of a brand's values.

use chrono::NaiveDate;

use super::fields::read_fields;
use super::value_ref::{ONE_VALUE, read_value_ref};
use crate::config::document::{
    Mistake, Reported, Section, Value, boolean, name, number, one_of, text,
};
use crate::dailystory::{
    DummyDates, Exclude, Grant, Mapping, MaxShared, MobileFrom, Phone, Placeholder, Placeholders,
    PointsRule, SharedConsent,
};
use crate::dotapparel::{DetailPolicy, ListSource};

/// `[mapping.consent]`.
struct Consent {
    allow_email: Option<Grant>,
    allow_sms: Option<Grant>,
    shared: SharedConsent,
}

const PHONES: [(&str, Phone); 3] =
    [("mobile", Phone::Mobile), ("home", Phone::Home), ("work", Phone::Work)];

const SHARED_CONSENT: [(&str, SharedConsent); 2] =
    [("strictest", SharedConsent::Strictest), ("each", SharedConsent::Each)];

const CHANNELS: [&str; 2] = ["allow_email", "allow_sms"];

/// Reads the section. [`check_mapping`] checks it against other settings.
pub(crate) fn read_mapping(mut mapping: Section<'_>) -> Result<Mapping, Reported> {
    let consent = mapping.section("consent").and_then(read_consent);
    let fields = mapping.section("fields").and_then(|fields| read_fields(&fields));
    let exclude = mapping.section("exclude").and_then(read_exclude);
    let points = read_points(&mut mapping);
    let mobile_from = read_mobile_from(&mut mapping);
    let birth_date_dummies = mapping.each("birth_date_dummies", date);
    let placeholders = mapping.each("placeholders", placeholder);
    let max_shared = mapping.optional("max_shared", number(1..=1_000_000));
    mapping.finish();
    let Consent { allow_email, allow_sms, shared } = consent?;
    Ok(Mapping {
        allow_email,
        allow_sms,
        shared_consent: shared,
        placeholders: placeholders?.map(Placeholders).unwrap_or_default(),
        max_shared: max_shared?.map(MaxShared).unwrap_or_default(),
        fields: fields?,
        exclude: exclude?,
        points: points?,
        mobile_from: mobile_from?,
        birth_date_dummies: birth_date_dummies?.map(DummyDates).unwrap_or_default(),
    })
}

/// A day, as text in quotes.
fn date(value: &Value) -> Result<NaiveDate, Mistake> {
    text(value, "a day such as \"1900-01-01\"", |text| text.parse().ok())
}

/// A text that the brand enters in place of a missing e-mail address or mobile number.
fn placeholder(value: &Value) -> Result<Placeholder, Mistake> {
    let expected = "an e-mail address such as \"noemail@acme.example\", a form such as \"*@none.invalid\", or a mobile number such as \"+61400000000\"";
    text(value, expected, Placeholder::new)
}

fn read_consent(mut consent: Section<'_>) -> Result<Consent, Reported> {
    let mut grant = |channel| consent.optional_section(channel)?.map(read_grant).transpose();
    let (allow_email, allow_sms) = (grant("allow_email"), grant("allow_sms"));
    let shared = consent.optional("shared", one_of(&SHARED_CONSENT));
    consent.finish();
    let shared = shared?.unwrap_or_default();
    Ok(Consent { allow_email: allow_email?, allow_sms: allow_sms?, shared })
}

fn read_grant(mut grant: Section<'_>) -> Result<Grant, Reported> {
    let value_ref = read_value_ref(&mut grant, ONE_VALUE);
    let granted = match grant.each("granted", name) {
        Ok(Some(answers)) => Ok(answers),
        Ok(None) => {
            let expected = "the answers that grant consent, such as [\"Yes\"]";
            Err(grant.report_at("granted", Mistake::expected(expected, &Value::Nothing)))
        }
        Err(reported) => Err(reported),
    };
    grant.finish();
    let (origin, _) = value_ref?;
    Ok(Grant { origin, granted: granted? })
}

fn read_exclude(mut exclude: Section<'_>) -> Result<Exclude, Reported> {
    let staff = exclude.optional("staff", boolean);
    let unreachable = exclude.optional("unreachable", boolean);
    exclude.finish();
    Ok(Exclude { staff: staff?.unwrap_or(false), unreachable: unreachable?.unwrap_or(false) })
}

fn read_points(mapping: &mut Section<'_>) -> Result<PointsRule, Reported> {
    let Some(node) = mapping.node("points") else {
        return Ok(PointsRule::default());
    };
    if let Value::Table(_) = node.value {
        let mut points = Section::from_node(node, mapping.context())?;
        let loyalty_type = points.required("loyalty_type", name);
        points.finish();
        return loyalty_type.map(|name| PointsRule::Loyalty(Some(name)));
    }
    let expected = "\"loyalty\", \"rewards\" or { loyalty_type = \"...\" }";
    mapping.required("points", |value| {
        text(value, expected, |text| match text {
            "loyalty" => Some(PointsRule::Loyalty(None)),
            "rewards" => Some(PointsRule::Rewards),
            _ => None,
        })
    })
}

fn read_mobile_from(mapping: &mut Section<'_>) -> Result<MobileFrom, Reported> {
    let Some(phones) = mapping.each("mobile_from", one_of(&PHONES))? else {
        return Ok(MobileFrom::default());
    };
    let is_repeated = |(index, phone): (usize, &Phone)| phones[..index].contains(phone);
    if phones.iter().enumerate().any(is_repeated) {
        let mistake = Mistake::expected("each phone at most once", "a phone twice");
        return Err(mapping.report_at("mobile_from", mistake));
    }
    Ok(MobileFrom(phones))
}

/// A setting that a key of `[mapping]` needs: section, key and value.
type Needed = (&'static str, &'static str, &'static str);

const NEEDS_DETAILS: Needed = ("sync", "details", "always");
const NEEDS_SEARCH: Needed = ("dotapparel", "lists", "search");

/// Reports each key of `[mapping]` that needs something which the brand's lists do not have. The
/// search returns no references, so a consent that reads a reference needs `details = "always"`.
/// Lists of recent changes have no attributes, and do not show which customers are staff. They
/// never have all customers, so `max_shared` cannot count the customers of an address.
pub(crate) fn check_mapping(
    root: &Section<'_>,
    lists: Result<ListSource, Reported>,
    details: Result<DetailPolicy, Reported>,
) {
    match (lists, details) {
        (Ok(ListSource::Recent), _) => {
            let hint =
                "the customers of lists of recent changes have no attributes and no retailRep";
            report_consents_by(root, "attribute", NEEDS_SEARCH, hint);
            let no_full_list =
                "addresses are counted in a list of all customers, and there is none";
            report_if_present(root, &["mapping", "max_shared"], NEEDS_SEARCH, no_full_list);
            let staff = ["mapping", "exclude", "staff"];
            if root.find(&staff).is_some_and(|node| matches!(node.value, Value::Boolean(true))) {
                report_if_present(root, &staff, NEEDS_SEARCH, hint);
            }
        }
        (Ok(ListSource::Search), Ok(DetailPolicy::Never | DetailPolicy::Incremental)) => {
            let hint = "search records have no references: lists without details lack this consent";
            report_consents_by(root, "reference", NEEDS_DETAILS, hint);
        }
        _ => {}
    }
}

/// Reports each channel whose consent rule has `key`, because `key` needs another setting.
fn report_consents_by(root: &Section<'_>, key: &str, needed: Needed, hint: &str) {
    for channel in CHANNELS {
        report_if_present(root, &["mapping", "consent", channel, key], needed, hint);
    }
}

/// If the key at `path` is set, reports that the key needs another setting.
fn report_if_present(root: &Section<'_>, path: &[&str], (section, key, value): Needed, hint: &str) {
    let Some(node) = root.find(path) else { return };
    let found = root.find(&[section, key]).map_or(&Value::Nothing, |node| &node.value);
    let expected = format!("[{section}] {key} = \"{value}\", because of this key");
    root.context().report.add(node.place.clone(), Mistake::expected(expected, found).hint(hint));
}
