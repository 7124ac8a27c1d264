//! When the refusal of one channel begins and ends.

use chrono::{NaiveDateTime, TimeDelta};

use super::address::AddressKey;
use crate::domain::Fact;

/// The refusal of one channel by one customer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Side {
    /// The version that refuses; `None` without a refusal.
    pub(crate) refused: Option<Version>,
    /// The addresses of this version, or the address of a later version that shows nothing of the
    /// consent. Two answers about one version may show two addresses.
    pub(crate) addresses: AddressKeys,
    /// A full list (a certified list of all customers) may end the refusal if the list begins after
    /// this second.
    pub(crate) believed_until: u32,
    /// An answer may grant without ending the refusal, if its version is not surely later. This is
    /// the second in which the upstream was asked for the last such answer. Only answers that were
    /// asked for after `believed_until` count.
    pub(crate) granted_at: u32,
    /// Whether a full list lacked the customer, and no answer has shown the customer since. The
    /// addresses of such a customer do not count.
    pub(crate) is_gone: bool,
}

/// At most two addresses of one version.
pub(crate) type AddressKeys = [Option<AddressKey>; 2];

/// The version of a customer, as a whole second of its stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// The stamp is unreadable or implausible.
    Unreadable,
    /// The stamp, in seconds since 1970 as if it were UTC. If the tenant's clock shows the stamp
    /// twice, the change may be from the second showing, so `last` is [`PUT_BACK`] after `first`.
    /// Otherwise both are equal.
    At {
        /// The first second.
        first: u32,
        /// The last second.
        last: u32,
    },
}

/// What an answer shows of one channel of one customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting {
    /// Whether the channel is allowed; `None` if the answer does not show it.
    pub(crate) allowed: Option<bool>,
    /// The version that decides about `allowed`.
    pub(crate) version: Version,
    /// The address, or the first two addresses of a text with several. Unknown if no address can be
    /// read.
    pub(crate) addresses: Fact<AddressKeys>,
}

/// When an answer arrived, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) now: u32,
    /// When the upstream was asked. This is earlier than `now` for an answer from a cache.
    pub(crate) asked: u32,
    /// Until when full lists may still show an earlier version than this answer.
    pub(crate) believed_until: u32,
}

/// The longest time by which a present-day zone puts its clock back (Antarctica/Casey in 2023).
const PUT_BACK: TimeDelta = TimeDelta::hours(3);

// === impl Side ===

impl Side {
    /// The side after an answer.
    pub(crate) fn after(self, sighting: Sighting, arrival: Arrival) -> Self {
        let Sighting { allowed, version, addresses } = sighting;
        let Some(refused) = self.refused else {
            return match allowed {
                Some(false) => Self::default().refusing(version, addresses, arrival),
                _ => self,
            };
        };
        let (is_later, is_earlier) = (version.is_after(refused), refused.is_after(version));
        match allowed {
            Some(false) if is_later => self.refusing(version, addresses, arrival),
            Some(false) if !is_earlier => {
                self.with(addresses).refusing(version.or(refused), Fact::Unknown, arrival)
            }
            Some(true) if is_later => Self::default(),
            // The upstream was asked after `believed_until`, so a full list may end the refusal.
            Some(true) if arrival.asked > self.believed_until => {
                Self { granted_at: arrival.asked, is_gone: false, ..self }
            }
            Some(true) => {
                let believed_until = self.believed_until.max(arrival.now);
                Self { believed_until, is_gone: false, ..self }
            }
            None if is_later => self.refusing(refused, addresses, arrival),
            // The answer refuses in an earlier version, or shows nothing of the consent.
            _ => self.refusing(refused, Fact::Unknown, arrival),
        }
    }

    /// The side after a full list that began at `began`. The list changes nothing if it began at or
    /// before `believed_until`. Otherwise, a grant since `began` ends the refusal. Without such a
    /// grant, the list lacks the customer.
    pub(crate) fn after_full_list(self, began: u32) -> Self {
        if self.refused.is_none() || self.believed_until >= began {
            return self;
        }
        if self.granted_at >= began { Self::default() } else { Self { is_gone: true, ..self } }
    }

    /// The addresses at which the refusal counts.
    pub(crate) fn counted(&self) -> impl Iterator<Item = AddressKey> + use<> {
        let addresses = if self.is_gone { [None; 2] } else { self.addresses };
        addresses.into_iter().flatten()
    }

    /// The side after a refusal by this version. Unknown addresses keep the known addresses.
    fn refusing(self, version: Version, addresses: Fact<AddressKeys>, arrival: Arrival) -> Self {
        let addresses = match addresses {
            Fact::Value(addresses) => addresses,
            Fact::Empty => [None; 2],
            Fact::Unknown => self.addresses,
        };
        let believed_until = self.believed_until.max(arrival.believed_until);
        Self { refused: Some(version), addresses, believed_until, is_gone: false, ..self }
    }

    /// The side with further addresses of the same version. Two new addresses replace the known
    /// addresses.
    fn with(self, addresses: Fact<AddressKeys>) -> Self {
        let addresses = match addresses {
            Fact::Value([new, None]) if self.addresses[0] != new => [new, self.addresses[0]],
            Fact::Value(both @ [_, Some(_)]) => both,
            _ => return self,
        };
        Self { addresses, ..self }
    }
}

// === impl Version ===

impl Version {
    /// The version with this stamp. `is_twice` is true if the tenant's clock shows the stamp twice.
    /// A stamp after `latest` is implausible.
    pub(crate) fn new(stamp: Option<NaiveDateTime>, is_twice: bool, latest: NaiveDateTime) -> Self {
        let second = |stamp: NaiveDateTime| u32::try_from(stamp.and_utc().timestamp()).ok();
        let plausible = stamp.filter(|stamp| *stamp <= latest);
        let last = plausible.map(|stamp| if is_twice { stamp + PUT_BACK } else { stamp });
        match (plausible.and_then(second), last.and_then(second)) {
            // Some systems write the first second of 1970 for an unknown time.
            (Some(first), Some(last)) if first > 0 => Self::At { first, last },
            _ => Self::Unreadable,
        }
    }

    /// Whether this version is surely later than `other`.
    fn is_after(self, other: Self) -> bool {
        matches!((self, other), (Self::At { first, .. }, Self::At { last, .. }) if first > last)
    }

    /// The later of two versions whose order is not certain. The result is unreadable if either
    /// version is unreadable, because the unreadable version may be later.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::At { first: a, last: b }, Self::At { first: c, last: d }) => {
                Self::At { first: a.max(c), last: b.max(d) }
            }
            _ => Self::Unreadable,
        }
    }
}
