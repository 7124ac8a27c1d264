//! The progress of a sweep: a line that changes on a terminal, else a line every 30 seconds.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use crate::activity::WalkProgress;
use crate::dotapparel;
use crate::paging::Wait;
use crate::telemetry::with_causes;

/// Shows the progress of one walk on standard error.
pub(super) struct ProgressReport {
    /// Hidden if standard error is no terminal.
    bar: ProgressBar,
    began: Instant,
    /// When the last plain line was written.
    last_line: Instant,
    /// The running pass, and when it was first seen.
    pass: (u32, Instant),
    /// The end of the wait that was reported last.
    waits_until: Option<Instant>,
}

/// Time between two plain lines: a walk of an hour writes 120 lines.
const PLAIN_EVERY: Duration = Duration::from_secs(30);

/// The changing line of a pass whose end is known.
const BAR: &str = "[{bar:24}] {msg}";
/// The changing line of any other pass.
const SPINNER: &str = "{spinner} {msg}";

/// The length of the bar. A position is in thousandths.
const SCALE: u64 = 1000;

// === impl ProgressReport ===

impl ProgressReport {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style(SPINNER));
        let began = Instant::now();
        Self { bar, began, last_line: began, pass: (1, began), waits_until: None }
    }

    /// Shows the progress of the walk.
    pub(super) fn show(&mut self, walk: &WalkProgress) {
        if walk.pass != self.pass.0 {
            self.pass = (walk.pass, Instant::now());
        }
        if let Some(done) = walk.done {
            if self.bar.length().is_none() {
                self.bar.set_style(style(BAR));
                self.bar.set_length(SCALE);
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss,
                reason = "a part from 0 to 1 of a small number"
            )]
            self.bar.set_position((done * SCALE as f64) as u64);
        }
        let text = line(walk, self.began.elapsed(), self.pass.1.elapsed());
        if self.bar.is_hidden() && self.last_line.elapsed() >= PLAIN_EVERY {
            self.last_line = Instant::now();
            eprintln!("{text}");
        }
        self.bar.set_message(text);
        self.bar.tick();
    }

    /// If the walk waits because `DotApparel` failed, shows the failure, once for each wait.
    pub(super) fn show_wait(&mut self, wait: &Wait<dotapparel::Error>) {
        let Wait::Upstream { error, until } = wait else { return };
        if self.waits_until.replace(*until) == Some(*until) {
            return;
        }
        let left = in_words(until.saturating_duration_since(Instant::now()));
        let cause = with_causes(&**error);
        self.note(&format!("DotApparel: {cause}; the walk asks again in {left}"));
    }

    /// Writes a line that stays.
    pub(super) fn note(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    /// Removes the changing line.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates are constants and valid")
}

/// The progress in words. `elapsed` is the time since the walk began, and `in_pass` the time since
/// its running pass began.
fn line(walk: &WalkProgress, elapsed: Duration, in_pass: Duration) -> String {
    let WalkProgress { records, pages, pass, done, .. } = walk;
    #[expect(clippy::cast_precision_loss, reason = "the rate is shown with one decimal")]
    let rate = *pages as f64 / elapsed.as_secs_f64().max(0.001);
    let text = format!("{records} records, {pages} pages, {rate:.1} pages/s, pass {pass}");
    let left = done.map(|done| in_pass.as_secs_f64() * (1.0 - done) / done);
    // At the beginning of a pass, the time left is unknown.
    match left.and_then(|left| Duration::try_from_secs_f64(left).ok()) {
        Some(left) => format!("{text}, about {} left", in_words(left)),
        None => text,
    }
}

/// A duration for a person: with a tenth of a second below 10 s, else in whole seconds.
pub(super) fn in_words(duration: Duration) -> String {
    if duration < Duration::from_secs(10) {
        return format!("{:.1}s", duration.as_secs_f64());
    }
    humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_shown_if_a_known_part_of_the_pass_is_done() {
        let text = |pass, pages, done| {
            let (since, wait) = (None, None);
            let began = chrono::DateTime::UNIX_EPOCH;
            let walk = WalkProgress { since, began, pass, pages, records: 400, done, wait };
            line(&walk, Duration::from_secs(4), Duration::from_secs(2))
        };
        for (pass, pages, done, shown) in [
            (1, 4, None, "400 records, 4 pages, 1.0 pages/s, pass 1"),
            (2, 10, Some(0.5), "400 records, 10 pages, 2.5 pages/s, pass 2, about 2.0s left"),
            (2, 12, Some(1.0), "400 records, 12 pages, 3.0 pages/s, pass 2, about 0.0s left"),
            (2, 8, Some(0.0), "400 records, 8 pages, 2.0 pages/s, pass 2"),
        ] {
            assert_eq!(text(pass, pages, done), shown);
        }
    }

    #[test]
    fn a_duration_is_short_in_words() {
        for (millis, words) in [(0, "0.0s"), (1_249, "1.2s"), (61_900, "1m 1s")] {
            assert_eq!(in_words(Duration::from_millis(millis)), words);
        }
    }
}
