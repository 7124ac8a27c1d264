//! How each quirk changes a person.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::ordinary::{loyalty, shopify_id, text};
use super::person::{Field, Loyalty, Person};
use super::quirk::Quirk;
use super::words::LOYALTIES;

// === impl Quirk ===

impl Quirk {
    /// Gives this quirk to the person at `index`. `shared` returns the e-mail address for a person
    /// that shares its address with others (see `HOUSEHOLD` in `tenant.rs`).
    pub(crate) fn apply(self, person: &mut Person, index: u64, shared: impl FnOnce() -> String) {
        match self {
            Self::EmptyTexts => person.scalars().for_each(|field| *field = text("")),
            Self::MissingKeys => remove_keys(person),
            Self::Nulls => person.scalars().for_each(|field| *field = Some(Value::Null)),
            Self::Padded => {
                person.scalars().for_each(|field| edit(field, |text| format!(" {text}\t ")));
            }
            Self::SkippedHour | Self::RepeatedHour => (), // the stamp is odd, not the person
            Self::EmptyDates => person.start_date = text("0001-01-01T00:00:00"),
            Self::AncientBirth => person.date_of_birth = text("0011-03-02"),
            _ => {
                self.apply_to_names(person);
                self.apply_to_contact(person, shared);
                self.apply_to_other_keys(person, index);
            }
        }
    }

    fn apply_to_names(self, person: &mut Person) {
        let (firstname, surname) = match self {
            Self::Accents => ("Zoé", "Müller-Łuczak"),
            Self::Chinese => ("小明", "漢字"),
            Self::Emoji => ("Daisy 🌼", "O’Neill"),
            Self::RightToLeft => ("נועה", "الحداد"),
            // Apparel21 keeps at most 20 characters.
            Self::CutNames => ("Maximiliana-Theodora", "Featherstonehaugh-Ch"),
            Self::Markup => ("Bob \"Bobby\"", "O'Brien <b>&amp;</b> \\ Co"),
            Self::Capitals => {
                edit(&mut person.firstname, str::to_uppercase);
                return edit(&mut person.surname, str::to_uppercase);
            }
            _ => return,
        };
        person.firstname = text(firstname);
        person.surname = text(surname);
    }

    fn apply_to_contact(self, person: &mut Person, shared: impl FnOnce() -> String) {
        match self {
            Self::MobileInHome => person.home = person.mobile.replace("".into()),
            Self::WordsForPhones => {
                person.work = text("Westfield");
                person.mobile = text("0000000");
            }
            Self::InternationalMobile => person.mobile = text("+61 491 570 006"),
            Self::NoEmail => person.email = text(""),
            Self::SharedEmail => person.email = text(shared()),
            Self::SharedEmailInCapitals => person.email = text(shared().to_uppercase()),
            Self::CountryInCapitals => relocate(person, None, "AUSTRALIA"),
            Self::CountryAsCode => relocate(person, None, "AU"),
            Self::OtherCountry => {
                relocate(person, Some(("Louisville", "Kentucky", "40202")), "United States");
                person.mobile = text("502-555-0142"); // 555-0100 to 0199 are reserved for fiction
            }
            Self::NoAddress => (person.billing, person.delivery) = (None, None),
            _ => (),
        }
    }

    fn apply_to_other_keys(self, person: &mut Person, index: u64) {
        match self {
            Self::PrivacyAsText => person.privacy = text("false"),
            Self::PrivacyAsCapitalText => person.privacy = text("True"),
            Self::NumbersAsTexts => write_numbers_as_texts(person, index),
            Self::TextsAsNumbers => write_texts_as_numbers(person, index),
            Self::SeveralLoyalties => {
                person.loyalties = Some((0..3).map(|kind| card(index, kind)).collect());
            }
            Self::References => {
                person.references = Some(json!([
                    { "type": "Email Opt In", "value": "Yes" },
                    { "type": "SMS Opt In", "value": "No" },
                ]));
            }
            Self::Attributes => {
                person.attributes = Some(json!([
                    { "key": "Email Opt In", "value": "Yes" },
                    { "key": "Favourite Colour", "value": "" },
                ]));
            }
            Self::Staff => {
                person.retail_rep = text("Yes");
                person.job_title = text("Sales Assistant");
                (person.loyalty_code, person.loyalty_name) = (text("1"), text("Staff discount"));
            }
            Self::InStoreOnly => (person.shopify_admin_id, person.shopify_legacy_id) = (None, None),
            Self::Agent => {
                person.is_agent = Some(true.into());
                person.currency = Some(json!({ "code": "", "format": "" }));
            }
            _ => (),
        }
    }
}

fn remove_keys(person: &mut Person) {
    person.scalars().for_each(|field| *field = None);
    person.privacy = None;
    person.is_agent = None;
    person.currency = None;
    person.references = None;
    person.attributes = None;
    person.loyalties = None;
    person.rewards_accounts = None;
}

fn write_numbers_as_texts(person: &mut Person, index: u64) {
    let mut card = card(index, 0);
    for number in [&mut card.id, &mut card.loyalty_type_id, &mut card.balance] {
        *number = number.to_string().into();
    }
    person.loyalties = Some(vec![card]);
}

fn write_texts_as_numbers(person: &mut Person, index: u64) {
    person.joined_store_id = Some(4983.into());
    person.loyalty_code = Some(99.into());
    person.shopify_legacy_id = Some(shopify_id(index).into());
    relocate(person, Some(("Darwin", "NT", "0800")), "Australia");
    if let Some(postal) = &mut person.billing {
        postal.address.postcode = Some(800.into()); // without its leading zero, as in `GET /stores`
    }
}

fn edit(field: &mut Field, change: impl FnOnce(&str) -> String) {
    if let Some(Value::String(text)) = field {
        *text = change(text);
    }
}

/// Moves the person to `country`. If `place` is given, also replaces the city, the state and the
/// postcode.
fn relocate(person: &mut Person, place: Option<(&str, &str, &str)>, country: &str) {
    for postal in person.billing.iter_mut().chain(&mut person.delivery) {
        let address = &mut postal.address;
        address.country = text(country);
        if let Some((city, state, postcode)) = place {
            address.city = text(city);
            address.state = text(state);
            address.postcode = text(postcode);
        }
    }
}

fn card(index: u64, kind: usize) -> Loyalty {
    let (id, _, name) = LOYALTIES[kind];
    let joined = NaiveDate::from_ymd_opt(2014, 10, 1).expect("2014-10-01 is a date");
    loyalty(id, name, index, joined)
}
