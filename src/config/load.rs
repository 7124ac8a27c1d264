//! The way in: from files, or from their texts, to a checked configuration or everything that is wrong with it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Brand, Config, Environment, Place, Problems};
use crate::config::document::raw;
use crate::config::document::unreadable;
use crate::config::document::{Context, Section};
use crate::config::document::{Entries, overlay};
use crate::config::document::{FIRST_BRAND, File, LAST, MAIN};
use crate::config::document::{Mistake, Reported};
use crate::config::sections::BrandDefaults;
use crate::config::sections::brand;
use crate::config::sections::server;

/// A file and what it says, unless it cannot be read.
struct Document {
    file: Arc<File>,
    text: io::Result<String>,
}

/// The name under which the main file may be absent, leaving the defaults as they are: a brand's own file is then all
/// that is needed. Whoever names another file means that one.
const MAIN_FILE: &str = "dotstory.toml";

const BRANDS: &str = "brands";

// === impl Config ===

impl Config {
    /// Reads the main file `path`, and each `brands/*.toml` beside it. The main file is laid over the compiled-in
    /// defaults key by key; a `dotstory.toml` that does not exist changes none of them.
    ///
    /// # Errors
    /// Everything that is wrong with any of the files, in one run.
    pub fn load(path: &Path, environment: &dyn Environment) -> Result<Self, Problems> {
        let context = Context::new(environment);
        let directory = path.parent().unwrap_or(Path::new(""));
        let main = main_document(path, directory);
        let brands = brand_documents(directory).unwrap_or_else(|error| {
            let mistake = Mistake::new(format!("the directory {}", unreadable(&error)));
            context.report.add(whole(BRANDS, LAST), mistake);
            Vec::new()
        });
        check(main.as_ref(), &brands, context)
    }

    /// Reads the same from the texts of the main file and of each brand, which is named by its id. Relative paths in
    /// them begin in the current directory.
    ///
    /// # Errors
    /// Everything that is wrong with any of the texts, in one run.
    pub fn from_texts(
        main: Option<&str>,
        brands: &[(&str, &str)],
        environment: &dyn Environment,
    ) -> Result<Self, Problems> {
        let document = |rank, name: &str, text: &str| Document {
            file: file(rank, name, Path::new("")),
            text: Ok(text.to_owned()),
        };
        let main = main.map(|text| document(MAIN, MAIN_FILE, text));
        let brands: Vec<_> = (FIRST_BRAND..)
            .zip(brands)
            .map(|(rank, (id, text))| document(rank, &format!("{BRANDS}/{id}.toml"), text))
            .collect();
        check(main.as_ref(), &brands, Context::new(environment))
    }
}

/// The main file; `None` when it is absent and may be.
fn main_document(path: &Path, directory: &Path) -> Option<Document> {
    let name = path.file_name().map_or(path.to_string_lossy(), |name| name.to_string_lossy());
    let text = fs::read_to_string(path);
    match &text {
        Err(error) if error.kind() == ErrorKind::NotFound && name == MAIN_FILE => None,
        _ => Some(Document { file: file(MAIN, &name, directory), text }),
    }
}

/// The files of brands by name; none when there is no directory for them. Hidden files are none of ours.
fn brand_documents(directory: &Path) -> io::Result<Vec<Document>> {
    let directory = directory.join(BRANDS);
    let entries = match fs::read_dir(&directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    let names = paths.iter().filter_map(|path| {
        let name = path.file_name()?.to_string_lossy();
        let ours = name.ends_with(".toml") && !name.starts_with('.');
        ours.then_some((path, name))
    });
    let documents = (FIRST_BRAND..).zip(names).map(|(rank, (path, name))| Document {
        file: file(rank, &format!("{BRANDS}/{name}"), &directory),
        text: fs::read_to_string(path),
    });
    Ok(documents.collect())
}

fn file(rank: usize, name: &str, directory: &Path) -> Arc<File> {
    Arc::new(File { rank, name: name.to_owned(), directory: directory.to_owned() })
}

/// Checks everything, whatever is wrong with any part of it.
fn check(
    main: Option<&Document>,
    brands: &[Document],
    context: Context<'_>,
) -> Result<Config, Problems> {
    let place = match main {
        Some(document) => Place::of_file(Arc::clone(&document.file)),
        None => whole(MAIN_FILE, MAIN),
    };
    let own = main.and_then(|document| document.entries(&context).ok());
    let entries = overlay(&server::defaults(), own.unwrap_or_default());
    let main = server::read(Section::new(place, &entries, &context));
    let brands = check_brands(brands, &BrandDefaults::of(&entries), &context);

    let problems = context.report.into_problems();
    match (main, brands) {
        (Ok(main), Ok(brands)) if problems.is_empty() => Ok(Config {
            server: main.server,
            operator: main.operator,
            log: main.log,
            cache: main.cache.budget,
            details_memory: main.cache.details,
            brands,
        }),
        _ => Err(problems),
    }
}

fn check_brands(
    documents: &[Document],
    defaults: &BrandDefaults,
    context: &Context<'_>,
) -> Result<Vec<Brand>, Reported> {
    let check = |document: &Document| {
        let place = Place::of_file(Arc::clone(&document.file));
        let entries = defaults.under(document.entries(context)?, &document.file);
        brand::read(document.stem(), Section::new(place, &entries, context))
    };
    let brands: Vec<_> = documents.iter().map(check).collect();
    if brands.is_empty() {
        let mistake = Mistake::expected("at least one file brands/<brand>.toml", "none")
            .hint(format!("looked in the directory {BRANDS} beside the main file"));
        context.report.add(whole(BRANDS, LAST), mistake);
    }
    brands.into_iter().collect()
}

fn whole(name: &str, rank: usize) -> Place {
    Place::of_file(file(rank, name, Path::new("")))
}

// === impl Document ===

impl Document {
    fn entries(&self, context: &Context<'_>) -> Result<Entries, Reported> {
        match &self.text {
            Ok(text) => raw::parse(text, &self.file)
                .map_err(|(place, mistake)| context.report.add(place, mistake)),
            Err(error) => {
                let place = Place::of_file(Arc::clone(&self.file));
                let mistake = Mistake::new(format!("the file {}", unreadable(error)));
                Err(context.report.add(place, mistake))
            }
        }
    }

    /// The brand's id, if this is a brand's file.
    fn stem(&self) -> &str {
        let name = self.file.name.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".toml").unwrap_or(name)
    }
}
