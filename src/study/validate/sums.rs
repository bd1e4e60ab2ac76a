//! Sums over the counted part of a path that no figure of a run holds: growth, excess over the benchmark, the martingale
//! in it, turnover and trades after the warm-up.
use crate::book::Target;
use crate::engine::{Glance, Watch};
use crate::market::price::Process;
use crate::math::{B, Lanes, ln};
use crate::scenario::Scenario;

/// A figure of one path under one policy, from the end of the warm-up to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// `ln(V_T/V_w)`.
    Growth,
    /// `ln(V_T/V_w) − ln(B_T/B_w)`.
    Excess,
    /// `Σ_j Σ_i x_i,j (ln(S_i,j+1/S_i,j) − E)`, x the weight gap after the trades of step j: its mean is 0, and it is
    /// most of the noise in the excess.
    Martingale,
    /// `Σ|q|S/V`.
    Turnover,
    /// Fills.
    Trades,
    /// `Σ over fills of V_0/V`, V the value after the fill: times a fixed fee as a share of V_0, its sum as shares of V.
    TradesPerValue,
}

const FIGURES: usize = 6;

impl Figure {
    /// Its column in a run of so many assets.
    pub(super) fn column(self, n_assets: usize, policy: usize) -> usize {
        n_assets + FIGURES * policy + self as usize
    }
}

/// One policy.
#[derive(Debug, Clone)]
struct PolicySums {
    figures: [Lanes; FIGURES],
    /// Weight gaps after the trades of the step before, by asset.
    gaps: Vec<Lanes>,
    /// Trades up to the step before.
    trades: Lanes,
    /// Logarithms of value and value over benchmark, and turnover and trades, at the end of the warm-up.
    start: [Lanes; 4],
}

/// The watch that keeps them; gbm assets of a basket.
#[derive(Debug, Clone)]
pub(super) struct PathSums {
    weights: Vec<f64>,
    /// Mean log change a year, by asset.
    drifts: Vec<f64>,
    value: f64,
    log_start: Vec<Lanes>,
    log_before: Vec<Lanes>,
    log_change: Vec<Lanes>,
    policies: Vec<PolicySums>,
}

impl PathSums {
    /// For the paths of a scenario.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let (weights, value) = match &scenario.target {
            Target::Basket(basket) => (basket.weights.clone(), basket.value),
            Target::Options(_) => (vec![0.0; scenario.assets.len()], 1.0),
        };
        let drift = |process: &Process| match process {
            Process::Gbm(gbm) => gbm.drift - 0.5 * gbm.volatility * gbm.volatility,
            _ => f64::NAN,
        };
        let n = scenario.assets.len();
        let policy = PolicySums {
            figures: [Lanes::ZERO; FIGURES],
            gaps: vec![Lanes::ZERO; n],
            trades: Lanes::ZERO,
            start: [Lanes::ZERO; 4],
        };
        Self {
            weights,
            value,
            drifts: scenario.assets.iter().map(|asset| drift(&asset.process)).collect(),
            log_start: vec![Lanes::ZERO; n],
            log_before: vec![Lanes::ZERO; n],
            log_change: vec![Lanes::ZERO; n],
            policies: vec![policy; scenario.policies.len()],
        }
    }

    /// Adds the step that ends here to the martingale.
    fn move_on(&mut self, glance: &Glance) {
        for (i, drift) in self.drifts.iter().enumerate() {
            let (log, mean) = (glance.log_price(i), drift * glance.dt());
            for lane in 0..B {
                let change = log[lane] - self.log_before[i][lane] - mean;
                for policy in &mut self.policies {
                    policy.figures[Figure::Martingale as usize][lane] += policy.gaps[i][lane] * change;
                }
            }
        }
    }

    /// Adds the fills of this step by the value they were made at.
    fn note_fills(&mut self, glance: &Glance) {
        for (p, policy) in self.policies.iter_mut().enumerate() {
            let now = total_trades(glance, p, self.weights.len());
            let mark = glance.mark(p);
            for lane in 0..B {
                let fills = now[lane] - policy.trades[lane];
                if fills > 0.0 {
                    policy.figures[Figure::TradesPerValue as usize][lane] += fills * self.value / mark[lane];
                }
            }
        }
    }

    /// Keeps what the next step needs.
    fn keep(&mut self, glance: &Glance) {
        for (i, weight) in self.weights.iter().enumerate() {
            let price = glance.price(i);
            self.log_before[i] = *glance.log_price(i);
            for (p, policy) in self.policies.iter_mut().enumerate() {
                let (held, mark) = (glance.held(p, i), glance.mark(p));
                for lane in 0..B {
                    policy.gaps[i][lane] = held[lane] * price[lane] / mark[lane] - weight;
                }
            }
        }
        let n_assets = self.weights.len();
        for (p, policy) in self.policies.iter_mut().enumerate() {
            policy.trades = total_trades(glance, p, n_assets);
        }
    }

    /// The end of the warm-up is the start of what counts.
    fn begin(&mut self, glance: &Glance) {
        let n_assets = self.weights.len();
        for (i, start) in self.log_start.iter_mut().enumerate() {
            *start = *glance.log_price(i);
        }
        for (p, policy) in self.policies.iter_mut().enumerate() {
            policy.figures = [Lanes::ZERO; FIGURES];
            policy.start = levels(glance, p, n_assets);
        }
    }

    fn end(&mut self, glance: &Glance) {
        let n_assets = self.weights.len();
        for (i, change) in self.log_change.iter_mut().enumerate() {
            for lane in 0..B {
                change[lane] = glance.log_price(i)[lane] - self.log_start[i][lane];
            }
        }
        let order = [Figure::Growth, Figure::Excess, Figure::Turnover, Figure::Trades];
        for (p, policy) in self.policies.iter_mut().enumerate() {
            let end = levels(glance, p, n_assets);
            for (k, figure) in order.into_iter().enumerate() {
                for lane in 0..B {
                    policy.figures[figure as usize][lane] = end[k][lane] - policy.start[k][lane];
                }
            }
        }
    }
}

/// ln V, ln V/B, turnover and trades so far.
fn levels(glance: &Glance, policy: usize, n_assets: usize) -> [Lanes; 4] {
    let (mut growth, mut excess) = (Lanes::ZERO, Lanes::ZERO);
    let (mark, benchmark) = (glance.mark(policy), glance.benchmark());
    for lane in 0..B {
        growth[lane] = ln(mark[lane]);
        excess[lane] = ln(mark[lane] / benchmark[lane]);
    }
    [growth, excess, *glance.turnover_weight(policy), total_trades(glance, policy, n_assets)]
}

fn total_trades(glance: &Glance, policy: usize, n_assets: usize) -> Lanes {
    let mut total = Lanes::ZERO;
    for i in 0..n_assets {
        for lane in 0..B {
            total[lane] += glance.trades(policy, i)[lane];
        }
    }
    total
}

impl Watch for PathSums {
    fn after_step(&mut self, glance: &Glance<'_>) {
        let j = glance.step();
        if j > glance.warmup() {
            self.move_on(glance);
            self.note_fills(glance);
        }
        self.keep(glance);
        if j == glance.warmup() {
            self.begin(glance);
        }
        if j == glance.last() {
            self.end(glance);
        }
    }

    fn columns(&self) -> Vec<Lanes> {
        let policies = self.policies.iter().flat_map(|policy| policy.figures);
        self.log_change.iter().copied().chain(policies).collect()
    }
}
