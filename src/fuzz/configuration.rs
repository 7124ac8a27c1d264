//! The main file and the file of one brand.

use std::env::VarError;

use toml::{Table, Value};

use crate::config::{Config, Environment, Problems};

/// The line that begins the brand's file. The text before this line is the main file.
const BRAND_FILE: &str = "# brands/acme.toml\n";

/// The names of the files, and of the directory of the brands.
const PLACES: [&str; 3] = [MAIN, BRAND, "brands"];
const MAIN: &str = "dotstory.toml";
const BRAND: &str = "brands/acme.toml";

/// The beginning of each secret in [`EveryVariable`].
const SECRET: &str = "the-secret-of-";

/// A secret that seeds in `fuzz/corpus` write into a file. A right file names a variable that holds
/// the secret.
const WRITTEN_SECRET: &str = "hunter2";

/// Keys whose text may be a secret by mistake, so no message shows it. `env` is such a key if its
/// text is not the upper-case name of a variable.
const SECRET_KEYS: [&str; 4] = ["password", "token", "tokens", "env"];

/// An environment in which every variable is set.
struct EveryVariable;

/// The texts of the two files.
struct Files<'a> {
    main: Option<&'a str>,
    brand: &'a str,
}

impl Environment for EveryVariable {
    fn variable(&self, name: &str) -> Result<String, VarError> {
        Ok(format!("{SECRET}{name}"))
    }
}

/// Reads the bytes as a configuration of one brand. A line `# brands/acme.toml` separates the main
/// file from the brand's file. Without this line, all bytes are the brand's file.
///
/// # Panics
/// - A refused configuration has no problem, or a problem without its place.
/// - A problem or the `Debug` of the settings shows a secret.
/// - Accepted settings contradict each other.
pub fn configuration(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    // A device has no end, so a configuration that names a device is not read.
    if text.contains(SECRET) || text.contains("/dev") {
        return;
    }
    let files = match text.split_once(BRAND_FILE) {
        Some((main, brand)) => Files { main: Some(main), brand },
        None => Files { main: None, brand: text },
    };
    match Config::from_texts(files.main, &[("acme", files.brand)], &EveryVariable) {
        Ok(config) => check_settings(&config),
        Err(problems) => files.check_problems(&problems),
    }
}

fn check_settings(config: &Config) {
    assert!(!format!("{config:?}").contains(SECRET));
    assert!(config.server.default_limit <= config.server.max_limit);
    let [brand] = config.brands.as_slice() else { panic!("one file is one brand") };
    assert!(!brand.callers.is_empty());
    let limits = &brand.dotapparel.limits;
    assert!(limits.connect_timeout <= limits.attempt_timeout);
    assert!(limits.attempt_timeout <= limits.deadline);
    assert!(limits.retry.min_backoff <= limits.retry.max_backoff);
}

// === impl Files ===

impl Files<'_> {
    fn check_problems(&self, problems: &Problems) {
        let text = problems.to_string();
        assert!(problems.parts().next().is_some(), "refused without a problem");
        assert!(!text.contains(SECRET), "{text}");
        let is_hidden = self.main.is_none_or(hides) && hides(self.brand);
        assert!(!(is_hidden && text.contains(WRITTEN_SECRET)), "{text}");
        for problem in problems.parts() {
            assert!(PLACES.contains(&problem.file), "{text}");
            assert!(!problem.message.is_empty(), "{text}");
            assert!(!problem.remedy.is_some_and(|remedy| remedy.contains(SECRET)), "{text}");
            let file = self.text_of(problem.file);
            match problem.line {
                Some(line) => assert!((1..=file.split('\n').count()).contains(&line), "{text}"),
                None => assert!(!has_key(file, problem.key), "{text}"),
            }
        }
    }

    fn text_of(&self, file: &str) -> &str {
        match file {
            MAIN => self.main.unwrap_or_default(),
            BRAND => self.brand,
            _ => "",
        }
    }
}

/// Whether a message about the file must not contain [`WRITTEN_SECRET`]: the file has this text
/// only at [`SECRET_KEYS`], or not at all. A file that is no TOML is never shown.
fn hides(file: &str) -> bool {
    let Ok(table) = file.parse::<Table>() else { return true };
    hides_at("", &Value::Table(table))
}

fn hides_at(key: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => SECRET_KEYS.contains(&key) || !text.contains(WRITTEN_SECRET),
        Value::Array(items) => items.iter().all(|item| hides_at(key, item)),
        Value::Table(table) => {
            table.iter().all(|(key, value)| !key.contains(WRITTEN_SECRET) && hides_at(key, value))
        }
        _ => true,
    }
}

/// Whether the file has the key at this path, such as `sync.reuse`. An item such as `tokens[0]`,
/// and a key with a dot in its own name, are not found.
fn has_key(file: &str, key: &str) -> bool {
    let Ok(table) = file.parse::<Table>() else { return false };
    let mut path = key.split('.');
    let first = path.next().and_then(|key| table.get(key));
    path.fold(first, |value, key| value?.get(key)).is_some()
}
