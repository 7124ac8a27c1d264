//! A customer in the three shapes in which the document shows one, key by key in its order.

use chrono::NaiveDateTime;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::local_time::write_stamp;
use super::person::{Address, Person};

/// A customer as the tenant tells it.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    /// `None` when it is to be left out.
    pub(crate) id: Option<i64>,
    pub(crate) updated: NaiveDateTime,
    pub(crate) person: Person,
}

/// An entry of `/customers/search`.
pub(crate) struct Found<'a>(pub(crate) &'a Customer);

/// An entry of `/customers?email=`.
pub(crate) struct Listed<'a>(pub(crate) &'a Customer);

/// The answer of `/customers/{id}`.
pub(crate) struct Single<'a>(pub(crate) &'a Customer);

/// `contact` with its `phones`.
struct Contact<'a>(&'a Person);
struct Phones<'a>(&'a Person);

/// The one entry of `addresses`.
struct Addresses<'a>(&'a Person);

/// Writes a key, unless it is missing.
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

    /// The keys from `firstname` to `addresses` that both detailed shapes share.
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
        map.serialize_entry(
            "addresses",
            &[Addresses(person)][..usize::from(person.billing.is_some())],
        )
    }
}

// === impl Found ===

impl Serialize for Found<'_> {
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

// === impl Listed ===

impl Serialize for Listed<'_> {
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

// === impl Single ===

impl Serialize for Single<'_> {
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
