//! Writes the result of a command to standard output.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;
use clap::ValueEnum;

/// The form of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for a person.
    Text,
    /// One JSON object.
    Json,
}

/// Writes `text` to standard output. A pipe that its reader closed is no error: a reader such as
/// `head` needs only the first lines.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("failed to write to standard output"),
    }
}

/// The same JSON with a line for each value, indented by two blanks. Strings and numbers stay as
/// they are, so that a number keeps all its digits. Ends with a line break.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut opened, mut in_string, mut escaped) = (0_usize, false, false, false);
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    for char in json.chars() {
        if in_string {
            out.push(char);
            in_string = escaped || char != '"';
            escaped = !escaped && char == '\\';
            continue;
        }
        if char.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(char, '}' | ']');
        depth -= usize::from(closes && depth > 0);
        // An empty object or list stays on its line.
        if opened != closes {
            new_line(&mut out, depth);
        }
        opened = matches!(char, '{' | '[');
        depth += usize::from(opened);
        in_string = char == '"';
        match char {
            ',' => {
                out.push(char);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push(char),
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_json_has_a_line_for_each_value_and_the_same_values() {
        for (json, lines) in [
            ("7", "7\n"),
            ("{}", "{}\n"),
            ("[ ]", "[]\n"),
            (r#"{"a":1.50,"b":[]}"#, "{\n  \"a\": 1.50,\n  \"b\": []\n}\n"),
            (r#"[{"a":null},2]"#, "[\n  {\n    \"a\": null\n  },\n  2\n]\n"),
            (r#"{"a":"x: {\"y\", \\"}"#, "{\n  \"a\": \"x: {\\\"y\\\", \\\\\"\n}\n"),
        ] {
            assert_eq!(pretty(json), lines);
        }
    }
}
