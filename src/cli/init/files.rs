//! Writes the files of a new brand. Overwrites no file.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::config::{BrandKey, SecretVariables, new_brand_file, new_main_file};
use crate::domain::BrandId;

/// The answers for the new files.
#[derive(Debug)]
pub(super) struct NewFiles {
    pub(super) directory: PathBuf,
    pub(super) brand: BrandId,
    /// Each key with the text of its value. The configuration accepts each value.
    pub(super) values: Vec<(BrandKey, String)>,
}

/// The file of the brand in the configuration's directory.
pub(super) fn brand_path(directory: &Path, brand: &BrandId) -> PathBuf {
    directory.join("brands").join(format!("{brand}.toml"))
}

// === impl NewFiles ===

impl NewFiles {
    /// Writes the files. Returns what was written, and the commands to run next.
    ///
    /// # Errors
    /// When the brand's file exists, or a directory or a file cannot be written.
    pub(super) fn write(&self) -> anyhow::Result<String> {
        let brand_path = brand_path(&self.directory, &self.brand);
        let brands = self.directory.join("brands");
        fs::create_dir_all(&brands)
            .with_context(|| format!("failed to create {}", brands.display()))?;
        create(&brand_path, &new_brand_file(&self.brand, &self.values))
            .with_context(failed(&brand_path))?;
        let mut report = format!("wrote {}\n", brand_path.display());

        let main_path = self.directory.join("dotstory.toml");
        let main = match create(&main_path, &new_main_file()) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => "kept",
            created => created.map(|()| "wrote").with_context(failed(&main_path))?,
        };
        writeln!(report, "{main} {}", main_path.display()).expect(NEVER_FAILS);

        let secrets_path = self.directory.join(".env.example");
        let secrets = self.add_secrets(&secrets_path).with_context(failed(&secrets_path))?;
        writeln!(report, "{secrets} {}", secrets_path.display()).expect(NEVER_FAILS);
        report.push_str(&self.next_commands(&main_path, &secrets_path));
        Ok(report)
    }

    /// Adds the brand's variables to the end of the file at `path`, unless the file has the
    /// variable of the brand's token. Returns what was done.
    fn add_secrets(&self, path: &Path) -> io::Result<&'static str> {
        let variables = SecretVariables::for_brand(&self.brand);
        let existing = match fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            existing => Some(existing?),
        };
        let token = format!("{}=", variables.token());
        let has_token = |text: &String| text.lines().any(|line| line.starts_with(&token));
        if existing.as_ref().is_some_and(has_token) {
            return Ok("kept");
        }
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        if existing.is_some() {
            file.write_all(b"\n")?;
        }
        file.write_all(variables.env_lines(&self.brand).as_bytes())?;
        Ok(if existing.is_some() { "added to" } else { "wrote" })
    }

    fn next_commands(&self, main: &Path, secrets: &Path) -> String {
        let secrets_file = self.directory.join(".env");
        let env = quoted(&secrets_file);
        let (main, example) = (quoted(main), quoted(secrets));
        let variables = SecretVariables::for_brand(&self.brand);
        let fill_in = if secrets_file.exists() {
            format!("# add {} and {} to {env}", variables.password(), variables.token())
        } else {
            format!("install -m 600 {example} {env}   # then fill in the secrets in {env}")
        };
        format!(
            "\nNext:\n  {fill_in}\n  set -a; . {env}; set +a; dotstory check --live --config {main}\n  \
             dotstory serve --config {main}\n"
        )
    }
}

/// Why a failed write to a `String` is not handled.
const NEVER_FAILS: &str = "writing to a string cannot fail";

/// Writes a file that does not exist yet.
fn create(path: &Path, text: &str) -> io::Result<()> {
    File::create_new(path)?.write_all(text.as_bytes())
}

fn failed(path: &Path) -> impl FnOnce() -> String {
    let path = path.display().to_string();
    move || format!("failed to write {path}")
}

/// The path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
