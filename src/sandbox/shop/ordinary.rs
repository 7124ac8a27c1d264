//! Makes an ordinary person from a seed. The person is like the sample in `DotApparel`'s API
//! document.

use chrono::{Days, NaiveDate};
use fastrand::Rng;
use serde_json::{Value, json};

use super::person::{Address, Field, Loyalty, Person, Postal};
use super::words::{
    AREA_CODES, CITIES, FIRST_NAMES, LOYALTIES, MOBILES, STORES, STREETS, SURNAMES, TIERS,
};

/// Chooses the parts of a person at random.
struct Maker {
    rng: Rng,
    /// The person's index, counted from 0.
    index: u64,
}

/// The id of the first customer's rewards account.
const FIRST_ACCOUNT: u64 = 20_000;

/// A text as the value of a key.
#[expect(clippy::unnecessary_wraps, reason = "a `Field` is `None` when its key is missing")]
pub(crate) fn text(text: impl Into<String>) -> Field {
    Some(Value::String(text.into()))
}

/// The person at `index`, made with the random numbers of `rng`.
pub(crate) fn ordinary(rng: Rng, index: u64) -> Person {
    let mut maker = Maker { rng, index };
    let (firstname, sex) = maker.choose(&FIRST_NAMES);
    let surname = maker.choose(&SURNAMES);
    let mut person = Person {
        code: text(code(surname, firstname, index)),
        firstname: text(firstname),
        surname: text(surname),
        title: text(if sex == "M" { "MR" } else { "MS" }),
        initials: text(&firstname[..1]),
        sex: text(sex),
        job_title: text(if maker.often(10) { "Office Admin" } else { "" }),
        start_date: text(format!("{} 00:00:00", maker.day(2015, 2500))),
        privacy: Some((!maker.often(80)).into()),
        date_of_birth: text(maker.birth_date()),
        retail_rep: text("No"),
        retail_cust: text(if maker.often(70) { "Yes" } else { "No" }),
        is_agent: Some(false.into()),
        currency: Some(json!({ "code": "AUD", "format": "#,##0.00 'Aud'" })),
        references: Some(json!([])),
        attributes: Some(json!([])),
        ..Person::default()
    };
    maker.contact(&mut person, firstname, surname);
    maker.address(&mut person, firstname, surname);
    maker.shop(&mut person);
    maker.loyalty(&mut person);
    person
}

/// The e-mail address of the person at `index`. A lookup finds the person by the number in this
/// address.
fn email(firstname: &str, surname: &str, index: u64) -> String {
    format!("{firstname}.{surname}.{}@example.com", index + 1).to_lowercase()
}

/// The index in an e-mail address that [`email`] made.
pub(crate) fn index_in_email(email: &str) -> Option<u64> {
    let number = email.split_once('@')?.0.rsplit('.').next()?;
    number.parse::<u64>().ok()?.checked_sub(1)
}

/// The first four letters of each name (all letters of a shorter name) and two digits, as in the
/// document: `SMITJOHN22`.
fn code(surname: &str, firstname: &str, index: u64) -> String {
    format!("{surname:.4}{firstname:.4}{:02}", index % 100).to_uppercase()
}

/// The Shopify id of the person at `index`. The first person has the id of the document's sample.
pub(crate) fn shopify_id(index: u64) -> u64 {
    6_477_890_125_896 + index * 4099
}

/// The id of the rewards account of the person at `index`.
fn account_id(index: u64) -> u64 {
    FIRST_ACCOUNT + index
}

/// The index in an id that [`account_id`] made.
pub(crate) fn index_in_account(id: i64) -> Option<u64> {
    u64::try_from(id).ok()?.checked_sub(FIRST_ACCOUNT)
}

// === impl Maker ===

impl Maker {
    fn choose<T: Copy>(&mut self, words: &[T]) -> T {
        words[self.rng.usize(..words.len())]
    }

    /// True in `percent` of a hundred cases. Always true for the first customer.
    fn often(&mut self, percent: u8) -> bool {
        self.rng.u8(..100) < percent || self.index == 0
    }

