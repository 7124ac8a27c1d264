//! What is wrong with a configuration, in words for the operator who mends it.

use std::cell::RefCell;
use std::fmt;

use crate::config::Place;

/// Everything that is wrong, in the order of the files. Displays as a heading and one paragraph for each problem, and
/// never holds the value of anything that may be a secret.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

/// One thing that is wrong: where it stands, what was expected, what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    place: Place,
    mistake: Mistake,
}

/// What is wrong with a value, whose place the reader knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    message: String,
    hint: Option<String>,
}

/// Collects problems while everything is read.
#[derive(Debug, Default)]
pub(crate) struct Report(RefCell<Vec<Problem>>);

/// A value could not be had, and the report says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reported;

// === impl Mistake ===

impl Mistake {
    /// A mistake that `message` describes whole.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// Not what was expected.
    pub(crate) fn expected(expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self::new(format!("expected {expected}, found {found}"))
    }

    /// Adds why it is a mistake, or how to mend it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the name that was probably meant, if there is one.
    pub(crate) fn did_you_mean(self, name: Option<&str>) -> Self {
        match name {
            Some(name) => self.hint(format!("did you mean {name:?}?")),
            None => self,
        }
    }
}

// === impl Report ===

impl Report {
    /// Adds a problem, once: a mistake in the defaults shows in every brand.
    pub(crate) fn add(&self, place: Place, mistake: Mistake) -> Reported {
        let problem = Problem { place, mistake };
        let mut problems = self.0.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
        Reported
    }

    /// All problems by file and line; those of one line in the order in which they were found.
    pub(crate) fn into_problems(self) -> Problems {
        let mut problems = self.0.into_inner();
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        Problems(problems)
    }
}

// === impl Problems ===

impl Problems {
    /// The problems, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Whether nothing is wrong; never true of an error.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => writeln!(f, "1 problem in the configuration:")?,
            many => writeln!(f, "{many} problems in the configuration:")?,
        }
        for problem in &self.0 {
            write!(f, "\n{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

// === impl Problem ===

impl Problem {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }
}

impl fmt::Display for Problem {
    /// `file:line: key: message`, which editors know how to open, and the hint in a second line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.mistake.message)?;
        if let Some(hint) = &self.mistake.hint {
            write!(f, "\n    {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::document::place::File;

    fn file(rank: usize, name: &str) -> Place {
        Place::of_file(Arc::new(File { rank, name: name.to_owned(), directory: "".into() }))
    }

    #[test]
    fn problems_stand_once_each_in_the_order_of_the_files() {
        let report = Report::default();
        let brand = file(1, "brands/acme.toml");
        let main = file(0, "dotstory.toml");
        for _ in 0..2 {
            let place = brand.key("sync").key("reuse").at_line(12);
            report.add(place, Mistake::expected("a duration", 5).hint("why"));
        }
        report.add(brand.key("sync").at_line(9), Mistake::new("unknown"));
        report.add(main, Mistake::new("cannot be read"));
        assert_eq!(
            report.into_problems().to_string(),
            "3 problems in the configuration:\n\n\
             dotstory.toml: cannot be read\n\
             brands/acme.toml:9: sync: unknown\n\
             brands/acme.toml:12: sync.reuse: expected a duration, found 5\n    why"
        );
    }
}
