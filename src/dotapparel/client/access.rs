//! Decides whether a refusal is about the requested object or about the brand's user.

use std::sync::{Mutex, MutexGuard};

use metrics::Gauge;

use crate::telemetry::Metrics;

/// What the answers have shown about the user's access to one kind of object. `DotApparel` returns
/// 403 to a user without the right. It also returns 403 for a customer with bad data, and for a
/// rewards account that does not exist.
#[derive(Debug)]
pub(crate) struct AccessBelief {
    /// Number of refusals in a row after which the user is believed to be refused.
    max_refusals: u32,
    /// 1 while the user is believed to be refused.
    user_refused: Gauge,
    /// The lock is never held over an await.
    seen: Mutex<SeenAnswers>,
}

/// The cause of a refusal. A refusal is a 403. For rewards accounts, a 404 and a 400 are refusals
/// too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusalCause {
    /// The cause is the object, because another object of this kind was read.
    Object,
    /// The cause is the user, because too many objects were refused in a row.
    User {
        /// Whether the belief began with this refusal.
        is_new: bool,
    },
    /// The cause is not known, because no object of this kind was read yet.
    Unknown,
}

#[derive(Debug, Default)]
struct SeenAnswers {
    /// The last two objects that were read, the latest first.
    read: [Option<i64>; 2],
    /// Refusals in a row.
    refusals: u32,
}

/// Ten customers with bad data in a row are unlikely, but possible. After ten refusals, the lookup
/// of a customer that was read before decides ([`AccessBelief::controls`]).
const MAX_LOOKUP_REFUSALS: u32 = 10;

/// Each account id is from a customer's own record, so 5 missing accounts in a row are unlikely.
const MAX_REWARDS_REFUSALS: u32 = 5;

// === impl AccessBelief ===

impl AccessBelief {
    /// The belief about `/customers/{id}`.
    pub(crate) fn for_lookups() -> Self {
        Self {
            max_refusals: MAX_LOOKUP_REFUSALS,
            user_refused: Gauge::noop(),
            seen: Mutex::default(),
        }
    }

    /// The belief about rewards accounts. `metrics` carry the brand's label.
    pub(crate) fn for_rewards(metrics: &Metrics) -> Self {
        let user_refused = metrics.gauge("dotstory_rewards_refused", &[]);
        Self { max_refusals: MAX_REWARDS_REFUSALS, user_refused, seen: Mutex::default() }
    }

    /// Records that an object was read. Returns whether the user was believed to be refused.
    pub(crate) fn note_read(&self, object: i64) -> bool {
        let mut seen = self.seen();
        let was_refused = self.is_refused(&seen);
        if was_refused {
            self.user_refused.set(0.0);
        }
        if seen.read[0] != Some(object) {
            seen.read = [Some(object), seen.read[0]];
        }
        seen.refusals = 0;
        was_refused
    }

    /// Records a refusal, and returns its cause.
    pub(crate) fn note_refusal(&self) -> RefusalCause {
        let mut seen = self.seen();
        let was_refused = self.is_refused(&seen);
        seen.refusals = seen.refusals.saturating_add(1);
        if self.is_refused(&seen) {
            self.user_refused.set(1.0);
            return RefusalCause::User { is_new: !was_refused };
        }
        if seen.read[0].is_some() { RefusalCause::Object } else { RefusalCause::Unknown }
    }

    /// Whether a refusal is about the object, not about the user.
    pub(crate) fn is_about_object(&self) -> bool {
        let seen = self.seen();
        seen.read[0].is_some() && !self.is_refused(&seen)
    }

    /// Whether the user is believed to be refused.
    pub(crate) fn is_user_refused(&self) -> bool {
        self.is_refused(&self.seen())
    }

    /// Objects that were read before. If such an object can be read again, the failure of another
    /// object is not about the user.
    pub(crate) fn controls(&self) -> impl Iterator<Item = i64> + use<> {
        self.seen().read.into_iter().flatten()
    }

    fn is_refused(&self, seen: &SeenAnswers) -> bool {
        seen.refusals >= self.max_refusals
    }

    fn seen(&self) -> MutexGuard<'_, SeenAnswers> {
        self.seen.lock().expect("no holder of this lock can panic")
    }
}
