//! The rows: every program and every job that is measured, in the order of a round.
use std::hint::black_box;
use std::time::Instant;

use driftband::engine::{Execution, Level, run};
use driftband::scenario::Scenario;

use crate::clock::processor_seconds;
use crate::external::{limit, numpy};
use crate::jobs::{
    DELAY, FOUR_LEGS, HESTON, Hedge, JOB_D, MERTON, ORACLE, RARE_JUMPS, basket, one_month_call,
};
use crate::options::Options;
use crate::{machine, naive};

/// One measurement of one row, in ns per path-step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) wall: f64,
    /// Processor time of all threads; absent where a program does not say it.
    pub(crate) processor: Option<f64>,
    /// Processor time over wall time: how much of a core it had.
    pub(crate) share: Option<f64>,
    /// The mean deviation found, as the program states it: whether the same job was done.
    pub(crate) mean: Option<f64>,
}

/// What is run once a round; it may measure several rows.
pub(crate) struct Program {
    /// Names of its rows.
    pub(crate) rows: Vec<String>,
    /// Cores it needs.
    pub(crate) threads: usize,
    /// Measures every row once; the fault is a sentence.
    pub(crate) measure: Box<dyn FnMut() -> Result<Vec<Sample>, String>>,
}

/// Names of rows start with the job: `D1` is job D with one policy.
pub(crate) fn programs(options: &Options) -> Vec<Program> {
    let mut programs = Vec::new();
    for policies in [1, 8] {
        let job = Hedge { paths: options.paths, policies, ..JOB_D };
        let name = |what: &str| format!("D{policies} {what}");
        programs.push(hedge(name("engine"), job, Level::Best));
        programs.push(naive_job(name("naive"), job.paths / 4, policies));
        programs.push(hedge(name("engine, avx2"), job, Level::Avx2));
        let few = Hedge { paths: (job.paths / 16).max(128), ..job };
        programs.push(hedge(name("engine, baseline"), few, Level::Baseline));
        programs.push(hedge(name("oracle"), Hedge { tables: ORACLE, ..job }, Level::Best));
        programs.push(hedge(name("delay"), Hedge { tables: DELAY, ..job }, Level::Best));
        programs.push(hedge(name("path metrics"), Hedge { path_metrics: true, ..job }, Level::Best));
        let script = "job_d/numpy_job_d.py";
        let arguments = format!("--policies {policies} --paths 8192 --repeat 3");
        programs.push(numpy(options, name("numpy"), script, &arguments));
    }
    let job = Hedge { paths: options.paths, ..JOB_D };
    programs.push(hedge("D1 merton".into(), Hedge { process: MERTON, ..job }, Level::Best));
    programs.push(hedge("D1 merton, rare jumps".into(), Hedge { process: RARE_JUMPS, ..job }, Level::Best));
    programs.push(hedge("D1 heston".into(), Hedge { process: HESTON, ..job }, Level::Best));
    programs.push(hedge("D1 four legs".into(), Hedge { legs: FOUR_LEGS, ..job }, Level::Best));
    programs.push(hedge("D32 engine".into(), Hedge { policies: 32, ..job }, Level::Best));
    programs.push(limit(options));

    let paths = 6 * options.paths;
    programs.push(engine("month engine".into(), one_month_call(paths), 1, Level::Best));
    let arguments = format!("--paths {paths} --repeat 3");
    programs.push(numpy(options, "month numpy".into(), "hedge/numpy_hedge.py", &arguments));
    let paths = options.paths / 4;
    programs.push(engine("basket engine".into(), basket(paths, 5), 1, Level::Best));
    let arguments = format!("--paths {paths} --repeat 3");
    programs.push(numpy(options, "basket numpy".into(), "basket/numpy_vec.py", &arguments));

    for policies in [1, 8] {
        let job = Hedge { paths: 4 * options.paths, policies, ..JOB_D };
        for threads in [1, 2] {
            let plural = if threads == 1 { "" } else { "s" };
            let name = format!("D{policies} engine, {threads} thread{plural}");
            programs.push(engine(name, job.scenario(), threads, Level::Best));
        }
    }
    programs.retain(|program| program.rows.iter().any(|name| options.wants(name)));
    programs
}

/// Both clocks, started.
struct Stopwatch {
    wall: Instant,
    processor: f64,
}

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    fn start() -> Self {
        Self { wall: Instant::now(), processor: processor_seconds() }
    }

    fn sample(self, path_steps: f64) -> Sample {
        let processor = (processor_seconds() - self.processor) * 1e9 / path_steps;
        let wall = self.wall.elapsed().as_secs_f64() * 1e9 / path_steps;
        Sample { wall, processor: Some(processor), share: Some(processor / wall), mean: None }
    }
}

fn hedge(name: String, job: Hedge, level: Level) -> Program {
    engine(name, job.scenario(), 1, level)
}

/// A run of the engine; reading the scenario is not part of it.
fn engine(name: String, scenario: Scenario, threads: usize, level: Level) -> Program {
    let path_steps = scenario.run.paths as f64 * scenario.run.grid.n_steps as f64;
    let measure = move || {
        let stopwatch = Stopwatch::start();
        let outcome = if threads == 1 {
            run(&scenario, &Execution { threads: Some(1), level, ..Execution::default() })
        } else {
            let execution = Execution { threads: None, level, ..Execution::default() };
            one_core_each(threads)?.install(|| run(&scenario, &execution))
        };
        let outcome = black_box(outcome).map_err(|fault| fault.to_string())?;
        let sample = stopwatch.sample(path_steps);
        let mean = outcome.policies[0].metric("mean").and_then(|estimate| estimate.value);
        Ok(vec![Sample { mean, ..sample }])
    };
    Program { rows: vec![name], threads, measure: Box::new(measure) }
}

/// Threads that stay on a core each: left to the system, two short-lived ones often begin on the same.
fn one_core_each(threads: usize) -> Result<rayon::ThreadPool, String> {
    let own_core = |thread: usize| {
        if let Some(core) = machine::cores().get(thread) {
            machine::stay_on(&[*core]);
        }
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).start_handler(own_core).build();
    pool.map_err(|fault| fault.to_string())
}

fn naive_job(name: String, paths: u64, policies: usize) -> Program {
    let path_steps = paths as f64 * f64::from(naive::STEPS);
    let measure = move || {
        let policies = &naive::POLICIES[..policies];
        let stopwatch = Stopwatch::start();
        let sum: f64 = (0..paths).map(|path| naive::replication_errors(policies, 42, path)[0]).sum();
        let mean = black_box(sum / paths as f64);
        let sample = stopwatch.sample(path_steps);
        Ok(vec![Sample { mean: Some(at_end(mean)), ..sample }])
    };
    Program { rows: vec![name], threads: 1, measure: Box::new(measure) }
}

/// A mean of job D in money of the start, as the other programs state it, in money of the end.
pub(crate) fn at_end(discounted: f64) -> f64 {
    discounted * driftband::math::exp(0.02)
}
