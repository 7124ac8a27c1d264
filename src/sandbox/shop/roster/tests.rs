//! Passes over a list whose customers change between two pages.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const NOW: DateTime<Utc> = DateTime::from_timestamp(1_700_000_000, 0).unwrap();

fn at(seconds: i64) -> NaiveDateTime {
    DateTime::from_timestamp(seconds, 0).unwrap().naive_utc()
}

/// Entries with the ids 0, 10, 20 and so on. The last entry has the earliest stamp.
fn roster(cursor: CursorKind, order: Order, entries: usize) -> Roster {
    let config = Config { cursor, order, ..Config::default() };
    let entries = (0..i64::try_from(entries).unwrap()).map(|n| Entry::new(n * 10, at(1000 - n)));
    Roster::new(&config, entries.collect())
}

/// The ids of one pass. `change` is called between its pages.
fn pass(
    roster: &mut Roster,
    after: Option<NaiveDateTime>,
    limit: usize,
    mut change: impl FnMut(&mut Roster),
) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut position = Position::Start;
    loop {
        let slice = roster.search(after, position, limit);
        ids.extend(slice.ids);
        if !slice.more {
            return ids;
        }
        position = slice.end;
        change(roster);
    }
}

#[test]
fn an_offset_pass_loses_a_record_after_a_removal_and_a_keyset_pass_loses_none() {
    let survivors = |cursor, order| {
        let mut roster = roster(cursor, order, 10);
        let first = roster.search(None, Position::Start, 1).ids[0];
        let mut removed = false;
        let ids = pass(&mut roster, None, 3, |roster| {
            if !std::mem::replace(&mut removed, true) {
                roster.remove(first).unwrap();
            }
        });
        ids.len()
    };
    for order in [Order::Id, Order::Update] {
        assert_eq!(survivors(CursorKind::Keyset, order), 10);
        assert_eq!(survivors(CursorKind::Offset, order), 9);
    }
}

#[test]
fn changes_of_one_customer_within_a_second_have_rising_stamps() {
    let mut roster = roster(CursorKind::Keyset, Order::Id, 1);
    let stamps: Vec<NaiveDateTime> = (0..5)
        .map(|_| {
            roster.change(0, NOW, true).unwrap();
            roster.entry(0).unwrap().updated
        })
        .collect();
    assert!(stamps.is_sorted_by(|a, b| a < b), "{stamps:?}");
    assert_eq!(stamps.first(), Some(&local(Tz::Australia__Melbourne, NOW)));
    assert_eq!(roster.entry(0).unwrap().visits, 5);
    assert_eq!(roster.change(1, NOW, true), None);
}

#[test]
fn in_a_repeated_hour_a_later_change_can_have_an_earlier_stamp() {
    let mut roster = roster(CursorKind::Keyset, Order::Id, 1);
    let stamp = |roster: &mut Roster, now: &str| {
        roster.change(0, now.parse().unwrap(), false).unwrap();
        roster.entry(0).unwrap().updated.to_string()
    };
    // Melbourne's clock goes back from 3:00 to 2:00 at 16:00 UTC.
    let first = stamp(&mut roster, "2024-04-06T15:50:00Z");
    let second = stamp(&mut roster, "2024-04-06T16:10:00Z");
    assert_eq!((&*first, &*second), ("2024-04-07 02:50:00", "2024-04-07 02:10:00"));
}

proptest! {
    /// A pass returns the same ids as a plain filter and sort of the entries.
    #[test]
    fn a_pass_over_an_unchanged_list_is_the_filtered_list_in_order(
        entries in 0_usize..60,
        limit in 1_usize..12,
        after in proptest::option::of(930_i64..1010),
        offset: bool,
        by_update: bool,
    ) {
        let cursor = if offset { CursorKind::Offset } else { CursorKind::Keyset };
        let order = if by_update { Order::Update } else { Order::Id };
        let mut roster = roster(cursor, order, entries);
        let mut expected: Vec<i64> = (0..i64::try_from(entries).unwrap())
            .filter(|n| after.is_none_or(|after| 1000 - n > after))
            .map(|n| n * 10)
            .collect();
        if by_update {
            expected.reverse();
        }
        prop_assert_eq!(pass(&mut roster, after.map(at), limit, |_| ()), expected);
    }

    /// An unchanged record is returned exactly once while other records change, appear or vanish.
    #[test]
    fn a_keyset_pass_never_loses_an_unchanged_record(
        changes in proptest::collection::vec((0_i64..20, 0_u8..3), 0..40),
        limit in 1_usize..6,
        by_update: bool,
    ) {
        let order = if by_update { Order::Update } else { Order::Id };
        let mut roster = roster(CursorKind::Keyset, order, 20);
        let mut quiet: BTreeSet<i64> = (0..20).map(|n| n * 10).collect();
        let mut changes = changes.into_iter();
        let mut highest = 190;
        let ids = pass(&mut roster, None, limit, |roster| {
            let Some((n, kind)) = changes.next() else { return };
            quiet.remove(&(n * 10));
            match kind {
                0 => { roster.remove(n * 10); }
                1 => { roster.change(n * 10, NOW, true); }
                _ => {
                    highest += 10;
                    roster.add(Entry::new(highest, NOW.naive_utc()), NOW);
                }
            }
        });
        for id in quiet {
            prop_assert_eq!(ids.iter().filter(|found| **found == id).count(), 1);
        }
    }
}

#[test]
fn a_filter_includes_or_excludes_the_stamp_that_it_names() {
    for order in [Order::Id, Order::Update] {
        for (filter, expected) in [(FilterEdge::Inclusive, 3), (FilterEdge::Exclusive, 2)] {
            let config = Config { order, filter, ..Config::default() };
            let entries = (0..5).map(|n| Entry::new(n, at(n))).collect();
            let roster = Roster::new(&config, entries);
            let found = roster.search(Some(at(2)), Position::Start, 10).ids;
            assert_eq!(found.len(), expected, "{filter:?} {order:?}");
            assert_eq!(roster.updated_after(at(2)).count(), expected, "{filter:?}");
        }
    }
}
