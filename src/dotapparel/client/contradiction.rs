//! How an answer can break the rules that `DotApparel` itself documents.

/// How an answer contradicts itself, or what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// `hasNextPage` is true and there is no `endCursor`.
    #[error("a next page without a cursor")]
    PageWithoutCursor,
    /// Another customer than the one asked for, or one that does not say who it is.
    #[error("another customer than the one asked for")]
    OtherCustomer,
    /// Another rewards account than the one asked for, or one that does not say which it is.
    #[error("another rewards account than the one asked for")]
    OtherAccount,
}

// === impl Contradiction ===

impl Contradiction {
    /// The contradiction as a metric's label.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::PageWithoutCursor => "page_without_cursor",
            Self::OtherCustomer => "other_customer",
            Self::OtherAccount => "other_account",
        }
    }
}
