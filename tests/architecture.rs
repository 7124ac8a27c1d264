//! Holds the layers of `src/lib.rs`: a module imports only from rows above its own.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rows, from the words that everyone may use down to what uses everything.
const ROWS: [&[&str]; 11] = [
    &["domain", "clock", "shutdown"],
    &["auth", "telemetry", "resilience"],
    &["runtime"],
    &["paging"],
    &["dotapparel"],
    &["dailystory"],
    &["config"],
    &["brands"],
    &["http"],
    &["app"],
    &["cli"],
];

/// Outside the rows: what it may import, and who may import it.
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

/// The modules that a source text names behind `crate::`, those of a braced list included.
fn imports(source: &str) -> BTreeSet<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let word = |text: &str| {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
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

fn source_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn source_tree() -> Vec<(String, PathBuf)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let module = |path: &Path| {
        let first = path.strip_prefix(&src).unwrap().components().next().unwrap();
        first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
    };
    files.into_iter().map(|path| (module(&path), path)).collect()
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
        let is_test = path.components().any(|part| part.as_os_str() == "tests")
            || path.to_str().unwrap().ends_with("tests.rs");
        let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
        assert!(is_test || lines <= 250, "{} has {lines} lines before its tests", path.display());
    }
}

#[test]
fn imports_are_found_in_every_form() {
    let source = "use crate::clock::Clock;\nuse crate::{domain::CustomerId, paging::{self, Page},\n  auth};\n\
                  fn f() { crate::shutdown::Tasks::new() }\n// crate::http is only spoken of\n";
    let found: Vec<_> = imports(source).into_iter().collect();
    assert_eq!(found, ["auth", "clock", "domain", "paging", "shutdown"]);
}

#[test]
fn rows_forbid_what_they_should() {
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
