//! The faults that the tenant can show, and the kinds of calls that show them.

use std::str::FromStr;

use actix_web::http::StatusCode;

/// A mistake of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers this status with an HTML page; 500 if the number is not a status.
    Status(u16),
    /// Answers 429.
    RateLimited {
        /// The seconds in `Retry-After`; `None` leaves the header out.
        retry_after: Option<u32>,
    },
    /// Answers 401 though the credentials are right.
    Unauthorized,
    /// Answers 403.
    Forbidden,
    /// Sends half of the body that `Content-Length` announces, and closes the connection.
    CutBody,
    /// Answers 200 with an HTML page.
    NotJson,
    /// Answers 200 with the first half of the JSON as a complete body.
    TruncatedJson,
    /// Pads the right body with blanks to this many bytes, without a `Content-Length`.
    HugeBody(usize),
    /// Waits until faults are cleared, then answers correctly.
    Hang,
    /// Sends the right body one byte at a time, ten bytes a second.
    Drip,
    /// The JSON has `data` twice. The first one is an empty list.
    DataTwice,
    /// Compresses the right body in two members of gzip, which is valid.
    GzipMembers,
    /// Compresses the right body with 4 MiB of blanks to a few KiB.
    GzipBomb,
    /// A page has `hasNextPage` but no cursor.
    NextWithoutCursor(Absence),
    /// A continued page returns the cursor that it was asked with.
    RepeatCursor,
    /// The third page returns the cursor of the second page, so both pages alternate forever.
    CursorCycle,
    /// A page is empty, with a new cursor for the same position. Without `times`, this never ends.
    EmptyPages,
    /// Answers 400 to every cursor.
    ExpireCursors,
    /// A continued page is cut off, and a retry with the same cursor gets the following page.
    LostPage,
    /// Answers 404 to a search.
    NotFoundOnSearch,
    /// A search ignores `updated_after`.
    IgnoreFilter,
    /// A search finds no customer.
    NoCustomers,
    /// Redirects to the same path without the query.
    DropQuery,
    /// A page has up to twice `page_size` records.
    OversizedPage,
    /// The last record of each page is also the first record of the next page.
    DuplicateAcrossPages,
    /// The first record of the answer has no id.
    MissingIds,
    /// `GET /customers/{id}` returns the next customer; for the last customer, the first one.
    WrongId,
    /// `GET /customers?email=` also returns the customer with the lowest id.
    WrongEmail,
}

/// How a cursor is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// `"endCursor": null`
    Null,
    /// `"endCursor": ""`
    Empty,
    /// No key `endCursor`.
    Missing,
}

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Calls {
    /// Every call for customers.
    All,
    /// `/customers/search`
    Searches,
    /// `/customers/search` with a cursor.
    Continued,
    /// `/customers?email=` and `/customers?updated_after=`
    Lookups,
    /// `/customers/{id}`
    Gets,
    /// `/stores`, not a call for customers.
    Stores,
    /// `/rewards/accounts/{id}`, not a call for customers.
    Rewards,
}

/// The text is not the name of a fault or of a kind of call.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {expected}, found {found:?}")]
pub struct UnknownFault {
    expected: String,
    found: String,
}

/// The text of each fault, and the fault. A value in `[]` is optional: the fault here has its
/// default. The values of `status` and `huge-body` are required: the values here are not used.
const FAULTS: [(&str, Fault); 28] = [
    ("status=<code>", Fault::Status(500)),
    ("rate-limited[=<seconds>]", Fault::RateLimited { retry_after: None }),
    ("unauthorized", Fault::Unauthorized),
    ("forbidden", Fault::Forbidden),
    ("cut-body", Fault::CutBody),
    ("not-json", Fault::NotJson),
    ("truncated-json", Fault::TruncatedJson),
    ("huge-body=<bytes>", Fault::HugeBody(0)),
    ("hang", Fault::Hang),
    ("drip", Fault::Drip),
    ("data-twice", Fault::DataTwice),
    ("gzip-members", Fault::GzipMembers),
    ("gzip-bomb", Fault::GzipBomb),
    ("next-without-cursor[=null|empty|missing]", Fault::NextWithoutCursor(Absence::Null)),
    ("repeat-cursor", Fault::RepeatCursor),
    ("cursor-cycle", Fault::CursorCycle),
    ("empty-pages", Fault::EmptyPages),
    ("expire-cursors", Fault::ExpireCursors),
    ("lost-page", Fault::LostPage),
    ("not-found-on-search", Fault::NotFoundOnSearch),
    ("ignore-filter", Fault::IgnoreFilter),
    ("no-customers", Fault::NoCustomers),
    ("drop-query", Fault::DropQuery),
    ("oversized-page", Fault::OversizedPage),
    ("duplicate-across-pages", Fault::DuplicateAcrossPages),
    ("missing-ids", Fault::MissingIds),
    ("wrong-id", Fault::WrongId),
    ("wrong-email", Fault::WrongEmail),
];

/// The text of each kind of call.
const CALLS: [(&str, Calls); 7] = [
    ("all", Calls::All),
    ("searches", Calls::Searches),
    ("continued", Calls::Continued),
    ("lookups", Calls::Lookups),
    ("gets", Calls::Gets),
    ("stores", Calls::Stores),
    ("rewards", Calls::Rewards),
];

