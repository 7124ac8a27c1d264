//! Encodes a position of the list as an opaque cursor.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime};

use crate::sandbox::config::{Config, CursorKind, Order};
use crate::sandbox::shop::Position;

/// The cursor that names `position`: Base64, which may have characters that must be escaped in a
/// query. Two cursors that differ only in `nonce` name the same position.
pub(crate) fn encode(position: Position, nonce: u32) -> String {
    let text = match position {
        Position::Start => "start".to_owned(),
        Position::AfterId(id) => format!("id:{id}"),
        Position::AfterUpdate(stamp, id) => format!("update:{}:{id}", stamp.and_utc().timestamp()),
        Position::Row(row) => format!("row:{row}"),
    };
    STANDARD.encode(match nonce {
        0 => text,
        nonce => format!("{text}#{nonce}"),
    })
}

/// A cursor that carries a filter. Its text is the filter in seconds, the character `.`, and
/// `cursor`.
pub(crate) fn with_filter(cursor: &str, filter: NaiveDateTime) -> String {
    format!("{}.{cursor}", filter.and_utc().timestamp())
}

/// The filter that a cursor carries, and the cursor without it.
pub(crate) fn split_filter(cursor: &str) -> (Option<NaiveDateTime>, &str) {
    let Some((filter, rest)) = cursor.split_once('.') else { return (None, cursor) };
    let time = filter.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    (time.map(|time| time.naive_utc()), rest)
}

/// The position that `cursor` names, if a tenant of this configuration writes such cursors.
pub(crate) fn decode(cursor: &str, config: &Config) -> Option<Position> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    let (position, nonce) = text.split_once('#').unwrap_or((&text, "1"));
    nonce.parse::<u32>().ok()?;
    let mut parts = position.split(':');
    let position = match (parts.next()?, config.cursor, config.order) {
        ("start", ..) => Position::Start,
        ("id", CursorKind::Keyset, Order::Id) => Position::AfterId(parts.next()?.parse().ok()?),
        ("update", CursorKind::Keyset, Order::Update) => Position::AfterUpdate(
            DateTime::from_timestamp(parts.next()?.parse().ok()?, 0)?.naive_utc(),
            parts.next()?.parse().ok()?,
        ),
        ("row", CursorKind::Offset, _) => Position::Row(parts.next()?.parse().ok()?),
        _ => return None,
    };
    parts.next().is_none().then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::shop::empty_date;

    #[test]
    fn a_tenant_reads_only_cursors_of_its_own_kind() {
        let kinds = [
            (CursorKind::Keyset, Order::Id),
            (CursorKind::Keyset, Order::Update),
            (CursorKind::Offset, Order::Id),
        ];
        let positions =
            [Position::AfterId(65_432), Position::AfterUpdate(empty_date(), -1), Position::Row(0)];
        for (writer, position) in positions.into_iter().enumerate() {
            for (reader, (cursor, order)) in kinds.into_iter().enumerate() {
                let config = Config { cursor, order, ..Config::default() };
                let read = decode(&encode(position, 0), &config);
                assert_eq!(read, (reader == writer).then_some(position));
                assert_eq!(read, decode(&encode(position, 7), &config));
                assert_eq!(decode(&encode(Position::Start, 0), &config), Some(Position::Start));
            }
        }
        assert_ne!(encode(Position::Start, 0), encode(Position::Start, 1));
    }

    #[test]
    fn only_text_that_a_tenant_wrote_is_a_cursor() {
        let encoded = ["", "id:", "id:1:2", "id:x", "rows:1", "id:1#x", "#1"]
            .map(|text| STANDARD.encode(text));
        for bad in
            ["", "string", "****", "aWQ6MQ"].into_iter().chain(encoded.iter().map(String::as_str))
        {
            assert_eq!(decode(bad, &Config::default()), None, "{bad:?}");
        }
    }
}
