//! Keys that an object may have twice.

use serde::de::MapAccess;

use super::entries::Value;
use super::lenient::{Lenient, Raw};
use crate::dotapparel::Field;

// === impl Value ===

impl<'a, A: MapAccess<'a>> Value<'_, A> {
    /// Like [`Value::keep`], for a key that the object may have twice. If the two values differ,
    /// the slot is empty and `field` is unreadable. `is_repeated` is whether the key appeared
    /// earlier. Returns whether the value differs from the earlier one.
    pub(crate) fn keep_if_equal<T: PartialEq>(
        mut self,
        field: Field,
        slot: &mut Option<T>,
        is_repeated: bool,
        read: impl FnOnce(Raw<'a>) -> Lenient<T>,
    ) -> Result<bool, A::Error> {
        let before = slot.take();
        self.reborrow().keep(field, slot, read)?;
        let differs = is_repeated && *slot != before;
        if differs {
            *slot = None;
            self.unreadable.insert(field);
        }
        Ok(differs)
    }
}
