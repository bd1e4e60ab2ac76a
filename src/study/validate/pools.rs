//! Liquidity provision: what arbitrage takes from a pool, without fees at every step and with fees at every block.
use super::quadrature::BETA;
use super::setting::{Measured, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};
use crate::engine::{Execution, RunError, ordered_map};
use crate::market::cost::PoolTerms;
use crate::math::{exp, ln, norm_inv};
use crate::rng::{Purpose, Stream, draw, unit};

const LVR: &str = "Milionis, Moallemi, Roughgarden and Zhang (2022), arXiv 2208.06046";
const FEES: &str = "Milionis, Moallemi and Roughgarden (2023), arXiv 2305.14604";
const FIXED: &str = "Nezlobin and Tassy (2025), arXiv 2505.05113, who write the fee as the full spread 2g";

const SIGMA: f64 = 0.8;
/// Weight of the weighted pool.
const THETA: f64 = 0.8;
const HOW: &str =
    "the engine's random numbers and its constant-product pool; blocks of their own, which no scenario has";

/// Fee g of one side and volatility of a mean block, both in logs.
#[derive(Debug, Clone, Copy)]
struct Blocks {
    fee: f64,
    sigma: f64,
    /// Exponential times between blocks, or equal ones.
    poisson: bool,
    paths: u64,
}

const WIDE: Blocks = Blocks { fee: 0.003, sigma: 0.0005, poisson: true, paths: 6144 };
const NARROW: Blocks = Blocks { fee: 0.0005, sigma: 0.001, poisson: true, paths: 512 };
const CLOCKED: Blocks = Blocks { fee: 0.003, sigma: 0.0005, poisson: false, paths: 4096 };
const EVEN: Blocks = Blocks { fee: 0.0005, sigma: 0.0005, poisson: false, paths: 1024 };

impl Blocks {
    /// P(trade in a block).
    fn chance(self) -> f64 {
        let ratio = self.fee / self.sigma;
        1.0 / (1.0 + if self.poisson { 2_f64.sqrt() * ratio } else { ratio / BETA })
    }

    /// Arbitrage gain over the pool's value a block.
    fn gain(self) -> f64 {
        self.sigma * self.sigma / 8.0 * self.chance()
    }
}

const fn check(
    id: &'static str,
    what: &'static str,
    formula: &'static str,
    theory: fn() -> f64,
    percent: f64,
    source: &'static str,
) -> Check {
    Check { id, what, formula, theory, tolerance: Tolerance::Share(percent / 100.0), source }
}

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        checks: &[
            check(
                "E1",
                "loss against rebalancing / (value·y), 50/50 pool",
                "σ²/8",
                || SIGMA * SIGMA / 8.0,
                0.5,
                LVR,
            ),
            check(
                "E2",
                "same, weighted pool θ = .8",
                "θ(1 − θ)σ²/2",
                || THETA * (1.0 - THETA) * SIGMA * SIGMA / 2.0,
                0.5,
                LVR,
            ),
        ],
        quick: true,
        setting: Setting::Direct { how: HOW, measure: without_fees },
    },
    Experiment {
        checks: &[
            check(
                "E3a",
                "P(trade in a block), Poisson blocks, g = 6σ_b",
                "1/(1 + √2g/σ_b)",
                || WIDE.chance(),
                0.5,
                FEES,
            ),
            check(
                "E4a",
                "arbitrage gain / value a block, Poisson, g = 6σ_b",
                "σ_b²/8 ÷ (1 + √2g/σ_b)",
                || WIDE.gain(),
                0.5,
                FEES,
            ),
        ],
        quick: false,
        setting: Setting::Direct { how: HOW, measure: |execution| with_fees(WIDE, execution) },
    },
    Experiment {
        checks: &[check(
            "E3b",
            "P(trade in a block), Poisson blocks, g = σ_b/2",
            "1/(1 + √2g/σ_b)",
            || NARROW.chance(),
            0.5,
            FEES,
        )],
        quick: true,
        setting: Setting::Direct {
            how: HOW,
            measure: |execution| Ok(vec![with_fees(NARROW, execution)?[0]]),
        },
    },
    Experiment {
        checks: &[check(
            "E4b",
            "arbitrage gain / value a block, fixed blocks, g = 6σ_b",
            "σ_b²/8 ÷ (1 + g/(βσ_b))",
            || CLOCKED.gain(),
            0.7,
            FIXED,
        )],
        quick: false,
        setting: Setting::Direct {
            how: HOW,
            measure: |execution| Ok(vec![with_fees(CLOCKED, execution)?[1]]),
        },
    },
    Experiment {
        checks: &[check("E4c", "same, g = σ_b", "σ_b²/8 ÷ (1 + g/(βσ_b))", || EVEN.gain(), 0.5, FIXED)],
        quick: true,
        setting: Setting::Direct { how: HOW, measure: |execution| Ok(vec![with_fees(EVEN, execution)?[1]]) },
    },
];

const SEED: u64 = 37;
/// Steps of a path.
const STEPS: u32 = 8192;

