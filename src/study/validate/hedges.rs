//! Hedged options whose law is known: exact spreads and costs by quadrature, the bare short call in closed form.
use std::f64::consts::PI;

use super::quadrature::Call;
use super::setting::{Measured, Ran, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};
use crate::math::{exp, norm_cdf, norm_inv};

/// Options on one gbm asset, hedged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Book<'a> {
    pub(super) years: f64,
    pub(super) steps: u64,
    pub(super) paths: u64,
    pub(super) rate: f64,
    /// Other keys of the asset: `spot = …`, `process = …`.
    pub(super) asset: &'a str,
    /// Keys of `[target]`, the legs among them.
    pub(super) target: &'a str,
    /// Tables before `[target]`.
    pub(super) more: &'a str,
    pub(super) policies: &'a str,
}

impl Book<'_> {
    pub(super) fn text(&self) -> String {
        let Self { years, steps, paths, rate, asset, target, more, policies } = self;
        let run = if *paths > 0 {
            format!("paths = {paths}\nseed = 7\npath_metrics = false\n")
        } else {
            String::new()
        };
        format!(
            "version = 1\nname = \"hedge\"\n[run]\nhorizon = \"{years}y\"\nsteps = {steps}\n{run}[market]\nrate = {rate:?}\n{more}\n\
             [[assets]]\nsymbol = \"S\"\n{asset}\n[target]\nkind = \"options\"\n{target}\n{policies}"
        )
    }
}

pub(super) fn gbm(spot: f64, drift: f64, sigma: f64) -> String {
    format!("spot = {spot:?}\nprocess = {{ kind = \"gbm\", drift = {drift:?}, volatility = {sigma:?} }}")
}

pub(super) fn volatility(sigma: f64) -> String {
    format!("hedge_volatility = {sigma:?}\npremium_volatility = {sigma:?}\n")
}

pub(super) fn every(name: &str, steps: u64) -> String {
    format!("[[policies]]\nname = \"{name}\"\nkind = \"periodic\"\nevery = \"{steps} steps\"\n")
}

pub(super) const PATHS: u64 = 200_000;
const DERMAN_KAMAL: &str =
    "Kamal and Derman (1998), When you cannot hedge continuously; variance by quadrature";

const MONTH: Call = Call { spot: 100.0, strike: 100.0, rate: 0.05, sigma: 0.2, years: 1.0 / 12.0 };
const QUARTER: Call = Call { years: 0.25, ..MONTH };
/// Proportional cost of a side.
const FEE: f64 = 0.001;

fn short_call(call: Call, steps: u64, more: &str, policies: &str) -> String {
    Book {
        years: call.years,
        steps,
        paths: PATHS,
        rate: call.rate,
        asset: &gbm(call.spot, call.rate, call.sigma),
        target: &format!(
            "{}legs = [{{ type = \"call\", strike = {:?}, quantity = -1.0 }}]",
            volatility(call.sigma),
            call.strike
        ),
        more,
        policies,
    }
    .text()
}

pub(super) const fn check(
    id: &'static str,
    what: &'static str,
    formula: &'static str,
    theory: fn() -> f64,
    source: &'static str,
) -> Check {
    Check { id, what, formula, theory, tolerance: Tolerance::Errors(4.0), source }
}

/// Mean and standard deviation of the only policy.
fn mean_and_std(ran: &[Ran]) -> Vec<Measured> {
    vec![ran[0].metric(0, "mean"), ran[0].metric(0, "std")]
}

const fn quick(
    checks: &'static [Check],
    texts: fn() -> Vec<String>,
    read: fn(&[Ran]) -> Vec<Measured>,
) -> Experiment {
    Experiment { checks, quick: true, setting: Setting::Runs { texts, sums: false, read } }
}

