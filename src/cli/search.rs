//! `tune` and `breakeven`: searches in one key, every run of them in memory on the same random numbers.
use super::Exit;
use super::args::{Breakeven, Scene, Tune};
use super::check;
use super::looks::Looks;
use super::run::PNG_SCALE;
use super::simulate::in_memory;
use super::study::{Ground, print, put};
use super::terminal::Terminal;
use crate::engine::Outcome;
use crate::metric::{Better, Metric, Unit, by_key};
use crate::policy::{Policy, Rule};
use crate::report::folder::STUDIES;
use crate::report::studies::breakeven::{self as breakeven_report, Contest};
use crate::report::studies::tune::{self as tune_report, Search, Theory};
use crate::report::summary::Identity;
use crate::scenario::{Parsed, Range, Scenario, Written, about, key_and_range, load_alone};
use crate::study::breakeven::{Gap, breakeven as find_crossings};
use crate::study::compare::Windows;
use crate::study::leading::{Leading, least, utility_aversion};
use crate::study::objective::{Objective, Sample, difference};
use crate::study::tune::tune as find_best;

/// Bytes that the figures by path of one run may take: runs of more policies are divided.
const MOST_BYTES: u64 = 512 << 20;
/// Bytes of one path's figures under one policy, and of its influences.
const PATH_BYTES: u64 = 400;
/// Tables of a scenario: a key that begins with none of them is the policy's own.
const TABLES: [&str; 8] = ["assets", "costs", "execution", "market", "oracle", "policies", "run", "target"];
/// Values of the key at which theory's curve is drawn.
const THEORY_POINTS: u32 = 33;

/// Why a search ended early.
enum Halt {
    Exit(Exit),
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Halt {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

fn ended(found: Result<Exit, Halt>) -> anyhow::Result<Exit> {
    match found {
        Ok(exit) | Err(Halt::Exit(exit)) => Ok(exit),
        Err(Halt::Failed(error)) => Err(error),
    }
}

/// What the scenario's own run says of every run.
struct Base {
    identity: Identity,
    notional: f64,
    /// How the paths of a history overlap.
    windows: Option<Windows>,
}

/// A key of a scenario, its range, and the policies looked at.
struct Probe<'a> {
    ground: Ground<'a>,
    key: String,
    range: Range,
    objective: Objective,
    terminal: &'a Terminal,
    n_looks: usize,
    looks: Looks,
}

impl<'a> Probe<'a> {
    /// Checks the command line against the scenario; both ends of the range must make scenarios.
    fn new(
        scene: &'a Scene,
        objective: &str,
        terminal: &'a Terminal,
        key_and_range: impl FnOnce(&Parsed) -> Result<(String, String), String>,
    ) -> Result<Self, Halt> {
        let usage = |what: &str| {
            terminal.fault(what);
            Halt::Exit(Exit::Usage)
        };
        let objective = Objective::parse(objective).map_err(|what| usage(&what))?;
        let std = by_key("std").ok_or_else(|| anyhow::anyhow!("failed to find the figure `std`: a bug"))?;
        let ground = Ground::at(scene, std, terminal).map_err(Halt::Exit)?;
        let (key, text) = key_and_range(&ground.parsed).map_err(|what| usage(&what))?;
        let range = Range::parse(&text, &ground.parsed.scenario.run.grid).map_err(|what| usage(&what))?;
        let mut probe = Self { ground, key, range, objective, terminal, n_looks: 0, looks: Looks::default() };
        for end in [probe.range.low, probe.range.high] {
            probe.load(end)?;
        }
        // a key of whole numbers says so at a number that is none
        let (low, high) = (probe.range.low, probe.range.high);
        let between = probe.range.snap(low + 0.381_966 * (high - low));
        if load_alone(
            probe.ground.file,
            &probe.ground.changes.clone().set(&probe.key, &probe.range.toml(between)),
        )
        .is_err()
            && let Some(whole) = probe.range.whole()
        {
            probe.range = whole;
        }
        Ok(probe)
    }

