//! Answers that break the rules that `DotApparel` itself documents.

/// A contradiction within an answer, between an answer and the request, or between answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// `hasNextPage` is true, but there is no `endCursor`.
    #[error("a next page without a cursor")]
    PageWithoutCursor,
    /// The answer is not about the requested customer, or has no id.
    #[error("another customer than the one asked for, or no id")]
    OtherCustomer,
    /// The answer is not about the requested rewards account, or has no id.
    #[error("another rewards account than the one asked for, or no id")]
    OtherAccount,
    /// The lookups find none of the customers of a list.
    #[error("lookups find none of the customers that the search lists")]
    NoneFound,
}

// === impl Contradiction ===

impl Contradiction {
    /// The label of the contradiction in a metric.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::PageWithoutCursor => "page_without_cursor",
            Self::OtherCustomer => "other_customer",
            Self::OtherAccount => "other_account",
            Self::NoneFound => "none_found",
        }
    }
}
