//! Shopify's id of a customer.

use crate::domain::Fact;
use crate::dotapparel::Text;

/// The legacy id, else the digits at the end of the admin id:
/// `gid://shopify/Customer/6477890125896`. The id is text, because it is not a quantity.
pub(super) fn shopify_customer_id<'a>(legacy: &'a Text<'_>, admin: &'a Text<'_>) -> Fact<&'a str> {
    let digits = |admin: &'a str| {
        let start = admin.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        Some(&admin[start..]).filter(|digits| !digits.is_empty())
    };
    legacy.as_deref().or_else(|| admin.as_deref().and_then(digits)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legacy_id_comes_before_the_digits_of_the_admin_id() {
        let admin = "gid://shopify/Customer/6477890125896";
        for (legacy, admin, expected) in [
            (Some("647"), Some(admin), Fact::Value("647")),
            (None, Some(admin), Fact::Value("6477890125896")),
            (None, Some("6477890125896"), Fact::Value("6477890125896")),
            (None, Some("gid://shopify/Customer/"), Fact::Empty),
            (None, None, Fact::Empty),
        ] {
            let (legacy, admin) = (legacy.map(Into::into), admin.map(Into::into));
            assert_eq!(shopify_customer_id(&legacy, &admin), expected);
        }
    }
}
