//! Black–Scholes over a block: deltas, gammas and values of a strategy at one set of volatilities and one price view.
//!
//! Carries x = ln S, so that d1 = a·x + b with a and b once a step. Work that several policies share is one valuation.
use crate::book::options::{Leg, LegKind};
use crate::math::{B, Lanes, exp, ln, norm_cdf, norm_cdf_with, select};

pub(super) const SQRT_TWO_PI: f64 = 2.506_628_274_631_000_5;

/// A leg as the valuation needs it; holdings have no terms (delta 1, gamma 0).
#[derive(Debug, Clone, Copy)]
pub struct LegTerms {
    /// Index of its asset.
    pub asset: usize,
    /// Units; negative is short.
    pub quantity: f64,
    /// 0 for a call, 1 for a put: `Δ = e^{−qτ}(Φ(d1) − shift)`.
    pub(super) shift: f64,
    strike: f64,
    ln_strike: f64,
    dividend_yield: f64,
    model_rate: f64,
    /// Step of expiry.
    pub expiry: u64,
}

/// What a leg shares among all valuations of a step.
#[derive(Debug, Clone, Copy, Default)]
pub struct LegClock {
    pub(super) root_tau: f64,
    /// e^{−qτ}.
    pub(super) carry: f64,
    /// K e^{−rτ}.
    discounted_strike: f64,
    /// (r − q)τ − ln K.
    pub(super) forward: f64,
    /// The leg has not expired.
    pub live: bool,
}

/// d1 = a·x + b, v = σ√τ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slope {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) v: f64,
}

impl LegTerms {
    /// Terms of a call or put; `None` for a holding.
    pub fn new(leg: &Leg, model_rate: f64, dividend_yield: f64) -> Option<Self> {
        let shift = match leg.kind {
            LegKind::Call => 0.0,
            LegKind::Put => 1.0,
            LegKind::Spot => return None,
        };
        Some(Self {
            asset: leg.asset,
            quantity: leg.quantity,
            shift,
            strike: leg.strike,
            ln_strike: ln(leg.strike),
            dividend_yield,
            model_rate,
            expiry: leg.expiry,
        })
    }

    /// What the leg needs at step `j` of a grid of `dt` years.
    #[inline(always)]
    pub fn clock(&self, j: u64, dt: f64) -> LegClock {
        if j >= self.expiry {
            return LegClock::default();
        }
        let tau = (self.expiry - j) as f64 * dt;
        LegClock {
            root_tau: tau.sqrt(),
            carry: exp(-self.dividend_yield * tau),
            discounted_strike: self.strike * exp(-self.model_rate * tau),
            forward: (self.model_rate - self.dividend_yield).mul_add(tau, -self.ln_strike),
            live: true,
        }
    }

    /// Intrinsic value per unit at price `s`.
    #[inline(always)]
    pub fn payoff(&self, s: f64) -> f64 {
        let inner = if self.shift == 0.0 { s - self.strike } else { self.strike - s };
        if inner > 0.0 { inner } else { 0.0 }
    }

    /// d1 and σ√τ at price `s`.
    fn moneyness(&self, s: f64, sigma: f64, tau: f64) -> (f64, f64) {
        let v = sigma * tau.sqrt();
        ((ln(s) - self.ln_strike + (self.model_rate - self.dividend_yield) * tau) / v + 0.5 * v, v)
    }

    /// Black–Scholes delta and gamma per unit at price `s`, volatility `sigma`, `tau` years before expiry.
    pub fn delta_gamma(&self, s: f64, sigma: f64, tau: f64) -> (f64, f64) {
        let (d1, v) = self.moneyness(s, sigma, tau);
        let carry = exp(-self.dividend_yield * tau);
        (carry * (norm_cdf(d1) - self.shift), carry * exp(-0.5 * d1 * d1) / (SQRT_TWO_PI * s * v))
    }

