//! A rewards account of `/rewards/accounts/{id}`.

use serde::de::MapAccess;

use super::body::{Body, Item};
use super::json::{Raw, ReadEntries, Value};
use super::unreadable::Unreadable;
use super::{Field, FieldSet};
use crate::domain::Decimal;

/// The values that are read from a rewards account.
#[derive(Debug, Default, PartialEq)]
pub struct RewardsBalance {
    pub id: Option<i64>,
    /// `availablePoints`: the points that have not expired.
    pub available_points: Option<Decimal>,
    /// The unreadable fields.
    pub unreadable: FieldSet,
}

// === impl RewardsBalance ===

impl RewardsBalance {
    /// Reads the body of `/rewards/accounts/{id}`: `data` is the account.
    pub fn parse(body: &[u8]) -> Result<Self, Unreadable> {
        Body::new(body)?.one()
    }
}

impl<'a> ReadEntries<'a> for RewardsBalance {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "id" => value.keep(Field::Id, &mut self.id, Raw::whole),
            "availablePoints" => {
                value.keep(Field::AvailablePoints, &mut self.available_points, Raw::decimal)
            }
            _ => value.ignore(),
        }
    }
}

impl Item<'_> for RewardsBalance {
    const ONE: &'static str = "data to be a rewards account";
    const MANY: &'static str = "data to be a list of rewards accounts";

    fn set_unreadable(&mut self, fields: FieldSet) {
        self.unreadable = fields;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_exactly_from_numbers_and_text() {
        for (points, read) in [
            ("0", Some("0")),
            ("1234567890123456.25", Some("1234567890123456.25")),
            (r#""120""#, Some("120")),
            ("null", None),
            (r#""""#, None),
        ] {
            let body = format!(
                r#"{{"data":{{"id":"22672","programId":1,"availablePoints":{points},"availableRewards":"x","pointsList":[{{}}]}}}}"#
            );
            let balance = RewardsBalance::parse(body.as_bytes()).unwrap();
            assert_eq!(balance.id, Some(22672));
            assert_eq!(
                balance.available_points,
                read.map(|read| read.parse().unwrap()),
                "{points}"
            );
            assert!(balance.unreadable.is_empty());
        }
    }

    #[test]
    fn unreadable_points_are_in_the_unreadable_fields() {
        let balance =
            RewardsBalance::parse(br#"{"data":{"id":1,"availablePoints":"many"}}"#).unwrap();
        assert!(balance.available_points.is_none());
        assert!(balance.unreadable.contains(Field::AvailablePoints));
    }
}
