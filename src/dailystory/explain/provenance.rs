//! Where each key of the record comes from and by which rule, as people are told. The mapper reads nothing of this; a test
//! holds the two together, path by path.

/// Where a key of every record comes from.
#[derive(Clone, Copy, Debug)]
pub struct Provenance {
    pub key: &'static str,
    /// The places in a record of `/customers/search`.
    pub search: &'static [&'static str],
    /// The places in a record of `/customers/{id}`.
    pub detail: &'static [&'static str],
    pub rule: &'static str,
    /// Whether it says who somebody is, or how to reach them.
    pub personal: bool,
}

const TEXT: &str = "text, without the blanks around it";
pub const YES_OR_NO: &str = "true for true, yes, y or 1; false for false, no, n or 0; in any case";
const ADDRESS: &str = "of a detail the billing address; if that names no street, city, state or postcode, delivery as a whole";
const COUNTRY: &str =
    "capitals and ISO codes become the usual English name; the address is chosen as for the others";
const LATEST: &str = "of the loyalty joined last";
const UNMAPPED: &str = "no source in DotApparel; [mapping.fields] can give it one";

/// Every key but a brand's own and those of lists, in the order of the record.
pub const PROVENANCE: &[Provenance] = &[
    personal(both("id", &["id"], "a whole number of 64 bits")),
    personal(both("first_name", &["firstname"], TEXT)),
    personal(both("last_name", &["surname"], TEXT)),
    personal(both("mobile_phone", PHONES, "the first that can be a mobile number, as E.164")),
    personal(both("email", &["contact.email"], TEXT)),
    detail("points", &["loyalties[].balance"], "the sum, exactly"),
    both("allow_sms", &["privacy"], "true only if privacy is known to be false"),
    both("allow_email", &["privacy"], "true only if privacy is known to be false"),
    personal(address("city", &["address.city"], &CITY, ADDRESS)),
    personal(address("state", &["address.state"], &STATE, ADDRESS)),
    personal(address("address", &["address.addressLine1"], &LINE_1, ADDRESS)),
    personal(address("zip", &["address.postcode"], &POSTCODE, ADDRESS)),
    personal(both(
        "birth_date",
        &["dateOfBirth"],
        "a day from 1900 to today, by the brand's clock",
    )),
    search("store_id", &["joinedStoreId"], "a whole number"),
    search("total_orders", &[], UNMAPPED),
    search("total_sales", &[], UNMAPPED),
    search("date_first_order", &[], UNMAPPED),
    search("date_last_order", &[], UNMAPPED),
    search("last_order_value", &[], UNMAPPED),
    search("categories", &[], UNMAPPED),
    address("country", &["address.country"], &COUNTRIES, COUNTRY),
    personal(address("address_2", &["address.addressLine2"], &LINE_2, ADDRESS)),
    personal(detail("company", &["addresses[].billing.companyName"], "of the billing address")),
    personal(detail("title", &["title"], TEXT)),
    personal(detail("initials", &["initials"], TEXT)),
    personal(detail("gender", &["sex"], TEXT)),
    personal(detail("job_title", &["jobTitle"], TEXT)),
    personal(both("home_phone", &["contact.phones.home"], "as it was typed")),
    personal(both("work_phone", &["contact.phones.work"], "as it was typed")),
    personal(both("customer_code", &["code"], TEXT)),
    search("store_code", &["joinedStoreCode"], TEXT),
    search(
        "store_name",
        &["joinedStoreId", "joinedStoreCode"],
        "the name in /stores, by id, then by code",
    ),
    search("loyalty_code", &["loyaltyCode"], TEXT),
    Provenance {
        key: "loyalty_name",
        search: &["loyaltyName"],
        detail: &["loyalties[].loyaltyType"],
        rule: LATEST,
        personal: false,
    },
    personal(detail("loyalty_card", &["loyalties[].cardNo"], LATEST)),
    detail("loyalty_joined", &["loyalties[].joinDate"], LATEST),
    detail("loyalty_expires", &["loyalties[].expiry"], LATEST),
    detail("rewards_program", &["rewardsAccounts[].programName"], "of the first account"),
    detail("rewards_tier", &["rewardsAccounts[].tierName"], "of the first account"),
    detail("currency_code", &["currency.code"], TEXT),
    search("is_staff", &["retailRep"], YES_OR_NO),
    search("is_retail_customer", &["retailCust"], YES_OR_NO),
    detail("is_agent", &["isAgent"], YES_OR_NO),
    both("privacy", &["privacy"], YES_OR_NO),
    personal(both(
        "shopify_customer_id",
        &["shopifyLegacyId", "shopifyAdminId"],
        "the legacy id, else the digits at the end of the admin id",
    )),
    both("date_created", &["startDate"], "with the offset of the brand's clock"),
    both("date_updated", &["updateTimeStamp"], "with the offset of the brand's clock"),
];

const PHONES: &[&str] = &["contact.phones.mobile", "contact.phones.home", "contact.phones.work"];
const CITY: [&str; 2] = ["addresses[].billing.city", "addresses[].delivery.city"];
const STATE: [&str; 2] = ["addresses[].billing.state", "addresses[].delivery.state"];
const LINE_1: [&str; 2] = ["addresses[].billing.addressLine1", "addresses[].delivery.addressLine1"];
const LINE_2: [&str; 2] = ["addresses[].billing.addressLine2", "addresses[].delivery.addressLine2"];
const POSTCODE: [&str; 2] = ["addresses[].billing.postcode", "addresses[].delivery.postcode"];
const COUNTRIES: [&str; 2] = ["addresses[].billing.country", "addresses[].delivery.country"];

const fn both(key: &'static str, paths: &'static [&'static str], rule: &'static str) -> Provenance {
    Provenance { key, search: paths, detail: paths, rule, personal: false }
}

const fn search(
    key: &'static str,
    paths: &'static [&'static str],
    rule: &'static str,
) -> Provenance {
    Provenance { key, search: paths, detail: &[], rule, personal: false }
}

const fn detail(
    key: &'static str,
    paths: &'static [&'static str],
    rule: &'static str,
) -> Provenance {
    Provenance { key, search: &[], detail: paths, rule, personal: false }
}

const fn personal(provenance: Provenance) -> Provenance {
    Provenance { personal: true, ..provenance }
}

const fn address(
    key: &'static str,
    search: &'static [&'static str],
    detail: &'static [&'static str],
    rule: &'static str,
) -> Provenance {
    Provenance { key, search, detail, rule, personal: false }
}
