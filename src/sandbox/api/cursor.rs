//! The opaque cursor: what it holds, and how it is disguised.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime};

use crate::sandbox::config::{Config, CursorKind, Order};

/// A place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Before the first record.
    Start,
    /// Behind this id, in a list by id.
    AfterId(i64),
    /// Behind this stamp and id, in a list by update.
    AfterUpdate(NaiveDateTime, i64),
    /// Before this row, counted from 0.
    Row(usize),
}

// === impl Place ===

impl Place {
    /// The cursor that names this place: Base64 with all the characters that must be escaped in a query. Cursors
    /// that differ in `nonce` alone name the same place.
    pub(crate) fn write(self, nonce: u32) -> String {
        let place = match self {
            Self::Start => "start".to_owned(),
            Self::AfterId(id) => format!("id:{id}"),
            Self::AfterUpdate(stamp, id) => format!("update:{}:{id}", stamp.and_utc().timestamp()),
            Self::Row(row) => format!("row:{row}"),
        };
        STANDARD.encode(match nonce {
            0 => place,
            nonce => format!("{place}#{nonce}"),
        })
    }

    /// The place that a cursor names, if it can be one of this tenant's.
    pub(crate) fn read(cursor: &str, config: &Config) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
        let (place, nonce) = text.split_once('#').unwrap_or((&text, "1"));
        nonce.parse::<u32>().ok()?;
        let mut parts = place.split(':');
        let place = match (parts.next()?, config.cursor, config.order) {
            ("start", ..) => Self::Start,
            ("id", CursorKind::Keyset, Order::Id) => Self::AfterId(parts.next()?.parse().ok()?),
            ("update", CursorKind::Keyset, Order::Update) => Self::AfterUpdate(
                DateTime::from_timestamp(parts.next()?.parse().ok()?, 0)?.naive_utc(),
                parts.next()?.parse().ok()?,
            ),
            ("row", CursorKind::Offset, _) => Self::Row(parts.next()?.parse().ok()?),
            _ => return None,
        };
        parts.next().is_none().then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::shop::empty_date;

    #[test]
    fn a_cursor_names_its_place_to_the_tenant_that_wrote_it_and_to_no_other() {
        let kinds = [
            (CursorKind::Keyset, Order::Id),
            (CursorKind::Keyset, Order::Update),
            (CursorKind::Offset, Order::Id),
        ];
        let places = [Place::AfterId(65_432), Place::AfterUpdate(empty_date(), -1), Place::Row(0)];
        for (writer, place) in places.into_iter().enumerate() {
            for (reader, (cursor, order)) in kinds.into_iter().enumerate() {
                let config = Config { cursor, order, ..Config::default() };
                let read = Place::read(&place.write(0), &config);
                assert_eq!(read, (reader == writer).then_some(place));
                assert_eq!(read, Place::read(&place.write(7), &config));
                assert_eq!(Place::read(&Place::Start.write(0), &config), Some(Place::Start));
            }
        }
        assert_ne!(Place::Start.write(0), Place::Start.write(1));
    }

    #[test]
    fn a_text_that_no_tenant_wrote_is_no_cursor() {
        let encoded = ["", "id:", "id:1:2", "id:x", "rows:1", "id:1#x", "#1"]
            .map(|text| STANDARD.encode(text));
        for bad in
            ["", "string", "****", "aWQ6MQ"].into_iter().chain(encoded.iter().map(String::as_str))
        {
            assert_eq!(Place::read(bad, &Config::default()), None, "{bad:?}");
        }
    }
}
