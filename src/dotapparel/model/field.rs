//! The fields of a customer by name, and sets of them.

use serde::de::MapAccess;

use crate::dotapparel::entries::{Entries, Value};
use crate::dotapparel::lenient::{Lenient, Misfit};

macro_rules! fields {
    ($($field:ident = $path:literal,)*) => {
        /// A field of a customer that can turn out to be unreadable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is named by its path")]
        pub enum Field {
            $($field,)*
        }

        impl Field {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$field,)*];

            /// Where the field stands in the customer, such as `contact.phones.home`; items of a list share one path.
            #[must_use]
            pub fn path(self) -> &'static str {
                match self {
                    $(Self::$field => $path,)*
                }
            }
        }
    };
}

fields! {
    Id = "id",
    Code = "code",
    FirstName = "firstname",
    Surname = "surname",
    Title = "title",
    Initials = "initials",
    Sex = "sex",
    JobTitle = "jobTitle",
    StartDate = "startDate",
    UpdateTimeStamp = "updateTimeStamp",
    Contact = "contact",
    Email = "contact.email",
    Phones = "contact.phones",
    HomePhone = "contact.phones.home",
    MobilePhone = "contact.phones.mobile",
    WorkPhone = "contact.phones.work",
    Privacy = "privacy",
    DateOfBirth = "dateOfBirth",
    RetailRep = "retailRep",
    RetailCust = "retailCust",
    IsAgent = "isAgent",
    Currency = "currency",
    Address = "address",
    ShopifyAdminId = "shopifyAdminId",
    ShopifyLegacyId = "shopifyLegacyId",
    LoyaltyCode = "loyaltyCode",
    LoyaltyName = "loyaltyName",
    JoinedStoreId = "joinedStoreId",
    JoinedStoreCode = "joinedStoreCode",
    Attributes = "attributes",
    References = "references",
    Loyalties = "loyalties",
    LoyaltyBalance = "loyalties.balance",
    RewardsAccounts = "rewardsAccounts",
}

/// A part of a customer that knows which of its own fields were unreadable.
pub(super) trait Part<'a>: Entries<'a> {
    fn unreadable(&self) -> Fields;
}

/// A set of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields(u64);

// === impl Fields ===

impl Fields {
    /// The fields of the set, in the order of [`Field::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.iter().copied().filter(move |field| self.contains(*field))
    }

    /// Whether the set holds no field.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the set holds `field`.
    #[must_use]
    pub fn contains(self, field: Field) -> bool {
        self.0 & bit(field) != 0
    }

    /// Puts `field` into the set.
    pub fn insert(&mut self, field: Field) {
        self.0 |= bit(field);
    }

    /// Puts what was read into `slot`; what could not be read empties it and puts `field` into the set.
    pub(super) fn keep<T>(&mut self, field: Field, slot: &mut Option<T>, read: Lenient<T>) {
        *slot = read.unwrap_or_else(|Misfit| {
            self.insert(field);
            None
        });
    }

    /// The same for an object, whose own unreadable fields join the set.
    pub(super) fn keep_object<'a, T: Part<'a>, A: MapAccess<'a>>(
        &mut self,
        field: Field,
        slot: &mut Option<T>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        self.keep(field, slot, value.object()?);
        if let Some(part) = slot {
            self.0 |= part.unreadable().0;
        }
        Ok(())
    }

    /// The same for a list of objects; of an unreadable list, what could be read stays.
    pub(super) fn keep_list<'a, T: Part<'a>, A: MapAccess<'a>>(
        &mut self,
        field: Field,
        slot: &mut Vec<T>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        let (parts, rest) = value.objects()?.list();
        *slot = parts;
        if rest.is_err() {
            self.insert(field);
        }
        for part in slot {
            self.0 |= part.unreadable().0;
        }
        Ok(())
    }
}

fn bit(field: Field) -> u64 {
    const { assert!(Field::ALL.len() <= 64, "a set is 64 bits") };
    1 << field as u64
}
