//! `dotstory check`: checks the configuration, or the health of a running process.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use crate::cli::config_path::ConfigPath;
use crate::config::Config;

/// Check the configuration and print everything that is wrong with it
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigPath,
    /// Instead, check whether the dotstory with this operator address is ready. For health checks:
    /// reads no configuration
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:8081")]
    running: Option<SocketAddr>,
}

/// Timeout of connecting, and of each read. The process is on the same machine.
const TIMEOUT: Duration = Duration::from_secs(3);

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(addr) = self.running {
            check_ready(addr).with_context(|| format!("no dotstory is ready on {addr}"))?;
            println!("dotstory is ready on {addr}");
            return Ok(ExitCode::SUCCESS);
        }
        let config = match self.config.load() {
            Ok(config) => config,
            Err(code) => return Ok(code),
        };
        self.print(&config);
        Ok(ExitCode::SUCCESS)
    }

    fn print(&self, config: &Config) {
        println!("{}: the configuration is valid", self.config.path().display());
        println!("  server   {}", config.server.listen);
        println!("  operator {}", config.operator.listen);
        for brand in &config.brands {
            let (url, zone) = (&brand.dotapparel.base_url, brand.dotapparel.timezone);
            let callers = brand.callers.len();
            let plural = if callers == 1 { "" } else { "s" };
            println!("  brand    {}: {url} in {zone}, {callers} caller{plural}", brand.id);
        }
    }
}

/// Asks the process at `addr` whether it is ready. Writes the request to a TCP stream, because one
/// GET does not need an HTTP client.
fn check_ready(addr: SocketAddr) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect_timeout(&addr, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(
        format!("GET /readyz HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut status_line = [0; b"HTTP/1.1 200".len()];
    stream.read_exact(&mut status_line).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => io::ErrorKind::TimedOut.into(),
        _ => error,
    })?;
    match &status_line {
        b"HTTP/1.1 200" => Ok(()),
        other => bail!("the answer was {}", String::from_utf8_lossy(other)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread;

    use super::*;

    #[test]
    fn only_status_200_is_ready() {
        for (answer, ready) in
            [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 X\r\n\r\n", false), ("", false)]
        {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let addr = listener.local_addr().unwrap();
            let server = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let _asked = stream.read(&mut [0; 512]).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            });
            assert_eq!(check_ready(addr).is_ok(), ready, "{answer:?}");
            server.join().unwrap();
        }
    }
}
