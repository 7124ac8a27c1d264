//! The output of a sweep: standard output or a file. The file has a temporary name until the last
//! record is written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tempfile::{NamedTempFile, TempPath};

/// An open target. A file has a temporary name in its directory until [`Target::finish`]. If the
/// target is dropped earlier, the file is deleted.
pub(super) enum Target {
    /// Standard output.
    Stdout(BufWriter<io::Stdout>),
    /// A file.
    File { writer: BufWriter<File>, temporary: TempPath, path: PathBuf },
}

// === impl Target ===

impl Target {
    /// The file `path`, or standard output. Only the user of this process can read the file,
    /// because it has personal data.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout(BufWriter::new(io::stdout()))) };
        if fs::metadata(path).is_ok_and(|existing| !existing.is_file()) {
            bail!("{} is not a file that can be replaced", path.display());
        }
        let directory = match path.parent() {
            Some(directory) if directory != Path::new("") => directory,
            _ => Path::new("."),
        };
        let file = NamedTempFile::new_in(directory)
            .with_context(|| format!("failed to create a file in {}", directory.display()))?;
        let (file, temporary) = file.into_parts();
        Ok(Self::File { writer: BufWriter::new(file), temporary, path: path.to_owned() })
    }

    /// Writes one line.
    pub(super) fn write_line(&mut self, line: &str) -> io::Result<()> {
        let writer: &mut dyn Write = match self {
            Self::Stdout(writer) => writer,
            Self::File { writer, .. } => writer,
        };
        writer.write_all(line.as_bytes())?;
        writer.write_all(b"\n")
    }

    /// Writes the buffer, and gives a file its name.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Stdout(mut writer) => writer.flush(),
            Self::File { mut writer, temporary, path } => {
                writer.flush()?;
                temporary.persist(path).map_err(|error| error.error)
            }
        }
    }
}
