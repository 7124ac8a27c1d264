//! Reads `[cache]`: memory and disk for snapshots, and memory for paused walks and lookups.

use std::io::{self, ErrorKind};
use std::path::Path;

use bytesize::ByteSize;

use crate::config::document::{Mistake, Reported, Section, Value, size, size_or_zero, text};
use crate::paging::{Budget, BudgetConfig};

/// `[cache]`.
pub(crate) struct Cache {
    pub(crate) budget: BudgetConfig,
    /// Memory for customer lookups, in bytes.
    pub(crate) details: u64,
}

/// The largest value of each key. A larger value is probably a mistake in the unit.
const MAX_SIZE: ByteSize = ByteSize::tib(1);

/// Reads the section. Unless `disk` is 0, checks the directory at the start, not only when memory
/// is full.
pub(crate) fn read_cache(mut cache: Section<'_>) -> Result<Cache, Reported> {
    let memory = cache.required("memory", size(ByteSize::mib(1)..=MAX_SIZE));
    let disk = cache.required("disk", size_or_zero(ByteSize::mib(1)..=MAX_SIZE));
    let paused = cache.required("paused", size_or_zero(ByteSize::mib(1)..=MAX_SIZE));
    let details = cache.required("details", size_or_zero(ByteSize::mib(1)..=MAX_SIZE));
    let directory = cache.optional("directory", path).and_then(|named| {
        let directory = match &named {
            Some(path) => cache.place_of("directory").file().directory.join(path),
            None => std::env::temp_dir(),
        };
        if disk.as_ref().is_ok_and(|disk| *disk > 0) {
            check_writable(&directory, named.as_deref())
                .map_err(|mistake| cache.report_at("directory", mistake))?;
        }
        Ok(directory)
    });
    cache.finish();
    Ok(Cache {
        budget: BudgetConfig {
            memory: memory?.get(),
            disk: disk?,
            paused: paused?,
            directory: directory?,
        },
        details: details?,
    })
}

fn path(value: &Value) -> Result<String, Mistake> {
    text(value, "the path of a directory", |text| {
        let is_path = !text.trim().is_empty() && !text.chars().any(char::is_control);
        is_path.then(|| text.to_owned())
    })
}

fn check_writable(directory: &Path, named: Option<&str>) -> Result<(), Mistake> {
    Budget::check(directory).map_err(|error| {
        let shown = named.map_or(directory.to_string_lossy(), Into::into);
        let mistake = Mistake::expected("a writable directory", format!("{shown:?}"));
        let reason = reason(&error);
        mistake.hint(match named {
            Some(_) => reason,
            None => format!(
                "{reason}; it is the system's temporary directory: set another, or disk = \"0\""
            ),
        })
    })
}

/// Why a directory is not writable. The usual reasons are in words that are the same on every
/// machine.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "it does not exist".to_owned(),
        ErrorKind::NotADirectory => "it is not a directory".to_owned(),
        ErrorKind::PermissionDenied => "this user may not write to it".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "its file system is read-only".to_owned(),
        _ => error.to_string(),
    }
}
