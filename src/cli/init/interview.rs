//! Asks questions on a terminal.

use std::io::{BufRead, Write};

use anyhow::{Context, bail};

/// A question, and the answers that it accepts.
pub(super) struct Question {
    /// The name of the answer, in one word.
    pub(super) subject: String,
    pub(super) explanation: String,
    /// The answer that an empty line gives.
    pub(super) offer: Option<String>,
    /// Answers that have a number, counted from 1. Other answers are allowed too.
    pub(super) choices: Vec<String>,
    pub(super) check: Box<Check>,
}

/// Returns what is wrong with an answer.
pub(super) type Check = dyn Fn(&str) -> Result<(), String>;

/// A terminal: the source of answers and the target of questions.
pub(super) struct Interview<R, W> {
    answers: R,
    questions: W,
}

/// Largest number of tries of a question. After this number of wrong answers, the command fails.
const MAX_TRIES: usize = 5;

// === impl Interview ===

impl<R: BufRead, W: Write> Interview<R, W> {
    pub(super) fn new(answers: R, questions: W) -> Self {
        Self { answers, questions }
    }

    /// Asks until the answer is accepted, at most [`MAX_TRIES`] times.
    pub(super) fn ask(&mut self, question: &Question) -> anyhow::Result<String> {
        let Question { subject, explanation, offer, choices, check } = question;
        let offered = offer.as_ref().map(|offer| format!(" [{offer}]")).unwrap_or_default();
        writeln!(self.questions, "\n{explanation}")?;
        for (number, choice) in (1..).zip(choices) {
            writeln!(self.questions, "{number:>3}  {choice}")?;
        }
        for _ in 0..MAX_TRIES {
            write!(self.questions, "{subject}{offered}: ")?;
            self.questions.flush()?;
            let mut line = String::new();
            let length = self.answers.read_line(&mut line).context("failed to read an answer")?;
            if length == 0 {
                bail!("no answer for {subject}, because the input ended");
            }
            let answer = match (line.trim(), offer) {
                ("", Some(offer)) => offer,
                (text, _) => chosen(text, choices).unwrap_or(text),
            };
            match check(answer) {
                Ok(()) => return Ok(answer.to_owned()),
                Err(mistake) => writeln!(self.questions, "{mistake}")?,
            }
        }
        bail!("no usable answer for {subject} in {MAX_TRIES} tries")
    }
}

/// The choice with the number `text`.
fn chosen<'a>(text: &str, choices: &'a [String]) -> Option<&'a str> {
    let number: usize = text.parse().ok()?;
    choices.get(number.checked_sub(1)?).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer, and what the terminal shows.
    fn ask(answers: &str, offer: Option<&str>) -> (anyhow::Result<String>, String) {
        let question = Question {
            subject: "colour".to_owned(),
            explanation: "A colour.".to_owned(),
            offer: offer.map(str::to_owned),
            choices: vec!["red".to_owned(), "blue".to_owned()],
            check: Box::new(|text| {
                let is_colour = ["red", "blue", "green"].contains(&text);
                if is_colour { Ok(()) } else { Err("expected a colour".to_owned()) }
            }),
        };
        let mut shown = Vec::new();
        let answer = Interview::new(answers.as_bytes(), &mut shown).ask(&question);
        (answer, String::from_utf8(shown).unwrap())
    }

    #[test]
    fn an_answer_is_a_text_a_number_or_the_offer() {
        for (answers, offer, answer) in [
            ("green\n", None, "green"),
            (" blue \n", None, "blue"),
            ("2\n", None, "blue"),
            ("\n", Some("red"), "red"),
            ("green", Some("red"), "green"),
            ("3\n0\n\nred\n", None, "red"),
        ] {
            assert_eq!(ask(answers, offer).0.unwrap(), answer, "{answers:?}");
        }
    }

    #[test]
    fn a_wrong_answer_is_explained_and_the_question_is_asked_at_most_5_times() {
        let (answer, shown) = ask("black\nred\n", Some("red"));
        assert_eq!(answer.unwrap(), "red");
        assert_eq!(
            shown,
            "\nA colour.\n  1  red\n  2  blue\ncolour [red]: expected a colour\ncolour [red]: "
        );
        let error = |answers: &str| ask(answers, None).0.unwrap_err().to_string();
        assert_eq!(error(&"black\n".repeat(9)), "no usable answer for colour in 5 tries");
        assert_eq!(ask(&"black\n".repeat(9), None).1.matches("colour: ").count(), 5);
        assert_eq!(error("black\n"), "no answer for colour, because the input ended");
    }
}
