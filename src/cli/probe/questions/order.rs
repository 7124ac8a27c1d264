//! The order of the search, and the number of customers on a page.

use crate::cli::probe::findings::Finding;
use crate::cli::probe::tenant::{FoundPage, Row};

/// Smallest number of customers whose order is not chance.
const MIN_ROWS: usize = 10;

/// One in this number of pairs of neighbours may be out of order. Customers change while the pages
/// are read, and a clock repeats an hour at the end of summer time.
const PAIRS_PER_EXCEPTION: usize = 100;

/// Finds the order of the search.
pub(crate) fn order(pages: &[FoundPage]) -> Finding {
    const NAME: &str = "order";
    let rows: Vec<Row> = pages.iter().flat_map(|page| page.rows.iter().copied()).collect();
    if rows.len() < MIN_ROWS {
        return Finding::open(NAME, "not known: too few customers", None);
    }
    let found = if is_sorted(&rows, |row| Some(row.id)) {
        "by id"
    } else if is_sorted(&rows, |row| row.stamp) {
        "by stamp: walks may continue along the stamps when a cursor is refused"
    } else if is_sorted(&reversed(&rows), |row| Some(row.id)) {
        "by id, from the highest"
    } else if is_sorted(&reversed(&rows), |row| row.stamp) {
        "by stamp, from the latest"
    } else {
        "neither by id nor by stamp"
    };
    Finding::fits(NAME, found)
}

/// Finds the number of customers on a page.
pub(crate) fn page_size(pages: &[FoundPage]) -> Finding {
    const NAME: &str = "page size";
    let sizes = || pages.iter().filter(|page| page.next.is_some()).map(|page| page.records);
    let Some((smallest, largest)) = sizes().min().zip(sizes().max()) else {
        return Finding::open(NAME, "not known: all customers are on one page", None);
    };
    let found =
        if smallest == largest { largest.to_string() } else { format!("{smallest} to {largest}") };
    Finding::fits(NAME, found)
}

fn reversed(rows: &[Row]) -> Vec<Row> {
    rows.iter().rev().copied().collect()
}

fn is_sorted<K: PartialOrd>(rows: &[Row], key: impl Fn(&Row) -> Option<K>) -> bool {
    let known: Vec<K> = rows.iter().filter_map(key).collect();
    let exceptions = known.windows(2).filter(|pair| pair[0] > pair[1]).count();
    exceptions * PAIRS_PER_EXCEPTION <= known.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CustomerId;

    fn rows(keys: &[(i64, i64)]) -> Vec<Row> {
        let stamp = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
        let row = |(id, at): &(i64, i64)| Row { id: CustomerId::new(*id), stamp: Some(stamp(*at)) };
        keys.iter().map(row).collect()
    }

    #[test]
    fn a_list_is_sorted_if_at_most_1_pair_in_100_is_out_of_order() {
        let mut keys: Vec<_> = (0..200).map(|n| (n, 1000 - n)).collect();
        keys.swap(10, 11);
        assert!(is_sorted(&rows(&keys), |row| Some(row.id)));
        assert!(!is_sorted(&rows(&keys), |row| row.stamp));
        keys[..20].reverse();
        assert!(!is_sorted(&rows(&keys), |row| Some(row.id)));
    }
}