    /// Black–Scholes value per unit at price `s`, volatility `sigma`, `tau` years before expiry.
    pub fn price(&self, s: f64, sigma: f64, tau: f64) -> f64 {
        let (d1, v) = self.moneyness(s, sigma, tau);
        let carry = exp(-self.dividend_yield * tau);
        let discounted_strike = self.strike * exp(-self.model_rate * tau);
        s * carry * (norm_cdf(d1) - self.shift) - discounted_strike * (norm_cdf(d1 - v) - self.shift)
    }
}

impl LegClock {
    #[inline(always)]
    pub(super) fn slope(&self, sigma: f64) -> Slope {
        let v = sigma * self.root_tau;
        let a = 1.0 / v;
        Slope { a, b: a.mul_add(self.forward, 0.5 * v), v }
    }
}

/// What a step asks of a valuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent wishes")]
pub struct Wants {
    /// Net delta by asset.
    pub delta: bool,
    /// Net gamma by asset.
    pub gamma: bool,
    /// Net value of all live legs.
    pub value: bool,
    /// Whalley–Wilmott half-width without its factor, by asset.
    pub width: bool,
}

impl Wants {
    /// Both what `self` and what `other` asks.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            delta: self.delta | other.delta,
            gamma: self.gamma | other.gamma,
            value: self.value | other.value,
            width: self.width | other.width,
        }
    }
}

/// Net figures of a strategy over a block. Shapes: `[asset][lane]`, `[lane]`.
#[derive(Debug, Clone)]
pub struct Net {
    /// Target hedge `−Σ quantity Δ` by asset.
    pub target: Vec<Lanes>,
    /// Position gamma `Σ quantity Γ` by asset.
    pub gamma: Vec<Lanes>,
    /// `(e^{−rτ} S Γ²)^{1/3}` by asset: see [`super::width`].
    pub width: Vec<Lanes>,
    /// Value of the live options.
    pub value: Lanes,
}

impl Net {
    /// Room for that many assets.
    pub fn new(n_assets: usize) -> Self {
        let each = || vec![Lanes::ZERO; n_assets];
        Self { target: each(), gamma: each(), width: each(), value: Lanes::ZERO }
    }
}

/// Log prices and prices by asset, as seen or true.
pub trait Prices {
    /// Log prices of one asset.
    fn x(&self, asset: usize) -> &Lanes;
    /// Prices of one asset.
    fn s(&self, asset: usize) -> &Lanes;
}

/// Evaluates all live legs at `volatility[leg]`; `holdings[asset]` are the units of the asset itself in the strategy.
#[inline(always)]
pub fn evaluate<P: Prices>(
    legs: &[LegTerms],
    clocks: &[LegClock],
    volatility: &[f64],
    holdings: &[f64],
    prices: &P,
    wants: Wants,
    net: &mut Net,
) {
    for (target, holding) in net.target.iter_mut().zip(holdings) {
        *target = Lanes::splat(-holding);
    }
    if wants.gamma {
        net.gamma.fill(Lanes::ZERO);
    }
    if wants.value {
        net.value = Lanes::ZERO;
    }
    for (k, leg) in legs.iter().enumerate() {
        let clock = &clocks[k];
        if !clock.live {
            continue;
        }
        let slope = clock.slope(volatility[k]);
        let (x, s) = (prices.x(leg.asset), prices.s(leg.asset));
        let target = &mut net.target[leg.asset];
        let gamma = &mut net.gamma[leg.asset];
        match (wants.gamma, wants.value) {
            (false, false) => add::<false, false>(leg, clock, slope, x, s, target, gamma, &mut net.value),
            (true, false) => add::<true, false>(leg, clock, slope, x, s, target, gamma, &mut net.value),
            (false, true) => add::<false, true>(leg, clock, slope, x, s, target, gamma, &mut net.value),
            (true, true) => add::<true, true>(leg, clock, slope, x, s, target, gamma, &mut net.value),
        }
    }
}

