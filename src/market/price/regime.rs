//! Volatility regimes: drift and volatility follow a Markov chain in continuous time.
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chain::{Chain, ChainState, stationary};
use crate::math::{B, Lanes};
use crate::units::{Grid, Period};

/// A log-normal price whose drift and volatility are those of the state that a Markov chain is in.
///
/// `dS = μ_k S dt + σ_k S dW` while the chain is in state k. A stay is exponential with the state's mean duration; then
/// the chain moves to another state, by the weights of `to` or to each other one alike. Steps are exact: a step during
/// which the chain moves has the drift and the variance of the time spent in each state,
/// `ln S += Σ_k (μ_k − σ_k²/2) τ_k + √(Σ_k σ_k² τ_k) Z`, `Σ τ_k = dt`.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `states` | | | 1 … 32 |
/// | `states.drift` | μ_k | per year | −100 … 100 |
/// | `states.volatility` | σ_k | per √year | 0 … 100 |
/// | `states.mean_duration` | | time | above 0 |
/// | `states.to` | | weights | at least 0 |
///
/// Draws one correlated normal per step (stream `Price`); per stay its state and its length (stream `Variance`, one for
/// all assets with `chain = "common"`). The price does not jump where the chain does. Where all drifts are μ,
/// `E(S_T) = S_0 e^{μT}`. Sources: Hamilton, Econometrica 57 (1989) 357–384; Hardy, North American Actuarial Journal
/// 5 (2001) 41–53.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// The states, each with a name.
    #[schemars(extend("minItems" = 1, "maxItems" = 32))]
    pub states: Vec<State>,
    /// State at the start by name, or "stationary": drawn from the long-run law of the chain; default "stationary".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Whose chain it is: the asset's own, or one common to all assets that say so; default "own".
    #[serde(default)]
    pub chain: Option<Sharing>,
}

/// One state of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its name.
    #[schemars(extend("format" = "x-symbol", "pattern" = "^[A-Za-z][A-Za-z0-9_-]*$"))]
    pub name: String,
    /// Annual drift of the price in this state.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Annual volatility in this state.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub volatility: f64,
    /// Mean length of a stay; need not be a whole number of steps.
    pub mean_duration: Period,
    /// Weights of the states that may follow, by name; default: all others alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, Weight>>")]
    pub to: Option<BTreeMap<String, f64>>,
}

/// Schema of a weight.
#[derive(JsonSchema)]
#[schemars(transparent, inline)]
struct Weight(
    #[schemars(range(min = 0.0, max = 1e9))]
    #[expect(dead_code, reason = "schema only")]
    f64,
);

/// Whose chain an asset follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// The asset's own.
    #[default]
    Own,
    /// One for all assets with this word.
    Common,
}

/// The word for a start from the long-run law.
pub const STATIONARY: &str = "stationary";

impl Regime {
    /// Index of the state at the start; `None` where it is drawn.
    pub fn start_index(&self) -> Option<usize> {
        let name = self.start.as_deref().filter(|name| *name != STATIONARY)?;
        self.states.iter().position(|state| state.name == name)
    }

    /// Whether the chain is the one that assets share.
    pub fn is_common(&self) -> bool {
        self.chain.unwrap_or_default() == Sharing::Common
    }

    /// Mean durations in years and rows of transition weights, each row of sum 1 (0 for a state that is never left).
    pub fn law(&self, grid: &Grid) -> (Vec<f64>, Vec<Vec<f64>>) {
        let durations = self.states.iter().map(|state| state.mean_duration.years(grid)).collect();
        let row = |(i, state): (usize, &State)| -> Vec<f64> {
            let weight = |(k, other): (usize, &State)| match &state.to {
                _ if k == i => 0.0,
                None => 1.0,
                Some(to) => to.get(&other.name).copied().unwrap_or(0.0),
            };
            let weights: Vec<f64> = self.states.iter().enumerate().map(weight).collect();
            let sum: f64 = weights.iter().sum();
            weights.iter().map(|weight| if sum > 0.0 { weight / sum } else { 0.0 }).collect()
        };
        (durations, self.states.iter().enumerate().map(row).collect())
    }

