//! Prices behind processes: a short option sold at its published price, hedged every step, has a mean deviation of 0.
use super::hedges::{Book, every};
use super::quadrature::Call;
use super::setting::{Measured, Ran, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};
use crate::engine::Recording;
use crate::math::exp;

const HAUG: &str = "Haug (1998), The Complete Guide to Option Pricing Formulas";
const MERTON: &str = "Merton (1976), J. Financial Economics 3: his series";
const KOU: &str = "Kou (2002), Management Science 48, p. 1095";
const SURKOV: &str = "Surkov (2009), table 6.2";
const LEWIS: &str = "Lewis, reference prices, by Fourier transform";
const COSINE: &str = "cosine method, Fang and Oosterlee (2008), SIAM J. Sci. Comput. 31";
const KAHL: &str = "Kahl and Jäckel (2005), Not-so-complex logarithms in the Heston model";

const fn check(id: &'static str, what: &'static str, theory: fn() -> f64, source: &'static str) -> Check {
    Check { id, what, formula: "published price", theory, tolerance: Tolerance::Errors(3.0), source }
}

const fn sold(
    checks: &'static [Check],
    quick: bool,
    texts: fn() -> Vec<String>,
    read: fn(&[Ran]) -> Vec<Measured>,
) -> Experiment {
    Experiment { checks, quick, setting: Setting::Runs { texts, sums: false, read } }
}

/// Haug's Black–Scholes values: call?, spot, strike, rate, yield, years, volatility, price.
const PRINTED: [(bool, [f64; 7]); 6] = [
    (true, [60.0, 65.0, 0.08, 0.0, 0.25, 0.3, 2.1334]),
    (false, [100.0, 95.0, 0.1, 0.05, 0.5, 0.2, 2.4648]),
    (false, [19.0, 19.0, 0.1, 0.1, 0.75, 0.28, 1.7011]),
    (true, [1.56, 1.6, 0.06, 0.08, 0.5, 0.12, 0.0291]),
    (false, [75.0, 70.0, 0.1, 0.05, 0.5, 0.35, 4.087]),
    (true, [90.0, 100.0, 0.1, 0.1, 0.1, 0.25, 0.315]),
];

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        checks: &[Check {
            tolerance: Tolerance::Absolute(1e-4),
            formula: "0",
            ..check("O13bs", "largest distance of six Black–Scholes premiums from print", || 0.0, HAUG)
        }],
        quick: true,
        setting: Setting::Replays { texts: || PRINTED.map(premium).to_vec(), read: read_premiums },
    },
    sold(
        &[
            spot("O13sm", "E S_T under merton"),
            spot("O13sk", "E S_T under kou"),
            spot("O13sh", "E S_T under heston"),
        ],
        true,
        || [merton(&CRASHES), KOU_LAW.to_owned(), LEWIS_LAW.to_owned()].map(|law| bare_spot(&law)).to_vec(),
        // sold at S_0: the mean is what S_T falls short of its forward
        |ran| ran.iter().map(|run| shifted(run.metric(0, "mean"), 100.0 * exp(0.05), -1.0)).collect(),
    ),
    sold(
        &[
            check("O13ma", "call under merton, ten jumps a year", || HAUG_ROW.series(), MERTON),
            check("O13mb", "call under merton, rare crashes", || CRASHES.series(), MERTON),
        ],
        true,
        || [&HAUG_ROW, &CRASHES].map(JumpCall::text).to_vec(),
        |ran| {
            let calls = [&HAUG_ROW, &CRASHES];
            ran.iter().zip(calls).map(|(run, call)| price(run, call.rate * call.years)).collect()
        },
    ),
    sold(
        &[
            check("O13ka", "call under kou", || 9.147_317_303_937_148, KOU),
            check("O13kb", "call under kou with large jumps", || 7.279_933_830_259_239, SURKOV),
        ],
        true,
        || {
            let first = Sale {
                years: 0.5,
                steps: 4,
                paths: 400_000,
                rate: 0.05,
                yields: 0.0,
                kind: "call",
                strike: 98.0,
                price: 9.147_317_303_937_148,
                hedge: 0.25,
            };
            let second = Sale {
                years: 1.0,
                rate: 0.0,
                strike: 110.0,
                price: 7.279_933_830_259_239,
                hedge: 0.35,
                ..first
            };
            vec![
                first.text(KOU_LAW),
                second.text("kind = \"kou\", volatility = 0.2, jumps_per_year = 0.2, p_up = 0.5, eta_up = 3.0, eta_down = 2.0"),
            ]
        },
        |ran| vec![price(&ran[0], 0.025), price(&ran[1], 0.0)],
    ),
    sold(
        &[
            check("O13h80", "call at 80 under heston", || LEWIS_CALLS[0].1, LEWIS),
            check("O13h100", "call at 100 under heston", || LEWIS_CALLS[1].1, LEWIS),
            check("O13h120", "call at 120 under heston", || LEWIS_CALLS[2].1, LEWIS),
        ],
        false,
        || LEWIS_CALLS.map(|(strike, price)| LEWIS_SALE.at("call", strike, price).text(LEWIS_LAW)).to_vec(),
        |ran| ran.iter().map(|run| price(run, LEWIS_SALE.rate)).collect(),
    ),
    sold(
        &[
            check("O13ca", "call at 120 under heston, violent variance", || COSINE_PRICES[0].2, COSINE),
            check("O13cb", "put at 80 under heston, violent variance", || COSINE_PRICES[1].2, COSINE),
        ],
        false,
        || {
            COSINE_PRICES
                .map(|(kind, strike, price)| COSINE_SALE.at(kind, strike, price).text(COSINE_LAW))
                .to_vec()
        },
        |ran| ran.iter().map(|run| price(run, COSINE_SALE.rate)).collect(),
    ),
    sold(
        &[check("O13j", "call of ten years under heston, variance at 0", || 4.95212, KAHL)],
        false,
        || vec![KAHL_SALE.text(KAHL_LAW)],
        |ran| vec![price(&ran[0], 0.0)],
    ),
];

