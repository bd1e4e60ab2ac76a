//! Simulates chunks: blocks over threads, folded in block order.
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::math::B;
use crate::scenario::Scenario;

use super::audit;
use super::block;
use super::by_time;
use super::chunk::{CHUNK_PATHS, ChunkPart, TIMELINE_PATHS, n_chunks, paths_of};
use super::columns::Columns;
use super::control::ControlObserver;
use super::fold::{keeps_table, n_times};
use super::in_order::in_order;
use super::memory::{self, MOST_EXACT};
use super::plan::Plan;
use super::run::{Execution, RunError, pool};
use super::shard::Shard;
use super::state::BlockState;
use super::step::{Job, lanes_in_use};
use super::tally::{BlockPart, End, PolicyTally, Storage, part};

/// A compiled scenario and the threads that run it, chunk by chunk in any order.
pub struct Simulation<'a> {
    plan: Plan,
    /// For blocks of a basket in which a portfolio may have lost all its value.
    careful: Option<Plan>,
    n_paths: u64,
    asked: u64,
    keep: bool,
    storage: Storage,
    n_worst: usize,
    pool: Option<rayon::ThreadPool>,
    execution: Execution<'a>,
    done: AtomicU64,
}

/// What a worker keeps from block to block.
struct Room {
    state: Box<BlockState>,
    columns: Columns,
}

impl Room {
    fn new(plan: &Plan) -> Self {
        Self { state: Box::new(BlockState::new(plan, false)), columns: Columns::new() }
    }
}

impl std::fmt::Debug for Simulation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation")
            .field("n_paths", &self.n_paths)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}

impl<'a> Simulation<'a> {
    /// Compiles a scenario; `shard` says how many paths progress counts to.
    ///
    /// # Errors
    ///
    /// Where a chunk would not fit in memory, or the scenario cannot be compiled.
    pub fn new(scenario: &Scenario, shard: Shard, execution: &Execution<'a>) -> Result<Self, RunError> {
        Self::keeping(scenario, shard, execution, memory::storage(scenario, MOST_EXACT))
    }

    pub(super) fn keeping(
        scenario: &Scenario,
        shard: Shard,
        execution: &Execution<'a>,
        storage: Storage,
    ) -> Result<Self, RunError> {
        let plan = Plan::new(scenario).map_err(RunError::Scenario)?;
        let keep = keeps_table(scenario, execution);
        memory::check(&plan, scenario, 0, keep, storage, execution)?;
        Self::of_plan(plan, scenario, shard, execution, (keep, storage))
    }

    /// For [`Self::blocks_of`] alone: keeps the figures of every path, tells nobody and cannot be stopped.
    pub(super) fn of_blocks(scenario: &Scenario, execution: &Execution<'a>) -> Result<Self, RunError> {
        let plan = Plan::new(scenario).map_err(RunError::Scenario)?;
        let execution = Execution { progress: None, stop: None, ..*execution };
        Self::of_plan(plan, scenario, Shard::WHOLE, &execution, (true, Storage::Exact))
    }

    fn of_plan(
        plan: Plan,
        scenario: &Scenario,
        shard: Shard,
        execution: &Execution<'a>,
        (keep, storage): (bool, Storage),
    ) -> Result<Self, RunError> {
        let n_paths = scenario.run.paths;
        Ok(Self {
            careful: plan.careful(scenario),
            plan,
            n_paths,
            asked: shard.n_paths(n_paths),
            keep,
            storage,
            n_worst: scenario.run.worst,
            pool: pool(execution.threads)?,
            execution: *execution,
            done: AtomicU64::new(0),
        })
    }

    /// Counts a chunk that an earlier run made as done; how many paths are.
    pub fn skip(&self, chunk: u64) -> u64 {
        let paths = paths_of(chunk, self.n_paths);
        let more = paths.end - paths.start;
        self.done.fetch_add(more, Ordering::Relaxed) + more
    }

