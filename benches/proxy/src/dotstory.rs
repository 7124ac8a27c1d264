//! dotstory with its configuration in a folder of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::process::{Server, free_addr};

/// A program, its configuration and its addresses.
#[derive(Clone, Debug)]
pub(crate) struct Dotstory {
    binary: PathBuf,
    directory: PathBuf,
    pub(crate) addr: SocketAddr,
    /// The address of health and metrics.
    pub(crate) operator: SocketAddr,
}

/// The file of a brand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrandFile<'a> {
    /// The brand's id and its name at the upstream.
    pub(crate) id: &'a str,
    /// The zone of the upstream's stamps.
    pub(crate) zone: &'a str,
    pub(crate) upstream: SocketAddr,
    /// The password at the upstream.
    pub(crate) password: &'a str,
    /// The token of the brand's callers.
    pub(crate) token: &'a str,
    /// Keys of `[dotapparel]`, and further sections.
    pub(crate) settings: &'a str,
}

// === impl Dotstory ===

impl Dotstory {
    /// Writes the main file into `directory`. `server` has keys of `[server]`, and `settings` has
    /// further sections.
    pub(crate) fn configure(
        binary: &Path,
        directory: &Path,
        server: &str,
        settings: &str,
    ) -> Result<Self> {
        if !binary.exists() {
            return Err(format!("{} is missing: run the script", binary.display()).into());
        }
        let (addr, operator) = (free_addr()?, free_addr()?);
        let main = format!(
            "[server]\nlisten = \"{addr}\"\n{server}\n[operator]\nlisten = \"{operator}\"\n{settings}"
        );
        fs::create_dir_all(directory.join("brands"))?;
        fs::write(directory.join("dotstory.toml"), main)?;
        Ok(Self { binary: binary.to_owned(), directory: directory.to_owned(), addr, operator })
    }

    /// Writes a brand's file and the files of its secrets.
    pub(crate) fn write_brand(&self, brand: &BrandFile<'_>) -> Result<()> {
        let BrandFile { id, zone, upstream, password, token, settings } = brand;
        self.write(&format!("{id}.password"), password)?;
        self.write(&format!("{id}.token"), token)?;
        let text = format!(
            r#"timezone = "{zone}"
country = "AU"
[dailystory]
tokens = [{{ file = "{id}.token" }}]
[dotapparel]
base_url = "http://{upstream}"
name = "{id}"
shop = "{id}.myshopify.com"
username = "dailystory@{id}.example"
password = {{ file = "{id}.password" }}
{settings}
"#
        );
        self.write(&format!("{id}.toml"), &text)
    }

    /// Removes a brand's file.
    pub(crate) fn remove_brand(&self, id: &str) -> Result<()> {
        Ok(fs::remove_file(self.brands().join(format!("{id}.toml")))?)
    }

    /// Replaces the file of a brand by a text that cannot be read.
    pub(crate) fn break_brand(&self, id: &str) -> Result<()> {
        self.write(&format!("{id}.toml"), "timezone = ")
    }

    /// The command that serves this configuration.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(["serve", "--config"]).arg(self.directory.join("dotstory.toml"));
        command
    }

    /// Starts the program, and waits until it listens.
    pub(crate) fn start(&self) -> Result<Server> {
        Server::start(&self.command(), self.addr, &self.log())
    }

    /// The file with the output of the program.
    pub(crate) fn log(&self) -> PathBuf {
        self.directory.join("output.txt")
    }

    fn brands(&self) -> PathBuf {
        self.directory.join("brands")
    }

    /// Replaces a file as a whole, so that no reader sees a part of it.
    fn write(&self, name: &str, text: &str) -> Result<()> {
        let (path, new) = (self.brands().join(name), self.directory.join("new"));
        fs::write(&new, text)?;
        Ok(fs::rename(new, path)?)
    }
}
