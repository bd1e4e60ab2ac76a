//! The value a basket is measured against: frictionless, at true prices, over a block of paths.
use crate::book::basket::{Basket, Benchmark};
use crate::math::{B, Lanes, exp};

/// A benchmark ready to be stepped.
#[derive(Debug, Clone)]
pub struct Track {
    kind: Benchmark,
    value: f64,
    weights: Vec<f64>,
    cash: f64,
    /// e^{q_i dt} by asset.
    step_yield: Vec<f64>,
    step_interest: f64,
    dividend_yields: Vec<f64>,
    rate: f64,
    /// ln S_i0 by asset.
    x0: Vec<f64>,
    s0: Vec<f64>,
    /// (Σ w σ² − w'Σw)/2 + (1 − Σw) r + Σ w q: the exponent per year beside Σ w ln(S/S0).
    growth: f64,
    dt: f64,
}

/// What a track needs of the market.
#[derive(Debug, Clone, Copy)]
pub struct TrackTerms<'a> {
    /// Price and log price at the start, by asset.
    pub start: &'a [(f64, f64)],
    /// Dividend yield by asset.
    pub dividend_yields: &'a [f64],
    /// Volatility by asset, where the benchmark needs it.
    pub volatilities: &'a [f64],
    /// Correlation matrix by rows.
    pub correlation: &'a [Vec<f64>],
    /// Rate on cash.
    pub rate: f64,
    /// One step in years.
    pub dt: f64,
}

impl Track {
    /// The benchmark of a basket.
    pub fn new(basket: &Basket, terms: TrackTerms) -> Self {
        let w = &basket.weights;
        let cash = 1.0 - w.iter().sum::<f64>();
        let mut growth = cash * terms.rate;
        if basket.benchmark == Benchmark::ConstantMixContinuous {
            let sigma = terms.volatilities;
            for i in 0..w.len() {
                growth += 0.5 * w[i] * sigma[i] * sigma[i] + w[i] * terms.dividend_yields[i];
                for k in 0..w.len() {
                    growth -= 0.5 * w[i] * w[k] * sigma[i] * sigma[k] * terms.correlation[i][k];
                }
            }
        }
        Self {
            kind: basket.benchmark,
            value: basket.value,
            weights: w.clone(),
            cash,
            step_yield: terms.dividend_yields.iter().map(|q| exp(q * terms.dt)).collect(),
            step_interest: exp(terms.rate * terms.dt),
            dividend_yields: terms.dividend_yields.to_vec(),
            rate: terms.rate,
            x0: terms.start.iter().map(|(_, x)| *x).collect(),
            s0: terms.start.iter().map(|(s, _)| *s).collect(),
            growth,
            dt: terms.dt,
        }
    }

    /// Whether the value of a step needs the one before it.
    pub fn is_recursive(&self) -> bool {
        self.kind == Benchmark::ConstantMixStep
    }

    /// Value of one unit of the market at the start.
    pub fn start(&self, value: &mut Lanes) {
        *value = Lanes::splat(self.value);
    }

    /// Moves the benchmark to step `j`.
    #[inline(always)]
    pub fn advance<'a, P: TrackPrices<'a>>(&self, j: u64, prices: &P, value: &mut Lanes) {
        let t = j as f64 * self.dt;
        match self.kind {
            Benchmark::ConstantMixStep => self.rebalance(prices, value),
            Benchmark::ConstantMixContinuous => self.mix_logs(t, prices, value),
            Benchmark::BuyAndHold => self.hold(t, prices, value),
        }
    }

    /// `c e^{r dt}`: what cash adds to the growth of a step.
    #[inline(always)]
    pub fn interest(&self) -> f64 {
        self.cash * self.step_interest
    }

    /// `w_i e^{q_i dt}` by asset: what the growth of its price adds to that of a step.
    #[inline(always)]
    pub fn factors(&self) -> impl Iterator<Item = f64> {
        self.weights.iter().zip(&self.step_yield).map(|(weight, growth)| weight * growth)
    }

    /// `V ← V (Σ w_i e^{q_i dt} S_i/S_i⁻ + c e^{r dt})`.
    #[inline(always)]
    fn rebalance<'a, P: TrackPrices<'a>>(&self, prices: &P, value: &mut Lanes) {
        let mut sum = Lanes::splat(self.interest());
        for (i, factor) in self.factors().enumerate() {
            let (s, before) = (prices.s(i), prices.before(i));
            for lane in 0..B {
                sum[lane] = factor.mul_add(s[lane] / before[lane], sum[lane]);
            }
        }
        for lane in 0..B {
            value[lane] *= sum[lane];
        }
    }

    /// `V_0 exp(Σ w_i ln(S_i/S_i0) + g t)`, `g` the growth that a continuous mix earns beside.
    #[inline(always)]
    fn mix_logs<'a, P: TrackPrices<'a>>(&self, t: f64, prices: &P, value: &mut Lanes) {
        let mut sum = Lanes::ZERO;
        for (i, weight) in self.weights.iter().enumerate() {
            let (x, x0) = (prices.x(i), self.x0[i]);
            for lane in 0..B {
                sum[lane] = weight.mul_add(x[lane] - x0, sum[lane]);
            }
        }
        for lane in 0..B {
            value[lane] = self.value * exp(sum[lane] + self.growth * t);
        }
    }

    /// `V_0 (Σ w_i e^{q_i t} S_i/S_i0 + c e^{r t})`.
    #[inline(always)]
    fn hold<'a, P: TrackPrices<'a>>(&self, t: f64, prices: &P, value: &mut Lanes) {
        let mut sum = Lanes::ZERO;
        let cash = self.cash * exp(self.rate * t);
        for (i, weight) in self.weights.iter().enumerate() {
            let s = prices.s(i);
            let factor = weight * exp(self.dividend_yields[i] * t) / self.s0[i];
            for lane in 0..B {
                sum[lane] = factor.mul_add(s[lane], sum[lane]);
            }
        }
        for lane in 0..B {
            value[lane] = self.value * (sum[lane] + cash);
        }
    }
}

/// True prices by asset, as a benchmark reads them.
pub trait TrackPrices<'a> {
    /// Log price.
    fn x(&self, asset: usize) -> &'a Lanes;
    /// Price.
    fn s(&self, asset: usize) -> &'a Lanes;
    /// Price one step before.
    fn before(&self, asset: usize) -> &'a Lanes;
}