    /// Expected annual variance at the start.
    pub fn initial_variance(&self, grid: &Grid) -> f64 {
        let square = |state: &State| state.volatility * state.volatility;
        if let Some(start) = self.start_index() {
            return square(&self.states[start]);
        }
        let (durations, weights) = self.law(grid);
        stationary(&durations, &weights)
            .iter()
            .zip(&self.states)
            .map(|(share, state)| share * square(state))
            .sum()
    }

    /// The step over one step of the grid for the asset of that index, `strength` times as volatile.
    pub fn step(&self, grid: &Grid, strength: f64, asset: usize) -> Step {
        let dt = grid.dt();
        let (durations, weights) = self.law(grid);
        let in_steps: Vec<f64> = durations.iter().map(|years| years / dt).collect();
        Step {
            chain: Chain::new(&in_steps, &weights, self.start_index(), (!self.is_common()).then_some(asset)),
            drift: self.states.iter().map(|state| state.drift * dt).collect(),
            variance: self.states.iter().map(|state| state.volatility * state.volatility * dt).collect(),
            scale: self.states.iter().map(|state| state.volatility * dt.sqrt()).collect(),
            years: dt,
            strength,
        }
    }
}

/// The chain with what each of its states does to the price in one step.
#[derive(Debug, Clone)]
pub struct Step {
    chain: Chain,
    drift: Vec<f64>,
    variance: Vec<f64>,
    scale: Vec<f64>,
    years: f64,
    strength: f64,
}

/// Where every lane's chain stands, and what its state does to the price in this step.
#[derive(Debug, Clone)]
pub struct RegimeState {
    chain: ChainState,
    drift: Lanes,
    scale: Lanes,
}

impl Default for RegimeState {
    fn default() -> Self {
        Self { chain: ChainState::default(), drift: Lanes::ZERO, scale: Lanes::ZERO }
    }
}

impl Step {
    /// Draws every lane's first state.
    pub fn start(&self, seed: u64, first_path: u64, state: &mut RegimeState, variance: &mut Lanes) {
        self.chain.start(seed, first_path, &mut state.chain);
        for lane in 0..B {
            self.enter(lane, state, variance);
        }
    }

    /// Moves the log price of every lane to step `j`; `variance` is then the annual one of the state it is in.
    #[inline(always)]
    pub fn advance(
        &self,
        (seed, first_path): (u64, u64),
        j: u64,
        x: &mut Lanes,
        variance: &mut Lanes,
        state: &mut RegimeState,
        z: &Lanes,
    ) {
        let now = j as f64;
        let moves = state.chain.earliest() <= now;
        if moves {
            self.cross(seed, first_path, now, state);
        }
        let RegimeState { drift, scale, .. } = &*state;
        for lane in 0..B {
            let scale = self.strength * scale[lane];
            let half = (-0.5 * scale).mul_add(scale, drift[lane]);
            x[lane] = scale.mul_add(z[lane], x[lane] + half);
        }
        if moves {
            self.settle(state, variance);
        }
    }

    /// Lanes whose chain moves during the step that ends `now` take drift and variance by the time in each state.
    #[inline(never)]
    fn cross(&self, seed: u64, first_path: u64, now: f64, state: &mut RegimeState) {
        for lane in 0..B {
            if state.chain.until(lane) > now {
                continue;
            }
            let (mut from, mut drift, mut variance) = (now - 1.0, 0.0, 0.0);
            loop {
                let k = state.chain.at(lane);
                let to = state.chain.until(lane).min(now);
                drift += (to - from) * self.drift[k];
                variance += (to - from) * self.variance[k];
                from = to;
                if state.chain.until(lane) > now {
                    break;
                }
                self.chain.leave(seed, first_path, lane, &mut state.chain);
            }
            state.drift[lane] = drift;
            state.scale[lane] = variance.sqrt();
            state.chain.mark(lane);
        }
        state.chain.look_ahead();
    }

    /// Those lanes are in their new state from now on.
    #[inline(never)]
    fn settle(&self, state: &mut RegimeState, variance: &mut Lanes) {
        for lane in 0..B {
            if state.chain.unmark(lane) {
                self.enter(lane, state, variance);
            }
        }
    }

    fn enter(&self, lane: usize, state: &mut RegimeState, variance: &mut Lanes) {
        let k = state.chain.at(lane);
        state.drift[lane] = self.drift[k];
        state.scale[lane] = self.scale[k];
        variance[lane] = self.variance[k] / self.years;
    }
}