const fn spot(id: &'static str, what: &'static str) -> Check {
    Check {
        id,
        what,
        formula: "S_0 e^{μT}",
        theory: || 100.0 * exp(0.05),
        tolerance: Tolerance::Errors(4.0),
        source: "jumps are compensated, the variance scheme is martingale-corrected",
    }
}

/// `a + b·measured`.
fn shifted(measured: Measured, a: f64, b: f64) -> Measured {
    let scaled = measured.times(b);
    Measured { value: a + scaled.value, ..scaled }
}

/// The price at which the hedged sale of a run has mean 0.
fn price(run: &Ran, rate_years: f64) -> Measured {
    shifted(run.metric(0, "mean"), run.premium_of(0), -exp(-rate_years))
}

const KOU_LAW: &str =
    "kind = \"kou\", volatility = 0.16, jumps_per_year = 1.0, p_up = 0.4, eta_up = 10.0, eta_down = 5.0";
const LEWIS_LAW: &str = "kind = \"heston\", initial_variance = 0.04, long_run_variance = 0.25, mean_reversion = 4.0, vol_of_vol = 1.0, correlation = -0.5";
const COSINE_LAW: &str = "kind = \"heston\", initial_variance = 0.1, long_run_variance = 0.22, mean_reversion = 4.0, vol_of_vol = 1.8, correlation = -0.75";
const KAHL_LAW: &str = "kind = \"heston\", initial_variance = 0.16, long_run_variance = 0.16, mean_reversion = 1.0, vol_of_vol = 2.0, correlation = -0.8";

const LEWIS_CALLS: [(f64, f64); 3] =
    [(80.0, 26.774_758_743_998_856), (100.0, 16.070_154_917_028_834), (120.0, 9.024_913_483_457_835)];
const COSINE_PRICES: [(&str, f64, f64); 2] =
    [("call", 120.0, 9.364_410_588_426_075), ("put", 80.0, 5.319_092_971_836_708)];
const LEWIS_SALE: Sale = Sale {
    years: 1.0,
    steps: 100,
    paths: 200_000,
    rate: 0.01,
    yields: 0.02,
    kind: "call",
    strike: 100.0,
    price: 0.0,
    hedge: 0.45,
};
const COSINE_SALE: Sale = Sale { rate: 0.15, yields: 0.07, ..LEWIS_SALE };
const KAHL_SALE: Sale = Sale {
    years: 10.0,
    steps: 1000,
    paths: 200_000,
    rate: 0.0,
    yields: 0.0,
    strike: 200.0,
    price: 4.95212,
    ..LEWIS_SALE
};

/// A short option on an asset of 100, sold at a price and hedged at every step, at a drift of rate − yield.
#[derive(Debug, Clone, Copy)]
struct Sale {
    years: f64,
    steps: u64,
    paths: u64,
    rate: f64,
    yields: f64,
    kind: &'static str,
    strike: f64,
    price: f64,
    /// Volatility of the hedge, which takes variance away and no mean.
    hedge: f64,
}

impl Sale {
    const fn at(self, kind: &'static str, strike: f64, price: f64) -> Self {
        Self { kind, strike, price, ..self }
    }

