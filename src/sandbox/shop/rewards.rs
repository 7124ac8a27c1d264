//! A rewards account, as `GET /rewards/accounts/{id}` returns it.

use serde::Serialize;
use serde_json::{Value, json};

use super::customer::Customer;

/// A rewards account with the keys in the order of `DotApparel`'s API document. The document's
/// sample ends before `availableRewards`; the keys from there on are in Apparel21's order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RewardsAccount {
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

// === impl RewardsAccount ===

impl RewardsAccount {
    /// The customer's account with this id.
    pub(crate) fn from_customer(customer: &Customer, id: i64) -> Option<Self> {
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
