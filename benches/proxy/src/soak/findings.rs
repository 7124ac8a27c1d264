//! What is wrong with the run so far.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::brand::lock;

/// The findings, by sentence. All threads of the run share them.
#[derive(Debug, Default)]
pub(crate) struct Findings(Mutex<BTreeMap<String, Finding>>);

/// How often a sentence was found, and the first example.
#[derive(Debug)]
struct Finding {
    count: u64,
    example: String,
}

/// Largest number of different sentences. A broken run would otherwise fill the screen.
const MAX_SENTENCES: usize = 40;

// === impl Findings ===

impl Findings {
    pub(crate) fn add(&self, sentence: impl Into<String>, example: impl Into<String>) {
        let mut findings = lock(&self.0);
        let sentence = sentence.into();
        if findings.len() >= MAX_SENTENCES && !findings.contains_key(&sentence) {
            return;
        }
        let new = || Finding { count: 0, example: example.into() };
        findings.entry(sentence).or_insert_with(new).count += 1;
    }

    /// One line for each sentence.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |(sentence, Finding { count, example }): (&String, &Finding)| {
            let example = if example.is_empty() { String::new() } else { format!(": {example}") };
            format!("{count} × {sentence}{example}")
        };
        lock(&self.0).iter().map(line).collect()
    }
}