// === impl Fault ===

impl Fault {
    /// The text of each fault, for help texts.
    pub fn all_names() -> impl Iterator<Item = &'static str> {
        FAULTS.into_iter().map(|(written, _)| written)
    }

    /// Whether a call of the kind `call` can show this fault. Other calls do not count for `skip`
    /// and `times` of an injection.
    pub(crate) fn shows_in(self, call: Calls) -> bool {
        // Calls for stores and rewards can show a fault that every call for customers can show.
        self.calls() == Calls::All || self.calls().include(call)
    }

    /// The calls for customers that can show this fault.
    fn calls(self) -> Calls {
        match self {
            Self::NextWithoutCursor(_)
            | Self::EmptyPages
            | Self::NotFoundOnSearch
            | Self::IgnoreFilter
            | Self::NoCustomers
            | Self::OversizedPage
            | Self::DuplicateAcrossPages => Calls::Searches,
            Self::RepeatCursor | Self::CursorCycle | Self::ExpireCursors | Self::LostPage => {
                Calls::Continued
            }
            Self::WrongId => Calls::Gets,
            Self::WrongEmail => Calls::Lookups,
            _ => Calls::All,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let is_named = |written: &str| written.split(['=', '[']).next() == Some(name);
        let (_, fault) = FAULTS.into_iter().find(|(written, _)| is_named(written))?;
        Some(match (fault, value) {
            (Self::Status(_), Some(code)) => {
                Self::Status(StatusCode::from_str(code).ok()?.as_u16())
            }
            (Self::HugeBody(_), Some(bytes)) => Self::HugeBody(bytes.parse().ok()?),
            (Self::RateLimited { .. }, Some(seconds)) => {
                Self::RateLimited { retry_after: Some(seconds.parse().ok()?) }
            }
            (Self::NextWithoutCursor(_), Some("null")) => Self::NextWithoutCursor(Absence::Null),
            (Self::NextWithoutCursor(_), Some("empty")) => Self::NextWithoutCursor(Absence::Empty),
            (Self::NextWithoutCursor(_), Some("missing")) => {
                Self::NextWithoutCursor(Absence::Missing)
            }
            (Self::Status(_) | Self::HugeBody(_), None) | (_, Some(_)) => return None,
            (fault, None) => fault,
        })
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    /// Reads a name as [`Fault::all_names`] writes it, such as `status=503`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or_else(|| UnknownFault {
            expected: FAULTS.map(|(written, _)| written).join(", "),
            found: text.to_owned(),
        })
    }
}

// === impl Calls ===

impl Calls {
    /// Whether a call of the kind `call` is one of these.
    pub(crate) fn include(self, call: Self) -> bool {
        self == call
            || (self == Self::All && call.is_for_customers())
            || (self == Self::Searches && call == Self::Continued)
    }

    pub(crate) fn is_for_customers(self) -> bool {
        !matches!(self, Self::Stores | Self::Rewards)
    }
}

impl FromStr for Calls {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = CALLS.into_iter().find(|(name, _)| *name == text);
        known.map(|(_, calls)| calls).ok_or_else(|| UnknownFault {
            expected: CALLS.map(|(name, _)| name).join(", "),
            found: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_help_is_a_fault() {
        let example = |name: &str| {
            name.replace("[=<seconds>]", "=30")
                .replace("[=null|empty|missing]", "=empty")
                .replace("<code>", "503")
                .replace("<bytes>", "1048576")
        };
        let mut faults: Vec<Fault> = Vec::new();
        for name in Fault::all_names() {
            let fault = example(name).parse().unwrap();
            assert!(!faults.contains(&fault), "{name}");
            faults.push(fault);
        }
        assert_eq!(faults[0], Fault::Status(503));
        assert!(faults.contains(&Fault::RateLimited { retry_after: Some(30) }));
        assert!(faults.contains(&Fault::NextWithoutCursor(Absence::Empty)));
        assert!(faults.contains(&Fault::HugeBody(1_048_576)));
    }

    #[test]
    fn an_unknown_fault_is_refused_and_the_error_lists_known_names() {
        for bad in [
            "",
            "status",
            "status=",
            "status=abc",
            "status=99",
            "rate-limited=soon",
            "hang=5",
            "huge-body",
            "next-without-cursor=never",
            "HANG",
        ] {
            let error = bad.parse::<Fault>().unwrap_err().to_string();
            assert!(
                error.contains("status=<code>") && error.ends_with(&format!("{bad:?}")),
                "{error}"
            );
        }
    }

    #[test]
    fn only_all_and_searches_include_other_kinds_of_calls() {
        assert!(Calls::All.include(Calls::Gets));
        assert!(Calls::Searches.include(Calls::Continued));
        assert!(!Calls::Continued.include(Calls::Searches));
        assert!(!Calls::Lookups.include(Calls::Gets));
        assert!(!Calls::All.include(Calls::Stores) && Calls::Rewards.include(Calls::Rewards));
        assert!(Fault::Hang.shows_in(Calls::Stores) && !Fault::WrongId.shows_in(Calls::Stores));
        assert_eq!("continued".parse(), Ok(Calls::Continued));
        assert!("some".parse::<Calls>().is_err());
    }
}
