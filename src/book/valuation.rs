//! Black–Scholes over a block: deltas, gammas and values of a strategy at one set of volatilities and one price view.
//!
//! Carries x = ln S, so that d1 = a·x + b with a and b once a step. Work that several policies share is one valuation.
use crate::book::options::{Leg, LegKind};
use crate::math::{B, Lanes, exp, ln, norm_cdf, norm_cdf_with};

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
        let near = slope.v < FAR;
        if wants.value && !near {
            add_value(leg, clock, slope, x, s, &mut net.value);
        }
        match (wants.gamma, wants.value && near) {
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
    let mut bells = Lanes::ZERO;
    for lane in 0..B {
        let d1 = slope.a.mul_add(x[lane], slope.b);
        let e = exp(-0.5 * d1 * d1);
        let cdf = norm_cdf_with(d1, e) - shift;
        target[lane] = (-weight).mul_add(cdf, target[lane]);
        if GAMMA {
            gamma[lane] = bell.mul_add(e / s[lane], gamma[lane]);
        }
        if VALUE {
            value[lane] = (weight * s[lane]).mul_add(cdf, value[lane]);
            bells[lane] = e;
        }
    }
    if VALUE {
        // the second probability reads the first one's bells
        let carry_over_strike = clock.carry / clock.discounted_strike;
        for lane in 0..B {
            let d2 = slope.a.mul_add(x[lane], slope.b) - slope.v;
            // φ(d2) = φ(d1) · S e^{−qτ}/(K e^{−rτ}); in this order, as φ(d1) may be 0 where the price is huge
            let cdf2 = norm_cdf_with(d2, bells[lane] * s[lane] * carry_over_strike) - shift;
            value[lane] = (-strike).mul_add(cdf2, value[lane]);
        }
    }
}

/// From this σ√τ on φ(d1) may be 0 where φ(d2) is not; below it Φ(d2) is 1 to the last bit wherever φ(d1) is inexact.
const FAR: f64 = 20.0;

/// The value of a leg of enormous volatility, with a bell for each of its probabilities.
#[inline(always)]
fn add_value(leg: &LegTerms, clock: &LegClock, slope: Slope, x: &Lanes, s: &Lanes, value: &mut Lanes) {
    let weight = leg.quantity * clock.carry;
    let strike = leg.quantity * clock.discounted_strike;
    for lane in 0..B {
        let d1 = slope.a.mul_add(x[lane], slope.b);
        let (cdf, cdf2) = (norm_cdf(d1) - leg.shift, norm_cdf(d1 - slope.v) - leg.shift);
        value[lane] += (weight * s[lane]).mul_add(cdf, -(strike * cdf2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One(Lanes, Lanes);
    impl Prices for One {
        fn x(&self, _: usize) -> &Lanes {
            &self.0
        }
        fn s(&self, _: usize) -> &Lanes {
            &self.1
        }
    }

    fn leg(kind: LegKind, quantity: f64) -> LegTerms {
        let leg = Leg {
            asset: 0,
            kind,
            strike: 100.0,
            quantity,
            expiry: 1,
            premium: None,
            premium_volatility: None,
            hedge_volatility: None,
            mark_volatility: 0.2,
        };
        LegTerms::new(&leg, 0.03, 0.01).expect("an option")
    }

    #[test]
    fn values_of_a_block_are_those_of_each_price() {
        // σ√τ from almost nothing to where the bell of one probability is 0 and that of the other is not
        for v in [1e-4, 0.01, 0.2, 1.0, 5.0, 19.9, 20.1, 76.0, 400.0] {
            for (tau, legs) in [
                (0.25, vec![leg(LegKind::Call, -2.0)]),
                (2.0, vec![leg(LegKind::Put, 3.0), leg(LegKind::Call, 1.0)]),
            ] {
                let sigma = v / f64::sqrt(tau);
                let clocks: Vec<LegClock> = legs.iter().map(|leg| leg.clock(0, tau)).collect();
                // from nearly the least double to nearly the largest
                let x =
                    Lanes::from(std::array::from_fn(|lane| ln(100.0) + (lane as f64 - 64.0).powi(3) / 400.0));
                let s = Lanes::from(x.map(exp));
                let mut net = Net::new(1);
                let wants = Wants { delta: true, value: true, ..Wants::default() };
                let volatility = vec![sigma; legs.len()];
                evaluate(&legs, &clocks, &volatility, &[0.0], &One(x, s), wants, &mut net);
                for lane in 0..B {
                    let wanted: f64 =
                        legs.iter().map(|leg| leg.quantity * leg.price(s[lane], sigma, tau)).sum();
                    let delta: f64 =
                        legs.iter().map(|leg| -leg.quantity * leg.delta_gamma(s[lane], sigma, tau).0).sum();
                    // d1 is a rounded ln(S/K)/v, to which both figures are as sensitive as the bell is
                    let size = (s[lane] + 100.0) * (1e-14 + 1e-15 * (x[lane].abs() + 5.0) / v);
                    assert!(
                        (net.value[lane] - wanted).abs() < size,
                        "{v}, {}: {} {wanted}",
                        s[lane],
                        net.value[lane]
                    );
                    let near = 1e-14 + 1e-15 * (x[lane].abs() + 5.0) / v;
                    assert!((net.target[0][lane] - delta).abs() < 4.0 * near, "{v}, {}", s[lane]);
                }
            }
        }
    }
}
