use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use secrecy::ExposeSecret;

use super::*;
use crate::config::document::place::Place;
use crate::config::document::raw::parse_toml;

/// Reads `secret = <toml>` from a file in `directory`, in an environment where `VARIABLE` has the
/// value `variable`.
fn read_with(
    rule: Rule,
    toml: &str,
    directory: &Path,
    variable: Option<&str>,
) -> Result<String, String> {
    let file =
        Arc::new(File { rank: 0, name: "a.toml".to_owned(), directory: directory.to_owned() });
    let value = variable.map(|value| ("VARIABLE".to_owned(), value.to_owned()));
    let environment: BTreeMap<_, _> = value.into_iter().collect();
    let context = Context::new(&environment);
    let entries = parse_toml(&format!("secret = {toml}"), &file).unwrap();
    let mut section = Section::new(Place::from_file(file), &entries, &context);
    let secret = required(&mut section, "secret", rule);
    match secret {
        Ok(secret) => {
            assert!(context.report.into_problems().is_empty());
            Ok(secret.expose_secret().to_owned())
        }
        Err(Reported) => Err(context.report.into_problems().to_string()),
    }
}

fn variable(rule: Rule, value: &str) -> Result<String, String> {
    read_with(rule, r#"{ env = "VARIABLE" }"#, Path::new(""), Some(value))
}

#[test]
fn a_secret_is_the_unchanged_value_of_the_variable() {
    for value in ["x", "blanks within it", "päss:wörd", "{ env = \"A\" }", "\""] {
        assert_eq!(variable(Rule::Presented, value).as_deref(), Ok(value));
    }
}

#[test]
fn a_secret_with_control_characters_or_only_blanks_is_refused_under_every_rule() {
    for rule in [Rule::Presented, Rule::Password, Rule::Token, Rule::OperatorToken] {
        for value in ["", " ", "\t\n", "hunter-2\n", "hunter\0-2", "hunter\u{85}-2"] {
            let error = variable(rule, value).unwrap_err();
            assert!(error.contains("VARIABLE"), "{error}");
            assert!(!error.contains("hunter"), "{error}");
        }
    }
}

#[test]
fn blanks_quotes_or_a_byte_order_mark_around_a_secret_are_refused_with_the_reason() {
    for (value, words) in [
        (" s3cret-value", "no blanks around the secret"),
        ("s3cret-value\u{a0}", "no blanks around the secret"),
        ("\u{feff}s3cret-value", "without a byte order mark"),
        ("\"s3cret-value\"", "no quotes around the secret"),
        ("'s3cret-value'", "remove the quotes"),
    ] {
        for rule in [Rule::Presented, Rule::Password, Rule::Token] {
            let error = variable(rule, value).unwrap_err();
            assert!(error.contains(words) && !error.contains("s3cret"), "{error}");
        }
    }
}

#[test]
fn each_rule_has_its_minimum_length_and_a_token_is_visible_ascii() {
    for (rule, value, good) in [
        (Rule::Presented, "seven..", true),
        (Rule::Password, "seven..", false),
        (Rule::Token, "seven..", false),
        (Rule::Password, "eight...", true),
        (Rule::Token, "eight...", true),
        (Rule::Password, "with blanks", true),
        (Rule::Token, "with blanks", false),
        (Rule::Password, "päßwörter", true),
        (Rule::Token, "päßwörter", false),
        (Rule::OperatorToken, "fifteen........", false),
        (Rule::OperatorToken, "sixteen.........", true),
        (Rule::OperatorToken, "sixteen with blanks", false),
    ] {
        let result = variable(rule, value);
        assert_eq!(result.is_ok(), good, "{value:?}");
        assert!(result.is_ok() || !result.unwrap_err().contains(value), "{value:?}");
    }
}

#[test]
fn a_secret_file_is_relative_to_the_file_that_names_it_and_loses_one_line_break() {
    let directory = tempfile::tempdir().unwrap();
    for (written, secret) in [
        ("a secret", Some("a secret")),
        ("a secret\n", Some("a secret")),
        ("a secret\r\n", Some("a secret")),
        (" a secret", None),
        ("a secret ", None),
        ("\u{feff}a secret", None),
        ("'a secret'", None),
        ("\"a secret\"", None),
        ("'a secret", Some("'a secret")),
        ("a secret\n\n", None),
        ("a\nsecret\n", None),
        ("\n", None),
        ("", None),
    ] {
        fs::write(directory.path().join("s"), written).unwrap();
        for path in ["s".into(), directory.path().join("s")] {
            let toml = format!("{{ file = {:?} }}", path.to_str().unwrap());
            let result = read_with(Rule::Presented, &toml, directory.path(), None);
            assert_eq!(result.ok().as_deref(), secret, "{written:?}");
        }
    }
}

#[test]
fn an_unusable_source_is_one_problem_with_its_reason() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("latin1"), b"p\xe4ssword").unwrap();
    for (toml, words) in [
        (r#"{ env = "VARIABLE" }"#, "environment variable VARIABLE is not set"),
        (r#"{ env = "" }"#, "secret.env: expected the name"),
        (r#"{ env = "A=B" }"#, "secret.env: expected the name"),
        ("{ env = 5 }", "secret.env: expected the name"),
        (r#"{ file = "nowhere" }"#, "file \"nowhere\" does not exist"),
        (r#"{ file = "latin1" }"#, "file \"latin1\" is not UTF-8"),
        (r#"{ file = "." }"#, "file \".\" is a directory"),
        (r#"{ file = " " }"#, "secret.file: expected the path"),
        (r#"{ fiel = "x" }"#, "did you mean \"file\"?"),
        (r#"{ env = "VARIABLE", file = "x" }"#, "found both"),
        ("{}", "found an empty table"),
        ("[]", "found a list"),
        ("\"hunter2\"", "found text"),
    ] {
        let error = read_with(Rule::Presented, toml, directory.path(), None).unwrap_err();
        assert!(error.contains(words), "{toml}: {error}");
        assert!(error.starts_with("1 problem in"), "{toml}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
