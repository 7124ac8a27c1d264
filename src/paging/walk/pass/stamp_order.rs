//! Whether a list is in the order of its stamps, as far as a pass has read it.

use crate::paging::page::Stamp;

/// The order of the stamps that a pass has met.
#[derive(Debug)]
pub(crate) struct StampOrder {
    is_ascending: bool,
    /// The last stamp of the current page.
    last: Stamp,
    /// The last stamp of the pages before the current page.
    before: Stamp,
    /// Number of *rises*: records with a later stamp than the record before on the same page.
    rises: usize,
}

/// Number of rises that prove the order of a list before the end of the list is read. If a list is
/// in random order, twenty records are in ascending order with a chance of 1 in 10^18.
const MIN_RISES: usize = 20;

// === impl StampOrder ===

impl StampOrder {
    pub(crate) fn new() -> Self {
        Self { is_ascending: true, last: None, before: None, rises: 0 }
    }

    /// Records the stamp of the next record. An unreadable stamp breaks the order.
    pub(crate) fn note(&mut self, stamp: Stamp) {
        self.is_ascending &= stamp.is_some() && stamp >= self.last;
        self.rises += usize::from(self.last.is_some() && stamp > self.last);
        self.last = stamp;
    }

    /// Ends the current page and compares its last stamp with the last stamp before it. The first
    /// stamps of a page are not compared with the page before, because rows may move between two
    /// pages.
    pub(crate) fn end_page(&mut self) {
        if let Some(last) = self.last.take() {
            self.is_ascending &= Some(last) >= self.before;
            self.before = Some(last);
        }
    }

    /// Forgets the last stamp of the current page, because the next record may repeat an earlier
    /// record.
    pub(crate) fn skip_repeats(&mut self) {
        self.last = None;
    }

    /// Whether all stamps so far were in ascending order.
    pub(crate) fn is_ascending(&self) -> bool {
        self.is_ascending
    }

    /// Whether the whole list was in ascending order. A list whose stamps are all equal does not
    /// count as ordered.
    pub(crate) fn was_ascending(&self) -> bool {
        self.is_ascending && self.rises > 0
    }

    /// The last stamp, if there were enough rises to show the order before the end of the list.
    pub(crate) fn sure_last(&self) -> Stamp {
        let last = self.last.or(self.before);
        let is_ordered = self.is_ascending && last >= self.before;
        last.filter(|_| is_ordered && self.rises >= MIN_RISES)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn stamp(second: i64) -> Stamp {
        DateTime::from_timestamp(second, 0).map(|time| time.naive_utc())
    }

    /// The order after pages with these stamps, in seconds; -1 for an unreadable stamp.
    fn after(pages: &[Vec<i64>]) -> StampOrder {
        let mut order = StampOrder::new();
        for page in pages {
            order.end_page();
            for second in page {
                order.note(stamp(*second).filter(|_| *second >= 0));
            }
        }
        order
    }

    #[test]
    fn a_list_is_in_order_if_stamps_rise_on_each_page_and_from_page_end_to_page_end() {
        for (pages, is_ascending) in [
            (&[vec![1, 2], vec![3, 4]][..], true),
            (&[vec![1, 3], vec![2, 4]], true),
            (&[vec![1, 3], vec![1, 2]], false),
            (&[vec![2, 1]], false),
            (&[vec![1, -1, 2]], false),
            (&[vec![1, 1], vec![1]], false),
        ] {
            let mut order = after(pages);
            order.end_page();
            assert_eq!(order.was_ascending(), is_ascending, "{pages:?}");
        }
    }

    #[test]
    fn the_last_stamp_is_sure_after_twenty_rises_in_order() {
        let rising = |count: i64| (0..count).collect::<Vec<_>>();
        for (pages, last) in [
            (&[rising(20)][..], None),
            (&[rising(21)], stamp(20)),
            (&[rising(21), vec![]], stamp(20)),
            (&[rising(21), vec![5, 30]], stamp(30)),
            (&[rising(21), vec![5]], None),
            (&[rising(21), vec![30, 29]], None),
        ] {
            assert_eq!(after(pages).sure_last(), last, "{pages:?}");
        }
    }
}
