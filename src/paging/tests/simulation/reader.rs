//! A reader: a simulated caller with its own habit, limit, clock and watermark.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use fastrand::Rng;

use super::character::{Character, Habit};
use super::copy::Copy;
use super::removal::Removal;
use super::scenario::{Filters, Outages};
use super::tenant::is_quiet;
use super::upstream::UpstreamError;
use super::visit::Visit;
use super::world::{Failure, World};
use super::{cost, invariants};
use crate::paging::{Answer, Error, Filter};

/// A simulated caller.
#[derive(Debug)]
pub(crate) struct Reader {
    name: String,
    rng: Rng,
    character: Character,
    copy: Copy,
    synced: Option<LastSync>,
    /// When the current sync began.
    sync_began: DateTime<Utc>,
    /// The time of the last window of the current sync. Before the first window, this is the start
    /// of the sync.
    put_off_since: DateTime<Utc>,
}

/// The last sync of a reader: the watermark, which the reader knows, and facts that only the
/// simulation knows.
#[derive(Clone, Copy, Debug)]
struct LastSync {
    watermark: DateTime<Utc>,
    began: DateTime<Utc>,
    restarts: u32,
}

/// The longest time for which a reader may be put off. By day, the upstream works for at least 6
/// minutes in every 26 ([`Outages::Long`]), and the longest walk takes about 10 minutes.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);

/// How far before the watermark a moving filter begins, so that it is never later than the
/// watermark.
const LEAD: TimeDelta = LONGEST_WAIT;

/// Why a visit did not reach the end.
#[derive(Debug)]
enum VisitFailure {
    /// The adapter refused the window (410), or the window may be from the list of another reader.
    /// The reader begins again at once.
    Gone,
    /// The request failed in another way. The reader begins again after this time or later.
    Trouble(Duration),
    /// The reader died. A later sync begins again.
    Died,
    Failed(String),
}

// === impl Reader ===

impl Reader {
    pub(crate) fn new(number: u32, rng: &mut Rng) -> Self {
        let mut rng = rng.fork();
        let character = Character::new(&mut rng);
        Self {
            name: format!("reader {number} ({:?} by {})", character.habit, character.limit),
            character,
            copy: Copy::default(),
            synced: None,
            sync_began: DateTime::<Utc>::MIN_UTC,
            put_off_since: DateTime::<Utc>::MIN_UTC,
            rng,
        }
    }

    /// Syncs until the run ends, and once each night while no customer changes.
    pub(crate) async fn live(mut self, world: &World) -> Result<(), Failure> {
        let mut night = self.next_night(world.now());
        while world.now() < world.scenario.end() {
            let at_night = world.now() >= night;
            let synced =
                self.sync(world, at_night).await.map_err(|what| self.failure(world, what))?;
            if at_night {
                self.check_night(world, synced).map_err(|what| self.failure(world, what))?;
                night = self.next_night(world.now());
            }
            let every = self.character.every.min(world.scenario.longest_interval());
            let next = world.now() + every.mul_f64(0.7 + 0.6 * self.rng.f64());
            let wait = next.min(night).signed_duration_since(world.now());
            tokio::time::sleep(wait.to_std().unwrap_or_default()).await;
        }
        Ok(())
    }

    fn failure(&self, world: &World, what: String) -> Failure {
        Failure { at: world.now(), reader: self.name.clone(), what }
    }

    /// The time of the next sync at night: between 3:00 and 3:40.
    fn next_night(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let three =
            Utc.from_utc_datetime(&now.date_naive().and_hms_opt(3, 0, 0).expect("3:00 exists"));
        let next = if now < three { three } else { three + TimeDelta::days(1) };
        next + TimeDelta::seconds(self.rng.i64(0..2_400))
    }

    fn check_night(&mut self, world: &World, synced: bool) -> Result<(), String> {
        if !synced || !is_quiet(world.now()) {
            return Err("the sync of the night did not finish".to_owned());
        }
        let mut tenant = world.upstream.tenant.lock().unwrap();
        tenant.advance(world.now());
        invariants::at_night(&mut self.copy, &tenant)
    }

