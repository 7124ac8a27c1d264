//! The source and the rule of each key, as `dotstory explain` prints them. The mapper does not read
//! this table. A test compares the places of each key, except `store_name`, with the mapper.

/// The source and the rule of one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Provenance {
    pub key: &'static str,
    /// The places in a customer as `/customers/search` returns it.
    pub search: &'static [&'static str],
    /// The places in a customer as `/customers/{id}` returns it.
    pub detail: &'static [&'static str],
    /// The rule, in words.
    pub rule: &'static str,
    /// Whether the value is personal data, which `--masked` hides.
    pub personal: bool,
}

const TEXT: &str = "text, without surrounding blanks";
const EMAIL: &str = "the text, if it is exactly one e-mail address and no placeholder; null for an \
     address of more customers than max_shared";
pub(super) const YES_OR_NO: &str =
    "true for true, yes, y or 1; false for false, no, n or 0; in any case";
const ADDRESS: &str = "text; in a detail from the billing address, or from the delivery address if \
     billing has no street, city, state or postcode";
const COUNTRY: &str =
    "the usual English name of an ISO code or a name in capitals; from the same address as city";
const LATEST: &str = "from the loyalty with the latest join date";
const CONSENT: &str = "true if privacy is false in the detail (in the search, if there is no \
     detail), and no source has privacy true or unreadable; else false";
const UNMAPPED: &str = "no source in DotApparel; [mapping.fields] can add one";

/// Every key except `attr_`, `ref_` and a brand's own keys, in the order of the record.
pub(crate) const PROVENANCE: &[Provenance] = &[
    personal(both("id", &["id"], "a 64-bit whole number")),
    personal(both("first_name", &["firstname"], TEXT)),
    personal(both("last_name", &["surname"], TEXT)),
    personal(both("mobile_phone", PHONES, "the first mobile number, in E.164 format")),
    personal(both("email", &["contact.email"], EMAIL)),
    detail("points", &["loyalties[].balance"], "the exact sum of the balances of all loyalties"),
    both("allow_sms", &["privacy"], CONSENT),
    both("allow_email", &["privacy"], CONSENT),
    personal(address("city", &["address.city"], &CITY, ADDRESS)),
    personal(address("state", &["address.state"], &STATE, ADDRESS)),
    personal(address("address", &["address.addressLine1"], &LINE_1, ADDRESS)),
    personal(address("zip", &["address.postcode"], &POSTCODE, ADDRESS)),
    personal(both(
        "birth_date",
        &["dateOfBirth"],
        "a day from 1900 to today in the brand's time zone, and none of birth_date_dummies",
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
    personal(detail("company", &["addresses[].billing.companyName"], "from the billing address")),
    personal(detail("title", &["title"], TEXT)),
    personal(detail("initials", &["initials"], TEXT)),
    personal(detail("gender", &["sex"], TEXT)),
    personal(detail("job_title", &["jobTitle"], TEXT)),
    personal(both("home_phone", &["contact.phones.home"], TEXT)),
    personal(both("work_phone", &["contact.phones.work"], TEXT)),
    personal(both("customer_code", &["code"], TEXT)),
    search("store_code", &["joinedStoreCode"], TEXT),
    search(
        "store_name",
        &["joinedStoreId", "joinedStoreCode"],
        "the name in /stores of the store with this id, else with this code",
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
    detail("rewards_program", &["rewardsAccounts[].programName"], "from the first rewards account"),
    detail("rewards_tier", &["rewardsAccounts[].tierName"], "from the first rewards account"),
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
    both("date_created", &["startDate"], "with the offset of the brand's time zone"),
    both("date_updated", &["updateTimeStamp"], "with the offset of the brand's time zone"),
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
