//! What dotstory takes from the machine, and the gauges of `/metrics`.

use std::fs;
use std::net::SocketAddr;

use crate::Result;
use crate::load::Connection;
use crate::statistics::median;

/// Resources of a process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Vitals {
    /// Resident memory in MiB.
    pub(crate) memory: f64,
    pub(crate) descriptors: f64,
    pub(crate) threads: f64,
}

/// The accepted growth of a resource: the median of the last third of the run is at most `factor`
/// times the median of the middle third, plus `amount`.
struct Limit {
    name: &'static str,
    of: fn(&Vitals) -> f64,
    factor: f64,
    amount: f64,
}

const LIMITS: [Limit; 3] = [
    // The allocator of glibc keeps freed memory in pieces.
    Limit { name: "memory in MiB", of: |vitals| vitals.memory, factor: 1.05, amount: 4.0 },
    // Connections to the upstream come and go with the calls.
    Limit { name: "descriptors", of: |vitals| vitals.descriptors, factor: 1.05, amount: 8.0 },
    Limit { name: "threads", of: |vitals| vitals.threads, factor: 1.0, amount: 2.0 },
];

// === impl Vitals ===

impl Vitals {
    pub(crate) fn read(process: u32) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let number = |name: &str| -> Result<f64> {
            let value = status.lines().find_map(|line| line.strip_prefix(name));
            let digits = value.and_then(|value| value.split_whitespace().next());
            Ok(digits.ok_or_else(|| format!("/proc/{process}/status lacks {name}"))?.parse()?)
        };
        Ok(Self {
            memory: number("VmRSS:")? / 1024.0,
            descriptors: fs::read_dir(format!("/proc/{process}/fd"))?.count() as f64,
            threads: number("Threads:")?,
        })
    }
}

/// The resources that grew by more than their limit, from the middle third to the last third of the
/// run.
pub(crate) fn growth(samples: &[Vitals]) -> Vec<String> {
    let third = samples.len() / 3;
    if third == 0 {
        return vec!["the run is too short".to_owned()];
    }
    let (middle, last) = (&samples[third..2 * third], &samples[2 * third..]);
    let grown = |limit: &Limit| {
        let [middle, last] =
            [middle, last].map(|part| median(&part.iter().map(limit.of).collect::<Vec<_>>()));
        let Limit { name, factor, amount, .. } = limit;
        (last > middle * factor + amount).then(|| {
            format!("{name}: median {middle:.1} in the middle third, {last:.1} in the last third")
        })
    };
    LIMITS.iter().filter_map(grown).collect()
}

/// The text of `/metrics`.
pub(crate) fn read_metrics(operator: SocketAddr) -> Result<String> {
    let mut connection = Connection::open(operator)?;
    Ok(String::from_utf8(connection.get("/metrics")?.to_vec())?)
}

/// The sum of a metric over all brands.
pub(crate) fn sum(metrics: &str, name: &str) -> f64 {
    let value = |line: &str| {
        let rest = line.strip_prefix(name)?;
        rest.starts_with(['{', ' ']).then(|| line.rsplit(' ').next()?.parse::<f64>().ok())?
    };
    metrics.lines().filter_map(value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady() -> Vec<Vitals> {
        vec![Vitals { memory: 60.0, descriptors: 150.0, threads: 9.0 }; 30]
    }

    #[test]
    fn growth_from_the_middle_to_the_last_third_is_reported() {
        assert_eq!(growth(&steady()), [""; 0]);
        let mut grown = steady();
        for vitals in &mut grown[20..] {
            (vitals.memory, vitals.descriptors, vitals.threads) = (68.0, 170.0, 12.0);
        }
        assert_eq!(growth(&grown).len(), 3, "{:?}", growth(&grown));
        // Growth in the first third is not reported: caches fill.
        let mut filled = grown[20..].repeat(3);
        filled[..10].copy_from_slice(&steady()[..10]);
        assert_eq!(growth(&filled), [""; 0]);
    }

    #[test]
    fn a_metric_is_summed_over_its_brands_and_not_over_other_metrics() {
        let metrics = "# HELP a_b 1\na_b{brand=\"x\"} 2\na_b{brand=\"y\"} 3.5\na_b_c 7\na 9\n";
        assert_eq!(sum(metrics, "a_b").to_string(), "5.5");
        assert_eq!(sum(metrics, "a").to_string(), "9");
    }
}
