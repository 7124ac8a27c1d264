//! A rewards account, as `GET /rewards/accounts/{id}` shows it.

use serde::Serialize;
use serde_json::{Value, json};

use super::customer::Customer;

/// A rewards account, key by key in the document's order; from `availableRewards` on in Apparel21's, because the
/// document breaks off there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    id: Value,
    program_id: Value,
    program_name: Value,
    tier_id: Value,
    tier_name: Value,
    person_id: Option<i64>,
    tier_locked_until_date: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    available_points: Option<Value>,
    available_rewards: i64,
    join_date: &'static str,
    points_to_next_reward: Option<i64>,
    points_list: Value,
}

// === impl Account ===

impl Account {
    /// The customer's account of this id.
    pub(crate) fn of(customer: &Customer, id: i64) -> Option<Self> {
        let account = customer.person.rewards_account(id)?;
        Some(Self {
            id: account["id"].clone(),
            program_id: account["programId"].clone(),
            program_name: account["programName"].clone(),
            tier_id: account["tierId"].clone(),
            tier_name: account["tierName"].clone(),
            person_id: customer.id,
            tier_locked_until_date: "2023-09-01",
            available_points: customer.person.available_points.clone(),
            available_rewards: 0,
            join_date: "2021-03-25",
            points_to_next_reward: None,
            points_list: json!([]),
        })
    }
}
