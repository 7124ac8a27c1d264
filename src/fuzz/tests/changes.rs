//! Inputs that are made from seeds by a few changes.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// An input of an entry point.
#[derive(Clone)]
pub(super) struct Input(pub(super) Vec<u8>);

/// One change of an input.
#[derive(Clone, Debug)]
enum Change {
    /// Inserts bytes.
    Insert(Index, Vec<u8>),
    /// Replaces a word, or a single byte that belongs to no word.
    Replace(Index, Vec<u8>),
    /// Inverts one bit.
    Flip(Index, u8),
    /// Removes the bytes between two places.
    Remove(Index, Index),
    /// Repeats the bytes between two places.
    Repeat(Index, Index, usize),
    /// Continues with the end of another seed.
    Cross(Index, Vec<u8>, Index),
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// The largest input, in bytes.
const MAX_INPUT: usize = 16 * 1024;

/// Seeds with up to five changes. `words` are texts that readers treat specially.
pub(super) fn changed(seeds: Vec<Vec<u8>>, words: Vec<Vec<u8>>) -> impl Strategy<Value = Input> {
    let changes = vec(change(seeds.clone(), words), 0..=5);
    (select(seeds), changes).prop_map(|(seed, changes)| {
        let mut input = changes.into_iter().fold(seed, |input, change| change.apply(input));
        input.truncate(MAX_INPUT);
        Input(input)
    })
}

fn change(seeds: Vec<Vec<u8>>, words: Vec<Vec<u8>>) -> impl Strategy<Value = Change> {
    let bytes = prop_oneof![3 => select(words), 1 => vec(any::<u8>(), 1..5)];
    let place = any::<Index>;
    prop_oneof![
        2 => (place(), bytes.clone()).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        4 => (place(), bytes).prop_map(|(at, bytes)| Change::Replace(at, bytes)),
        1 => (place(), 0_u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        1 => (place(), place()).prop_map(|(from, to)| Change::Remove(from, to)),
        1 => (place(), place(), 1_usize..40)
            .prop_map(|(from, to, times)| Change::Repeat(from, to, times)),
        1 => (place(), select(seeds), place())
            .prop_map(|(at, other, from)| Change::Cross(at, other, from)),
    ]
}

impl Change {
    fn apply(self, mut input: Vec<u8>) -> Vec<u8> {
        let place = |at: Index| at.index(input.len() + 1);
        let range = |from, to| {
            let (from, to) = (place(from), place(to));
            from.min(to)..from.max(to)
        };
        match self {
            Self::Insert(at, bytes) => {
                let at = place(at);
                input.splice(at..at, bytes);
            }
            Self::Replace(at, bytes) => {
                let word = word_at(&input, place(at));
                input.splice(word, bytes);
            }
            Self::Flip(at, bit) => {
                if !input.is_empty() {
                    let at = at.index(input.len());
                    input[at] ^= 1 << bit;
                }
            }
            Self::Remove(from, to) => drop(input.drain(range(from, to))),
            Self::Repeat(from, to, times) => {
                let range = range(from, to);
                let times = times.min(MAX_INPUT / range.len().max(1));
                let repeated = input[range.clone()].repeat(times);
                input.splice(range, repeated);
            }
            Self::Cross(at, other, from) => {
                let at = place(at);
                input.truncate(at);
                input.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
        input
    }
}

/// The word around the place, or the mark at the place. A mark is a byte that is no ASCII letter,
/// no digit and no `_`.
fn word_at(input: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_mark = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'_';
    let begin = input[..at].iter().rposition(is_mark).map_or(0, |mark| mark + 1);
    let length = input[at..].iter().position(is_mark).unwrap_or(input.len() - at);
    match begin..at + length {
        word if word.is_empty() => at..(at + 1).min(input.len()),
        word => word,
    }
}
