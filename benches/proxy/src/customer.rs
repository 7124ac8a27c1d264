//! The customers of the upstream in the two forms of DotApparel: in a list and by id.

use std::fmt::Write as _;

use crate::record::{CITIES, COLOURS, FIRST, LAST, STREETS, mix};

/// Number of stores at which customers joined.
const STORES: u64 = 80;
/// The id of the first store.
const FIRST_STORE: u64 = 100;

/// The values that both forms share.
struct Values<'a> {
    id: u64,
    domain: &'a str,
    mixed: u64,
    first: &'static str,
    last: &'static str,
    city: &'static str,
    street: &'static str,
    month: u64,
    day: u64,
}

// === impl Values ===

impl<'a> Values<'a> {
    fn new(id: u64, domain: &'a str) -> Self {
        let mixed = mix(id);
        Self {
            id,
            domain,
            mixed,
            first: pick(FIRST, mixed >> 3),
            last: pick(LAST, mixed >> 11),
            city: pick(CITIES, mixed >> 19),
            street: pick(STREETS, mixed >> 27),
            month: (mixed >> 13) % 12 + 1,
            day: (mixed >> 17) % 28 + 1,
        }
    }

    fn code(&self) -> String {
        format!("{}{}", self.last.to_uppercase(), self.id)
    }

    /// A mobile number as shops type it. No two customers share a number. 5 % of the customers have
    /// no number.
    fn mobile(&self) -> String {
        // The factor and 20,000,000 have no common divisor.
        let digits = format!("4{:08}", 10_000_000 + self.id * 7_654_321 % 20_000_000);
        match self.mixed % 20 {
            0 => String::new(),
            1..8 => format!("0{} {} {}", &digits[..3], &digits[3..6], &digits[6..]),
            8..15 => format!("(04) {}", &digits[1..]),
            _ => format!("+61{digits}"),
        }
    }

    /// No two customers share an address.
    fn email(&self) -> String {
        let Self { id, first, last, domain, .. } = self;
        format!("{}.{}{id}@{domain}", first.to_lowercase(), last.to_lowercase())
    }

    fn push_contact(&self, out: &mut String) {
        let email = self.email();
        let (mobile, home) = (self.mobile(), 80_000_000 + self.mixed % 20_000_000);
        push(
            out,
            format_args!(
                r#""contact":{{"email":"{email}","phones":{{"home":"(03) {home}","mobile":"{mobile}","work":""}}}},"#,
            ),
        );
    }

    fn push_address(&self, out: &mut String) {
        let Self { mixed, city, street, .. } = self;
        let (number, postcode) = (mixed % 300 + 1, 3000 + mixed % 999);
        push(
            out,
            format_args!(
                r#""addressLine1":"{number} {street} Street","addressLine2":"","city":"{city}","state":"VIC","postcode":"{postcode}","country":"Australia""#,
            ),
        );
    }

