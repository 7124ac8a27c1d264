//! Finds the values about contact in a written record, and writes the record with other values.

use std::borrow::Cow;
use std::ops::Range;

use super::address::Channel;
use crate::domain::CustomerId;

/// Where a written record has its values about contact. The writer writes them first.
#[derive(Debug)]
pub(crate) struct ContactValues {
    pub(crate) id: CustomerId,
    /// By `Channel as usize`; empty for an absent key.
    addresses: [Range<usize>; 2],
    consents: [Range<usize>; 2],
}

/// What is changed about one channel of a record.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Replacement {
    /// The address becomes `null`.
    pub(crate) without_address: bool,
    /// The consent becomes `false`.
    pub(crate) not_allowed: bool,
}

// === impl ContactValues ===

impl ContactValues {
    /// Finds the values in a record of this program: compact JSON whose first keys are those of
    /// `DailyStory`'s pattern.
    pub(crate) fn find(record: &[u8]) -> Self {
        let mut found =
            Self { id: CustomerId::new(0), addresses: [0..0, 0..0], consents: [0..0, 0..0] };
        let mut at = 1;
        while let Some((key, value)) = entry(record, at) {
            at = value.end + 1;
            match key {
                b"id" => found.id = CustomerId::new(number(&record[value])),
                b"mobile_phone" => found.addresses[Channel::Sms as usize] = value,
                b"email" => found.addresses[Channel::Email as usize] = value,
                b"allow_sms" => found.consents[Channel::Sms as usize] = value,
                b"allow_email" => {
                    found.consents[Channel::Email as usize] = value;
                    break;
                }
                b"first_name" | b"last_name" | b"points" => {}
                _ => break,
            }
        }
        found
    }

    /// The address of the channel; `None` if the record has none.
    pub(crate) fn address<'r>(&self, channel: Channel, record: &'r [u8]) -> Option<Cow<'r, str>> {
        let json = &record[self.addresses[channel as usize].clone()];
        let inner = json.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        if inner.contains(&b'\\') {
            return serde_json::from_slice(json).ok().map(Cow::Owned);
        }
        str::from_utf8(inner).ok().map(Cow::Borrowed)
    }

    /// Whether the record allows the channel.
    pub(crate) fn allows(&self, channel: Channel, record: &[u8]) -> bool {
        &record[self.consents[channel as usize].clone()] == b"true"
    }

    /// Appends the record to `out` with the replacements, by `Channel as usize`.
    pub(crate) fn write(&self, record: &[u8], replace: [Replacement; 2], out: &mut Vec<u8>) {
        let (email, sms) = (Channel::Email as usize, Channel::Sms as usize);
        // In the order of the record.
        let changes = [
            (replace[sms].without_address, &self.addresses[sms], &b"null"[..]),
            (replace[email].without_address, &self.addresses[email], &b"null"[..]),
            (replace[sms].not_allowed, &self.consents[sms], &b"false"[..]),
            (replace[email].not_allowed, &self.consents[email], &b"false"[..]),
        ];
        let mut at = 0;
        for (_, place, value) in changes.into_iter().filter(|(is_changed, ..)| *is_changed) {
            out.extend_from_slice(&record[at..place.start]);
            out.extend_from_slice(value);
            at = place.end;
        }
        out.extend_from_slice(&record[at..]);
    }
}

/// The entry at `at`: its key without quotes, and the place of its value. `None` at the end.
fn entry(record: &[u8], at: usize) -> Option<(&[u8], Range<usize>)> {
    let key = string(record, at)?;
    let begin = key.end + 1;
    let end = match record.get(begin)? {
        b'"' => string(record, begin)?.end,
        // The first values of a record are numbers, texts, `true`, `false` and `null`.
        _ => begin + record[begin..].iter().position(|byte| matches!(byte, b',' | b'}'))?,
    };
    Some((&record[key.start + 1..key.end - 1], begin..end))
}

/// The place of the string that begins at `at`, quotes included.
fn string(record: &[u8], at: usize) -> Option<Range<usize>> {
    if record.get(at) != Some(&b'"') {
        return None;
    }
    let mut end = at + 1;
    loop {
        end += record.get(end..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if record[end] == b'"' {
            return Some(at..end + 1);
        }
        end += 2;
    }
}

fn number(digits: &[u8]) -> i64 {
    str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or_default()
}
