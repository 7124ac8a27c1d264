//! The data of a customer: the keys of `DotApparel`'s API document. A key can be missing, and most
//! keys can have any JSON value.

use serde::Serialize;
use serde_json::Value;

/// The value of a key; `None` when the key is missing.
pub type Field = Option<Value>;

/// The data of a customer without its id and stamp, under the document's names.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields are the document's keys")]
pub struct Person {
    pub code: Field,
    pub firstname: Field,
    pub surname: Field,
    pub title: Field,
    pub initials: Field,
    pub sex: Field,
    pub job_title: Field,
    pub start_date: Field,
    pub references: Field,
    pub is_agent: Field,
    pub currency: Field,
    pub loyalties: Option<Vec<Loyalty>>,
    pub rewards_accounts: Field,
    /// The `availablePoints` of the customer's rewards accounts. Only `GET /rewards/accounts/{id}`
    /// returns this key.
    pub available_points: Field,
    pub email: Field,
    pub home: Field,
    pub mobile: Field,
    pub work: Field,
    pub privacy: Field,
    pub date_of_birth: Field,
    pub retail_rep: Field,
    pub retail_cust: Field,
    /// `addresses[0].billing`, and `address` in the search.
    pub billing: Option<Postal>,
    pub delivery: Option<Postal>,
    pub shopify_admin_id: Field,
    pub shopify_legacy_id: Field,
    pub loyalty_code: Field,
    pub loyalty_name: Field,
    pub joined_store_id: Field,
    pub joined_store_code: Field,
    pub attributes: Field,
}

/// An entry of `loyalties`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the document's keys")]
pub struct Loyalty {
    pub id: Value,
    pub loyalty_type_id: Value,
    pub loyalty_type: Value,
    pub card_no: Value,
    pub expiry: Value,
    pub balance: Value,
    pub credit_status: Value,
    pub message: Value,
    pub join_date: Value,
    pub status_id: Value,
}

/// A billing or delivery address.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the document's keys")]
pub struct Postal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_name: Field,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Field,
    #[serde(flatten)]
    pub address: Address,
}

/// The place of a postal address.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the document's keys")]
pub struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line1: Field,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line2: Field,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Field,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Field,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Field,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Field,
}

// === impl Person ===

impl Person {
    /// The e-mail address, or an empty text.
    pub(crate) fn email(&self) -> &str {
        self.email.as_ref().and_then(Value::as_str).unwrap_or_default()
    }

    /// The entry of `rewardsAccounts` with this id.
    pub(crate) fn rewards_account(&self, id: i64) -> Option<&Value> {
        let accounts = self.rewards_accounts.as_ref()?.as_array()?;
        accounts.iter().find(|account| account["id"] == id)
    }

    /// Every key of a customer that is a text or a number in the document, and the keys of the
    /// addresses. The keys of other objects and lists are left out.
    pub(crate) fn scalars(&mut self) -> impl Iterator<Item = &mut Field> {
        let own = [
            &mut self.code,
            &mut self.firstname,
            &mut self.surname,
            &mut self.title,
            &mut self.initials,
            &mut self.sex,
            &mut self.job_title,
            &mut self.start_date,
            &mut self.email,
            &mut self.home,
            &mut self.mobile,
            &mut self.work,
            &mut self.date_of_birth,
            &mut self.retail_rep,
            &mut self.retail_cust,
            &mut self.shopify_admin_id,
            &mut self.shopify_legacy_id,
            &mut self.loyalty_code,
            &mut self.loyalty_name,
            &mut self.joined_store_id,
            &mut self.joined_store_code,
        ];
        let postal = self.billing.iter_mut().chain(&mut self.delivery);
        own.into_iter().chain(postal.flat_map(Postal::scalars))
    }

    /// Adds the number of visits as a reference and as an attribute `Visits`, if it is not 0.
    pub(crate) fn show_visits(&mut self, visits: u32) {
        if visits > 0 {
            let visits = visits.to_string();
            push(&mut self.references, serde_json::json!({ "type": "Visits", "value": visits }));
            push(&mut self.attributes, serde_json::json!({ "key": "Visits", "value": visits }));
        }
    }
}

/// Appends `value` to a list. If `list` is no list, replaces `list` with a list of `value` alone.
fn push(list: &mut Field, value: Value) {
    match list {
        Some(Value::Array(values)) => values.push(value),
        other => *other = Some(vec![value].into()),
    }
}

// === impl Postal ===

impl Postal {
    fn scalars(&mut self) -> impl Iterator<Item = &mut Field> {
        let address = &mut self.address;
        [
            &mut self.contact_name,
            &mut self.company_name,
            &mut address.address_line1,
            &mut address.address_line2,
            &mut address.city,
            &mut address.state,
            &mut address.postcode,
            &mut address.country,
        ]
        .into_iter()
    }
}
