//! Draws small bar plots as SVG.

use std::fmt::Write;

/// A small plot of one number of the last walks.
pub(super) struct Plot {
    pub(super) title: &'static str,
    /// The latest number.
    pub(super) last: String,
    pub(super) svg: String,
}

/// One bar.
pub(super) struct Bar {
    pub(super) value: f64,
    pub(super) failed: bool,
}

/// Smallest number of bars that a plot has room for. Fewer bars are drawn from the left.
const MIN_ROOM: usize = 25;

/// The smallest height of a bar of zero, and of a bar of any other value.
const MIN_HEIGHTS: [f64; 2] = [1.0, 3.0];

const HEIGHT: f64 = 46.0;

// === impl Plot ===

impl Plot {
    /// Draws `bars`, which have the oldest bar first. `show` writes a number.
    pub(super) fn new(title: &'static str, bars: &[Bar], show: impl Fn(f64) -> String) -> Self {
        let values = || bars.iter().map(|bar| bar.value);
        let (lowest, highest) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
        let last = bars.last().map_or(String::new(), |bar| show(bar.value));
        let label = match bars.len() {
            0 => format!("{title}: no walk yet"),
            1 => format!("{title} of the last walk: {last}"),
            walks => {
                let (lowest, highest) = (show(lowest), show(highest));
                format!("{title} of the last {walks} walks, from {lowest} to {highest}")
            }
        };
        let mut svg = format!(
            r#"<svg viewBox="0 0 {} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">"#,
            bars.len().max(MIN_ROOM) * 4
        );
        for (at, bar) in bars.iter().enumerate() {
            let minimum = MIN_HEIGHTS[usize::from(bar.value > 0.0)];
            let height = (bar.value / highest.max(f64::MIN_POSITIVE) * (HEIGHT - 1.0)).max(minimum);
            let class = if bar.failed { r#" class="failed""# } else { "" };
            write!(
                svg,
                r#"<rect x="{}" y="{:.1}" width="3" height="{height:.1}"{class}/>"#,
                at * 4,
                HEIGHT - height
            )
            .expect("writing to a string cannot fail");
        }
        svg.push_str("</svg>");
        Self { title, last, svg }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_high_as_its_share_of_the_largest_number() {
        let bars = [(10.0, false), (0.0, true), (20.0, false)];
        let bars = bars.map(|(value, failed)| Bar { value, failed });
        let plot = Plot::new("Calls", &bars, |value| format!("{value:.0}"));
        assert_eq!(plot.last, "20");
        assert!(plot.svg.contains("Calls of the last 3 walks, from 0 to 20"), "{}", plot.svg);
        assert!(
            plot.svg.contains(r#"<rect x="0" y="23.5" width="3" height="22.5"/>"#),
            "{}",
            plot.svg
        );
        assert!(plot.svg.contains(r#"height="1.0" class="failed"/>"#), "{}", plot.svg);
        assert!(Plot::new("Calls", &[], |_| String::new()).svg.contains("no walk yet"));
        let single = Plot::new("Calls", &bars[..1], |value| format!("{value:.0}"));
        assert!(single.svg.contains("\"Calls of the last walk: 10\""), "{}", single.svg);
    }
}
