//! The customers of each brand: equal ids, names and stamps, and e-mail addresses of the brand's
//! own domain.

use std::sync::LazyLock;

use crate::customer;
use crate::upstream::id_at;

/// Number of customers of each brand.
pub(crate) const CUSTOMERS: u64 = 3_000;

/// Each id with its stamp, in the form of `updated_after`.
static STAMPS: LazyLock<Vec<(u64, String)>> = LazyLock::new(|| {
    let stamp = |id| (id, customer::stamp(id).replace(' ', "T"));
    (0..CUSTOMERS).map(id_at).map(stamp).collect()
});

/// The customers that changed after this moment; all customers for an empty text.
pub(crate) fn changed_after(moment: &str) -> Vec<u64> {
    STAMPS.iter().filter(|(_, stamp)| stamp.as_str() > moment).map(|(id, _)| *id).collect()
}

/// The `number`th moment. The moments are in 2023, as the stamps are. Two moments are at least 11
/// minutes apart. `filter_slack` is 10 minutes, so each moment needs a list of its own.
pub(crate) fn moment(number: u64) -> String {
    let minutes = number * 11;
    let (days, of_day) = (minutes / (24 * 60), minutes % (24 * 60));
    // A month has at least 28 days, so every date exists.
    let (month, day) = (days / 28 % 12 + 1, days % 28 + 1);
    format!("2023-{month:02}-{day:02}T{:02}:{:02}:00", of_day / 60, of_day % 60)
}
