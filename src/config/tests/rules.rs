//! Rules across keys and files, and configurations of random text.

use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;

use super::support::{
    EXAMPLE, EveryVariable, MAIN, from_example, with_every_example, with_every_key,
};
use crate::config::Config;

#[test]
fn the_debug_output_of_a_configuration_contains_no_secret() {
    let config = from_example(None);
    for text in [format!("{config:?}"), format!("{config:#?}")] {
        assert!(text.contains("dailystory@acme.example"), "{text}");
        assert!(!text.contains("the-secret-value"), "{text}");
    }
}

#[test]
fn a_limit_that_comes_from_a_default_is_reported_as_a_default() {
    let text = EXAMPLE.replace("# deadline = \"60s\"", "deadline = \"20s\"");
    let problems = Config::from_texts(None, &[("acme", &text)], &EveryVariable).unwrap_err();
    let text = problems.to_string();
    assert!(text.contains("expected at least attempt_timeout, which is \"30s\", found \"20s\""));
    assert!(text.ends_with("\n    attempt_timeout has its default value"), "{text}");
}

#[test]
fn a_wrong_proxy_url_and_a_proxy_that_would_see_a_password_are_refused() {
    let problem = |base_url: &str, proxy: &str| {
        let lines = format!("base_url = \"{base_url}\"\nproxy = \"{proxy}\"");
        let text = EXAMPLE.replace("base_url = \"https://api.dotapparel.io\"", &lines);
        let config = Config::from_texts(None, &[("acme", &text)], &EveryVariable);
        config.err().map(|problems| problems.to_string()).unwrap_or_default()
    };
    let (https, proxy) = ("https://api.dotapparel.io", "http://proxy.example:3128");
    assert_eq!(problem(https, proxy), "");
    let text = problem("http://127.0.0.1:80", proxy);
    assert!(
        text.contains("dotapparel.proxy: expected no proxy, because base_url is http"),
        "{text}"
    );
    for wrong in ["http://me:secret@proxy.example", "socks5://proxy.example", "proxy.example:3128"]
    {
        let text = problem(https, wrong);
        assert!(text.contains("dotapparel.proxy: expected the URL of an HTTP proxy"), "{text}");
        assert!(!text.contains("secret") && !text.contains("socks5"), "{text}");
    }
}

#[test]
fn overlapping_listeners_are_refused_and_reported_at_a_key_that_the_file_sets() {
    let problems = |main: &str| {
        let config = Config::from_texts(Some(main), &[("acme", EXAMPLE)], &EveryVariable);
        config.err().map(|problems| problems.to_string())
    };
    let text = problems("[server]\nlisten = \"127.0.0.1:8081\"\n").unwrap();
    assert!(text.contains("dotstory.toml:2: server.listen: expected an address"), "{text}");
    for (server, operator, good) in [
        ("127.0.0.1:0", "127.0.0.1:0", true),
        ("127.0.0.1:80", "127.0.0.2:80", true),
        ("127.0.0.1:80", "0.0.0.0:80", false),
        ("[::]:80", "127.0.0.1:80", false),
    ] {
        let main = format!("server.listen = \"{server}\"\noperator.listen = \"{operator}\"");
        assert_eq!(problems(&main).is_none(), good, "{server} {operator}");
    }
}

#[test]
fn the_cache_directory_is_checked_only_if_disk_is_not_0() {
    let main =
        |disk: &str| format!("[cache]\ndisk = \"{disk}\"\ndirectory = \"/nowhere/at/all\"\n");
    for none in ["0", "0B", "0 GiB"] {
        assert_eq!(from_example(Some(&main(none))).cache.disk, 0);
    }
    let problems = Config::from_texts(Some(&main("1GiB")), &[("acme", EXAMPLE)], &EveryVariable);
    let text = problems.unwrap_err().to_string();
    assert!(text.contains("cache.directory: expected a writable directory"), "{text}");
}

#[test]
fn only_a_main_file_named_dotstory_toml_may_be_absent() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("brands")).unwrap();
    fs::write(directory.path().join("brands/acme.toml"), EXAMPLE).unwrap();
    let load = |name: &str| Config::load(&directory.path().join(name), &EveryVariable);
    assert_eq!(load("dotstory.toml").unwrap().brands.len(), 1);
    let text = load("dotstroy.toml").unwrap_err().to_string();
    assert!(text.ends_with("\n\ndotstroy.toml: the file does not exist"), "{text}");
}

#[test]
fn files_that_cannot_be_read_are_reported() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("brands/globex.toml")).unwrap();
    fs::write(directory.path().join("brands/acme.toml"), b"timezone = \"\xff\"").unwrap();
    let problems =
        Config::load(&directory.path().join("dotstory.toml"), &EveryVariable).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "2 problems in the configuration:\n\n\
         brands/acme.toml: the file is not UTF-8\n\
         brands/globex.toml: the file is a directory"
    );
}

/// A line of the main file or of the example, with random text inserted.
fn any_line() -> impl Strategy<Value = (bool, String)> {
    let lines =
        [MAIN, EXAMPLE].map(|text| (text == MAIN, with_every_example(&with_every_key(text))));
    let keys: Vec<_> = lines
        .iter()
        .flat_map(|(main, text)| text.lines().map(move |line| (*main, line.to_owned())))
        .filter(|(_, line)| line.contains(" = ") && !line.starts_with('#'))
        .collect();
    (proptest::sample::select(keys), "\\PC{0,12}", any::<u8>()).prop_map(
        |((main, line), noise, cut)| {
            let cut = usize::from(cut) % (line.len() + 1);
            let head = line.get(..cut).unwrap_or_default();
            (main, format!("{head}{noise}{}", line.get(cut..).unwrap_or_default()))
        },
    )
}

proptest! {
    #[test]
    fn any_text_is_accepted_or_refused_with_a_message(lines in vec(any_line(), 0..8)) {
        let text_of = |file: bool| {
            let lines = lines.iter().filter(|(main, _)| *main == file);
            lines.map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n")
        };
        let brands = [("acme", text_of(false)), ("globex", EXAMPLE.to_owned())];
        let brands = brands.each_ref().map(|(id, text)| (*id, text.as_str()));
        if let Err(problems) = Config::from_texts(Some(&text_of(true)), &brands, &EveryVariable) {
            prop_assert!(!problems.is_empty());
            prop_assert!(!problems.to_string().contains("the-secret-value"));
        }
    }
}