    fn text(&self, law: &str) -> String {
        let Self { years, steps, paths, rate, yields, kind, strike, price, hedge } = self;
        Book {
            years: *years,
            steps: *steps,
            paths: *paths,
            rate: *rate,
            asset: &asset(law, *rate, *yields),
            target: &format!(
                "hedge_volatility = {hedge:?}\nlegs = [{{ type = \"{kind}\", strike = {strike:?}, quantity = -1.0, premium = {price:?} }}]"
            ),
            more: "",
            policies: &every("hedged", 1),
        }
        .text()
    }
}

fn asset(law: &str, rate: f64, yields: f64) -> String {
    format!("spot = 100.0\ndividend_yield = {yields:?}\nprocess = {{ {law}, drift = {:?} }}", rate - yields)
}

fn bare_spot(law: &str) -> String {
    Book {
        years: 1.0,
        steps: 50,
        paths: 200_000,
        rate: 0.05,
        asset: &asset(law, 0.05, 0.0),
        target: "legs = [{ type = \"spot\", quantity = -1.0 }]",
        more: "",
        policies: "[[policies]]\nname = \"none\"\nkind = \"none\"\n",
    }
    .text()
}

/// A call on an asset of 100 with normal jumps.
#[derive(Debug, Clone, Copy)]
struct JumpCall {
    strike: f64,
    years: f64,
    rate: f64,
    sigma: f64,
    jumps: f64,
    mean: f64,
    std: f64,
}

/// Total volatility 25 %, half of the variance from jumps without a mean of their own.
const HAUG_ROW: JumpCall = JumpCall {
    strike: 90.0,
    years: 0.1,
    rate: 0.08,
    sigma: 0.176_776_695_296_636_9,
    jumps: 10.0,
    mean: -0.001_562_5,
    std: 0.055_901_699_437_494_74,
};
const CRASHES: JumpCall =
    JumpCall { strike: 100.0, years: 0.25, rate: 0.05, sigma: 0.15, jumps: 0.1, mean: -0.9, std: 0.45 };

fn merton(call: &JumpCall) -> String {
    let JumpCall { sigma, jumps, mean, std, .. } = call;
    format!(
        "kind = \"merton\", volatility = {sigma:?}, jumps_per_year = {jumps:?}, jump_mean = {mean:?}, jump_std = {std:?}"
    )
}

impl JumpCall {
    /// Merton's series: Black–Scholes prices weighted by the chance of n jumps.
    fn series(&self) -> f64 {
        let size = exp(self.mean + 0.5 * self.std * self.std);
        let expected = self.jumps * size * self.years;
        let mut weight = exp(-expected);
        let mut sum = 0.0;
        for n in 0..100 {
            let n = f64::from(n);
            let shift = n * (self.mean + 0.5 * self.std * self.std) / self.years;
            let call = Call {
                spot: 100.0,
                strike: self.strike,
                rate: self.rate - self.jumps * (size - 1.0) + shift,
                sigma: (self.sigma * self.sigma + n * self.std * self.std / self.years).sqrt(),
                years: self.years,
            };
            sum += weight * call.price(100.0, self.years);
            weight *= expected / (n + 1.0);
        }
        sum
    }

    fn text(&self) -> String {
        let sale = Sale {
            years: self.years,
            steps: 4,
            paths: 400_000,
            rate: self.rate,
            yields: 0.0,
            kind: "call",
            strike: self.strike,
            price: self.series(),
            hedge: (self.sigma * self.sigma + self.jumps * self.std * self.std).sqrt(),
        };
        sale.text(&merton(self))
    }
}

fn premium((call, [spot, strike, rate, yields, years, sigma, _]): (bool, [f64; 7])) -> String {
    let kind = if call { "call" } else { "put" };
    Book {
        years,
        steps: 1,
        paths: 2,
        rate,
        asset: &format!(
            "spot = {spot:?}\ndividend_yield = {yields:?}\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = {sigma:?} }}"
        ),
        target: &format!("premium_volatility = {sigma:?}\nlegs = [{{ type = \"{kind}\", strike = {strike:?}, quantity = -1.0 }}]"),
        more: "",
        policies: "[[policies]]\nname = \"none\"\nkind = \"none\"\n",
    }
    .text()
}

fn read_premiums(records: &[Recording]) -> Vec<Measured> {
    let off = |(record, (_, printed)): (&Recording, &(bool, [f64; 7]))| {
        (record.constants.premium_gross.unwrap_or(f64::NAN) - printed[6]).abs()
    };
    // not `max`, which would hide a premium that is no number
    let worst = records.iter().zip(&PRINTED).map(off).fold(0.0, |a, b| if b <= a { a } else { b });
    vec![Measured::known(worst)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_what_was_published() {
        assert!((CRASHES.series() - 4.391_245_689_202_865).abs() < 1e-9, "{}", CRASHES.series());
        assert!((HAUG_ROW.series() - 11.0).abs() <= 0.01, "{}", HAUG_ROW.series());
    }
}
