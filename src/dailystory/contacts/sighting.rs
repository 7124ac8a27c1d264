//! When the refusal of one channel begins and ends.

use super::address::AddressKey;
use crate::paging::Stamp;

/// What one customer says of one channel.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Side {
    /// The address of a refusal; `None` without a refusal or an address.
    pub(crate) address: Option<AddressKey>,
    /// The version that refuses; `None` without a refusal.
    pub(crate) refused: Option<Version>,
}

/// The version of a customer, as a whole second of its stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// The stamp is unreadable.
    Unreadable,
    /// Seconds since 1970 by the tenant's clock. Earlier stamps count as 0, stamps after 2106 as
    /// the last second.
    At(u32),
}

/// What an answer shows of one channel of one customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting {
    /// Whether the channel is allowed; `None` if the answer cannot know it.
    pub(crate) allowed: Option<bool>,
    /// The version that decides.
    pub(crate) version: Version,
    /// The address, if refusals count for all customers of one address.
    pub(crate) address: Option<AddressKey>,
}

// === impl Side ===

impl Side {
    /// The side after an answer.
    pub(crate) fn after(self, sighting: Sighting) -> Self {
        let Sighting { allowed, version, address } = sighting;
        let is_later = self.refused.is_some_and(|refused| version.is_after(refused));
        let is_earlier = self.refused.is_some_and(|refused| refused.is_after(version));
        match allowed {
            Some(false) if !is_earlier => Self { address, refused: Some(version) },
            Some(true) if is_later => Self::default(),
            // The customer has another address, and no answer shows another consent.
            None if is_later => Self { address, ..self },
            _ => self,
        }
    }

    /// Whether the answer shows that the customer exists, and nothing against its refusal. A grant
    /// without a readable version ends the refusal at the next full list.
    pub(crate) fn is_confirmed_by(self, sighting: Sighting) -> bool {
        self.refused.is_some_and(|refused| {
            let is_clear =
                refused != Version::Unreadable && sighting.version != Version::Unreadable;
            sighting.allowed != Some(true) || is_clear
        })
    }
}

// === impl Version ===

impl Version {
    /// The version with this stamp.
    pub(crate) fn from_stamp(stamp: Stamp) -> Self {
        let Some(stamp) = stamp else { return Self::Unreadable };
        let seconds = stamp.and_utc().timestamp().clamp(0, u32::MAX.into());
        Self::At(u32::try_from(seconds).expect("the number was clamped"))
    }

    /// Whether this version is surely later than `other`.
    fn is_after(self, other: Self) -> bool {
        matches!((self, other), (Self::At(own), Self::At(other)) if own > other)
    }
}
