//! Checks what a machine can check of the design: layers, folders, sizes, words, references, the
//! container image, the dependencies of fuzzing, and what `Debug` shows.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sources::{before_tests, collect, files_below, is_test};

/// The rows of `src/lib.rs`. `health` and `tls` share one row here, and so do `http` and `console`,
/// because they do not import each other. `fuzz` is the last row, because it may import from all
/// other rows. A module imports only from rows above its own.
const ROWS: [&[&str]; 14] = [
    &["domain", "clock", "shutdown"],
    &["auth", "telemetry"],
    &["health", "tls"],
    &["activity"],
    &["resilience", "runtime"],
    &["paging"],
    &["dotapparel"],
    &["dailystory"],
    &["config"],
    &["brands"],
    &["http", "console"],
    &["app"],
    &["cli"],
    &["fuzz"],
];

/// The module outside the rows, the modules that it may import, and the modules that may import it.
const SANDBOX: &str = "sandbox";
const SANDBOX_IMPORTS: [&str; 2] = ["clock", "shutdown"];
const SANDBOX_USERS: [&str; 1] = ["cli"];

fn row(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

/// Whether `module` may import `imported`.
fn may_import(module: &str, imported: &str) -> bool {
    if module == imported {
        return true;
    }
    if module == SANDBOX {
        return SANDBOX_IMPORTS.contains(&imported);
    }
    if imported == SANDBOX {
        return SANDBOX_USERS.contains(&module);
    }
    matches!((row(module), row(imported)), (Some(own), Some(above)) if above < own)
}

/// The source without the lines that are comments.
fn code_of(source: &str) -> String {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// The names that follow `prefix` in the code. A braced list gives the first name of each path.
fn names_after(code: &str, prefix: &str) -> BTreeSet<String> {
    let word = |text: &str| {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let (mut depth, mut name_is_next) = (0_u32, true);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => name_is_next = true,
                _ if name_is_next && depth == 0 && !c.is_whitespace() => {
                    found.insert(word(&list[at..]));
                    name_is_next = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// The modules that a source text names after `crate::`.
fn imports(source: &str) -> BTreeSet<String> {
    names_after(&code_of(source), "crate::")
}

fn source_tree() -> Vec<(String, PathBuf)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let module = |path: &Path| {
        let first = path.strip_prefix(&src).unwrap().components().next().unwrap();
        first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
    };
    files_below("").into_iter().map(|path| (module(&path), path)).collect()
}

#[test]
fn a_module_imports_only_from_rows_above_its_own() {
    let mut wrong = Vec::new();
    for (module, path) in source_tree() {
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        for imported in imports(&fs::read_to_string(&path).unwrap()) {
            if !may_import(&module, &imported) {
                wrong.push(format!("{} imports {imported}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_has_its_row() {
    for (module, path) in source_tree() {
        let known = row(&module).is_some() || [SANDBOX, "lib", "main"].contains(&module.as_str());
        assert!(known, "{} belongs to no row", path.display());
    }
}

#[test]
fn no_file_is_longer_than_250_lines_before_its_tests() {
    for (_, path) in source_tree() {
        let text = fs::read_to_string(&path).unwrap();
        let lines = before_tests(&text).lines().count();
        assert!(
            is_test(&path) || lines <= 250,
            "{} has {lines} lines before its tests",
            path.display()
        );
    }
}

/// The folders of `paging`. A file imports nothing from the folders before its own. The files
/// beside the folders, except `mod.rs`, import nothing from the folders.
const PAGING_FOLDERS: [&str; 3] = ["sweeps", "walk", "snapshot"];

/// The names of `paging` that the code of a file imports. `supers` is the number of `super::` that
/// lead from the file to `paging`.
fn paging_imports(source: &str, supers: usize) -> BTreeSet<String> {
    let code = code_of(before_tests(source));
    let mut names = names_after(&code, "paging::");
    names.extend(names_after(&code, &"super::".repeat(supers)));
    names
}

#[test]
fn imports_in_paging_lead_from_sweeps_to_walk_to_snapshot() {
    let paging = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/paging");
    let root = code_of(&fs::read_to_string(paging.join("mod.rs")).unwrap());
    let names_of_folders = PAGING_FOLDERS.map(|folder| {
        let mut names = names_after(&root, &format!("use {folder}::"));
        names.insert(folder.to_owned());
        names
    });
    let files = files_below("paging");
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !is_test(file) && **file != paging.join("mod.rs")) {
        let path = file.strip_prefix(&paging).unwrap();
        let own = PAGING_FOLDERS.iter().position(|folder| path.starts_with(folder));
        let supers = path.components().count() - usize::from(path.ends_with("mod.rs"));
        let imported = paging_imports(&fs::read_to_string(file).unwrap(), supers);
        let forbidden = &names_of_folders[..own.unwrap_or(PAGING_FOLDERS.len())];
        let names = forbidden.iter().flatten().filter(|name| imported.contains(*name));
        wrong.extend(names.map(|name| format!("{} imports {name}", path.display())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn imports_from_paging_are_found_in_every_form() {
    let source = "use crate::paging::walk::Walker;\nuse super::super::{Budget, walk::{A, B}, sweeps};\n\
                  use crate::{clock, paging::{self, page::{Page, Stamp}, snapshot}};\nuse super::pass;\n\
                  // crate::paging::tests is only mentioned\n\
                  #[cfg(test)]\nmod tests {\n    use crate::paging::window;\n}\n";
    let found: Vec<_> = paging_imports(source, 2).into_iter().collect();
    assert_eq!(found, ["Budget", "page", "self", "snapshot", "sweeps", "walk"]);
}

#[test]
fn no_folder_has_more_than_14_source_files_beside_each_other() {
    let mut counts = BTreeMap::<PathBuf, usize>::new();
    for (_, path) in source_tree().into_iter().filter(|(_, path)| !is_test(path)) {
        *counts.entry(path.parent().unwrap().to_owned()).or_default() += 1;
    }
    let crowded: Vec<_> = counts.iter().filter(|(_, count)| **count > 14).collect();
    assert!(crowded.is_empty(), "{crowded:?}");
}

/// The description of a module, and the modules that it declares except `tests`.
fn description_and_modules(source: &str) -> (String, BTreeSet<String>) {
    let lines = source.lines().take_while(|line| line.starts_with("//!"));
    let mut modules = names_after(&code_of(source), "mod ");
    modules.remove("tests");
    (lines.collect::<Vec<_>>().join("\n"), modules)
}

#[test]
fn every_mod_file_opens_with_a_paragraph_that_names_its_modules() {
    let mut missing = Vec::new();
    for (_, path) in source_tree().into_iter().filter(|(_, path)| path.ends_with("mod.rs")) {
        let (description, modules) = description_and_modules(&text_of(&path));
        assert!(!description.is_empty(), "{} has no description", path.display());
        let is_word_part = |c: char| c.is_alphanumeric() || c == '_';
        let words: BTreeSet<&str> = description.split(|c| !is_word_part(c)).collect();
        let unnamed = modules.iter().filter(|name| !words.contains(name.as_str()));
        missing.extend(unnamed.map(|name| format!("{}: {name}", path.display())));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn modules_are_found_in_each_form() {
    let source =
        "//! `a.rs` is one.\n\nmod a;\npub mod b_c;\npub(crate) mod d;\n#[cfg(test)]\nmod tests;\n";
    let (description, modules) = description_and_modules(source);
    assert_eq!(description, "//! `a.rs` is one.");
    assert_eq!(modules.into_iter().collect::<Vec<_>>(), ["a", "b_c", "d"]);
}

/// The sources, pages, settings and scripts of the repository, without the files of `contrib`,
/// `templates` and most of `fuzz`.
fn text_files() -> Vec<PathBuf> {
    const FOLDERS: [&str; 8] =
        ["src", "tests", "benches", "docs", "config", "scripts", "deploy", "fixtures"];
    const ENDS: [&str; 6] = [".rs", ".md", ".toml", ".example", ".service", ".trycmd"];
    const PAGES: [&str; 7] = [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "Cargo.toml",
        "Dockerfile",
        "fuzz/README.md",
        "fuzz/Cargo.toml",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::from(PAGES.map(|page| root.join(page)));
    for folder in FOLDERS {
        collect(&root.join(folder), &mut files, &|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            !name.contains('.') || ENDS.iter().any(|end| name.ends_with(end))
        });
    }
    files
}

fn has_extension(path: impl AsRef<Path>, extension: &str) -> bool {
    path.as_ref().extension().is_some_and(|end| end == extension)
}

fn text_of(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

/// The files that a text names: links and code of a Markdown page, and pages of `docs` in any text.
fn named_files(text: &str, is_page: bool) -> Vec<String> {
    let is_part_of_path = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    let words = text.split(|c| !is_part_of_path(c)).map(|word| word.trim_end_matches('.'));
    let mut names: Vec<_> =
        words.filter(|word| word.starts_with("docs/") && has_extension(word, "md")).collect();
    if is_page {
        names.extend(text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()));
        let code = text.split('`').skip(1).step_by(2);
        names.extend(code.filter(|code| {
            code.chars().all(is_part_of_path)
                && (has_extension(code, "rs") || has_extension(code, "md"))
        }));
    }
    names.retain(|name| !name.is_empty() && !name.contains("://"));
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_file_that_a_text_names_exists() {
    let files = text_files();
    let mut missing = Vec::new();
    // The examples in this file name files that do not exist.
    for path in files.iter().filter(|path| !path.ends_with("tests/architecture.rs")) {
        let is_page = has_extension(path, "md");
        for name in named_files(&text_of(path), is_page) {
            let is_beside = path.parent().unwrap().join(&name).exists();
            // A page names a file by any part of its path that ends with the file's name.
            let is_known = files.iter().any(|file| file.ends_with(&name));
            if !is_beside && !is_known {
                missing.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn named_files_are_found_in_links_code_and_text() {
    let page = "See [a](../a.md#part), [b](https://b.example), `src/c.rs`, `x y.rs` and docs/d.md.";
    assert_eq!(named_files(page, true), ["docs/d.md", "../a.md", "src/c.rs"]);
    assert_eq!(named_files("// docs/d.md has the reason, `c.rs` the code", false), ["docs/d.md"]);
}

#[test]
fn no_text_refers_to_the_design_page_outside_the_repository() {
    let absent = concat!("DESI", "GN");
    let paths = text_files().into_iter().filter(|path| text_of(path).contains(absent));
    let paths: Vec<_> = paths.collect();
    assert!(paths.is_empty(), "{absent} is in {paths:#?}");
}

/// Such words make a sentence hard to read. CONTRIBUTING.md, "Rules", asks for plain English.
#[test]
fn comments_and_pages_have_no_word_that_is_hard_to_read() {
    const WORDS: [&str; 6] = ["nobody", "somebody", "whoever", "whom", "told", "anew"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for path in text_files() {
        let name = path.strip_prefix(root).unwrap().display();
        let is_source = has_extension(&path, "rs");
        // Fixtures are data, and this file lists the words.
        if path.starts_with(root.join("fixtures")) || path.ends_with("tests/architecture.rs") {
            continue;
        }
        for (number, line) in (1..).zip(text_of(&path).lines()) {
            let comment = line.split_once("//").map(|(_, comment)| comment);
            let prose = if is_source { comment.unwrap_or_default() } else { line };
            let words = prose.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
            let found = words.filter(|word| WORDS.contains(&word.as_str()));
            wrong.extend(found.map(|word| format!("{name}:{number}: {word}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn imports_are_found_in_every_form() {
    let source = "use crate::clock::Clock;\nuse crate::{domain::CustomerId, paging::{self, Page},\n  auth};\n\
                  fn f() { crate::shutdown::Tasks::new() }\n// crate::http is only mentioned\n";
    let found: Vec<_> = imports(source).into_iter().collect();
    assert_eq!(found, ["auth", "clock", "domain", "paging", "shutdown"]);
}

#[test]
fn the_rows_allow_or_forbid_each_import_as_expected() {
    for (module, imported, allowed) in [
        ("http", "brands", true),
        ("paging", "dotapparel", false),
        ("paging", "http", false),
        ("auth", "telemetry", false),
        ("sandbox", "dotapparel", false),
        ("sandbox", "clock", true),
        ("http", "sandbox", false),
        ("cli", "sandbox", true),
        ("dotapparel", "dotapparel", true),
    ] {
        assert_eq!(may_import(module, imported), allowed, "{module} -> {imported}");
    }
}

// The files of the image.

/// The texts between the quotes that follow `prefix`. Panics if no quote follows.
fn quoted_after<'a>(text: &'a str, prefix: &str) -> Vec<&'a str> {
    let quoted = |rest: &'a str| {
        let inner = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
        inner.unwrap_or_else(|| {
            panic!("no quote follows {prefix}: {}", rest.lines().next().unwrap())
        })
    };
    text.split(prefix).skip(1).map(quoted).collect()
}

/// The path without `..`, relative to the repository.
fn in_repository(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap();
    let full = path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    full.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
}

/// The files that `cargo build` reads: the manifest, the sources, the files that the sources
/// include, and the templates.
fn files_of_the_build() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "build.rs", "askama.toml"];
    let mut files = Vec::from(names.map(|name| root.join(name)));
    files.retain(|file| file.exists());
    collect(&root.join("templates"), &mut files, &|_| true);
    for (_, source) in source_tree().into_iter().filter(|(_, path)| !is_test(path)) {
        let text = text_of(&source);
        let code = code_of(before_tests(&text));
        for prefix in ["include_str!(", "include_bytes!(", "include!("] {
            let names = quoted_after(&code, prefix);
            files.extend(names.iter().map(|name| source.parent().unwrap().join(name)));
        }
        files.push(source);
    }
    files.iter().map(|file| in_repository(file)).collect()
}

/// The files and folders that a Dockerfile copies to the same place before its last `cargo build`.
fn copied(dockerfile: &str) -> Vec<&str> {
    let (before_build, _) = dockerfile.rsplit_once("cargo build").unwrap();
    let copies = before_build.lines().filter_map(|line| line.strip_prefix("COPY "));
    let sources = copies.flat_map(|copy| {
        let (sources, target) = copy.rsplit_once(' ').unwrap();
        let is_in_root = |name: &str| !name.contains('/') && Path::new(name).extension().is_some();
        let are_in_root = target == "./" && sources.split(' ').all(is_in_root);
        assert!(are_in_root || target == sources, "COPY {copy} moves a file");
        sources.split(' ')
    });
    sources.collect()
}

/// The files and folders that a `.dockerignore` admits. Its first line excludes everything.
fn admitted(dockerignore: &str) -> Vec<&str> {
    let admitted = dockerignore.strip_prefix("*\n").unwrap().lines();
    admitted.map(|line| line.strip_prefix('!').unwrap()).collect()
}

/// The files that are in none of `places`. A place is a file or a folder.
fn outside<'a>(files: &'a BTreeSet<String>, places: &[&str]) -> Vec<&'a String> {
    let is_inside = |file: &str| places.iter().any(|place| Path::new(file).starts_with(place));
    files.iter().filter(|file| !is_inside(file)).collect()
}

#[test]
fn the_image_has_every_file_that_its_build_reads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = files_of_the_build();
    let dockerfile = text_of(&root.join("Dockerfile"));
    let not_copied = outside(&files, &copied(&dockerfile));
    assert!(not_copied.is_empty(), "Dockerfile does not copy {not_copied:#?}");
    let dockerignore = text_of(&root.join(".dockerignore"));
    let not_admitted = outside(&files, &admitted(&dockerignore));
    assert!(not_admitted.is_empty(), ".dockerignore does not admit {not_admitted:#?}");
}

#[test]
fn the_files_of_the_build_are_found_in_each_form() {
    let files = files_of_the_build();
    for file in [
        "Cargo.lock",
        "src/main.rs",
        "src/console/assets/console.css",
        "config/brands/acme.toml.example",
        "templates/base.html",
    ] {
        assert!(files.contains(file), "{file}");
    }
    assert!(!files.iter().any(|file| file.starts_with("fixtures") || file.starts_with("docs")));
}

#[test]
fn copied_and_admitted_places_are_found_in_each_form() {
    let dockerfile = "FROM rust\nCOPY a.toml b.lock ./\nRUN cargo build\nCOPY src src\n\
                      RUN cargo build\nFROM scratch\nCOPY --from=builder /a /a\n";
    assert_eq!(copied(dockerfile), ["a.toml", "b.lock", "src"]);
    assert_eq!(admitted("*\n!a.toml\n!src\n"), ["a.toml", "src"]);
    let files = ["a.toml", "src/b.rs", "srcs/c.rs"].map(str::to_owned).into();
    assert_eq!(outside(&files, &["a.toml", "src"]), ["srcs/c.rs"]);
}

#[test]
fn the_image_checks_the_health_of_the_configuration_that_it_serves() {
    let dockerfile = text_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Dockerfile"));
    let arguments = |instruction: &str| {
        let line = dockerfile.lines().find(|line| line.starts_with(instruction)).unwrap();
        let list = &line[line.find('[').unwrap()..];
        serde_json::from_str::<Vec<String>>(list).unwrap()
    };
    let (served, checked) = (arguments("CMD"), arguments("HEALTHCHECK"));
    assert_eq!(served[..2], ["serve", "--config"]);
    assert_eq!(checked, ["/dotstory", "check", "--running", "--config", &served[2]]);
}

/// The versions of each package of a lock file.
fn versions(lock: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = text_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join(lock));
    let lock: toml::Table = toml::from_str(&text).unwrap();
    let mut versions = BTreeMap::<_, BTreeSet<_>>::new();
    for package in lock["package"].as_array().unwrap() {
        let [name, version] = ["name", "version"].map(|key| package[key].as_str().unwrap());
        versions.entry(name.to_owned()).or_default().insert(version.to_owned());
    }
    versions
}

#[test]
fn fuzzing_runs_with_the_versions_of_the_released_dependencies() {
    let released = versions("Cargo.lock");
    for (name, of_fuzzing) in versions("fuzz/Cargo.lock") {
        if let Some(released) = released.get(&name) {
            let others: Vec<_> = of_fuzzing.difference(released).collect();
            assert!(others.is_empty(), "fuzz/Cargo.lock has {name} {others:?}, not {released:?}");
        }
    }
}

/// The folders whose types have texts of customers.
const FOLDERS_WITH_CUSTOMERS: [&str; 11] = [
    "dotapparel/model",
    "dotapparel/calls",
    "dotapparel/feed",
    "dailystory/contacts",
    "dailystory/explain",
    "dailystory/mapper",
    "dailystory/record",
    "paging",
    "http",
    "brands",
    "cli/probe/sample",
];

/// Fields of these folders that `Debug` may show. They have no text of a customer, or a masked
/// text, or a value that many customers share, or a date that is no birth date.
const SHOWN_FIELDS: [&str; 17] = [
    "ApiError: cause: String",
    "BadParameter: expected: String",
    "Cause: pub(super) text: String",
    "FilledKey: pub key: String",
    "Loyalty: pub expires: Option<NaiveDate>",
    "Loyalty: pub joined: Option<NaiveDate>",
    "NameReport: pub(crate) name: String",
    "NameTable: by_code: HashMap<String, Option<Arc<str>>>",
    "NameTable: by_id: HashMap<i64, Option<Arc<str>>>",
    "OrderWriter: raw: Vec<u8>",
    "Person: pub start_date: Option<TimeText>",
    "Person: pub update_time: Option<TimeText>",
    "SharedAddress: pub(crate) address: String",
    "Store: pub code: Option<String>",
    "Store: pub name: Option<String>",
    "Unreadable: pub found: String",
    "ValueShare: pub(crate) shown: String",
];

/// Whether a line of code has the type of a text, a date or bytes, outside `Personal<..>`. The type
/// `&'static str` does not count.
fn has_shown_text(line: &str) -> bool {
    let mut rest = line.replace("&'static str", "");
    while let Some(begin) = rest.find("Personal<") {
        let mut depth = 0;
        let end = rest[begin..].char_indices().find(|(_, c)| {
            depth += i32::from(*c == '<') - i32::from(*c == '>');
            *c == '>' && depth == 0
        });
        let end = end.map_or(rest.len(), |(length, _)| begin + length + 1);
        rest.replace_range(begin..end, "");
    }
    let mut words = rest.split(|c: char| !c.is_alphanumeric());
    words.any(|word| ["String", "str", "Cow", "NaiveDate", "TimeText", "RawValue"].contains(&word))
        || ["[u8]", "Vec<u8>"].iter().any(|bytes| rest.contains(bytes))
}

/// The fields with a text, a date or bytes outside `Personal`, in types that derive `Debug`.
fn shown_fields(source: &str) -> Vec<String> {
    let code = code_of(before_tests(source));
    let mut found = Vec::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let derived = line.trim_start().strip_prefix("#[derive(").unwrap_or_default();
        if !derived.split(|c: char| !c.is_alphanumeric()).any(|word| word == "Debug") {
            continue;
        }
        let end = line.replace(line.trim_start(), "}");
        let mut name = "";
        for line in lines.by_ref().filter(|line| !line.trim_start().starts_with("#[")) {
            let head = line.split_once("struct ").or_else(|| line.split_once("enum "));
            let field = match head {
                Some((_, head)) if name.is_empty() => {
                    name = head.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                    head.split_once('(').map_or("", |(_, fields)| fields)
                }
                _ => line,
            };
            if has_shown_text(field) {
                found.push(format!("{name}: {}", field.trim().trim_end_matches([',', ';'])));
            }
            if line == end || line.ends_with(';') {
                break;
            }
        }
    }
    found
}

#[test]
fn debug_shows_no_text_of_a_customer() {
    let mut shown = BTreeSet::new();
    for file in FOLDERS_WITH_CUSTOMERS.iter().flat_map(|folder| files_below(folder)) {
        if !is_test(&file) {
            shown.extend(shown_fields(&text_of(&file)));
        }
    }
    let expected = BTreeSet::from(SHOWN_FIELDS.map(str::to_owned));
    assert_eq!(shown, expected, "wrap a text of a customer in `domain::Personal`");
}

#[test]
fn shown_fields_are_found_in_each_form() {
    let source = "#[derive(Clone, Debug)]\npub struct A<'a> {\n    /// A String.\n    a: Cow<'a, str>,\n    \
                  b: Personal<Option<String>>,\n    c: &'static str,\n    d: u8,\n}\n\
                  #[derive(Clone)]\nstruct B(String);\n\
                  #[derive(Debug)]\n#[expect(missing_docs)]\npub(crate) struct C(pub Vec<u8>);\n\
                  mod d {\n    #[derive(Debug)]\n    enum D {\n        One(Arc<str>),\n        Two { at: &'a [u8] },\n    }\n}\n\
                  struct E(String);\n";
    let expected =
        ["A: a: Cow<'a, str>", "C: pub Vec<u8>)", "D: One(Arc<str>)", "D: Two { at: &'a [u8] }"];
    assert_eq!(shown_fields(source), expected);
}