    /// The keys `privacy`, `dateOfBirth` and those of Shopify.
    fn push_end(&self, out: &mut String) {
        let Self { id, mixed, month, day, .. } = self;
        let privacy = mixed % 8 == 0;
        push(out, format_args!(r#""privacy":{privacy},"dateOfBirth":""#));
        if mixed % 10 != 0 {
            let year = 1940 + (mixed >> 7) % 65;
            push(out, format_args!("{year}-{month:02}-{day:02}"));
        }
        push(
            out,
            format_args!(
                r#"","shopifyAdminId":"gid://shopify/Customer/64778{id:08}","shopifyLegacyId":"64778{id:08}""#,
            ),
        );
    }

    /// The keys `startDate` and `updateTimeStamp`, both without a zone.
    fn push_times(&self, out: &mut String) {
        let Self { mixed, month, day, .. } = self;
        let (created, stamp) = (10 + (mixed >> 21) % 13, self.stamp());
        push(
            out,
            format_args!(
                r#""startDate":"20{created}-{month:02}-{day:02} 00:00:00","updateTimeStamp":"{stamp}","#,
            ),
        );
    }

    fn stamp(&self) -> String {
        let Self { mixed, month, day, .. } = self;
        let (hour, minute, second) = (8 + mixed % 12, (mixed >> 5) % 60, (mixed >> 8) % 60);
        format!("2023-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

/// The customer's e-mail address.
pub(crate) fn email(id: u64, domain: &str) -> String {
    Values::new(id, domain).email()
}

/// The customer's `updateTimeStamp`, without a zone.
pub(crate) fn stamp(id: u64) -> String {
    Values::new(id, "").stamp()
}

/// Appends a customer of `/customers/search`. Its e-mail address has this domain.
pub(crate) fn push_search(id: u64, domain: &str, out: &mut String) {
    let values = Values::new(id, domain);
    let Values { mixed, first, last, city, .. } = values;
    let code = values.code();
    push(
        out,
        format_args!(r#"{{"id":{id},"code":"{code}","firstname":"{first}","surname":"{last}","#),
    );
    values.push_times(out);
    values.push_contact(out);
    out.push_str(r#""retailRep":"No","retailCust":"Yes","address":{"#);
    values.push_address(out);
    out.push_str("},");
    values.push_end(out);
    let (loyalty, store) = (mixed % 12, FIRST_STORE + mixed % STORES);
    let (colour, size) = (pick(COLOURS, mixed >> 35), 36 + mixed % 12);
    push(
        out,
        format_args!(
            r#","loyaltyCode":"{loyalty}","loyaltyName":"Example loyalty","joinedStoreId":"{store}","joinedStoreCode":"{city}","attributes":[{{"key":"Favourite Colour","value":"{colour}"}},{{"key":"Shoe Size","value":"{size}"}}]}}"#,
        ),
    );
}

/// Appends a customer of `/customers/{id}`. Its e-mail address has this domain.
pub(crate) fn push_detail(id: u64, domain: &str, out: &mut String) {
    let values = Values::new(id, domain);
    let Values { mixed, first, last, month, day, .. } = values;
    let code = values.code();
    push(
        out,
        format_args!(
            r#"{{"id":{id},"code":"{code}","firstname":"{first}","surname":"{last}","title":"MS","initials":"{initial}","sex":"F","jobTitle":"","#,
            initial = &first[..1],
        ),
    );
    values.push_times(out);
    let (balance, year) = ((mixed >> 9) % 3_000, 2010 + (mixed >> 21) % 13);
    push(
        out,
        format_args!(
            r#""references":[{{"type":"Email Opt In","value":"Yes"}}],"isAgent":false,"currency":{{"code":"AUD","format":"0.00 'Aud'"}},"loyalties":[{{"id":1022,"loyaltyTypeId":1022,"loyaltyType":"VIP Gold loyalty","cardNo":"LM{id:08}","expiry":"{expiry}-{month:02}-{day:02}","balance":{balance},"creditStatus":"1321","message":"Example message","joinDate":"{year}-{month:02}-{day:02}","statusId":"1234"}}],"rewardsAccounts":[{{"id":{id},"programId":1,"programName":"Loyalty Rewards","tierId":2,"tierName":"Tier 2"}}],"#,
            expiry = year + 20,
        ),
    );
    values.push_contact(out);
    out.push_str(r#""addresses":[{"billing":{"contactName":"","companyName":"","#);
    values.push_address(out);
    out.push_str(r#"},"delivery":{"contactName":"","companyName":"","#);
    values.push_address(out);
    out.push_str("}}],");
    values.push_end(out);
    out.push('}');
}

/// Appends the body of `/stores`.
pub(crate) fn push_stores(out: &mut String) {
    out.push_str(r#"{"data":["#);
    for number in 0..STORES {
        let comma = if number == 0 { "" } else { "," };
        let id = FIRST_STORE + number;
        push(
            out,
            format_args!(
                r#"{comma}{{"storeId":{id},"storeNumber":{number},"code":"S{id}","name":"Store {number}"}}"#
            ),
        );
    }
    out.push_str("]}");
}

fn pick(list: &[&'static str], number: u64) -> &'static str {
    list[usize::try_from(number % list.len() as u64).expect("the list is short")]
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a write into a string cannot fail");
}