    /// Makes one sync. After a failure, the sync begins again. Returns whether the sync finished.
    async fn sync(&mut self, world: &World, at_night: bool) -> Result<bool, String> {
        let first_request = world.now();
        (self.sync_began, self.put_off_since) = (first_request, first_request);
        let full = self.rng.u8(0..100) < self.character.full;
        let tries = if world.scenario.outages == Outages::Never { 8 } else { usize::MAX };
        let mut refusals = 0;
        for _ in 0..tries {
            match self.visit(world, full, at_night).await {
                Ok(visit) => {
                    self.finish(world, &visit, first_request)?;
                    return Ok(true);
                }
                // A filter that moves with each window is refused if there are several lists.
                Err(VisitFailure::Gone) if world.scenario.filters == Filters::PerPage => {
                    refusals += 1;
                    if refusals == 8 {
                        return Ok(false);
                    }
                }
                Err(VisitFailure::Gone) => {}
                Err(VisitFailure::Trouble(wait)) => {
                    self.check_patience(world)?;
                    tokio::time::sleep(wait).await;
                    self.pause(60.0, 300.0).await;
                }
                Err(VisitFailure::Died) => return Ok(false),
                Err(VisitFailure::Failed(what)) => return Err(what),
            }
        }
        Ok(false)
    }

    /// Checks a finished visit, and sets the watermark.
    fn finish(
        &mut self,
        world: &World,
        visit: &Visit,
        first_request: DateTime<Utc>,
    ) -> Result<(), String> {
        let now = world.now();
        let watermark = self.character.watermark(first_request, now);
        self.synced = Some(LastSync { watermark, began: visit.began, restarts: visit.restarts });
        let mut tenant = world.upstream.tenant.lock().unwrap();
        tenant.advance(now);
        if Removal::leaves_cost(world.scenario.removal) {
            cost::check(visit, &world.scenario, &world.upstream.ledger.lock().unwrap(), &tenant)?;
        }
        let missing = invariants::after_sweep(visit, &mut self.copy, &tenant)?;
        world.note_sweep(visit.certificate, missing)
    }

    /// The filter of the next sync. A restarted adapter assumes that earlier sweeps lasted at most
    /// `lifetime`. After a longer sweep and a restart, the reader reads all customers.
    fn filter(&self, world: &World, full: bool, at_night: bool) -> Filter {
        let Some(synced) = self.synced.filter(|_| !full) else {
            return Filter::Everyone;
        };
        let longest_assumed =
            TimeDelta::from_std(world.scenario.config().lifetime).unwrap_or_default();
        if world.restarts() > synced.restarts && synced.watermark - synced.began > longest_assumed {
            return Filter::Everyone;
        }
        let ahead = world.scenario.readers_ahead();
        let is_fixed = world.scenario.filters == Filters::Fixed || at_night;
        if is_fixed || is_quiet(world.now()) {
            return Filter::ChangedSince(synced.watermark + ahead);
        }
        let moved = synced.watermark - LEAD + (world.now() - self.sync_began);
        Filter::ChangedSince(moved.min(synced.watermark) + ahead)
    }

    /// The filter of a window with `start > 0`.
    fn window_filter(&self, world: &World, visit: &Visit, at_night: bool) -> Filter {
        let is_full = visit.filter == Filter::Everyone;
        if is_full || world.scenario.filters != Filters::PerPage {
            return visit.filter;
        }
        self.filter(world, false, at_night)
    }

    async fn visit(
        &mut self,
        world: &World,
        full: bool,
        at_night: bool,
    ) -> Result<Visit, VisitFailure> {
        let (filter, answer, restarts) = self.first(world, full, at_night).await?;
        let mut visit = Visit::new(filter, self.character.limit, &answer, world.now(), restarts);
        self.take(world, &mut visit, 0, &answer)?;
        let leavers = world.scenario.leavers;
        if leavers > 0 && !at_night && self.rng.u8(0..100) < leavers {
            return Err(VisitFailure::Died);
        }
        let mut shown = answer.len() as u64;
        let limit = u64::from(self.character.limit);
        if self.character.habit == Habit::Planner {
            let mut starts: Vec<u64> =
                (1..visit.first_count.div_ceil(limit)).map(|n| n * limit).collect();
            self.rng.shuffle(&mut starts);
            for start in starts {
                self.between_windows(world, at_night).await?;
                self.next(world, &mut visit, start, at_night).await?;
            }
            return Ok(visit);
        }
        let mut start = limit;
        while !self.character.is_end(&visit, start, shown) {
            self.between_windows(world, at_night).await?;
            shown = self.next(world, &mut visit, start, at_night).await?;
            start += limit;
        }
        Ok(visit)
    }