    fn load(&self, x: f64) -> Result<Parsed, Halt> {
        let changes = self.ground.changes.clone().set(&self.key, &self.range.toml(x));
        load_alone(self.ground.file, &changes).map_err(|error| {
            check::refused(self.ground.file, &error, self.terminal);
            Halt::Exit(Exit::Usage)
        })
    }

    fn usage(&self, what: &str) -> Halt {
        self.terminal.fault(what);
        Halt::Exit(Exit::Usage)
    }

    fn policy<'s>(&self, scenario: &'s Scenario, name: &str) -> Result<&'s Policy, Halt> {
        let at = scenario.policy_at(name).map_err(|fault| self.usage(&fault.to_string()))?;
        Ok(&scenario.policies[at])
    }

    fn run(&mut self, scenario: &Scenario, values: &[f64]) -> Result<Outcome, Halt> {
        self.n_looks += 1;
        let texts: Vec<String> = values.iter().map(|x| self.range.bare(*x)).collect();
        self.terminal.step(&format!("run {}: {} = {}", self.n_looks, self.key, texts.join(", ")));
        in_memory(scenario, self.ground.threads, self.terminal)?.map_err(Halt::Exit)
    }

    fn measure(&self, outcome: &Outcome) -> Result<Vec<Sample>, Halt> {
        let of = |policy| self.objective.measure(policy).map_err(|what| self.usage(&what));
        outcome.policies.iter().map(of).collect()
    }

    /// Begins the search that writes into a folder: what an earlier one looked at there is used, unless it is to be made anew.
    fn begin(&mut self, dir: &std::path::Path) -> Result<(), Halt> {
        self.looks = Looks::of(dir, &self.objective);
        if self.ground.force { Ok(self.looks.forget()?) } else { Ok(()) }
    }

    /// The objective of one policy at every value, from what was kept where it was.
    fn samples(&mut self, name: &str, values: &[f64]) -> Result<Vec<Sample>, Halt> {
        let (mut found, mut scenarios, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for x in values {
            let Parsed { mut scenario, hash, .. } = self.load(*x)?;
            let known = self.looks.known(&hash, &[name]).and_then(|mut samples| samples.pop());
            if known.is_none() {
                scenario.policies = vec![self.policy(&scenario, name)?.clone()];
                scenarios.push(scenario);
                missing.push((*x, hash));
            }
            found.push(known);
        }
        let mut fresh = self.looked(name, &scenarios, &missing)?.into_iter();
        Ok(found.into_iter().filter_map(|known| known.or_else(|| fresh.next())).collect())
    }

    /// The objective at values not seen before; values that leave the market as it is share a run.
    fn looked(
        &mut self,
        name: &str,
        scenarios: &[Scenario],
        missing: &[(f64, String)],
    ) -> Result<Vec<Sample>, Halt> {
        let values: Vec<f64> = missing.iter().map(|(x, _)| *x).collect();
        let paths = self.ground.parsed.scenario.run.paths.max(1);
        let most = (MOST_BYTES / PATH_BYTES / paths).max(1) as usize;
        let mut samples = Vec::with_capacity(values.len());
        while samples.len() < scenarios.len() {
            let first = samples.len();
            let mut together = scenarios[first].clone();
            for next in scenarios[first + 1..].iter().take(most - 1) {
                let same = Scenario { policies: together.policies.clone(), ..next.clone() } == together;
                if !same {
                    break;
                }
                together.policies.extend(next.policies.iter().cloned());
            }
            let n = together.policies.len();
            let outcome = self.run(&together, &values[first..first + n])?;
            for (sample, (_, hash)) in self.measure(&outcome)?.into_iter().zip(&missing[first..first + n]) {
                self.looks.keep(hash, name, &sample)?;
                samples.push(sample);
            }
        }
        Ok(samples)
    }

    /// The objective of two policies at one value.
    fn pair(&mut self, a: &str, b: &str, x: f64) -> Result<Vec<Sample>, Halt> {
        let Parsed { mut scenario, hash, .. } = self.load(x)?;
        if let Some(samples) = self.looks.known(&hash, &[a, b]) {
            return Ok(samples);
        }
        scenario.policies = vec![self.policy(&scenario, a)?.clone(), self.policy(&scenario, b)?.clone()];
        let outcome = self.run(&scenario, &[x])?;
        let samples = self.measure(&outcome)?;
        for (name, sample) in [a, b].into_iter().zip(&samples) {
            self.looks.keep(&hash, name, sample)?;
        }
        Ok(samples)
    }

    /// The scenario's own run.
    fn base(&self) -> Result<Base, Halt> {
        let done = self.ground.base(true, self.terminal)?.map_err(Halt::Exit)?;
        let outcome =
            done.outcome.ok_or_else(|| anyhow::anyhow!("failed to remember the base case: a bug"))?;
        let seed = self.ground.parsed.scenario.run.seed;
        Ok(Base {
            identity: done.summary.scenario,
            notional: outcome.constants.notional,
            windows: outcome.overlap.map(|overlap| Windows { overlap, seed }),
        })
    }

    /// Whether the objective is an amount of money.
    fn is_currency(&self) -> bool {
        self.objective.terms.iter().all(|term| term.metric.unit == Unit::Currency && !term.squared)
    }

    fn dir(&self, study: &str, name: &str) -> std::path::PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
        self.ground.dir.join(STUDIES).join(study).join(name.chars().map(plain).collect::<String>())
    }
}