/// What a trader gains who brings a constant-product pool from price `from` (fee-free, 1 of quote on its side) to the
/// price at which another unit gains nothing, with the market at `market`; and the pool's price after.
///
/// `None` where even the first unit gains nothing: the market is within the fee `g` (in logs) of the pool.
fn arbitrage(from: f64, market: f64, g: f64) -> Option<(f64, f64)> {
    let (up, down) = (exp(g), exp(-g));
    let pool = PoolTerms { depth: 1.0, fee: 1.0 - down, persistent: true };
    let after = pool.arbitraged(from, market);
    if after == from {
        return None;
    }
    // reserves of a pool of liquidity √(1·1/from)·…: quote 1, units 1/from; along the curve units go as 1/√price
    let units = (1.0 - (from / after).sqrt()) / from;
    if units > 0.0 {
        let cost = pool.cost(units, from)?;
        Some((units * market - (units * from + cost.impact + cost.fee), after))
    } else {
        // what enters the curve is what is left of the sale after the fee
        let sold = -units * up;
        let cost = pool.cost(-sold, from)?;
        Some((sold * from - cost.impact - cost.fee - sold * market, after))
    }
}

/// E1 by the pool of the engine, E2 by the invariant: a year of steps of σ√dt, traded to the market at each.
fn without_fees(execution: &Execution) -> Result<Vec<Measured>, RunError> {
    let dt = 1.0 / f64::from(STEPS);
    let (drift, root) = (-0.5 * SIGMA * SIGMA * dt, SIGMA * dt.sqrt());
    let losses = ordered_map(execution.threads, 2048, |path| {
        let (mut even, mut weighted) = (0.0, 0.0);
        for step in 0..STEPS {
            let z = norm_inv(unit(draw(SEED, Stream::new(Purpose::Price, 0), path, step).0));
            let change = exp(root.mul_add(z, drift));
            // the law of the loss over the value does not depend on the price: every step starts at 1
            even += arbitrage(1.0, change, 0.0).map_or(0.0, |(gain, _)| gain) / 2.0;
            // value of a pool of units^θ quote^(1 − θ) goes as price^θ; the rebalancer earns θ of the return
            let power = exp(THETA * root.mul_add(z, drift));
            weighted += THETA * (change - 1.0) - (power - 1.0);
        }
        (even, weighted)
    })?;
    let (even, weighted): (Vec<f64>, Vec<f64>) = losses.into_iter().unzip();
    Ok(vec![Measured::mean(&even), Measured::mean(&weighted)])
}

/// Share of blocks with a trade, and gain over value a block. The pool starts at the market; its first tenth is left out.
fn with_fees(blocks: Blocks, execution: &Execution) -> Result<Vec<Measured>, RunError> {
    let found = ordered_map(execution.threads, blocks.paths, |path| {
        let (mut log, mut pool) = (0.0_f64, 1.0);
        let (mut trades, mut gains) = (0.0, 0.0);
        let burn_in = STEPS / 10;
        for step in 0..STEPS {
            let (first, second) = draw(SEED, Stream::new(Purpose::Price, 1), path, step);
            let wait = if blocks.poisson { -ln(unit(second)) } else { 1.0 };
            log += blocks.sigma * wait.sqrt() * norm_inv(unit(first));
            let market = exp(log);
            if let Some((gain, after)) = arbitrage(pool, market, blocks.fee) {
                if step >= burn_in {
                    trades += 1.0;
                    // the pool of 1 of quote holds as much again in units
                    gains += gain / 2.0;
                }
                pool = after;
            }
        }
        let n = f64::from(STEPS - burn_in);
        (trades / n, gains / n)
    })?;
    let (trades, gains): (Vec<f64>, Vec<f64>) = found.into_iter().unzip();
    Ok(vec![Measured::mean(&trades), Measured::mean(&gains)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_ends_where_another_unit_gains_nothing() {
        for (market, g) in [(1.1, 0.003), (0.9, 0.003), (1.05, 0.0), (0.95, 0.0)] {
            let (gain, after) = arbitrage(1.0, market, g).expect("the market has left the fee");
            assert!(gain > 0.0);
            // the gain as an integral of the marginal price along the curve
            let steps = 20_000;
            let (mut sum, mut price) = (0.0, 1.0);
            let ratio = exp(ln(after) / f64::from(steps));
            for _ in 0..steps {
                let next: f64 = price * ratio;
                let units = 1.0 / f64::sqrt(price) - 1.0 / next.sqrt();
                let paid = next.sqrt() - f64::sqrt(price);
                sum += if units > 0.0 {
                    units * market - paid * exp(g)
                } else {
                    -paid + units * market * exp(g)
                };
                price = next;
            }
            assert!((gain / sum - 1.0).abs() < 1e-6, "{market} {g}: {gain} for {sum}");
        }
        assert!(arbitrage(1.0, 1.0025, 0.003).is_none() && arbitrage(1.0, 0.9975, 0.003).is_none());
    }
}
