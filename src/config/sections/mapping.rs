//! Reads `[mapping]`: what a brand's values mean.

use super::fields::read_fields;
use super::value_ref::{ONE_VALUE, read_value_ref};
use crate::config::document::{Mistake, Reported, Section, Value, boolean, name, one_of, text};
use crate::dailystory::{Exclude, Grant, Mapping, MobileFrom, Phone, PointsRule};
use crate::dotapparel::DetailPolicy;

/// `[mapping.consent]`.
struct Consent {
    allow_email: Option<Grant>,
    allow_sms: Option<Grant>,
}

const PHONES: [(&str, Phone); 3] =
    [("mobile", Phone::Mobile), ("home", Phone::Home), ("work", Phone::Work)];

/// Reads the section. [`check_consent`] checks it against `[sync]`.
pub(crate) fn read_mapping(mut mapping: Section<'_>) -> Result<Mapping, Reported> {
    let consent = mapping.section("consent").and_then(read_consent);
    let fields = mapping.section("fields").and_then(|fields| read_fields(&fields));
    let exclude = mapping.section("exclude").and_then(read_exclude);
    let points = read_points(&mut mapping);
    let mobile_from = read_mobile_from(&mut mapping);
    mapping.finish();
    let Consent { allow_email, allow_sms } = consent?;
    Ok(Mapping {
        allow_email,
        allow_sms,
        fields: fields?,
        exclude: exclude?,
        points: points?,
        mobile_from: mobile_from?,
    })
}

fn read_consent(mut consent: Section<'_>) -> Result<Consent, Reported> {
    let mut grant = |channel| consent.optional_section(channel)?.map(read_grant).transpose();
    let (allow_email, allow_sms) = (grant("allow_email"), grant("allow_sms"));
    consent.finish();
    Ok(Consent { allow_email: allow_email?, allow_sms: allow_sms? })
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

/// Reports each consent whose key is `reference`, unless every list looks up its customers. The
/// search does not return the references of customers.
pub(crate) fn check_consent(root: &Section<'_>, details: Result<DetailPolicy, Reported>) {
    let Ok(DetailPolicy::Never | DetailPolicy::Incremental) = details else {
        return;
    };
    let found = root.find(&["sync", "details"]).map_or(&Value::Nothing, |node| &node.value);
    for channel in ["allow_email", "allow_sms"] {
        let Some(node) = root.find(&["mapping", "consent", channel, "reference"]) else {
            continue;
        };
        let mistake = Mistake::expected("[sync] details = \"always\", because of this key", found)
            .hint("search records have no references: lists without details lack this consent");
        root.context().report.add(node.place.clone(), mistake);
    }
}
