//! A server that this program started: its end, its CPU time and its peak memory.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

/// Clock ticks per second, a constant of Linux. The times in `/proc/<pid>/stat` are in ticks.
const TICKS: f64 = 100.0;

const START_TIMEOUT: Duration = Duration::from_secs(20);
const STOP_TIMEOUT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);

/// A running server. It ends when the value is dropped, also after a panic.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) addr: SocketAddr,
}

// === impl Server ===

impl Server {
    /// Starts `command`, and waits until it listens on `addr`. Its output goes to `log`.
    pub(crate) fn start(command: &Command, addr: SocketAddr, log: &Path) -> Result<Self> {
        let output = fs::File::create(log)?;
        // The server gets SIGTERM if this program is killed.
        let mut guarded = Command::new("setpriv");
        guarded.args(["--pdeathsig", "TERM", "--"]).arg(command.get_program());
        guarded.args(command.get_args());
        for (name, value) in command.get_envs() {
            guarded.env(name, value.unwrap_or_default());
        }
        let child = guarded
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .map_err(|error| format!("setpriv of util-linux does not start: {error}"))?;
        let mut server = Self { child, addr };
        let deadline = Instant::now() + START_TIMEOUT;
        while TcpStream::connect(addr).is_err() {
            let ended = server.child.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                let text = fs::read_to_string(log).unwrap_or_default();
                return Err(format!("a server did not start: {text}").into());
            }
            thread::sleep(POLL);
        }
        Ok(server)
    }

    /// The id of the process that was started.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The status of the process, if it has ended.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks the process to end, and waits for its end.
    pub(crate) fn stop(mut self) -> Result<ExitStatus> {
        if self.ended()?.is_none() {
            signal("TERM", self.id());
            wait(&mut self.child);
        }
        self.ended()?
            .ok_or_else(|| format!("a server still runs {STOP_TIMEOUT:?} after SIGTERM").into())
    }

    /// CPU time of the server and its children so far, in seconds.
    pub(crate) fn cpu(&self) -> Result<f64> {
        let is_running = Process::read(self.id()).is_some();
        if is_running { Ok(cpu_of(self.id())) } else { Err("a server has ended".into()) }
    }

    /// Peak memory of the largest process of the server, in MiB.
    pub(crate) fn peak(&self) -> f64 {
        let peak = |process: &Process| {
            let status = fs::read_to_string(format!("/proc/{}/status", process.id)).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        family(self.id()).iter().filter_map(peak).max().unwrap_or_default() as f64 / 1024.0
    }

    /// The ids of the server's processes.
    pub(crate) fn ids(&self) -> Vec<u32> {
        family(self.id()).iter().map(|process| process.id).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Another process may have the id of a process that has ended.
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // The standard library sends only SIGKILL, after which the workers of nginx keep running.
        signal("TERM", self.child.id());
        if !wait(&mut self.child) {
            let _ended_before = self.child.kill();
            let _ended_before = self.child.wait();
        }
    }
}

/// A line of `/proc/<pid>/stat`.
#[derive(Debug)]
struct Process {
    id: u32,
    parent: u32,
    ticks: u64,
}

// === impl Process ===

impl Process {
    fn read(id: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name of the program is in brackets and may have blanks.
        let (_, rest) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
        let parent = fields.get(1)?.parse().ok()?;
        // utime, stime, cutime, cstime
        Some(Self { id, parent, ticks: ticks(11)? + ticks(12)? + ticks(13)? + ticks(14)? })
    }
}

/// A process and its children. nginx has one level of children.
fn family(id: u32) -> Vec<Process> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_own = |process: &Process| process.id == id || process.parent == id;
    ids.filter_map(Process::read).filter(is_own).collect()
}

/// CPU time of a process and its children so far, in seconds.
fn cpu_of(id: u32) -> f64 {
    family(id).iter().map(|process| process.ticks).sum::<u64>() as f64 / TICKS
}

/// The CPU time of all cores up to a moment, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuUse {
    /// The time that this program and its children used.
    own: f64,
    /// The time that all programs used.
    used: f64,
    /// The used and the idle time.
    available: f64,
}

// === impl CpuUse ===

impl CpuUse {
    pub(crate) fn now() -> Result<Self> {
        let stat = fs::read_to_string("/proc/stat")?;
        let line = stat.lines().next().unwrap_or_default();
        // user, nice, system, idle, iowait, irq, softirq, steal
        let ticks = line.split_whitespace().skip(1).take(8).map(str::parse);
        let ticks: Vec<f64> = ticks.collect::<std::result::Result<_, _>>()?;
        let [_, _, _, idle, waiting, ..] = ticks[..] else {
            return Err("/proc/stat has too few values".into());
        };
        let available = ticks.iter().sum::<f64>() / TICKS;
        let used = available - (idle + waiting) / TICKS;
        Ok(Self { own: cpu_of(std::process::id()), used, available })
    }

    /// The parts of the machine's CPU time since `self`: the part that this program and its
    /// children used, and the part that all other programs used.
    pub(crate) fn shares_since(self) -> Result<(f64, f64)> {
        let now = Self::now()?;
        let available = now.available - self.available;
        let own = (now.own - self.own) / available;
        Ok((own, (now.used - self.used) / available - own))
    }
}

/// Sends a signal to a process that this program started.
pub(crate) fn signal(name: &str, id: u32) {
    let _ended_before = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status();
}

/// Waits for the end of a process, and returns whether it ended in time.
pub(crate) fn wait(child: &mut Child) -> bool {
    let deadline = Instant::now() + STOP_TIMEOUT;
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        thread::sleep(POLL);
    }
    false
}

/// A port that was free a moment ago.
pub(crate) fn free_addr() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// The number of system calls of a server during `work`, or `None` if strace cannot count them.
pub(crate) fn system_calls(
    server: &Server,
    directory: &Path,
    work: impl FnOnce() -> Result<()>,
) -> Result<Option<u64>> {
    let output = directory.join("strace.txt");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-c", "-o"]).arg(&output);
    for id in server.ids() {
        strace.args(["-p", &id.to_string()]);
    }
    let strace = strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut strace) = strace else { return Ok(None) };
    thread::sleep(Duration::from_millis(500));
    let done = if strace.try_wait()?.is_some() { None } else { Some(work()) };
    signal("INT", strace.id());
    if !wait(&mut strace) {
        strace.kill()?;
        strace.wait()?;
    }
    let Some(done) = done else { return Ok(None) };
    done?;
    let summary = fs::read_to_string(&output).unwrap_or_default();
    let total = summary.lines().find(|line| line.ends_with(" total"));
    // The columns are: % time, seconds, usecs/call, calls, errors if any, name.
    Ok(total.and_then(|line| line.split_whitespace().nth(3)?.parse().ok()))
}