/// Searches the best value of a key for one policy and prints it.
pub(super) fn tune(options: &Tune, terminal: &Terminal) -> anyhow::Result<Exit> {
    ended(tune_on(options, terminal))
}

fn tune_on(options: &Tune, terminal: &Terminal) -> Result<Exit, Halt> {
    let name = &options.policy;
    let mut probe = Probe::new(&options.scene, &options.minimize, terminal, |_| {
        let (key, range) = key_and_range(&options.vary)?;
        // `width` and `trigger.0.width` are the policy's own keys
        let first = key.split('.').next().unwrap_or_default();
        let key = if TABLES.contains(&first) { key } else { format!("policies.{name}.{key}") };
        Ok((key, range))
    })?;
    for term in probe.objective.terms.iter().filter(|term| !term.squared) {
        let wrong = match term.metric.better {
            Better::Higher => term.weight > 0.0,
            Better::Lower => term.weight < 0.0,
            Better::Neither => false,
        };
        if wrong {
            let better = if term.weight > 0.0 { "larger" } else { "smaller" };
            terminal.say(&format!("note: `{}` is better when it is {better}", term.metric.key));
        }
    }
    probe.policy(&probe.ground.parsed.scenario, name)?;
    let theory = theory_of(&probe, name);
    let own = probe.key.starts_with(&format!("policies.{name}."));
    let dir = probe.dir("tune", &if own { probe.key.clone() } else { format!("{name}-{}", probe.key) });
    probe.begin(&dir)?;
    let base = probe.base()?;
    let range = probe.range.clone();
    let at = theory.as_ref().map(|theory| theory.x);
    let tuned = find_best(&range, options.points, at, base.windows, &mut |values: &[f64]| {
        probe.samples(name, values)
    })?;
    let first = &tuned.points[0].sample;
    if tuned.points.iter().all(|point| point.sample == *first) {
        return Err(probe
            .usage(&format!("`{}` changes nothing in `{}` of policy `{name}`", probe.key, probe.objective)));
    }
    let theory = theory.map(|theory| {
        let at_points = tuned.points.iter().map(|point| probe.predicted(name, point.x)).collect();
        Theory { at_points, ..theory }
    });
    let search = Search {
        base: base.identity,
        notional: base.notional,
        policy: name.clone(),
        key: probe.key.clone(),
        range,
        objective: probe.objective.to_string(),
        currency: probe.is_currency(),
        tuned,
        theory,
    };
    let files = put(&probe.ground.dir, &dir, tune_report::files(&search, PNG_SCALE), terminal)?;
    probe.looks.forget()?;
    print(&files, "tune.json", || tune_report::render(&search), terminal)?;
    terminal.say(&format!("wrote {}", dir.display()));
    Ok(Exit::Ok)
}

impl Probe<'_> {
    /// Theory's objective of a policy at one value.
    fn predicted(&self, name: &str, x: f64) -> Option<f64> {
        let changes = self.ground.changes.clone().set(&self.key, &self.range.toml(x));
        let scenario = load_alone(self.ground.file, &changes).ok()?.scenario;
        let policy = scenario.policies.iter().find(|policy| policy.name == name)?;
        Leading::of(&scenario)?.objective(&self.objective, policy)
    }
}

