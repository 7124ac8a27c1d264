//! Problems of a configuration, in words for the operator.

use std::cell::RefCell;
use std::fmt;

use serde::Serialize;

use super::place::Place;

/// All problems of a configuration, in the order of the files. `Display` writes a heading and the
/// problems. No problem shows a value that may be a secret.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

/// A problem in parts, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProblemParts<'a> {
    /// The path from the main file's directory.
    pub file: &'a str,
    /// The line, counted from 1, if the problem is in one line.
    pub line: Option<usize>,
    /// The path of the key, such as `sync.reuse`. Empty for a whole file.
    pub key: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// An explanation or a suggestion, which is shown with the message.
    pub hint: Option<&'a str>,
    /// What to do about a variable or a file outside the configuration, as the beginning of a
    /// sentence. `None` if the mistake is in the configuration itself.
    #[serde(skip)]
    pub remedy: Option<&'a str>,
}

/// A mistake and its place.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    place: Place,
    mistake: Mistake,
}

/// A mistake, without its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    message: String,
    hint: Option<String>,
    remedy: Option<String>,
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Report(RefCell<Vec<Problem>>);

/// The error of a value whose problem is in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reported;

// === impl Mistake ===

impl Mistake {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, remedy: None }
    }

    /// A value other than the expected one.
    pub(crate) fn expected(expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self::new(format!("expected {expected}, found {found}"))
    }

    /// Adds an explanation or a suggestion, which is shown with the message.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what to do about a variable or a file, as the beginning of a sentence.
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Adds a suggestion, if there is one.
    pub(crate) fn did_you_mean(self, name: Option<&str>) -> Self {
        match name {
            Some(name) => self.hint(format!("did you mean {name:?}?")),
            None => self,
        }
    }
}

impl fmt::Display for Mistake {
    /// Writes the message, and the hint in a second line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n    {hint}"),
            None => Ok(()),
        }
    }
}

// === impl Report ===

impl Report {
    /// Adds a problem, unless the report has the same problem. Each brand finds the mistakes in the
    /// defaults again.
    pub(crate) fn add(&self, place: Place, mistake: Mistake) -> Reported {
        let problem = Problem { place, mistake };
        let mut problems = self.0.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
        Reported
    }

    /// The problems by file and line. Problems of one line keep the order in which they were found.
    pub(crate) fn into_problems(self) -> Problems {
        let mut problems = self.0.into_inner();
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        Problems(problems)
    }
}

// === impl Problems ===

impl Problems {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each problem in parts, in the order of the files.
    pub fn parts(&self) -> impl Iterator<Item = ProblemParts<'_>> {
        self.0.iter().map(|Problem { place, mistake }| ProblemParts {
            file: &place.file().name,
            line: place.line(),
            key: place.key_path(),
            message: &mistake.message,
            hint: mistake.hint.as_deref(),
            remedy: mistake.remedy.as_deref(),
        })
    }

    /// Each problem in one line, in the order of the files.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|Problem { place, mistake }| match &mistake.hint {
            Some(hint) => format!("{place}: {} ({hint})", mistake.message),
            None => format!("{place}: {}", mistake.message),
        })
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

impl fmt::Display for Problem {
    /// Writes `file:line: key: message`, which editors can open.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.mistake)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::document::place::File;

    fn file(rank: usize, name: &str) -> Place {
        Place::from_file(Arc::new(File { rank, name: name.to_owned(), directory: "".into() }))
    }

    #[test]
    fn each_problem_is_listed_once_in_the_order_of_the_files() {
        let report = Report::default();
        let brand = file(1, "brands/acme.toml");
        let main = file(0, "dotstory.toml");
        for _ in 0..2 {
            let place = brand.key("sync").key("reuse").at_line(12);
            report.add(place, Mistake::expected("a duration", 5).hint("why"));
        }
        report.add(brand.key("sync").at_line(9), Mistake::new("unknown"));
        report.add(main, Mistake::new("cannot be read"));
        let problems = report.into_problems();
        assert_eq!(
            problems.lines().collect::<Vec<_>>(),
            [
                "dotstory.toml: cannot be read",
                "brands/acme.toml:9: sync: unknown",
                "brands/acme.toml:12: sync.reuse: expected a duration, found 5 (why)",
            ]
        );
        assert_eq!(
            problems.to_string(),
            "3 problems in the configuration:\n\n\
             dotstory.toml: cannot be read\n\
             brands/acme.toml:9: sync: unknown\n\
             brands/acme.toml:12: sync.reuse: expected a duration, found 5\n    why"
        );
    }
}
