//! Runs until the errors asked for are met, or the paths are spent.
use crate::math::B;
use crate::rng::Sampling;
use crate::scenario::{Goal, Measure, Precision, Scenario};
use crate::stats::Estimate;

use super::chunk::{CHUNK_PATHS, ChunkPart, n_chunks};
use super::fold::Fold;
use super::memory::{self, MOST_EXACT};
use super::outcome::{Outcome, PolicyOutcome};
use super::run::{Execution, RunError};
use super::shard::Shard;
use super::simulation::Simulation;

/// Paths of the first look, at least.
const FIRST: u64 = 10_000;

/// What became of the errors that a run was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached {
    /// Whether every figure of every policy is known as well as was asked.
    pub met: bool,
    /// The most paths it might have taken.
    pub max_paths: u64,
    /// What the first look said.
    pub pilot: Pilot,
    /// By figure, by policy.
    pub goals: Vec<Achieved>,
}

/// How many paths the first look at the errors asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Pilot {
    /// Paths it had.
    pub paths: u64,
    /// Paths that would be needed by the law of large numbers; absent where it cannot say.
    pub needed: Option<u64>,
    /// Figure and policy that need most, or cannot be told.
    pub hardest: Option<(String, String)>,
}

/// One figure of one policy against the error asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Achieved {
    /// Its policy.
    pub policy: String,
    /// Its key.
    pub metric: String,
    /// The standard error asked for, in the figure's unit; absent where a share of an undefined figure was asked for.
    pub asked: Option<f64>,
    /// The standard error it has.
    pub se: Option<f64>,
    /// Whether that is enough.
    pub met: bool,
    /// Why not, where it is not for want of paths alone.
    pub reason: Option<String>,
    /// Paths it would take, from the error it has.
    pub needed: Option<u64>,
}

/// A run that looks at its errors from time to time: at 10 000 paths (in whole blocks) or 32·2⁹ (Sobol), then at twice as
/// many and so on, at last at `max_paths`.
///
/// What it finds after N paths is what a run of N paths finds, to the bit.
pub struct Precise<'a> {
    scenario: Scenario,
    precision: Precision,
    simulation: Simulation<'a>,
    execution: Execution<'a>,
    parts: Vec<ChunkPart>,
    pilot: Option<Pilot>,
    n_paths: u64,
}

impl std::fmt::Debug for Precise<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Precise").field("n_paths", &self.n_paths).finish_non_exhaustive()
    }
}

impl<'a> Precise<'a> {
    /// Compiles a scenario that asks for errors; none where it does not.
    ///
    /// # Errors
    ///
    /// Where `max_paths` paths would not fit in memory, or the scenario cannot be compiled.
    pub fn new(scenario: &Scenario, execution: &Execution<'a>) -> Result<Option<Self>, RunError> {
        let Some(precision) = scenario.run.precision.clone() else { return Ok(None) };
        // what would not fit at the end is refused at the beginning
        Fold::new(scenario, execution)?;
        let simulation = Simulation::new(scenario, Shard::WHOLE, execution)?;
        let (scenario, execution) = (scenario.clone(), *execution);
        Ok(Some(Self {
            scenario,
            precision,
            simulation,
            execution,
            parts: Vec::new(),
            pilot: None,
            n_paths: 0,
        }))
    }

    /// The most paths it may take.
    pub fn max_paths(&self) -> u64 {
        self.scenario.run.paths
    }

    /// Takes the next whole chunk of an earlier run of the same scenario; how many paths there are then.
    ///
    /// # Errors
    ///
    /// Where it is another chunk.
    pub fn keep(&mut self, part: ChunkPart) -> Result<u64, RunError> {
        let chunk = part.index();
        if chunk != self.parts.len() as u64 || chunk >= n_chunks(self.max_paths()) {
            return Err(RunError::Misfit { chunk, what: format!("chunk {} comes next", self.parts.len()) });
        }
        let paths = self.simulation.skip(chunk);
        self.parts.push(part);
        Ok(paths)
    }

    /// Chunks so far; the last one may be short.
    pub fn parts(&self) -> &[ChunkPart] {
        &self.parts
    }

    /// The scenario as a run of the paths so far.
    pub fn scenario(&self) -> Scenario {
        let mut scenario = self.scenario.clone();
        scenario.run.paths = self.n_paths;
        scenario
    }

    /// Paths of the next look.
    fn next(&self) -> u64 {
        let first = match self.scenario.run.sampling {
            Sampling::Sobol => Sampling::Sobol.rounded_up(FIRST),
            _ => FIRST.next_multiple_of(B as u64),
        };
        let next = if self.n_paths == 0 { first } else { 2 * self.n_paths };
        next.min(self.max_paths())
    }

