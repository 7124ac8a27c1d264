//! The fields of a customer that may be unreadable, and sets of them.

macro_rules! fields {
    ($($field:ident = $path:literal,)*) => {
        /// A field of a customer that may be unreadable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is named by its path")]
        pub enum Field {
            $($field,)*
        }

        impl Field {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$field,)*];

            /// The path of the field in the customer, such as `contact.phones.home`. The items of a
            /// list share one path. `address` is also the path of `addresses`.
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
    LoyaltyKind = "loyalties.loyaltyType",
    LoyaltyCard = "loyalties.cardNo",
    LoyaltyJoined = "loyalties.joinDate",
    LoyaltyExpiry = "loyalties.expiry",
    LoyaltyBalance = "loyalties.balance",
    RewardsAccounts = "rewardsAccounts",
    AvailablePoints = "rewards.availablePoints",
}

/// A set of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldSet(u64);

// === impl FieldSet ===

impl FieldSet {
    /// The fields of the set, in the order of [`Field::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.iter().copied().filter(move |field| self.contains(*field))
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `field` is in the set.
    #[must_use]
    pub fn contains(self, field: Field) -> bool {
        self.0 & bit(field) != 0
    }

    /// Adds `field`.
    pub fn insert(&mut self, field: Field) {
        self.0 |= bit(field);
    }

    /// Adds the fields of `others`.
    pub fn unite(&mut self, others: Self) {
        self.0 |= others.0;
    }
}

fn bit(field: Field) -> u64 {
    const { assert!(Field::ALL.len() <= 64, "a set is 64 bits") };
    1 << field as u64
}
