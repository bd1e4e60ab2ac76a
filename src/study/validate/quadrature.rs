//! Integrals behind the theories: Simpson's rule, and the exact moments of a discrete hedge.
use crate::math::{exp, ln, norm_cdf, norm_pdf};

/// −ζ(1/2)/√(2π): what watching on a grid adds to a barrier, in standard deviations of a step.
pub(super) const BETA: f64 = 0.582_597_157_939_010_7;

/// Simpson's rule on `n` (even) intervals.
pub(super) fn simpson(from: f64, to: f64, n: u32, f: impl Fn(f64) -> f64) -> f64 {
    let h = (to - from) / f64::from(n);
    let weight = |i: u32| if i == 0 || i == n { 1.0 } else { 2.0 + 2.0 * f64::from(i % 2) };
    (0..=n).map(|i| weight(i) * f(h.mul_add(f64::from(i), from))).sum::<f64>() * h / 3.0
}

/// E f(Z) of a standard normal.
pub(super) fn expect_normal(n: u32, f: impl Fn(f64) -> f64) -> f64 {
    simpson(-8.0, 8.0, n, |z| norm_pdf(z) * f(z))
}

/// Positive cube root.
pub(super) fn cube_root(x: f64) -> f64 {
    exp(ln(x) / 3.0)
}

/// A call under Black and Scholes, without yield.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) spot: f64,
    pub(super) strike: f64,
    pub(super) rate: f64,
    pub(super) sigma: f64,
    pub(super) years: f64,
}

impl Call {
    fn d1(&self, s: f64, tau: f64) -> f64 {
        let root = self.sigma * tau.sqrt();
        (ln(s / self.strike) + (self.rate + 0.5 * self.sigma * self.sigma) * tau) / root
    }

    pub(super) fn delta(&self, s: f64, tau: f64) -> f64 {
        norm_cdf(self.d1(s, tau))
    }

    pub(super) fn price(&self, s: f64, tau: f64) -> f64 {
        if tau <= 0.0 {
            return (s - self.strike).max(0.0);
        }
        let d1 = self.d1(s, tau);
        let d2 = d1 - self.sigma * tau.sqrt();
        s * norm_cdf(d1) - self.strike * exp(-self.rate * tau) * norm_cdf(d2)
    }

    /// ∂C/∂σ at the start.
    pub(super) fn vega(&self) -> f64 {
        self.spot * norm_pdf(self.d1(self.spot, self.years)) * self.years.sqrt()
    }

    /// Price at a time, with a normal for the way there and drift = rate.
    fn moved(&self, s: f64, years: f64, z: f64) -> f64 {
        s * exp((self.rate - 0.5 * self.sigma * self.sigma) * years + self.sigma * years.sqrt() * z)
    }

    /// Standard deviation at T of the hedge at `n` equal intervals, drift = rate, no costs.
    ///
    /// The errors of the intervals, `C_{j+1} − C_j e^{r dt} − Δ_j(S_{j+1} − S_j e^{r dt})`, are a martingale's: their
    /// variances, carried to T, add up.
    pub(super) fn hedge_std(&self, n: u32) -> f64 {
        let dt = self.years / f64::from(n);
        let growth = exp(self.rate * dt);
        let variance = |j: u32| {
            let (now, tau) = (f64::from(j) * dt, self.years - f64::from(j) * dt);
            // the last payoff has a kink, which wants a finer net
            let fine = if j + 1 == n { 2000 } else { 96 };
            let error = |s: f64| {
                let (price, delta) = (self.price(s, tau), self.delta(s, tau));
                expect_normal(fine, |z| {
                    let next = self.moved(s, dt, z);
                    let left = if j + 1 == n { 0.0 } else { tau - dt };
                    let error = self.price(next, left) - price * growth - delta * (next - s * growth);
                    error * error
                })
            };
            let start = if j == 0 {
                error(self.spot)
            } else {
                let outer = if j + 1 == n { 600 } else { 240 };
                expect_normal(outer, |z| error(self.moved(self.spot, now, z)))
            };
            start * exp(2.0 * self.rate * (self.years - now - dt))
        };
        (0..n).map(variance).sum::<f64>().sqrt()
    }

    /// Mean at T of what proportional costs take: the first purchase and every change of the hedge, carried at the rate.
    pub(super) fn mean_costs(&self, n: u32, cost: f64) -> f64 {
        let dt = self.years / f64::from(n);
        let carried = |j: u32| exp(self.rate * (self.years - f64::from(j) * dt));
        let first = self.spot * self.delta(self.spot, self.years) * carried(0);
        let later = (1..n).map(|j| {
            let (before, now) = (f64::from(j - 1) * dt, f64::from(j) * dt);
            let traded = |s: f64| {
                let held = self.delta(s, self.years - before);
                expect_normal(400, |z| {
                    let next = self.moved(s, dt, z);
                    next * (self.delta(next, self.years - now) - held).abs()
                })
            };
            let mean = if j == 1 {
                traded(self.spot)
            } else {
                expect_normal(160, |z| traded(self.moved(self.spot, before, z)))
            };
            mean * carried(j)
        });
        cost * (first + later.sum::<f64>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of an independent computation.
    #[test]
    fn moments_of_a_hedge_are_the_references() {
        let call = Call { spot: 100.0, strike: 100.0, rate: 0.05, sigma: 0.2, years: 1.0 / 12.0 };
        let longer = Call { years: 0.25, ..call };
        for (found, wanted, tolerance) in [
            (call.hedge_std(21), 0.427_756_881_4, 1e-7),
            (call.hedge_std(84), 0.218_133_617_9, 1e-7),
            (longer.hedge_std(63), 0.434_399_7, 1e-6),
            (-call.mean_costs(21, 0.001), -0.195_915_9, 1e-5),
            (-longer.mean_costs(63, 0.001), -0.307_805_2, 1e-5),
        ] {
            assert!((found - wanted).abs() < tolerance, "{found} for {wanted}");
        }
    }

    #[test]
    fn the_rules_integrate() {
        assert!((simpson(0.0, 2.0, 2, |x| x * x * x) - 4.0).abs() < 1e-14);
        assert!((expect_normal(200, |z| z * z * z * z) - 3.0).abs() < 1e-10);
        assert!((cube_root(27.0) - 3.0).abs() < 1e-14);
    }
}
