//! Printed tables: Hull's weekly hedges and measures of performance, the band of Whalley and Wilmott.
use super::hedges::{Book, every, gbm, volatility};
use super::setting::{Measured, Ran, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};
use crate::engine::Recording;
use crate::math::exp;

const HULL: &str = "Hull, Options, Futures, and Other Derivatives, tables 19.2 to 19.4";
const WHALLEY: &str = "Whalley and Wilmott (1997), Math. Finance 7";

/// Weeks 0 to 20 of table 19.2, which ends in the money.
const PRICES_IN: [f64; 21] = [
    49.0, 48.12, 47.37, 50.25, 51.75, 53.12, 53.0, 51.87, 51.38, 53.0, 49.88, 48.5, 49.88, 50.37, 52.13,
    51.88, 52.87, 54.87, 54.62, 55.87, 57.25,
];
/// Of table 19.3, which ends out of it.
const PRICES_OUT: [f64; 21] = [
    49.0, 49.75, 52.0, 50.0, 48.38, 48.25, 48.75, 49.63, 48.25, 48.25, 51.12, 51.5, 49.88, 49.88, 48.75,
    47.5, 48.0, 46.25, 48.13, 46.63, 48.12,
];
const DELTAS_IN: [f64; 20] = [
    0.522, 0.458, 0.4, 0.596, 0.693, 0.774, 0.771, 0.706, 0.674, 0.787, 0.55, 0.413, 0.542, 0.591, 0.768,
    0.759, 0.865, 0.978, 0.99, 1.0,
];
const DELTAS_OUT: [f64; 20] = [
    0.522, 0.568, 0.705, 0.579, 0.459, 0.443, 0.475, 0.54, 0.42, 0.41, 0.658, 0.692, 0.542, 0.538, 0.4,
    0.236, 0.261, 0.062, 0.183, 0.007,
];
const OPTIONS: f64 = 100_000.0;
const RATE: f64 = 0.05;
const SIGMA: f64 = 0.2;
const YEARS: f64 = 20.0 / 52.0;

const fn check(
    id: &'static str,
    what: &'static str,
    theory: fn() -> f64,
    within: f64,
    source: &'static str,
) -> Check {
    Check { id, what, formula: "published", theory, tolerance: Tolerance::Absolute(within), source }
}

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        checks: &[
            check(
                "O10a",
                "cost of Hull's weekly hedge that ends in the money, unrounded",
                || 263_241.65,
                0.01,
                HULL,
            ),
            check("O10b", "same, out of the money", || 256_541.94, 0.01, HULL),
            check("O10c", "cost as printed, in the money", || 263_300.0, 100.0, HULL),
            check("O10d", "same, out of the money", || 256_600.0, 100.0, HULL),
            check("O10e", "largest distance of 40 deltas from print", || 0.0, 0.0005 + 1e-9, HULL),
        ],
        quick: true,
        setting: Setting::Replays {
            texts: || [PRICES_IN, PRICES_OUT].map(|prices| weekly(&prices)).to_vec(),
            read: read_weekly,
        },
    },
    Experiment {
        checks: &[
            measure("O11a", "std of cost over price, hedged every 5 weeks", || 0.42),
            measure("O11b", "same, 4 weeks", || 0.38),
            measure("O11c", "same, 2 weeks", || 0.28),
            measure("O11d", "same, 1 week", || 0.21),
            measure("O11e", "same, half a week", || 0.16),
            measure("O11f", "same, quarter of a week", || 0.13),
        ],
        quick: true,
        setting: Setting::Runs { texts: || vec![measures()], sums: false, read: read_measures },
    },
    Experiment {
        checks: &[
            check(
                "O12a",
                "hedge after a fall, clamped to Whalley and Wilmott's band",
                || 0.2946,
                1e-4,
                WHALLEY,
            ),
            check("O12b", "hedge after a rise", || 0.7284, 1e-4, WHALLEY),
        ],
        quick: true,
        setting: Setting::Replays {
            texts: || [-0.05, 0.05].map(band).to_vec(),
            read: |records| {
                records.iter().map(|record| Measured::known(record.steps[1].position[0])).collect()
            },
        },
    },
];

const fn measure(id: &'static str, what: &'static str, theory: fn() -> f64) -> Check {
    check(id, what, theory, 0.006, HULL)
}

fn path(prices: &[f64]) -> String {
    let prices: Vec<String> = prices.iter().map(|price| format!("{price:?}")).collect();
    format!("process = {{ kind = \"path\", prices = [{}] }}", prices.join(", "))
}

fn weekly(prices: &[f64]) -> String {
    Book {
        years: YEARS,
        steps: 20,
        paths: 0,
        rate: RATE,
        asset: &path(prices),
        target: &format!(
            "{}legs = [{{ type = \"call\", strike = 50.0, quantity = {:?} }}]",
            volatility(SIGMA),
            -OPTIONS
        ),
        more: "",
        policies: &every("weekly", 1),
    }
    .text()
}

fn read_weekly(records: &[Recording]) -> Vec<Measured> {
    let cost = |record: &Recording| {
        record.constants.premium_gross.unwrap_or(f64::NAN) * exp(RATE * YEARS) - record.deviation
    };
    let costs: Vec<f64> = records.iter().map(cost).collect();
    let off = |(record, deltas): (&Recording, &[f64; 20])| -> f64 {
        let held = record.steps.iter().map(|step| step.position[0] / OPTIONS);
        held.zip(deltas).map(|(held, delta)| (held - delta).abs()).fold(0.0, f64::max)
    };
    let worst = records.iter().zip([&DELTAS_IN, &DELTAS_OUT]).map(off).fold(0.0, f64::max);
    [costs[0], costs[1], costs[0], costs[1], worst].map(Measured::known).to_vec()
}

/// Without interest on the cash account, although the model has a rate: so the table was made.
fn measures() -> String {
    Book {
        years: YEARS,
        steps: 80,
        paths: 200_000,
        rate: 0.0,
        asset: &gbm(49.0, 0.13, SIGMA),
        target: &format!(
            "{}model_rate = {RATE:?}\nlegs = [{{ type = \"call\", strike = 50.0, quantity = -1.0 }}]",
            volatility(SIGMA)
        ),
        more: "",
        policies: &[20, 16, 8, 4, 2, 1].map(|steps| every(&format!("p{steps}"), steps)).concat(),
    }
    .text()
}

fn read_measures(ran: &[Ran]) -> Vec<Measured> {
    (0..6).map(|policy| ran[0].metric(policy, "std").times(1.0 / ran[0].premium())).collect()
}

/// A hedge of a half (d1 = 0 at rate 0), then a price at that log moneyness with a tenth of a year left.
fn band(log_moneyness: f64) -> String {
    let (half, spot): (f64, f64) = (0.1, exp(-0.5 * SIGMA * SIGMA * 0.2));
    let then = exp(log_moneyness);
    Book {
        years: 2.0 * half,
        steps: 2,
        paths: 0,
        rate: 0.0,
        asset: &path(&[spot, then, then]),
        target: &format!("{}legs = [{{ type = \"call\", strike = 1.0, quantity = -1.0 }}]", volatility(SIGMA)),
        more: "",
        policies: "[[policies]]\nname = \"p\"\nkind = \"whalley_wilmott\"\nrisk_aversion = 1.0\ncost = 1e-5\nto = \"edge\"\n",
    }
    .text()
}
