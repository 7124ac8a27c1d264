//! `dotstory check`: checks the configuration, the tenants, or the health of a running process.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::live;
use super::running::check_ready;
use crate::cli::config_path::{ConfigPath, setup_problems};
use crate::cli::config_report::config_report;
use crate::cli::output::{Format, pretty, print};
use crate::cli::runtime::{USAGE, block_on};
use crate::config::{Config, Problems, ProcessEnvironment};

/// Check the configuration and print everything that is wrong with it
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigPath,
    /// Also check what a deployment depends on: the cache directory, the ports, and for each brand
    /// the network, TLS, credentials and rights. Takes at most a minute. The exit code is 1 if a
    /// check fails or the configuration is wrong
    #[arg(long)]
    live: bool,
    /// Text for a person, or one JSON object for a program
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Check only whether the running dotstory is ready. Asks the operator address ADDRESS, or else
    /// `[operator] listen` of the main file. For health checks
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, conflicts_with = "live")]
    #[expect(clippy::option_option, reason = "clap's type of an option with an optional value")]
    running: Option<Option<SocketAddr>>,
}

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(addr) = self.running {
            let addr = match addr.map_or_else(|| self.operator_addr(), Ok) {
                Ok(addr) => addr,
                Err(problems) => {
                    eprintln!("{problems}");
                    return Ok(ExitCode::from(USAGE));
                }
            };
            check_ready(addr).with_context(|| format!("dotstory is not ready on {addr}"))?;
            println!("dotstory is ready on {addr}");
            return Ok(ExitCode::SUCCESS);
        }
        if self.live {
            return block_on(live::run(self.config.read(), self.config.path(), self.format));
        }
        if self.format == Format::Json {
            let config = self.config.read();
            let setup = config.as_ref().map_or_else(|_| Vec::new(), setup_problems);
            print(&pretty(&config_report(&config, &setup)))?;
            let is_valid = config.is_ok() && setup.is_empty();
            return Ok(if is_valid { ExitCode::SUCCESS } else { ExitCode::from(USAGE) });
        }
        let config = match self.config.load() {
            Ok(config) => config,
            Err(code) => return Ok(code),
        };
        self.print(&config);
        Ok(ExitCode::SUCCESS)
    }

    /// The address at which this machine reaches the operator's listener.
    fn operator_addr(&self) -> Result<SocketAddr, Problems> {
        let mut addr = Config::operator_listen(self.config.path(), &ProcessEnvironment)?;
        match addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => addr.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => addr.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        Ok(addr)
    }

    fn print(&self, config: &Config) {
        println!("{}: the configuration is valid", self.config.path().display());
        let tls = if config.server.tls.is_some() { ", with TLS" } else { "" };
        println!("  server   {}{tls}", config.server.listen);
        println!("  operator {}", config.operator.listen);
        for brand in &config.brands {
            let (url, zone) = (&brand.dotapparel.base_url, brand.dotapparel.timezone);
            let callers = brand.callers.len();
            let plural = if callers == 1 { "" } else { "s" };
            println!("  brand    {}: {url} in {zone}, {callers} caller{plural}", brand.id);
        }
    }
}