#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one loop over plain lanes; a struct would only rename them")]
fn add<const GAMMA: bool, const VALUE: bool>(
    leg: &LegTerms,
    clock: &LegClock,
    slope: Slope,
    x: &Lanes,
    s: &Lanes,
    target: &mut Lanes,
    gamma: &mut Lanes,
    value: &mut Lanes,
) {
    let weight = leg.quantity * clock.carry;
    let shift = leg.shift;
    let bell = weight / (SQRT_TWO_PI * slope.v);
    let strike = leg.quantity * clock.discounted_strike;
    for lane in 0..B {
        let d1 = slope.a.mul_add(x[lane], slope.b);
        let e = exp(-0.5 * d1 * d1);
        let cdf = norm_cdf_with(d1, e) - shift;
        target[lane] = (-weight).mul_add(cdf, target[lane]);
        if GAMMA {
            gamma[lane] = bell.mul_add(e / s[lane], gamma[lane]);
        }
        if VALUE {
            let cdf2 = norm_cdf(d1 - slope.v) - shift;
            value[lane] += (weight * s[lane]).mul_add(cdf, -(strike * cdf2));
        }
    }
}

/// Leland's volatilities of every leg: where the net gamma is negative, zero, positive.
#[derive(Debug, Clone)]
pub struct LelandVolatility {
    /// By leg: `[short gamma, no gamma, long gamma]`.
    by_leg: Vec<[f64; 3]>,
}

/// Leland's volatilities for one hedge volatility: where the net gamma is negative, zero, positive.
#[inline(always)]
pub(super) fn leland(sigma: f64, cost: f64, root_interval: f64) -> [f64; 3] {
    // sqrt(8/π)
    const FACTOR: f64 = 1.595_769_121_605_730_7;
    let number = FACTOR * cost / (sigma * root_interval);
    let floor = |x: f64| if x > 0.01 { x } else { 0.01 };
    [sigma * floor(1.0 + number).sqrt(), sigma, sigma * floor(1.0 - number).sqrt()]
}

impl LelandVolatility {
    /// From the hedge volatilities and one-way costs by leg, and the rebalancing interval in years.
    pub fn new(volatility: &[f64], cost: &[f64], interval: f64) -> Self {
        let root = interval.sqrt();
        let by_leg = volatility.iter().zip(cost).map(|(sigma, cost)| leland(*sigma, *cost, root)).collect();
        Self { by_leg }
    }
}

/// Targets at Leland's volatility, chosen lane by lane from the sign of `gamma[asset]`.
#[inline(always)]
pub fn evaluate_leland<P: Prices>(
    legs: &[LegTerms],
    clocks: &[LegClock],
    volatility: &LelandVolatility,
    holdings: &[f64],
    prices: &P,
    gamma: &[Lanes],
    target: &mut [Lanes],
) {
    for (target, holding) in target.iter_mut().zip(holdings) {
        *target = Lanes::splat(-holding);
    }
    for (k, leg) in legs.iter().enumerate() {
        let clock = &clocks[k];
        if !clock.live {
            continue;
        }
        let [short, none, long] = volatility.by_leg[k].map(|sigma| clock.slope(sigma));
        let (x, sign, target) = (prices.x(leg.asset), &gamma[leg.asset], &mut target[leg.asset]);
        let weight = leg.quantity * clock.carry;
        for lane in 0..B {
            let (is_short, is_long) = (sign[lane] < 0.0, sign[lane] > 0.0);
            let pick =
                |short: f64, none: f64, long: f64| select(is_short, short, select(is_long, long, none));
            let (a, b) = (pick(short.a, none.a, long.a), pick(short.b, none.b, long.b));
            let d1 = a.mul_add(x[lane], b);
            let cdf = norm_cdf_with(d1, exp(-0.5 * d1 * d1)) - leg.shift;
            target[lane] = (-weight).mul_add(cdf, target[lane]);
        }
    }
}