const COSTLY: &str = "[costs]\nfee = 0.001\ncharge_final = false\n";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    quick(
        &[
            check("O1m", "mean of a short call hedged 21 times in a month", "0", || 0.0, DERMAN_KAMAL),
            check(
                "O1s",
                "its standard deviation",
                "√Σ Var of the intervals' errors",
                || MONTH.hedge_std(21),
                DERMAN_KAMAL,
            ),
        ],
        || vec![short_call(MONTH, 21, "", &every("p", 1))],
        mean_and_std,
    ),
    quick(
        &[
            check("O2m", "mean of a short call hedged 63 times in a quarter", "0", || 0.0, DERMAN_KAMAL),
            check(
                "O2s",
                "its standard deviation",
                "√Σ Var of the intervals' errors",
                || QUARTER.hedge_std(63),
                DERMAN_KAMAL,
            ),
        ],
        || vec![short_call(QUARTER, 63, "", &every("p", 1))],
        mean_and_std,
    ),
    quick(
        &[check(
            "O3",
            "mean of O1 with 10 bps on every trade",
            "−κ Σ E S|ΔΔ| e^{r(T − t)}",
            || -MONTH.mean_costs(21, FEE),
            DERMAN_KAMAL,
        )],
        || vec![short_call(MONTH, 21, COSTLY, &every("p", 1))],
        |ran| vec![ran[0].metric(0, "mean")],
    ),
    quick(
        &[check(
            "O4",
            "mean of O2 with 10 bps on every trade",
            "−κ Σ E S|ΔΔ| e^{r(T − t)}",
            || -QUARTER.mean_costs(63, FEE),
            DERMAN_KAMAL,
        )],
        || vec![short_call(QUARTER, 63, COSTLY, &every("p", 1))],
        |ran| vec![ran[0].metric(0, "mean")],
    ),
    quick(
        &[
            rule("L21", "standard deviation, 21 hedges in a month", || law(21.0)),
            rule("L42", "same, 42 hedges", || law(42.0)),
            rule("L84", "same, 84 hedges", || law(84.0)),
            rule("L168", "same, 168 hedges", || law(168.0)),
            rule("L336", "same, 336 hedges", || law(336.0)),
        ],
        || {
            vec![short_call(
                MONTH,
                336,
                "",
                &[16, 8, 4, 2, 1].map(|steps| every(&format!("p{steps}"), steps)).concat(),
            )]
        },
        |ran| (0..5).map(|policy| ran[0].metric(policy, "std")).collect(),
    ),
    quick(
        &[
            check("O8s", "standard deviation of a bare short call", "√Var (S_T − K)⁺", || bare().0, BARE),
            check("O8q01", "its 1 % quantile", "C e^{rT} − (S_{.99} − K)⁺", || bare_quantile(0.01), BARE),
            check("O8q05", "its 5 % quantile", "same", || bare_quantile(0.05), BARE),
            check("O8q50", "its median", "same", || bare_quantile(0.5), BARE),
            check("O8c95", "its CVaR 95 %", "E((S_T − K)⁺ | worst 5 %) − C e^{rT}", || bare_cvar(0.95), BARE),
            check("O8c99", "its CVaR 99 %", "same, 1 %", || bare_cvar(0.99), BARE),
        ],
        || vec![short_call(LONG, 10, "", "[[policies]]\nname = \"p\"\nkind = \"none\"\n")],
        |ran| ["std", "q01", "q05", "q50", "cvar_95", "cvar_99"].map(|key| ran[0].metric(0, key)).to_vec(),
    ),
    quick(
        &[
            fair("O15a", "mean under a clock, behind a feed and a delay"),
            fair("O15b", "same, band to the edge"),
            fair("O15c", "same, clock or band"),
            fair("O15d", "same, Whalley–Wilmott"),
            fair("O15e", "same, Leland"),
            fair("O15f", "same, initial hedge only"),
            fair("O15g", "same, no hedge"),
        ],
        || vec![martingale()],
        |ran| (0..7).map(|policy| ran[0].metric(policy, "mean")).collect(),
    ),
];

const fn rule(id: &'static str, what: &'static str, theory: fn() -> f64) -> Check {
    Check {
        id,
        what,
        formula: "√(π/4)·vega·σ/√N",
        theory,
        tolerance: Tolerance::Share(0.05),
        source: "Kamal and Derman (1998), leading order in 1/√N: 3.6 % high at N = 21",
    }
}

fn law(n: f64) -> f64 {
    (PI / 4.0).sqrt() * MONTH.vega() * MONTH.sigma / n.sqrt()
}

