//! A pass along the stamps of a list that is in the order of its stamps.

use super::error::WalkError;
use super::pass::Pass;
use super::place::Place;
use super::walker::Walker;
use crate::paging::page::Page;
use crate::paging::source::Source;

// === impl Walker ===

impl<S: Source> Walker<'_, S> {
    /// Makes one pass along the stamps. Each page is the first page of the changes since the last
    /// collected stamp, so rows that move do not change where the next page begins. Where such a
    /// list cannot be asked for, the pass follows the cursor to the next page.
    ///
    /// Returns `None` if the list is not in the order of its stamps, if its cursors form a circle,
    /// are refused or lose the filter, or if too many pages in a row have no new customer. The
    /// customers of such a pass stay in the walk.
    pub(crate) async fn follow_stamps(&mut self) -> Result<Option<Pass>, WalkError<S::Error>> {
        match self.follow_stamps_to_the_end().await {
            Err(WalkError::Circle { .. } | WalkError::NoNews { .. }) => Ok(None),
            Err(error) if error.allows_new_pass() => Ok(None),
            ended => ended,
        }
    }

    async fn follow_stamps_to_the_end(&mut self) -> Result<Option<Pass>, WalkError<S::Error>> {
        let mut recorder = self.begin_pass();
        let mut place = self.begin_list().await?;
        let mut before: Option<Page> = None;
        loop {
            let page = self.fetch(&place, &mut recorder, None).await?.whole().await;
            if place.cursor.is_none() {
                let last = before.as_ref().and_then(|page| page.records().last());
                recorder.ask_from(last, page.records().next().and_then(|record| record.stamp));
            }
            let news = self.collect(&page, &place, &mut recorder)?;
            if !recorder.is_ascending() {
                return Ok(None);
            }
            if !place.move_on(&page, news)? {
                self.fetcher.cost.passes += 1;
                return Ok(Some(recorder.finish()));
            }
            match page.records().last().and_then(|record| record.stamp) {
                Some(stamp) if place.can_ask_from(stamp, self.fetcher.source) => {
                    place = Place::first_page(Some(stamp));
                }
                // The page is empty, or its last stamp is unreadable, is not later than the stamp
                // asked from, or is shown twice by the clock. Then only the cursor leads to the
                // next page.
                _ => recorder.follow_cursor(),
            }
            before = Some(page);
        }
    }
}