    async fn first(
        &mut self,
        world: &World,
        full: bool,
        at_night: bool,
    ) -> Result<(Filter, Answer, u32), VisitFailure> {
        loop {
            let filter = self.filter(world, full, at_night);
            // The number of restarts is read before the call, because the adapter may restart
            // before the answer arrives.
            let restarts = world.restarts();
            match world.ask(filter, 0, self.character.limit).await {
                Ok(answer) => return Ok((filter, answer, restarts)),
                Err(error) => self.wait_after(world, &error).await?,
            }
        }
    }

    async fn next(
        &mut self,
        world: &World,
        visit: &mut Visit,
        start: u64,
        at_night: bool,
    ) -> Result<u64, VisitFailure> {
        loop {
            let filter = self.window_filter(world, visit, at_night);
            match world.ask(filter, start, self.character.limit).await {
                // The answer is lost, and the reader asks for the window again.
                Ok(_) if world.scenario.restarts && self.rng.u8(0..100) == 0 => {
                    self.pause(0.0, 90.0).await;
                }
                Ok(_) if world.note_if_stranger(visit, filter) => return Err(VisitFailure::Gone),
                Ok(answer) => {
                    self.take(world, visit, start, &answer)?;
                    return Ok(answer.len() as u64);
                }
                Err(error) => self.wait_after(world, &error).await?,
            }
        }
    }

    fn take(
        &mut self,
        world: &World,
        visit: &mut Visit,
        start: u64,
        answer: &Answer,
    ) -> Result<(), VisitFailure> {
        let rows = visit.take(start, answer).map_err(VisitFailure::Failed)?;
        self.copy.take(rows);
        self.put_off_since = world.now();
        Ok(())
    }

    /// Waits if the adapter is still walking. Any other error ends the visit.
    async fn wait_after(
        &mut self,
        world: &World,
        error: &Error<UpstreamError>,
    ) -> Result<(), VisitFailure> {
        match error {
            Error::StillWalking { retry_after, .. } => {
                self.check_patience(world).map_err(VisitFailure::Failed)?;
                tokio::time::sleep(retry_after.mul_f64(1.0 + self.rng.f64())).await;
                Ok(())
            }
            Error::UnknownSweep | Error::OtherFilter => Err(VisitFailure::Gone),
            Error::Walk(_) | Error::TooManyLists | Error::OutOfReach | Error::Interrupted => {
                Err(VisitFailure::Trouble(error.retry_after().unwrap_or_default()))
            }
        }
    }

    /// Checks that the reader was not put off for longer than [`LONGEST_WAIT`].
    fn check_patience(&self, world: &World) -> Result<(), String> {
        let put_off = world.now() - self.put_off_since;
        if put_off > LONGEST_WAIT {
            return Err(format!("put off for {} minutes", put_off.num_minutes()));
        }
        Ok(())
    }

    /// Waits, dies, or restarts the adapter between two windows.
    async fn between_windows(&mut self, world: &World, at_night: bool) -> Result<(), VisitFailure> {
        if at_night || is_quiet(world.now()) {
            return Ok(());
        }
        if world.scenario.restarts {
            match self.rng.u16(0..2_000) {
                0..6 => world.restart(),
                6..14 => return Err(VisitFailure::Died),
                _ => {}
            }
        }
        match self.rng.u16(0..1_000) {
            0..5 => self.pause(60.0, 3_000.0).await,
            5..40 => self.pause(10.0, 240.0).await,
            _ => self.pause(0.0, 3.0).await,
        }
        Ok(())
    }

    async fn pause(&mut self, shortest: f64, longest: f64) {
        let seconds = shortest + (longest - shortest) * self.rng.f64();
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }
}