const BARE: &str = "log-normal law of S_T";
const LONG: Call = Call { sigma: 0.4, years: 0.5, ..MONTH };

/// Spread of the payoff, and the premium at T.
fn bare() -> (f64, f64) {
    let Call { spot, strike, rate, sigma, years } = LONG;
    let root = sigma * years.sqrt();
    let d1 = (crate::math::ln(spot / strike) + (rate + 0.5 * sigma * sigma) * years) / root;
    let forward = spot * exp(rate * years);
    let mean = forward * norm_cdf(d1) - strike * norm_cdf(d1 - root);
    let square = forward * forward * exp(root * root) * norm_cdf(d1 + root)
        - 2.0 * strike * forward * norm_cdf(d1)
        + strike * strike * norm_cdf(d1 - root);
    ((square - mean * mean).sqrt(), mean)
}

/// Price at T at a level of the normal.
fn terminal(z: f64) -> f64 {
    let Call { spot, rate, sigma, years, .. } = LONG;
    spot * exp((rate - 0.5 * sigma * sigma) * years + sigma * years.sqrt() * z)
}

fn bare_quantile(p: f64) -> f64 {
    bare().1 - (terminal(-norm_inv(p)) - LONG.strike).max(0.0)
}

/// The worst are all in the money: a partial mean of the log-normal law.
fn bare_cvar(a: f64) -> f64 {
    let Call { spot, strike, rate, sigma, years } = LONG;
    let z = norm_inv(a);
    let mean = spot * exp(rate * years) * norm_cdf(sigma * years.sqrt() - z) / (1.0 - a);
    mean - strike - bare().1
}

const fn fair(id: &'static str, what: &'static str) -> Check {
    check(
        id,
        what,
        "0 at μ = r − q and a fair premium",
        || 0.0,
        "the discounted price and its yield are a martingale",
    )
}

/// A straddle behind a stale feed and late fills, without costs.
fn martingale() -> String {
    let policies = format!(
        "{}[[policies]]\nname = \"band\"\nkind = \"band\"\nwidth = \"10%\"\n\
         [[policies]]\nname = \"either\"\nkind = \"time_or_band\"\nevery = \"24 steps\"\nwidth = \"10%\"\n\
         [[policies]]\nname = \"ww\"\nkind = \"whalley_wilmott\"\nrisk_aversion = 0.1\ncost = 0.002\n\
         [[policies]]\nname = \"leland\"\nkind = \"leland\"\nevery = \"12 steps\"\ncost = 0.002\n\
         [[policies]]\nname = \"hold\"\nkind = \"hold\"\n[[policies]]\nname = \"none\"\nkind = \"none\"\n",
        every("clock", 6)
    );
    Book {
        years: 60.0 / 365.0,
        steps: 480,
        paths: 100_000,
        rate: 0.05,
        asset: &format!("dividend_yield = 0.02\n{}", gbm(100.0, 0.03, 0.6)),
        target: &format!(
            "{}legs = [{{ type = \"call\", strike = 100.0, quantity = -1.0 }}, {{ type = \"put\", strike = 95.0, quantity = -1.0 }}]",
            volatility(0.6)
        ),
        more: "[oracle]\ndeviation_threshold = 0.02\nheartbeat = \"8 steps\"\nlatency = \"1 step\"\n[execution]\ndelay = \"2 steps\"\n",
        policies: &policies,
    }
    .text()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of an independent computation; the spread by a sum over two hundred thousand prices, to 1e-9.
    #[test]
    fn the_bare_call_is_the_references() {
        for (found, wanted) in [
            (bare().0, 20.872_115_360_0),
            (bare_quantile(0.01), -77.517_529_841_031_56),
            (bare_quantile(0.05), -44.169_498_771_636_99),
            (bare_quantile(0.5), 12.698_557_713_751_834),
            (bare_cvar(0.95), 64.880_321_074_853_09),
            (bare_cvar(0.99), 97.503_637_702_607_58),
        ] {
            assert!((found - wanted).abs() < 1e-8 * wanted.abs(), "{found} for {wanted}");
        }
    }
}
