//! Runs one block of paths under one SIMD dispatch.
use std::sync::atomic::{AtomicBool, Ordering};

use pulp::{NullaryFnOnce, Simd, WithSimd};

use super::market;
use super::plan::Plan;
use super::span;
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
    pub(super) fn run<J: WithSimd>(self, job: J) -> J::Output {
        match self {
            Self::Best => pulp::Arch::new().dispatch(job),
            Self::Avx2 => {
                #[cfg(target_arch = "x86_64")]
                if let Some(simd) = pulp::x86::V3::try_new() {
                    return at(simd, job);
                }
                at(pulp::Scalar::new(), job)
            }
            Self::Baseline => at(pulp::Scalar::new(), job),
        }
    }
}

/// Runs a job compiled for the vectors of `simd`.
fn at<S: Simd, J: WithSimd>(simd: S, job: J) -> J::Output {
    struct At<S, J>(S, J);
    impl<S: Simd, J: WithSimd> NullaryFnOnce for At<S, J> {
        type Output = J::Output;
        #[inline(always)]
        fn call(self) -> J::Output {
            self.1.with_simd(self.0)
        }
    }
    simd.vectorize(At(simd, job))
}

/// Looks on after every step; the run itself does not depend on it.
pub(super) trait Observer {
    /// Called after all of step `j`.
    fn after_step(&mut self, plan: &Plan, state: &BlockState, j: u64);
}

/// Sees nothing.
struct Silent;
impl Observer for Silent {
    fn after_step(&mut self, _: &Plan, _: &BlockState, _: u64) {}
}

/// The block's steps, compiled for every level.
///
/// A struct, not a closure: a closure given to the dispatcher is compiled at the baseline, runs twenty times slower
/// and says nothing. Everything below `with_simd` is `#[inline(always)]` for the same reason. The observer is not: a call a
/// step is nothing, and whoever looks on shares the one kernel.
struct RunBlock<'a, const VENUE: bool, const MOVES: bool, const SPANS: bool> {
    plan: &'a Plan,
    job: Job,
    state: &'a mut BlockState,
    observer: &'a mut dyn Observer,
    stop: Option<&'a AtomicBool>,
}

impl<const VENUE: bool, const MOVES: bool, const SPANS: bool> WithSimd for RunBlock<'_, VENUE, MOVES, SPANS> {
    /// Whether it came to its end; nothing where it would take spans that do not pay.
    type Output = Option<bool>;
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Option<bool> {
        if SPANS && !span::pays::<S>() {
            return None;
        }
        let Self { plan, job, state, observer, stop } = self;
        step::open::<VENUE, MOVES>(plan, job, state);
        observer.after_step(plan, state, 0);
        let mut j = 1;
        while j < plan.n_steps {
            if stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return Some(false);
            }
            let end = if SPANS { span::end(plan, j) } else { j };
            if end > j {
                span::run(simd, plan, job, j..end, state);
                j = end;
                continue;
            }
            step::live::<VENUE, MOVES>(plan, job, j, state);
            observer.after_step(plan, state, j);
            j += 1;
        }
        step::last::<VENUE>(plan, job, state);
        observer.after_step(plan, state, plan.n_steps);
        Some(true)
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
    // what is checked step by step is also taken so
    if span::applies(plan) && !job.audit {
        market::prepare(level, plan, job.first_path, state);
        let (state, observer) = (&mut *state, &mut Silent);
        let spans = RunBlock::<false, false, true> { plan, job, state, observer, stop };
        if let Some(done) = level.run(spans) {
            return done;
        }
    }
    watch(level, plan, job, state, &mut Silent, stop)
}

/// Runs the block step by step with someone looking on: the bits are the same.
pub(super) fn watch(
    level: Level,
    plan: &Plan,
    job: Job,
    state: &mut BlockState,
    observer: &mut dyn Observer,
    stop: Option<&AtomicBool>,
) -> bool {
    market::prepare(level, plan, job.first_path, state);
    let done = if plan.venue.is_some() {
        level.run(RunBlock::<true, true, false> { plan, job, state, observer, stop })
    } else if plan.moves() {
        level.run(RunBlock::<false, true, false> { plan, job, state, observer, stop })
    } else {
        level.run(RunBlock::<false, false, false> { plan, job, state, observer, stop })
    };
    done == Some(true)
}