    /// Simulates one chunk.
    ///
    /// # Errors
    ///
    /// Where the run was stopped, a state left the numbers, or the run has no such chunk.
    pub fn chunk(&self, index: u64) -> Result<ChunkPart, RunError> {
        self.chunk_of(index, || ()).map(|(part, _)| part)
    }

    /// Simulates one chunk with an onlooker a block; they come back in the order of the blocks.
    pub(super) fn chunk_of<W: Onlooker>(
        &self,
        index: u64,
        onlooker: impl Fn() -> W + Sync,
    ) -> Result<(ChunkPart, Vec<W>), RunError> {
        if index >= n_chunks(self.n_paths) {
            return Err(RunError::Misfit { chunk: index, what: "the run has fewer".into() });
        }
        self.blocks(index, paths_of(index, self.n_paths), None, onlooker)
    }

    /// Simulates the blocks of these paths and adds them to what `begun` holds of their chunk.
    fn blocks<W: Onlooker>(
        &self,
        index: u64,
        paths: Range<u64>,
        begun: Option<ChunkPart>,
        onlooker: impl Fn() -> W + Sync,
    ) -> Result<(ChunkPart, Vec<W>), RunError> {
        let blocks = (paths.end - paths.start).div_ceil(B as u64);
        let (n_paths, n_times) = (paths.end - paths.start, n_times(&self.plan));
        let units = self.plan.units;
        let tally = || PolicyTally::new(n_paths, n_times, self.keep, self.storage, self.n_worst, units);
        let mut policies: Vec<PolicyTally> = match begun {
            Some(begun) => begun.policies,
            None => self.plan.policies.iter().map(|_| tally()).collect(),
        };
        let mut onlookers = Vec::with_capacity(blocks as usize);
        let run = |room: &mut Room, block: u64| {
            self.block(paths.start + block * B as u64, paths.end, room, &onlooker)
        };
        let fold = |(part, onlooker): (BlockPart, W)| {
            for (tally, policy) in policies.iter_mut().zip(part.policies) {
                tally.add(self.execution.level, units, policy);
            }
            onlookers.push(onlooker);
        };
        let simulate = || in_order(blocks, || Room::new(&self.plan), run, fold);
        match &self.pool {
            Some(pool) => pool.install(simulate),
            None => simulate(),
        }?;
        Ok((ChunkPart { index, policies }, onlookers))
    }

    /// Simulates a chunk as far as path `end`, behind the blocks that `begun` holds of it: the same bits as in one go.
    ///
    /// # Errors
    ///
    /// As for [`Self::chunk`]; where `begun` is another chunk, or does not end with a block.
    pub fn grow(&self, index: u64, begun: Option<ChunkPart>, end: u64) -> Result<ChunkPart, RunError> {
        let paths = paths_of(index, self.n_paths);
        let done = begun.as_ref().map_or(0, ChunkPart::n_paths);
        let fits = begun.as_ref().is_none_or(|part| part.index == index && done.is_multiple_of(B as u64));
        if paths.is_empty() || end > paths.end || !fits {
            return Err(RunError::Misfit { chunk: index, what: "it cannot be continued here".into() });
        }
        self.blocks(index, paths.start + done..end, begun, || ()).map(|(part, _)| part)
    }

    /// Simulates single blocks, named by their first paths, each with an onlooker; what `read` makes of them in their
    /// order.
    pub(super) fn blocks_of<W: Onlooker, T: Send>(
        &self,
        first_paths: &[u64],
        onlooker: impl Fn() -> W + Sync,
        read: impl Fn(u64, BlockPart, W) -> T + Sync,
    ) -> Result<Vec<T>, RunError> {
        let run = |room: &mut Room, first_path: &u64| {
            let end = paths_of(first_path / CHUNK_PATHS, self.n_paths).end;
            let (part, looks) = self.block(*first_path, end, room, &onlooker)?;
            Ok(read(*first_path, part, looks))
        };
        let simulate = || first_paths.par_iter().map_init(|| Room::new(&self.plan), run).collect();
        match &self.pool {
            Some(pool) => pool.install(simulate),
            None => simulate(),
        }
    }

