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
    Customer {
        /// Whether the call is made for a list.
        for_list: bool,
    },
    /// `GET /customers?email=`
    Email,
    /// `GET /customers?updated_after=`
    Recent,
    /// `GET /rewards/accounts/{id}`
    Rewards,
    /// `GET /stores`
    Stores,
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
            Self::Rewards => "rewards",
            Self::Stores => "stores",
        }
    }
}
