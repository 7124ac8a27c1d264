//! Finds the values about contact in a written record, and writes the record with other values.

use std::borrow::Cow;
use std::ops::Range;

use super::address::Channel;
use crate::domain::CustomerId;

/// Where a written record has its values about contact. Their keys are among `KEYS`.
#[derive(Debug)]
pub(crate) struct ContactValues {
    pub(crate) id: CustomerId,
    /// Indexed by `Channel as usize`. The range of an absent key is empty.
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

/// The first keys of a record, in the order in which they are written.
const KEYS: [&[u8]; 8] = [
    b"\"id\":",
    b"\"first_name\":",
    b"\"last_name\":",
    b"\"mobile_phone\":",
    b"\"email\":",
    b"\"points\":",
    b"\"allow_sms\":",
    b"\"allow_email\":",
];

// === impl ContactValues ===

impl ContactValues {
    /// Finds the values in a record that dotstory wrote: compact JSON whose first keys are `KEYS`.
    pub(crate) fn find(record: &[u8]) -> Self {
        let mut places = KEYS.map(|_| 0..0);
        let mut at = 1;
        for (key, place) in KEYS.iter().zip(&mut places) {
            // A record may be without a key.
            if !record[at.min(record.len())..].starts_with(key) {
                continue;
            }
            let Some(value) = value(record, at + key.len()) else { break };
            at = value.end + 1;
            *place = value;
        }
        let [id, _, _, mobile_phone, email, _, allow_sms, allow_email] = places;
        // Indexed by `Channel as usize`.
        let (addresses, consents) = ([email, mobile_phone], [allow_email, allow_sms]);
        Self { id: CustomerId::new(number(&record[id])), addresses, consents }
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

    /// Appends the record to `out` with the replacements, indexed by `Channel as usize`.
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

/// The place of the value that begins at `begin`: a number, a text, `true`, `false` or `null`.
fn value(record: &[u8], begin: usize) -> Option<Range<usize>> {
    if record.get(begin) == Some(&b'"') {
        return string(record, begin);
    }
    let length = record.get(begin..)?.iter().position(|byte| matches!(byte, b',' | b'}'))?;
    Some(begin..begin + length)
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
