//! Why a replayed hedge of options ended where it did: what gamma and moves made of it, what the position lacked, what it paid.
//!
//! With the book's value `V(t, S)` at the hedge volatility, `Γ_j` its gamma at the true price and `R_j = e^{r(T − t_j)}`,
//!
//! ```text
//! D = R_0 (V_0 − premiums)
//!   + Σ_j R_{j+1} ½Γ_j (ΔS_j² − σ_h² S_j² dt)
//!   + Σ_j R_{j+1} (h_j X_j − h*_j X°_j)
//!   − Σ_j R_j c_j
//!   + remainder
//! ```
//!
//! over every step: `h` the position after the trades of the step, `h* = −∂V/∂S`, `X = S_{j+1}e^{q dt} − S_j e^{r dt}` what a
//! unit of it earns above its financing (a perpetual: `ΔS`), `X°` that of the asset itself, `c` all costs paid with signed
//! funding. The remainder is what the second order leaves out (the third derivative, the change of Γ within a step), a
//! `model_rate` other than `rate`, and a settlement by the oracle; the first shrinks with the step. A hedge at every step has
//! `h = h*`, so that its deviation is the second row: that is discretisation. Source: Boyle and Emanuel, Journal of
//! Financial Economics 8 (1980) 259–282; El Karoui, Jeanblanc and Shreve, Mathematical Finance 8 (1998) 93–126.
use crate::book::valuation::LegTerms;
use crate::book::{HedgeVolatility, LegKind, Strategy, Target};
use crate::engine::Recording;
use crate::market::execution::HedgeInstrument;
use crate::math::exp;
use crate::scenario::Scenario;

/// The parts of a deviation, in currency at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Value of the book at the hedge volatility less its premiums.
    pub premium: f64,
    /// `Σ ½Γ(ΔS² − σ_h²S²dt)`.
    pub gamma: f64,
    /// What the position earned that was not the target's.
    pub position: f64,
    /// Minus the costs paid.
    pub costs: f64,
    /// What is left of the deviation.
    pub remainder: f64,
    /// After every step.
    pub steps: Vec<ExplainedStep>,
}

/// The same up to a step.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedStep {
    /// Gamma of the book by asset at the true price; none at the end.
    pub gammas: Option<Vec<f64>>,
    /// Of the intervals so far.
    pub gamma: f64,
    /// Of the intervals so far.
    pub position: f64,
    /// Of the costs so far.
    pub costs: f64,
}

/// An option leg, its hedge volatility and its premium per unit.
struct Leg {
    terms: LegTerms,
    volatility: f64,
}

impl Explained {
    /// Takes the deviation of a replayed path apart; `None` for a basket, or where a hedge volatility moves or is missing.
    pub fn of(scenario: &Scenario, recording: &Recording, policy: usize) -> Option<Self> {
        let Target::Options(strategy) = &scenario.target else { return None };
        let legs = legs(scenario, strategy, policy)?;
        let grid = &scenario.run.grid;
        let (dt, n) = (grid.dt(), recording.steps.len().checked_sub(1)?);
        let growth = |j: usize| exp(scenario.rate * ((n - j) as f64 * dt));
        let mut sums = [0.0; 3];
        let mut steps = Vec::with_capacity(n + 1);
        let mut paid = 0.0;
        for (j, step) in recording.steps.iter().enumerate() {
            if j > 0 {
                let before = &recording.steps[j - 1];
                let (target, gammas) = hedge(strategy, &legs, &before.price, (j - 1) as u64, dt);
                let mut parts = [0.0; 2];
                for (i, asset) in scenario.assets.iter().enumerate() {
                    let (s, next) = (before.price[i], step.price[i]);
                    let decay: f64 = legs
                        .iter()
                        .filter(|leg| leg.terms.asset == i)
                        .map(|leg| 0.5 * leg.gamma(s, (j - 1) as u64, dt) * leg.volatility * leg.volatility)
                        .sum();
                    parts[0] += 0.5 * gammas[i] * (next - s) * (next - s) - decay * s * s * dt;
                    let own = next * exp(asset.dividend_yield * dt) - s * exp(scenario.rate * dt);
                    let perpetual = asset.hedge_instrument == HedgeInstrument::Perpetual;
                    let held = if perpetual { next - s } else { own };
                    parts[1] += before.position[i] * held - target[i] * own;
                }
                sums[0] += growth(j) * parts[0];
                sums[1] += growth(j) * parts[1];
            }
            let so_far: f64 = step.costs.iter().sum();
            sums[2] -= growth(j) * (so_far - paid);
            paid = so_far;
            let gammas = (j < n).then(|| hedge(strategy, &legs, &step.price, j as u64, dt).1);
            steps.push(ExplainedStep { gammas, gamma: sums[0], position: sums[1], costs: sums[2] });
        }
        let premium = growth(0) * bought_at(scenario, strategy, &legs, recording)?;
        let [gamma, position, costs] = sums;
        let remainder = recording.deviation - (premium + gamma + position + costs);
        Some(Self { premium, gamma, position, costs, remainder, steps })
    }

