//! The questions about the search.
//!
//! `recent` finds the latest changes, which `zone` and `filter` need. `zone` compares the stamps
//! with the header `Date`, and `zone_choice` orders the zones that fit. `filter` asks which stamps
//! `updated_after` returns, and whether a cursor keeps the filter. `order` compares the first pages
//! of all customers, `cursor` reads the text of their cursors, and `cursor_life` uses an old cursor
//! again.

mod cursor;
mod cursor_life;
mod filter;
mod order;
mod recent;
mod zone;
mod zone_choice;

pub(crate) use cursor::{CursorKind, cursor_kind};
pub(crate) use cursor_life::OldCursor;
pub(crate) use filter::{MAX_FILTER_CALLS, filter_edge, filter_with_cursor};
pub(crate) use order::{order, page_size};
pub(crate) use recent::{MAX_RECENT_CALLS, Recent};
pub(crate) use zone::{Wait, ZoneAnswer, watch_zone};