    /// Goes on to the next look; what was found there, and whether it is the end.
    ///
    /// `whole` is told of every chunk that is finished.
    ///
    /// # Errors
    ///
    /// Those of [`super::run`].
    pub fn advance<E: From<RunError>>(
        &mut self,
        mut whole: impl FnMut(&ChunkPart) -> Result<(), E>,
    ) -> Result<(Outcome, bool), E> {
        if self.n_paths == 0 && !self.parts.is_empty() {
            self.catch_up()?;
        }
        let n_paths = self.next();
        for chunk in 0..n_chunks(n_paths) {
            let end = n_paths.min((chunk + 1) * CHUNK_PATHS);
            let begun = self.parts.get(chunk as usize).map(|part| (part.index(), part.n_paths()));
            if begun.is_some_and(|(_, n)| chunk * CHUNK_PATHS + n >= end) {
                continue;
            }
            let begun = begun.and_then(|_| self.parts.pop());
            let part = self.simulation.grow(chunk, begun, end)?;
            if part.n_paths() == CHUNK_PATHS {
                whole(&part)?;
            }
            self.parts.push(part);
        }
        self.n_paths = n_paths;
        let outcome = self.look()?;
        let done =
            outcome.precision.as_ref().is_none_or(|reached| reached.met) || n_paths == self.max_paths();
        Ok((outcome, done))
    }

    /// Stands where the run that made the kept chunks stood: behind the last look that it must have passed.
    fn catch_up(&mut self) -> Result<(), RunError> {
        let first = self.next();
        let kept = std::mem::replace(&mut self.parts, vec![self.simulation.grow(0, None, first)?]);
        self.n_paths = first;
        // what the first look said stands in the results
        self.look()?;
        self.parts = kept;
        let paths = self.parts.iter().map(ChunkPart::n_paths).sum::<u64>();
        while 2 * self.n_paths < paths {
            self.n_paths *= 2;
        }
        Ok(())
    }

    /// What the paths so far say.
    fn look(&mut self) -> Result<Outcome, RunError> {
        let storage = memory::storage(&self.scenario, MOST_EXACT);
        let mut fold = Fold::keeping(&self.scenario(), &self.execution, storage)?;
        for part in &self.parts {
            fold.add(part)?;
        }
        let mut outcome = fold.finish()?;
        let mut goals = Vec::new();
        for goal in &self.precision.goals {
            for policy in &outcome.policies {
                goals.push(achieved(goal, policy, outcome.constants.notional, self.n_paths));
            }
        }
        let pilot = self.pilot.get_or_insert_with(|| pilot(self.n_paths, &goals)).clone();
        let met = goals.iter().all(|goal| goal.met);
        outcome.precision = Some(Reached { met, max_paths: self.max_paths(), pilot, goals });
        Ok(outcome)
    }
}

/// Runs a scenario that asks for errors to its end.
pub(super) fn run(precise: &mut Precise<'_>) -> Result<Outcome, RunError> {
    loop {
        let (outcome, done) = precise.advance(|_| Ok::<(), RunError>(()))?;
        if done {
            return Ok(outcome);
        }
    }
}

/// How many errors a figure must be away from zero before a share of it can be asked for.
const TOLD_FROM_ZERO: f64 = 5.0;

fn achieved(goal: &Goal, policy: &PolicyOutcome, notional: f64, n_paths: u64) -> Achieved {
    let undefined = Estimate::undefined("the run did not make this figure");
    let plain = policy.metric(&goal.metric).unwrap_or(&undefined);
    // the mean is as sure as its control makes it
    let controlled = policy.controlled.as_ref().filter(|_| goal.metric == "mean");
    let estimate = controlled.map_or(plain, |controlled| &controlled.mean);
    let asked = match goal.measure {
        Measure::Own => Some(goal.bound),
        Measure::Notional => Some(goal.bound * notional),
        Measure::Relative => estimate.value.map(|value| goal.bound * value.abs()),
    };
    let mut found = Achieved {
        policy: policy.name.clone(),
        metric: goal.metric.clone(),
        asked,
        se: estimate.se,
        met: false,
        reason: estimate.reason.clone(),
        needed: None,
    };
    let (Some(value), Some(se), Some(asked)) = (estimate.value, estimate.se, asked) else { return found };
    // a figure that is the same on every path is known
    let zero = goal.measure == Measure::Relative && se > 0.0 && value.abs() <= TOLD_FROM_ZERO * se;
    if zero {
        let why = "it cannot be told from zero by five of its errors: ask for { absolute = … }";
        found.reason = Some(why.into());
    }
    found.met = se <= asked && !zero;
    let least =
        if goal.measure == Measure::Relative { asked.min(value.abs() / TOLD_FROM_ZERO) } else { asked };
    let times = (se / least) * (se / least);
    let needed = (n_paths as f64 * times).ceil();
    found.needed = (least > 0.0 && needed < 1e15).then(|| (needed as u64).max(1));
    found
}

fn pilot(paths: u64, goals: &[Achieved]) -> Pilot {
    let unknown = goals.iter().find(|goal| goal.needed.is_none() && !goal.met);
    let most = goals.iter().max_by_key(|goal| goal.needed);
    let hardest = unknown.or(most);
    Pilot {
        paths,
        needed: if unknown.is_some() { None } else { most.and_then(|goal| goal.needed) },
        hardest: hardest.map(|goal| (goal.metric.clone(), goal.policy.clone())),
    }
}
