//! Checks what a machine can check of the design: layers, folders, sizes, words and references.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rows of `src/lib.rs`. A module imports only from rows above its own.
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

/// The module outside the rows, its imports, and its users.
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

/// The modules that a source text names after `crate::`, those of a braced list included.
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

fn collect(directory: &Path, files: &mut Vec<PathBuf>, is_wanted: &dyn Fn(&Path) -> bool) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files, is_wanted);
        } else if is_wanted(&path) {
            files.push(path);
        }
    }
}

fn source_files(directory: &Path, files: &mut Vec<PathBuf>) {
    collect(directory, files, &|path| path.extension().is_some_and(|end| end == "rs"));
}

/// Whether the file is one of tests: in a folder `tests`, or beside its module as `tests.rs`.
fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs")
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
        // `#[cfg(test)]` on an item within the code is part of the code.
        let lines = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default().lines().count();
        assert!(
            is_test(&path) || lines <= 250,
            "{} has {lines} lines before its tests",
            path.display()
        );
    }
}

/// The parts of `paging`, from the one that uses the others down. A part imports only from later
/// parts.
const PAGING_PARTS: [&str; 3] = ["sweeps", "walk", "snapshot"];

/// The paths of a file of `paging` below the module: those after `paging::`, and those that
/// `super::` leads to.
fn paging_paths(source: &str, depth: usize) -> BTreeSet<String> {
    let code = source.split("\n#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let above = format!("{}{}", "super::".repeat(depth), "");
    let mut found = BTreeSet::new();
    for prefix in ["paging::", above.as_str()] {
        for (at, _) in code.match_indices(prefix) {
            let rest = &code[at + prefix.len()..];
            let names = rest.strip_prefix('{').map_or_else(
                || rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next(),
                |list| list.split('}').next(),
            );
            let words =
                names.unwrap_or_default().split(|c: char| !(c.is_alphanumeric() || c == '_'));
            found.extend(words.map(str::to_owned));
        }
    }
    found
}

#[test]
fn sweeps_use_walks_use_snapshots() {
    let paging = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/paging");
    let mut wrong = Vec::new();
    for (own, part) in PAGING_PARTS.iter().enumerate() {
        let mut files = Vec::new();
        source_files(&paging.join(part), &mut files);
        for file in files.iter().filter(|file| !is_test(file)) {
            let depth = file.strip_prefix(&paging).unwrap().components().count() - 1;
            let depth = if file.ends_with("mod.rs") { depth } else { depth + 1 };
            let paths = paging_paths(&fs::read_to_string(file).unwrap(), depth);
            let back = PAGING_PARTS[..own].iter().filter(|part| paths.contains(**part));
            wrong.extend(back.map(|part| format!("{} imports {part}", file.display())));
        }
    }
    for name in ["config", "page", "source", "window", "defence"] {
        let paths =
            paging_paths(&fs::read_to_string(paging.join(format!("{name}.rs"))).unwrap(), 1);
        let back = PAGING_PARTS.iter().filter(|part| paths.contains(**part));
        wrong.extend(back.map(|part| format!("{name}.rs imports {part}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn paths_into_paging_are_found_in_every_form() {
    let source = "use crate::paging::walk::Walker;\nuse super::super::{Budget, sweeps};\n\
                  // crate::paging::snapshot is only mentioned\n#[cfg(test)]\nuse
                  // crate::paging::tests::support;";
    let found: Vec<_> = paging_paths(source, 2).into_iter().collect();
    assert_eq!(found, ["", "Budget", "sweeps", "walk"]);
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

#[test]
fn every_mod_file_opens_with_a_description() {
    for (_, path) in source_tree().into_iter().filter(|(_, path)| path.ends_with("mod.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} has no description", path.display());
    }
}

#[test]
fn imports_are_found_in_every_form() {
    let source = "use crate::clock::Clock;\nuse crate::{domain::CustomerId, paging::{self, Page},\n  auth};\n\
                  fn f() { crate::shutdown::Tasks::new() }\n// crate::http is only mentioned\n";
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
