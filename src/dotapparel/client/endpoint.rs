//! The questions that are put to `DotApparel`.

/// What is asked, as far as it decides what an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// `GET /customers/search`
    Search {
        /// Whether it goes on from a cursor.
        continued: bool,
    },
    /// `GET /customers/{id}`
    Customer,
    /// `GET /customers?email=`
    Email,
    /// `GET /rewards/accounts/{id}`
    Rewards,
    /// `GET /stores`
    Stores,
}

// === impl Endpoint ===

impl Endpoint {
    /// The endpoint as a metric's label and a log's field.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Search { .. } => "search",
            Self::Customer => "customer",
            Self::Email => "email",
            Self::Rewards => "rewards",
            Self::Stores => "stores",
        }
    }
}