/// The theoretical optimum, where there is one; its figures at the points are filled in later.
fn theory_of(probe: &Probe<'_>, name: &str) -> Option<Theory> {
    let scenario = &probe.ground.parsed.scenario;
    let policy = scenario.policies.iter().find(|policy| policy.name == name)?;
    if matches!(policy.rule, Rule::WhalleyWilmott(_)) && probe.key == format!("policies.{name}.risk_aversion")
    {
        let x = utility_aversion(&probe.objective)?;
        let source = "Whalley and Wilmott at the risk aversion of the objective";
        return Some(Theory { x, source, curve: Vec::new(), at_points: Vec::new() });
    }
    let x = least(&probe.range, &|x| probe.predicted(name, x))?;
    let curve = probe.range.points(THEORY_POINTS).into_iter();
    let curve = curve.filter_map(|x| Some((x, probe.predicted(name, x)?))).collect();
    Some(Theory { x, source: "leading order, one asset and cash", curve, at_points: Vec::new() })
}

/// Searches where two policies change places and prints it.
pub(super) fn breakeven(options: &Breakeven, terminal: &Terminal) -> anyhow::Result<Exit> {
    ended(breakeven_on(options, terminal))
}

fn breakeven_on(options: &Breakeven, terminal: &Terminal) -> Result<Exit, Halt> {
    let [a, b] = options.policies.as_slice() else {
        terminal.fault("--policies takes two names: --policies A,B");
        return Ok(Exit::Usage);
    };
    if a == b {
        terminal.fault(&format!("--policies takes two different names, not `{a}` twice"));
        return Ok(Exit::Usage);
    }
    let mut probe = Probe::new(&options.scene, &options.metric, terminal, |parsed| {
        let range = options.range.clone().map_or_else(|| range_about(parsed, &options.key), Ok)?;
        Ok((options.key.clone(), range))
    })?;
    for name in [a, b] {
        probe.policy(&probe.ground.parsed.scenario, name)?;
    }
    let dir = probe.dir("breakeven", &format!("{}-{a}-{b}", probe.key));
    probe.begin(&dir)?;
    let base = probe.base()?;
    let range = probe.range.clone();
    let found = find_crossings(&range, options.points, &mut |x| {
        let samples = probe.pair(a, b, x)?;
        let values = [samples[0].value, samples[1].value];
        Ok::<Gap, Halt>(Gap { x, values, difference: difference(&samples[0], &samples[1], base.windows) })
    })?;
    let contest = Contest {
        base: base.identity,
        notional: base.notional,
        policies: [a.clone(), b.clone()],
        key: probe.key.clone(),
        range,
        objective: probe.objective.to_string(),
        currency: probe.is_currency(),
        more_is_better: more_is_better(&probe.objective),
        found,
    };
    let files = put(&probe.ground.dir, &dir, breakeven_report::files(&contest, PNG_SCALE), terminal)?;
    probe.looks.forget()?;
    print(&files, "breakeven.json", || breakeven_report::render(&contest), terminal)?;
    terminal.say(&format!("wrote {}", dir.display()));
    Ok(Exit::Ok)
}

/// A single metric may be one of which more is better; a sum is to be small.
fn more_is_better(objective: &Objective) -> bool {
    let single = |metric: &Metric| metric.better == Better::Higher;
    matches!(objective.terms.as_slice(), [term] if !term.squared && term.weight == 1.0 && single(term.metric))
}

/// A tenth of what is written to ten times it.
fn range_about(parsed: &Parsed, key: &str) -> Result<String, String> {
    let written = Written::of(&parsed.text_as_run);
    let value = written.as_ref().and_then(|written| written.value(key));
    value.as_deref().and_then(about).ok_or_else(|| {
        let near = written.filter(|_| value.is_none()).and_then(|written| written.near(key));
        let near = near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
        format!("no range about what the scenario says of `{key}`{near} suggests itself: give --range LO..HI")
    })
}
