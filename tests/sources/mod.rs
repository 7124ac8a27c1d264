//! The sources of dotstory, for tests that compare them with the design or with the documentation.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of Rust below a folder of `src`, with the files of tests.
pub(crate) fn files_below(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let is_rust = |path: &Path| path.extension().is_some_and(|end| end == "rs");
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut files, &is_rust);
    files
}

/// Adds each file below the folder if `is_wanted` accepts the file.
pub(crate) fn collect(folder: &Path, files: &mut Vec<PathBuf>, is_wanted: &dyn Fn(&Path) -> bool) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files, is_wanted);
        } else if is_wanted(&path) {
            files.push(path);
        }
    }
}

/// Whether the file has only tests: it is in a folder `tests`, or its name is `tests.rs`.
pub(crate) fn is_test(path: &Path) -> bool {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
    path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs")
}

/// The source before the module of its tests. `mod tests;` and `#[cfg(test)]` on another item are
/// part of the code.
pub(crate) fn before_tests(source: &str) -> &str {
    let modules = source.match_indices("\n#[cfg(test)]\nmod ");
    let is_inline = |at: &usize| source[at + 1..].lines().nth(1).unwrap().ends_with('{');
    let end = modules.map(|(at, _)| at).find(is_inline);
    &source[..end.unwrap_or(source.len())]
}

#[test]
fn only_a_module_of_tests_with_a_body_ends_the_code() {
    let file = "mod a;\n#[cfg(test)]\nmod tests;\nfn b() {}\n#[cfg(test)]\nmod tests {\n}\n";
    assert_eq!(before_tests(file), "mod a;\n#[cfg(test)]\nmod tests;\nfn b() {}");
    assert_eq!(before_tests("fn b() {}\n"), "fn b() {}\n");
}