    /// Names and values of the whole.
    pub fn parts(&self) -> [(&'static str, f64); 5] {
        [
            ("premium", self.premium),
            ("gamma", self.gamma),
            ("position", self.position),
            ("costs", self.costs),
            ("remainder", self.remainder),
        ]
    }

    /// Columns that a replay's table has besides, and their values by step.
    pub fn columns(&self, symbols: &[String]) -> (Vec<String>, Vec<Vec<Option<f64>>>) {
        let mut names: Vec<String> = if symbols.len() == 1 {
            vec!["gamma".into()]
        } else {
            symbols.iter().map(|symbol| format!("gamma_{symbol}")).collect()
        };
        names.extend(["explained_gamma", "explained_position", "explained_costs"].map(String::from));
        let row = |step: &ExplainedStep| {
            let none = vec![None; symbols.len()];
            let gammas = step.gammas.as_ref().map_or(none, |all| all.iter().copied().map(Some).collect());
            let sums = [step.gamma, step.position, step.costs].map(Some);
            gammas.into_iter().chain(sums).collect()
        };
        (names, self.steps.iter().map(row).collect())
    }
}

impl Leg {
    fn years(&self, j: u64, dt: f64) -> Option<f64> {
        (self.terms.expiry > j).then(|| (self.terms.expiry - j) as f64 * dt)
    }

    /// Gamma of the whole leg at step `j`; 0 once it has expired.
    fn gamma(&self, s: f64, j: u64, dt: f64) -> f64 {
        let of = |tau| self.terms.quantity * self.terms.delta_gamma(s, self.volatility, tau).1;
        self.years(j, dt).map_or(0.0, of)
    }
}

/// Every option leg at its constant hedge volatility.
fn legs(scenario: &Scenario, strategy: &Strategy, policy: usize) -> Option<Vec<Leg>> {
    let own = scenario.policies.get(policy)?.hedge_volatility.as_ref();
    let options = strategy.legs.iter().filter(|leg| leg.kind != LegKind::Spot);
    let leg = |leg: &crate::book::Leg| {
        let of_asset = match own {
            Some(own) => Some(&own[leg.asset]),
            None => strategy.hedge_volatility[leg.asset].as_ref(),
        };
        let ((Some(volatility), _) | (None, Some(&HedgeVolatility::Constant(volatility)))) =
            (leg.hedge_volatility, of_asset)
        else {
            return None;
        };
        let dividend_yield = scenario.assets[leg.asset].dividend_yield;
        Some(Leg { terms: LegTerms::new(leg, strategy.model_rate, dividend_yield)?, volatility })
    };
    options.map(leg).collect()
}

/// Target units and gamma of the book by asset at true prices.
fn hedge(strategy: &Strategy, legs: &[Leg], prices: &[f64], j: u64, dt: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut target, mut gammas) = (vec![0.0; prices.len()], vec![0.0; prices.len()]);
    for leg in strategy.legs.iter().filter(|leg| leg.kind == LegKind::Spot) {
        target[leg.asset] -= leg.quantity;
    }
    for leg in legs {
        let Some(tau) = leg.years(j, dt) else { continue };
        let asset = leg.terms.asset;
        let (delta, gamma) = leg.terms.delta_gamma(prices[asset], leg.volatility, tau);
        target[asset] -= leg.terms.quantity * delta;
        gammas[asset] += leg.terms.quantity * gamma;
    }
    (target, gammas)
}

/// Value of the book at the hedge volatility less its premiums, at the start.
fn bought_at(scenario: &Scenario, strategy: &Strategy, legs: &[Leg], recording: &Recording) -> Option<f64> {
    let (first, dt) = (recording.steps.first()?, scenario.run.grid.dt());
    let mut options = legs.iter();
    let mut sum = 0.0;
    for (leg, premium) in strategy.legs.iter().zip(recording.constants.premiums.as_ref()?) {
        let s = first.price[leg.asset];
        let value = if leg.kind == LegKind::Spot {
            s
        } else {
            let option = options.next()?;
            option.terms.price(s, option.volatility, leg.expiry as f64 * dt)
        };
        sum += leg.quantity * (value - premium);
    }
    Some(sum)
}
