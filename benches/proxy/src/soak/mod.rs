//! Keeps dotstory busy for minutes, and looks for growth and wrong answers: `scripts/soak`.
//!
//! `brand` has the brands, and `customers` their customers. `tenants` is the upstream with its
//! faults. `caller` asks questions, and `judge` decides which answers are right. `reloads` changes
//! the configuration. `vitals` reads memory, descriptors, threads and metrics. `table` prints them.
//! `findings` collects what is wrong.

mod brand;
mod caller;
mod customers;
mod findings;
mod judge;
mod reloads;
mod table;
mod tenants;
mod vitals;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::dotstory::Dotstory;
use crate::process::Server;
use crate::tenant;
use brand::{Brand, Role};
use caller::{Caller, Statuses};
use findings::Findings;
use reloads::{Reloads, write_file};
use table::Table;
use tenants::Tenants;
use vitals::{Vitals, growth};

const USAGE: &str = "scripts/soak [--minutes N] [--no-reloads], N from 1 to 60";

/// The callers of each brand.
const CALLERS: u64 = 8;

/// The time between two readings of the resources.
const SAMPLE: Duration = Duration::from_secs(1);

/// The time between two rows of the table.
const ROW: Duration = Duration::from_secs(15);

/// With these settings, lists go to disk, are dropped and are walked again many times in a run.
const SETTINGS: &str = r#"[log]
format = "json"
filter = "warn"
[cache]
memory = "8MiB"
disk = "1GiB"
[defaults.sync]
count_wait = "5s"
reuse = "5s"
lifetime = "30s"
"#;

/// The options of the run.
#[derive(Clone, Copy, Debug)]
struct Options {
    minutes: u32,
    reloads: bool,
}

/// The parts that all threads of the run share.
struct Run<'a> {
    dotstory: &'a Dotstory,
    tenants: &'a Tenants,
    statuses: Statuses,
    has_ended: AtomicBool,
    options: Options,
}

/// Runs for some minutes. Fails if there is a finding.
pub(crate) fn run(binary: &Path, arguments: impl Iterator<Item = String>) -> Result<()> {
    let options = Options::read(arguments)?;
    let directory = tempfile::Builder::new().prefix("dotstory-soak-").tempdir()?;
    // The shutdown deadline is shorter than the 20 s that `Server::stop` waits for the end.
    let server = "shutdown_deadline = \"10s\"";
    let dotstory = Dotstory::configure(binary, directory.path(), server, SETTINGS)?;
    let tenants = Arc::new(Tenants {
        brands: Role::ALL.map(Brand::new).into(),
        findings: Findings::default(),
        began: Instant::now(),
    });
    let upstream = tenant::serve(Arc::clone(&tenants))?;
    for brand in &tenants.brands {
        write_file(&dotstory, brand.role, upstream, &brand.view())?;
    }
    let run = Run {
        dotstory: &dotstory,
        tenants: &tenants,
        statuses: Statuses::default(),
        has_ended: AtomicBool::new(false),
        options,
    };
    let mut server = dotstory.start()?;
    let samples = run.watch_callers(&mut server, upstream)?;
    run.check_end(server, &samples)?;
    let lines = tenants.findings.lines();
    if lines.is_empty() {
        println!("\nNo growth and no wrong answer.");
        return Ok(());
    }
    Err(format!("the run has findings:\n{}", lines.join("\n")).into())
}

// === impl Options ===

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self { minutes: 5, reloads: true };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--minutes" => options.minutes = arguments.next().ok_or(USAGE)?.parse()?,
                "--reloads" => options.reloads = true,
                "--no-reloads" => options.reloads = false,
                _ => return Err(USAGE.into()),
            }
        }
        if !(1..=60).contains(&options.minutes) {
            return Err(USAGE.into());
        }
        Ok(options)
    }
}

// === impl Run ===

impl Run<'_> {
    /// Starts the callers, and reads the resources until the run ends.
    fn watch_callers(&self, server: &mut Server, upstream: SocketAddr) -> Result<Vec<Vitals>> {
        let reloads = Reloads {
            dotstory: self.dotstory,
            brands: &self.tenants.brands,
            upstream,
            process: server.id(),
            findings: &self.tenants.findings,
            has_ended: &self.has_ended,
        };
        thread::scope(|scope| {
            for (first, brand) in (0..).map(|brand| brand * CALLERS).zip(&self.tenants.brands) {
                for number in first..first + CALLERS {
                    let shared = (&self.statuses, &self.tenants.findings);
                    let addr = self.dotstory.addr;
                    let caller = Caller::new(brand, number, addr, shared, &self.has_ended);
                    let is_restless = brand.role == Role::Restless && number == first;
                    scope.spawn(move || {
                        if is_restless { caller.ask_restlessly() } else { caller.ask_everything() }
                    });
                }
            }
            if self.options.reloads {
                scope.spawn(|| reloads.run());
            }
            let samples = self.watch(server);
            self.has_ended.store(true, Ordering::Relaxed);
            samples
        })
    }

    /// Reads the resources each second, and prints a row every 15 s. Ends early if dotstory ends.
    fn watch(&self, server: &mut Server) -> Result<Vec<Vitals>> {
        let (began, mut samples) = (Instant::now(), Vec::new());
        let mut table = Table::begin();
        while began.elapsed() < Duration::from_mins(1) * self.options.minutes {
            thread::sleep(SAMPLE);
            if let Some(status) = server.ended()? {
                self.tenants.findings.add("dotstory ended by itself", status.to_string());
                break;
            }
            let vitals = Vitals::read(server.id())?;
            samples.push(vitals);
            if began.elapsed() >= ROW * table.rows() {
                table.add(began.elapsed(), vitals, self.dotstory.operator, &self.statuses)?;
            }
        }
        Ok(samples)
    }

    /// Ends dotstory, and adds what is wrong with its end, its log and its resources.
    fn check_end(&self, server: Server, samples: &[Vitals]) -> Result<()> {
        let findings = &self.tenants.findings;
        let has_ended = findings.lines().iter().any(|line| line.contains("ended by itself"));
        let status = server.stop()?;
        if !status.success() && !has_ended {
            findings.add("a failed exit after SIGTERM", status.to_string());
        }
        let levels = read_log(&self.dotstory.log(), findings)?;
        println!("\nLines of the log: {} of warnings, {} of errors.", levels.0, levels.1);
        for sentence in growth(samples) {
            findings.add("growth", sentence);
        }
        Ok(())
    }
}

/// Number of warnings and errors in a log. A panic is a finding.
fn read_log(log: &Path, findings: &Findings) -> Result<(u64, u64)> {
    let (mut warnings, mut errors) = (0, 0);
    for line in BufReader::new(File::open(log)?).lines() {
        let line = line?;
        warnings += u64::from(line.contains(r#""level":"WARN""#));
        errors += u64::from(line.contains(r#""level":"ERROR""#));
        if line.contains("panic") {
            findings.add("a panic in the log", line);
        }
    }
    Ok((warnings, errors))
}
