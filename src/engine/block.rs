//! Runs one block of paths under one SIMD dispatch.
use std::sync::atomic::{AtomicBool, Ordering};

use pulp::NullaryFnOnce;

use super::plan::Plan;
use super::state::BlockState;
use super::step::{self, Job};

/// The instruction set a run uses; results are the same bits on every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// The best the processor has.
    #[default]
    Best,
    /// AVX2 with FMA.
    Avx2,
    /// No more than the compiler's baseline: right, and some ten times slower where FMA is a library call.
    Baseline,
}

impl Level {
    /// Levels that this processor can run, best first.
    pub fn available() -> Vec<Self> {
        let mut levels = vec![Self::Best];
        #[cfg(target_arch = "x86_64")]
        if pulp::x86::V3::try_new().is_some() {
            levels.push(Self::Avx2);
        }
        levels.push(Self::Baseline);
        levels
    }

    /// Runs a job; a level that the processor lacks falls back to the baseline.
    pub(super) fn run<J: NullaryFnOnce>(self, job: J) -> J::Output {
        match self {
            Self::Best => pulp::Arch::new().dispatch(job),
            Self::Avx2 => {
                #[cfg(target_arch = "x86_64")]
                if let Some(simd) = pulp::x86::V3::try_new() {
                    return pulp::Simd::vectorize(simd, job);
                }
                pulp::Simd::vectorize(pulp::Scalar::new(), job)
            }
            Self::Baseline => pulp::Simd::vectorize(pulp::Scalar::new(), job),
        }
    }
}

/// Looks on after every step; the run itself does not depend on it.
pub(super) trait Observer {
    /// Called after all of step `j`.
    fn after_step(&mut self, plan: &Plan, state: &BlockState, j: u64);
}

/// Sees nothing and costs nothing.
struct Silent;
impl Observer for Silent {
    #[inline(always)]
    fn after_step(&mut self, _: &Plan, _: &BlockState, _: u64) {}
}

/// The block's steps, compiled for every level.
///
/// A struct, not a closure: a closure given to the dispatcher is compiled at the baseline, runs twenty times slower
/// and says nothing. Everything below `call` is `#[inline(always)]` for the same reason.
struct RunBlock<'a, O: ?Sized, const VENUE: bool, const MOVES: bool> {
    plan: &'a Plan,
    job: Job,
    state: &'a mut BlockState,
    observer: &'a mut O,
    stop: Option<&'a AtomicBool>,
}

/// Steps between two looks at the stop flag.
const LOOK_EVERY: u64 = 1024;

impl<O: Observer + ?Sized, const VENUE: bool, const MOVES: bool> NullaryFnOnce
    for RunBlock<'_, O, VENUE, MOVES>
{
    type Output = bool;
    #[inline(always)]
    fn call(self) -> bool {
        let Self { plan, job, state, observer, stop } = self;
        step::open::<VENUE, MOVES>(plan, job, state);
        observer.after_step(plan, state, 0);
        for j in 1..plan.n_steps {
            if j.is_multiple_of(LOOK_EVERY) && stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return false;
            }
            step::live::<VENUE, MOVES>(plan, job, j, state);
            observer.after_step(plan, state, j);
        }
        step::last::<VENUE>(plan, job, state);
        observer.after_step(plan, state, plan.n_steps);
        true
    }
}

/// Runs the block; `state` then holds every path's end. False where it was stopped on the way.
pub(super) fn run(
    level: Level,
    plan: &Plan,
    job: Job,
    state: &mut BlockState,
    stop: Option<&AtomicBool>,
) -> bool {
    run_observed(level, plan, job, state, &mut Silent, stop)
}

/// Runs the block with someone looking on: the bits are the same. All who look on share one compiled kernel.
pub(super) fn watch(
    level: Level,
    plan: &Plan,
    job: Job,
    state: &mut BlockState,
    observer: &mut dyn Observer,
    stop: Option<&AtomicBool>,
) -> bool {
    run_observed(level, plan, job, state, observer, stop)
}

fn run_observed<O: Observer + ?Sized>(
    level: Level,
    plan: &Plan,
    job: Job,
    state: &mut BlockState,
    observer: &mut O,
    stop: Option<&AtomicBool>,
) -> bool {
    state.market.sampling.level = level;
    if plan.venue.is_some() {
        level.run(RunBlock::<_, true, true> { plan, job, state, observer, stop })
    } else if plan.moves() {
        level.run(RunBlock::<_, false, true> { plan, job, state, observer, stop })
    } else {
        level.run(RunBlock::<_, false, false> { plan, job, state, observer, stop })
    }
}
