//! A customer in the three shapes of `DotApparel`'s API document, with the keys in the document's
//! order.

use chrono::NaiveDateTime;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::local_time::write_stamp;
use super::person::{Address, Person};

/// A customer at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    /// `None` leaves the key out.
    pub(crate) id: Option<i64>,
    pub(crate) updated: NaiveDateTime,
    pub(crate) person: Person,
}

/// An entry of `/customers/search`.
pub(crate) struct SearchView<'a>(pub(crate) &'a Customer);

/// An entry of `/customers?email=` and `/customers?updated_after=`.
pub(crate) struct LookupView<'a>(pub(crate) &'a Customer);

/// The `data` of `/customers/{id}`.
pub(crate) struct DetailView<'a>(pub(crate) &'a Customer);

/// `contact`
struct Contact<'a>(&'a Person);

/// `contact.phones`
struct Phones<'a>(&'a Person);

/// The only entry of `addresses`.
struct Addresses<'a>(&'a Person);

/// Writes a key unless its value is `None`.
fn put<M: SerializeMap, T: Serialize>(
    map: &mut M,
    key: &str,
    value: Option<&T>,
) -> Result<(), M::Error> {
    match value {
        Some(value) => map.serialize_entry(key, value),
        None => Ok(()),
    }
}

// === impl Customer ===

impl Customer {
    fn put_shopify_ids<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        put(map, "shopifyAdminId", self.person.shopify_admin_id.as_ref())?;
        put(map, "shopifyLegacyId", self.person.shopify_legacy_id.as_ref())
    }

    fn put_stamps<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        put(map, "startDate", self.person.start_date.as_ref())?;
        map.serialize_entry("updateTimeStamp", &write_stamp(self.updated))
    }

    /// The keys from `firstname` to `addresses`, the same in [`LookupView`] and [`DetailView`].
    fn put_detail<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let person = &self.person;
        put(map, "firstname", person.firstname.as_ref())?;
        put(map, "surname", person.surname.as_ref())?;
        put(map, "title", person.title.as_ref())?;
        put(map, "initials", person.initials.as_ref())?;
        put(map, "sex", person.sex.as_ref())?;
        put(map, "jobTitle", person.job_title.as_ref())?;
        self.put_stamps(map)?;
        put(map, "references", person.references.as_ref())?;
        put(map, "isAgent", person.is_agent.as_ref())?;
        put(map, "currency", person.currency.as_ref())?;
        put(map, "loyalties", person.loyalties.as_ref())?;
        put(map, "rewardsAccounts", person.rewards_accounts.as_ref())?;
        map.serialize_entry("contact", &Contact(person))?;
        put(map, "privacy", person.privacy.as_ref())?;
        let addresses = person.billing.as_ref().map(|_| Addresses(person));
        map.serialize_entry("addresses", addresses.as_slice())
    }
}

// === impl SearchView ===

impl Serialize for SearchView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(customer) = self;
        let person = &customer.person;
        let address: Option<&Address> = person.billing.as_ref().map(|postal| &postal.address);
        let mut map = serializer.serialize_map(None)?;
        put(&mut map, "id", customer.id.as_ref())?;
        put(&mut map, "code", person.code.as_ref())?;
        put(&mut map, "firstname", person.firstname.as_ref())?;
        put(&mut map, "surname", person.surname.as_ref())?;
        customer.put_stamps(&mut map)?;
        map.serialize_entry("contact", &Contact(person))?;
        put(&mut map, "privacy", person.privacy.as_ref())?;
        put(&mut map, "dateOfBirth", person.date_of_birth.as_ref())?;
        put(&mut map, "retailRep", person.retail_rep.as_ref())?;
        put(&mut map, "retailCust", person.retail_cust.as_ref())?;
        put(&mut map, "address", address)?;
        customer.put_shopify_ids(&mut map)?;
        put(&mut map, "loyaltyCode", person.loyalty_code.as_ref())?;
        put(&mut map, "loyaltyName", person.loyalty_name.as_ref())?;
        put(&mut map, "joinedStoreId", person.joined_store_id.as_ref())?;
        put(&mut map, "joinedStoreCode", person.joined_store_code.as_ref())?;
        put(&mut map, "attributes", person.attributes.as_ref())?;
        map.end()
    }
}

// === impl LookupView ===

impl Serialize for LookupView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(customer) = self;
        let mut map = serializer.serialize_map(None)?;
        put(&mut map, "id", customer.id.as_ref())?;
        put(&mut map, "code", customer.person.code.as_ref())?;
        customer.put_detail(&mut map)?;
        put(&mut map, "dateOfBirth", customer.person.date_of_birth.as_ref())?;
        customer.put_shopify_ids(&mut map)?;
        map.end()
    }
}

// === impl DetailView ===

impl Serialize for DetailView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(customer) = self;
        let mut map = serializer.serialize_map(None)?;
        put(&mut map, "id", customer.id.as_ref())?;
        put(&mut map, "code", customer.person.code.as_ref())?;
        customer.put_shopify_ids(&mut map)?;
        customer.put_detail(&mut map)?;
        put(&mut map, "dateOfBirth", customer.person.date_of_birth.as_ref())?;
        map.end()
    }
}

// === impl Contact ===

impl Serialize for Contact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        put(&mut map, "email", self.0.email.as_ref())?;
        map.serialize_entry("phones", &Phones(self.0))?;
        map.end()
    }
}

// === impl Phones ===

impl Serialize for Phones<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        put(&mut map, "home", self.0.home.as_ref())?;
        put(&mut map, "mobile", self.0.mobile.as_ref())?;
        put(&mut map, "work", self.0.work.as_ref())?;
        map.end()
    }
}

// === impl Addresses ===

impl Serialize for Addresses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        put(&mut map, "billing", self.0.billing.as_ref())?;
        put(&mut map, "delivery", self.0.delivery.as_ref())?;
        map.end()
    }
}