    /// One of the first `days` days from 1 January of `year`.
    fn day(&mut self, year: i32, days: u64) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).expect("every year has a first of January");
        first + Days::new(self.rng.u64(..days))
    }

    fn birth_date(&mut self) -> String {
        let date = self.day(1945, 22_000);
        if self.often(50) { date.to_string() } else { String::new() }
    }

    fn contact(&mut self, person: &mut Person, firstname: &str, surname: &str) {
        person.email = text(email(firstname, surname, self.index));
        person.mobile = text(self.mobile());
        person.home = text("");
        person.work = text("");
    }

    /// A number that no other ordinary person has. Empty for most persons of a large tenant,
    /// because few numbers are reserved for fiction. The first persons have Australian numbers.
    fn mobile(&mut self) -> String {
        let index = usize::try_from(self.index).unwrap_or(usize::MAX);
        let form = self.rng.u8(..3);
        if let Some(mobile) = MOBILES.get(index) {
            let (a, b, c) = (&mobile[..4], &mobile[4..7], &mobile[7..]);
            return match form {
                0 => (*mobile).to_owned(),
                1 => format!("{a} {b} {c}"),
                _ => format!("({}) {}{b} {c}", &a[..2], &a[2..]),
            };
        }
        let number = (index - MOBILES.len()) / 3;
        match AREA_CODES.get(number / 100) {
            Some(area) if index.is_multiple_of(3) => format!("+1 {area} 555 01{:02}", number % 100),
            _ => String::new(),
        }
    }

    fn address(&mut self, person: &mut Person, firstname: &str, surname: &str) {
        let (city, state, postcode, area) = self.choose(&CITIES);
        if self.often(40) {
            // In every area, ACMA reserves the numbers 5550 xxxx and 7010 xxxx for fiction.
            person.home = text(format!("({area}) 7010 {:04}", self.rng.u16(..10_000)));
        }
        let street = format!("{} {}", self.rng.u8(1..200), self.choose(&STREETS));
        let unit =
            if self.often(30) { format!("Level {}", self.rng.u8(1..20)) } else { String::new() };
        let (line1, line2) = if unit.is_empty() { (street, unit) } else { (unit, street) };
        let postal = Postal {
            contact_name: text(format!("{firstname} {surname}")),
            company_name: text(""),
            address: Address {
                address_line1: text(line1),
                address_line2: text(line2),
                city: text(city),
                state: text(state),
                postcode: text(postcode),
                country: text("Australia"),
            },
        };
        person.delivery = self.often(60).then(|| postal.clone());
        person.billing = Some(postal);
    }

    fn shop(&mut self, person: &mut Person) {
        let (store, code, _) = self.choose(&STORES);
        person.joined_store_id = text(store.to_string());
        person.joined_store_code = text(code);
        let shopify = shopify_id(self.index);
        person.shopify_admin_id = text(format!("gid://shopify/Customer/{shopify}"));
        person.shopify_legacy_id = text(shopify.to_string());
    }

    fn loyalty(&mut self, person: &mut Person) {
        let kind = self.often(60).then(|| self.choose(&LOYALTIES));
        let (code, name) = kind.map_or(("", ""), |(_, code, name)| (code, name));
        person.loyalty_code = text(code);
        person.loyalty_name = text(name);
        person.loyalties = Some(kind.map(|kind| self.card(kind)).into_iter().collect());
        let (tier, tier_name) = self.choose(&TIERS);
        let account = json!({
            "id": account_id(self.index), "programId": 1, "programName": "Retail Rewards",
            "tierId": tier, "tierName": tier_name,
        });
        let accounts = if self.often(60) { vec![account] } else { Vec::new() };
        person.rewards_accounts = Some(accounts.into());
        person.available_points = Some((self.index % 60 * 25).into());
    }

    fn card(&mut self, (id, _, name): (i64, &str, &str)) -> Loyalty {
        loyalty(id, name, self.index, self.day(2014, 3000))
    }
}

/// A loyalty card of the type `id`.
pub(crate) fn loyalty(id: i64, name: &str, index: u64, joined: NaiveDate) -> Loyalty {
    Loyalty {
        id: id.into(),
        loyalty_type_id: id.into(),
        loyalty_type: name.into(),
        card_no: format!("LM{:08}", 12_345_678 + index).into(),
        expiry: (joined + Days::new(3650)).to_string().into(),
        balance: (index % 40 * 25).into(),
        credit_status: "1321".into(),
        message: "".into(),
        join_date: joined.to_string().into(),
        status_id: "1234".into(),
    }
}
