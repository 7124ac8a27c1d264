//! The median and the percentiles of measured values.

/// The median. Of an even number of values, the mean of the two in the middle.
///
/// # Panics
/// Without values.
pub(crate) fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

/// At least `percent` % of the values are smaller than the returned value or equal to it.
///
/// # Panics
/// Without values.
pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    let sorted = sorted(values);
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}
