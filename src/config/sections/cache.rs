//! `[cache]`: how much budget snapshots have, and where; and how much what was looked up has.

use std::io::{self, ErrorKind};
use std::path::Path;

use bytesize::ByteSize;

use crate::config::document::Section;
use crate::config::document::Value;
use crate::config::document::{Mistake, Reported};
use crate::config::document::{size, size_or_none, text};
use crate::paging::{Budget, BudgetConfig};

/// The most of either: beyond it, it is a slip of the unit.
const MOST: ByteSize = ByteSize::tib(1);

/// `[cache]`.
pub(crate) struct Cache {
    pub budget: BudgetConfig,
    /// In bytes.
    pub details: u64,
}

/// Reads the section. A directory in which nothing can be written shows now, and not when memory has run out.
pub(crate) fn read(mut cache: Section<'_>) -> Result<Cache, Reported> {
    let memory = cache.required("memory", size(ByteSize::mib(1)..=MOST));
    let disk = cache.required("disk", size_or_none(ByteSize::mib(1)..=MOST));
    let details = cache.required("details", size_or_none(ByteSize::mib(1)..=MOST));
    let directory = cache.optional("directory", path).and_then(|named| {
        let directory = match &named {
            Some(path) => cache.place_of("directory").file().directory.join(path),
            None => std::env::temp_dir(),
        };
        if disk.as_ref().is_ok_and(|disk| *disk > 0) {
            check(&directory, named.as_deref())
                .map_err(|mistake| cache.report_at("directory", mistake))?;
        }
        Ok(directory)
    });
    cache.finish();
    Ok(Cache {
        budget: BudgetConfig { memory: memory?.get(), disk: disk?, directory: directory? },
        details: details?,
    })
}

fn path(value: &Value) -> Result<String, Mistake> {
    text(value, "the path of a directory", |text| {
        let usable = !text.trim().is_empty() && !text.chars().any(char::is_control);
        usable.then(|| text.to_owned())
    })
}

fn check(directory: &Path, named: Option<&str>) -> Result<(), Mistake> {
    Budget::check(directory).map_err(|error| {
        let shown = named.map_or(directory.to_string_lossy(), Into::into);
        let expected = "a directory in which files can be made";
        let mistake = Mistake::expected(expected, format!("{shown:?}"));
        let why = why(&error);
        mistake.hint(match named {
            Some(_) => why,
            None => format!(
                "{why}; it is the system's for temporary files: name another one, or set disk = \"0\""
            ),
        })
    })
}

/// What is wrong with a directory, in words that are the same on every machine.
fn why(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "it does not exist".to_owned(),
        ErrorKind::NotADirectory => "it is no directory".to_owned(),
        ErrorKind::PermissionDenied => "this user may not write there".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "its file system is read-only".to_owned(),
        _ => error.to_string(),
    }
}