    /// What a finished block found, once its states are numbers and its books balance.
    fn checked(
        &self,
        plan: &Plan,
        job: Job,
        n_lanes: usize,
        state: &mut BlockState,
        columns: &mut Columns,
    ) -> Result<BlockPart, RunError> {
        audit::check_finite(plan, job, n_lanes, state)?;
        if job.audit {
            audit::check_ledger(plan, job, n_lanes, state)?;
        }
        let timelines = state.timeline.take();
        let end = End { plan, state, first_path: job.first_path, n_lanes };
        Ok(part(self.execution.level, end, timelines, columns, self.keep))
    }

    fn interrupted(&self) -> RunError {
        RunError::Interrupted { done: self.done.load(Ordering::Relaxed), asked: self.asked }
    }

    /// Runs a block before the eyes of a new onlooker.
    fn looked<W: Onlooker>(
        &self,
        plan: &Plan,
        job: Job,
        state: &mut BlockState,
        onlooker: impl Fn() -> W,
    ) -> Result<W, RunError> {
        let mut looks = onlooker();
        if looks.run(&self.execution, plan, job, state) { Ok(looks) } else { Err(self.interrupted()) }
    }

    fn block<W: Onlooker>(
        &self,
        first_path: u64,
        end: u64,
        room: &mut Room,
        onlooker: impl Fn() -> W,
    ) -> Result<(BlockPart, W), RunError> {
        let Room { state, columns } = room;
        if self.execution.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return Err(self.interrupted());
        }
        let plan = &self.plan;
        let n_lanes = lanes_in_use(first_path, end);
        let timeline = || (plan.path_metrics && first_path < TIMELINE_PATHS).then(|| by_time::room(plan));
        state.timeline = timeline();
        // release builds audit one block a chunk, others every second: spans are taken in those between
        let audited = if cfg!(debug_assertions) { 2 * B as u64 } else { CHUNK_PATHS };
        let job = Job { first_path, audit: first_path.is_multiple_of(audited) };
        let mut looks = self.looked(plan, job, state, &onlooker)?;
        let ruined = self.careful.as_ref().filter(|_| may_be_ruined(state, n_lanes));
        let part = if let Some(careful) = ruined {
            let mut again = Box::new(BlockState::new(careful, false));
            again.timeline = timeline();
            looks = self.looked(careful, job, &mut again, &onlooker)?;
            self.checked(careful, job, n_lanes, &mut again, columns)?
        } else {
            self.checked(plan, job, n_lanes, state, columns)?
        };
        let total = self.done.fetch_add(n_lanes as u64, Ordering::Relaxed) + n_lanes as u64;
        if let Some(progress) = self.execution.progress {
            progress(total);
        }
        Ok((part, looks))
    }
}

/// Whoever looks on while a block runs.
pub(super) trait Onlooker: Send {
    /// Runs the block before its eyes; false where it was stopped on the way.
    fn run(&mut self, execution: &Execution, plan: &Plan, job: Job, state: &mut BlockState) -> bool;
}

/// Nobody: the plain kernel, or the control variates' own eyes.
impl Onlooker for () {
    fn run(&mut self, execution: &Execution, plan: &Plan, job: Job, state: &mut BlockState) -> bool {
        let Some(control) = &plan.control else {
            return block::run(execution.level, plan, job, state, execution.stop);
        };
        let mut observer = ControlObserver::new(control, plan, execution.level);
        let whole = block::watch(execution.level, plan, job, state, &mut observer, execution.stop);
        state.controls = observer.sums;
        whole
    }
}

/// Whether a basket of the plain kernel may have lost all its value on some path: a return on nothing is no number, and
/// the end says so where no marks are made.
fn may_be_ruined(state: &BlockState, n_lanes: usize) -> bool {
    state.accounts.iter().any(|account| {
        (0..n_lanes).any(|lane| {
            let (squares, value) = (account.path.squares[lane], account.final_value[lane]);
            !squares.is_finite() || value.is_nan() || value <= 0.0
        })
    })
}
