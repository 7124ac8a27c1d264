//! The calls that `DotApparel` offers.

/// The kind of a call. The meaning of a status depends on the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// `GET /customers/search`
    Search {
        /// Whether the call continues from a cursor.
        continued: bool,
    },
    /// `GET /customers/{id}`
    Customer(LookupKind),
    /// `GET /customers?email=`
    Email,
    /// `GET /customers?updated_after=`
    Recent,
    /// `GET /rewards/accounts/{id}`
    Rewards {
        /// Whether the call is made once, without the breaker, as in [`LookupKind::Alone`].
        alone: bool,
    },
    /// `GET /stores`
    Stores,
}

/// Why a customer is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookupKind {
    /// A caller asks for the customer.
    ById,
    /// A list has the customer.
    ForList,
    /// Either an earlier lookup of the customer failed and ended a walk, or the customer was read
    /// before and this lookup shows whether lookups work. The call is made once, without the
    /// breaker.
    Alone,
}

// === impl Endpoint ===

impl Endpoint {
    /// The endpoint's name in metrics and in the log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Search { .. } => "search",
            Self::Customer { .. } => "customer",
            Self::Email => "email",
            Self::Recent => "recent",
            Self::Rewards { .. } => "rewards",
            Self::Stores => "stores",
        }
    }
}
