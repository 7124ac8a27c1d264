//! Loads the configuration from files or texts.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::{
    Context, Entries, FIRST_BRAND, File, LAST, MAIN, Mistake, Place, Reported, Section, overlay,
    parse_toml, secret,
};
use super::sections::{BrandDefaults, built_in, read_brand, read_main, read_operator_listen};
use super::{Brand, Config, Environment, Problems};

/// A file and its text, or the error of reading it.
struct Document {
    file: Arc<File>,
    text: io::Result<String>,
}

/// The name of the main file. A file of this name may be absent, because a brand's file alone is a
/// complete configuration. If the operator chooses another name, the file must exist.
const MAIN_FILE: &str = "dotstory.toml";

const BRANDS: &str = "brands";

// === impl Config ===

impl Config {
    /// Loads the main file `path` and each `brands/*.toml` beside it. Keys of the main file
    /// override the built-in defaults one by one. An absent `dotstory.toml` overrides none.
    ///
    /// # Errors
    /// All problems of all files.
    pub fn load(path: &Path, environment: &dyn Environment) -> Result<Self, Problems> {
        let context = Context::new(environment);
        let directory = path.parent().unwrap_or(Path::new(""));
        let main = main_document(path, directory);
        let brands = brand_documents(directory).unwrap_or_else(|error| {
            let mistake = Mistake::new(format!("the directory {}", secret::unreadable(&error)));
            context.report.add(whole(BRANDS, LAST), mistake);
            Vec::new()
        });
        check(main.as_ref(), &brands, context)
    }

    /// The address of `[operator] listen`, from the main file `path`. Nothing else is checked.
    ///
    /// # Errors
    /// When the file cannot be read or is not valid TOML, or the address is wrong.
    pub fn operator_listen(
        path: &Path,
        environment: &dyn Environment,
    ) -> Result<SocketAddr, Problems> {
        let context = Context::new(environment);
        let main = main_document(path, path.parent().unwrap_or(Path::new("")));
        let own = main.as_ref().map_or(Ok(Entries::default()), |file| file.entries(&context));
        let listen = own.and_then(|own| {
            let entries = overlay(&built_in(), own);
            let place = main.map_or(whole(MAIN_FILE, MAIN), |main| Place::from_file(main.file));
            read_operator_listen(Section::new(place, &entries, &context))
        });
        listen.map_err(|_| context.report.into_problems())
    }

    /// Loads the texts of the main file and of the brands, each brand with its id. Relative paths
    /// start from the current directory.
    ///
    /// # Errors
    /// All problems of all texts.
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

/// Reads the main file; `None` for an absent `dotstory.toml`.
fn main_document(path: &Path, directory: &Path) -> Option<Document> {
    let name = path.file_name().map_or(path.to_string_lossy(), |name| name.to_string_lossy());
    let text = fs::read_to_string(path);
    match &text {
        Err(error) if error.kind() == ErrorKind::NotFound && name == MAIN_FILE => None,
        _ => Some(Document { file: file(MAIN, &name, directory), text }),
    }
}

/// Reads the brand files in the order of their names. Ignores hidden files. Returns no files if the
/// directory does not exist.
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
        let is_brand = name.ends_with(".toml") && !name.starts_with('.');
        is_brand.then_some((path, name))
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

/// Checks all documents, to find every problem.
fn check(
    main: Option<&Document>,
    brands: &[Document],
    context: Context<'_>,
) -> Result<Config, Problems> {
    let place = match main {
        Some(document) => Place::from_file(Arc::clone(&document.file)),
        None => whole(MAIN_FILE, MAIN),
    };
    let own = main.and_then(|document| document.entries(&context).ok());
    let entries = overlay(&built_in(), own.unwrap_or_default());
    let main = read_main(Section::new(place, &entries, &context));
    let brands = check_brands(brands, &BrandDefaults::from_main(&entries), &context);

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
        let place = Place::from_file(Arc::clone(&document.file));
        let entries = defaults.merge_into(document.entries(context)?, &document.file);
        read_brand(document.stem(), Section::new(place, &entries, context))
    };
    let brands: Vec<_> = documents.iter().map(check).collect();
    if brands.is_empty() {
        let mistake = Mistake::expected("at least one file brands/<brand>.toml", "none")
            .hint(format!("looked in the directory {BRANDS} beside the main file"));
        context.report.add(whole(BRANDS, LAST), mistake);
    }
    brands.into_iter().collect()
}

/// The place of a file or directory as a whole.
fn whole(name: &str, rank: usize) -> Place {
    Place::from_file(file(rank, name, Path::new("")))
}

// === impl Document ===

impl Document {
    fn entries(&self, context: &Context<'_>) -> Result<Entries, Reported> {
        match &self.text {
            Ok(text) => parse_toml(text, &self.file)
                .map_err(|(place, mistake)| context.report.add(place, mistake)),
            Err(error) => {
                let place = Place::from_file(Arc::clone(&self.file));
                let mistake = Mistake::new(format!("the file {}", secret::unreadable(error)));
                Err(context.report.add(place, mistake))
            }
        }
    }

    /// The file's name without `.toml`: the id of a brand.
    fn stem(&self) -> &str {
        let name = self.file.name.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".toml").unwrap_or(name)
    }
}
