//! Checks this machine: the configuration, the cache's directory, and the ports.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use super::checklist::{Check, Checklist, Failure, Outcome};
use crate::cli::check::running::{check_ready, is_dotstory};
use crate::config::{Config, ProblemParts, Problems};
use crate::paging::Budget;

const CHECKS: [Check; 4] =
    [Check::Configuration, Check::CacheDirectory, Check::ServerPort, Check::OperatorPort];

/// Checks this machine. `config` is already valid.
pub(crate) fn check_machine(config: &Config) -> Checklist {
    let mut list = Checklist::new(None, CHECKS);
    let brands = config.brands.len();
    let plural = if brands == 1 { "" } else { "s" };
    list.pass(Check::Configuration, format!("valid, with {brands} brand{plural}"));
    list.record(
        Check::CacheDirectory,
        match config.cache.disk {
            0 => Outcome::Passed { found: "not used, because [cache] disk is 0".to_owned() },
            _ => check_directory(&config.cache.directory),
        },
    );
    // Both addresses are bound at the same time, as in `serve`.
    let server = TcpListener::bind(config.server.listen);
    let operator = TcpListener::bind(config.operator.listen);
    let is_running = || check_ready(config.operator.listen).is_ok();
    list.record(
        Check::ServerPort,
        port_outcome(config.server.listen, server.as_ref().err(), || {
            is_running() && is_dotstory(&config.server)
        }),
    );
    list.record(
        Check::OperatorPort,
        port_outcome(config.operator.listen, operator.as_ref().err(), is_running),
    );
    list
}

/// The checks of this machine for a wrong configuration. Each problem is a failed check. The other
/// checks are skipped for `reason`.
pub(crate) fn report_problems(problems: &Problems, reason: &str) -> Checklist {
    let mut list = Checklist::new(None, CHECKS);
    list.fail_each(Check::Configuration, problems.parts().map(|problem| failure(&problem)));
    list.skip_rest(reason);
    list
}

fn failure(problem: &ProblemParts<'_>) -> Failure {
    let ProblemParts { file, line, key, message, hint, remedy } = *problem;
    let (found, place) = match line {
        Some(line) => (format!("{file}:{line}: {message}"), format!("{file}, line {line}")),
        None => (format!("{file}: {message}"), file.to_owned()),
    };
    let remedy = match remedy {
        Some(remedy) => remedy.to_owned(),
        None if key.is_empty() && line.is_none() => {
            format!("Check {place}, and the path in --config")
        }
        None => format!("Correct {place}"),
    };
    let remedy = match hint {
        Some(hint) if hint.ends_with('?') => format!("{remedy}: {hint}"),
        Some(hint) => format!("{remedy}: {hint}."),
        None => format!("{remedy}."),
    };
    let failure = Failure::new(found, remedy);
    match key.split_once('.') {
        Some((section, key)) => failure.at(format!("[{section}] {key}")),
        None if key.is_empty() => failure,
        None => failure.at(key.to_owned()),
    }
}

fn check_directory(directory: &Path) -> Outcome {
    let shown = directory.display();
    match Budget::check(directory) {
        Ok(()) => Outcome::Passed { found: format!("{shown} is writable") },
        Err(error) => Outcome::Failed(Failure::new(
            format!("{shown}: {}", reason(&error)),
            "Create the directory, and allow the user of dotstory to write to it. Or set [cache] \
             directory to another directory.",
        )),
    }
}

/// The outcome of binding `addr`. `is_ours` returns whether a ready dotstory has the port.
fn port_outcome(
    addr: SocketAddr,
    error: Option<&io::Error>,
    is_ours: impl FnOnce() -> bool,
) -> Outcome {
    let Some(error) = error else {
        return Outcome::Passed { found: format!("{addr} is free") };
    };
    let failure = |remedy: &str| Failure::new(format!("{addr}: {}", reason(error)), remedy);
    Outcome::Failed(match error.kind() {
        ErrorKind::AddrInUse if is_ours() => {
            let found = format!("{addr} is held by a dotstory that is ready");
            return Outcome::Passed { found };
        }
        ErrorKind::AddrInUse => failure(
            "Another program, or a dotstory that is not ready, has this port. Stop that program, \
             or set another port.",
        ),
        ErrorKind::PermissionDenied => failure(
            "Ports below 1024 need a privilege. Set a higher port, and let the TLS proxy forward to \
             it.",
        ),
        ErrorKind::AddrNotAvailable => failure(
            "This machine does not have this address. Set 127.0.0.1, or 0.0.0.0 in a container.",
        ),
        _ => failure("Set an address on which this machine can listen, such as 127.0.0.1:8080."),
    })
}

/// The error in words, without the operating system's error number.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(outcome: &Outcome) -> (bool, &str) {
        match outcome {
            Outcome::Passed { found } => (true, found),
            Outcome::Failed(failure) => (false, &failure.found),
            Outcome::Skipped { reason } => panic!("{reason}"),
        }
    }

    #[test]
    fn a_port_passes_if_it_is_free_or_a_ready_dotstory_has_it() {
        let addr: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        let in_use = io::Error::from_raw_os_error(98);
        assert_eq!(found(&port_outcome(addr, None, || false)), (true, "127.0.0.1:8080 is free"));
        assert_eq!(
            found(&port_outcome(addr, Some(&in_use), || true)),
            (true, "127.0.0.1:8080 is held by a dotstory that is ready")
        );
        assert_eq!(
            found(&port_outcome(addr, Some(&in_use), || false)),
            (false, "127.0.0.1:8080: address already in use")
        );
        let denied = io::Error::from_raw_os_error(13);
        let failed = port_outcome(addr, Some(&denied), || true);
        assert_eq!(found(&failed), (false, "127.0.0.1:8080: permission denied"));
    }

    #[test]
    fn a_problem_has_its_place_its_setting_and_a_remedy() {
        let problem = |line, key, hint, remedy| {
            let (file, message) = ("brands/acme.toml", "wrong");
            failure(&ProblemParts { file, line, key, message, hint, remedy })
        };
        let token = problem(Some(7), "dailystory.tokens[0].env", Some("why"), Some("Set A"));
        let at = "[dailystory] tokens[0].env".to_owned();
        assert_eq!(token, Failure::new("brands/acme.toml:7: wrong", "Set A: why.").at(at));
        let zone = problem(None, "timezone", Some("did you mean UTC?"), None);
        let remedy = "Correct brands/acme.toml: did you mean UTC?";
        assert_eq!(zone, Failure::new("brands/acme.toml: wrong", remedy).at("timezone"));
        let text = problem(Some(3), "", None, None);
        let remedy = "Correct brands/acme.toml, line 3.";
        assert_eq!(text, Failure::new("brands/acme.toml:3: wrong", remedy));
        let file = problem(None, "", None, None);
        let remedy = "Check brands/acme.toml, and the path in --config.";
        assert_eq!(file, Failure::new("brands/acme.toml: wrong", remedy));
    }

    #[test]
    fn a_directory_that_does_not_exist_is_a_failure() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing");
        assert!(found(&check_directory(directory.path())).0);
        let outcome = check_directory(&missing);
        let (is_writable, text) = found(&outcome);
        assert!(!is_writable && text.contains("missing: no such file"), "{text}");
    }
}
