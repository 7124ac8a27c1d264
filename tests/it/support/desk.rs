//! The commands that an operator runs beside the application, against the simulated tenant.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use dotstory::clock::SystemClock;
use dotstory::sandbox::{self, Sandbox};
use tempfile::TempDir;

use super::canaries::CanaryList;

/// The token of the brand's callers.
const TOKEN: &str = "a-token-for-tests-alone";

/// A tenant, and the configuration of its brand `desk`.
pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    directory: TempDir,
}

impl Desk {
    /// A tenant of 250 customers in pages of 100. `more` is appended to `[dailystory]`, the last
    /// section of the brand's file.
    pub(crate) fn new(more: &str) -> Self {
        Self::with_tenant(sandbox::Config { customers: 250, ..sandbox::Config::default() }, more)
    }

    /// Like [`Self::new`], with this tenant.
    pub(crate) fn with_tenant(tenant: sandbox::Config, more: &str) -> Self {
        let sandbox = Sandbox::start(tenant.clone(), Arc::new(SystemClock)).unwrap();
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("brands")).unwrap();
        fs::write(directory.path().join("dotstory.toml"), "").unwrap();
        let sandbox::Config { timezone, name, shop, username, .. } = tenant;
        let brand = format!(
            "timezone = \"{timezone}\"\ncountry = \"AU\"\n[dotapparel]\nbase_url = \"{}\"\nname = \"{name}\"\n\
             shop = \"{shop}\"\nusername = \"{username}\"\npassword = {{ env = \"DESK_PASSWORD\" }}\n\
             rate_limit = 1000\nmin_backoff = \"1ms\"\nmax_backoff = \"2ms\"\n\
             [dailystory]\ntokens = [{{ env = \"DESK_TOKEN\" }}]\n{more}",
            sandbox.base_url()
        );
        fs::write(directory.path().join("brands/desk.toml"), brand).unwrap();
        Self { sandbox, directory }
    }

    /// The directory of the configuration.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A command about the brand `desk`, unless `--brand` in `arguments` names another brand.
    pub(crate) fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dotstory"));
        command.arg(name).arg("--config").arg(self.directory().join("dotstory.toml"));
        if !arguments.contains(&"--brand") {
            command.args(["--brand", "desk"]);
        }
        command
            .args(arguments)
            .env("DESK_PASSWORD", sandbox::Config::default().password)
            .env("DESK_TOKEN", TOKEN);
        command
    }

    /// Runs a command about the brand. Asserts that its standard error has no personal data and no
    /// secret, except for the words of the arguments.
    pub(crate) fn run(&self, name: &str, arguments: &[&str]) -> Output {
        let output = self.command(name, arguments).output().unwrap();
        let mut canaries = CanaryList::default();
        canaries.add_tenant(&self.sandbox.control());
        canaries.add_credential(&sandbox::Config::default().password);
        canaries.add_credential(TOKEN);
        let messages = String::from_utf8_lossy(&output.stderr);
        let leaks = canaries.finish().in_text(&messages, &arguments.join(" "));
        assert!(leaks.is_empty(), "{name} shows: {}", leaks.join("\n"));
        output
    }

    /// The standard output of a command that must succeed.
    pub(crate) fn print(&self, name: &str, arguments: &[&str]) -> String {
        let output = self.run(name, arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
