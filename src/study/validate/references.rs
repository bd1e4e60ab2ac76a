//! Hedges whose means and costs were found by a deterministic quadrature outside this program.
use super::hedges::{Book, PATHS, check, every, gbm, volatility};
use super::setting::{Measured, Ran, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};

const QUADRATURE: &str = "deterministic quadrature of an independent program";
const LELAND: &str = "Leland (1985), J. Finance 40; mean by the quadrature of an independent program";
const KABANOV: &str =
    "Kabanov and Safarian (1997), Finance Stoch. 1; mean by the quadrature of an independent program";

const fn quick(
    checks: &'static [Check],
    texts: fn() -> Vec<String>,
    read: fn(&[Ran]) -> Vec<Measured>,
) -> Experiment {
    Experiment { checks, quick: true, setting: Setting::Runs { texts, sums: false, read } }
}

pub(super) const EXPERIMENTS: &[Experiment] = &[
    quick(
        &[
            check("O5m", "mean of a short strangle, 10 rebalances", "0", || 0.0, QUADRATURE),
            check("O5s", "its standard deviation", "quadrature", || 3.327_744_689_926_509_3, QUADRATURE),
        ],
        || {
            let book = Book {
                years: 0.25,
                steps: 20,
                paths: PATHS,
                rate: 0.05,
                asset: &gbm(100.0, 0.05, 0.3),
                target: &format!(
                    "{}legs = [{{ type = \"call\", strike = 110.0, quantity = -1.0 }}, {{ type = \"put\", strike = 90.0, quantity = -2.0 }}]",
                    volatility(0.3)
                ),
                more: "",
                policies: &every("p", 2),
            };
            vec![book.text()]
        },
        |ran| vec![ran[0].metric(0, "mean"), ran[0].metric(0, "std")],
    ),
    quick(
        &[
            check(
                "O6m",
                "mean at a drift of 20 % and 15 bps a trade",
                "quadrature",
                || -0.383_078_938_390_354_84,
                QUADRATURE,
            ),
            Check {
                tolerance: Tolerance::Absolute(1e-9),
                ..check(
                    "O6i",
                    "cost of its first trade",
                    "κ S_0 Δ_0",
                    || 0.075_739_986_323_135_82,
                    QUADRATURE,
                )
            },
            check(
                "O6l",
                "cost of its trades during life",
                "quadrature",
                || 0.211_770_215_231_553_8,
                QUADRATURE,
            ),
            check("O6f", "cost of its unwind", "quadrature", || 0.088_056_681_173_774_06, QUADRATURE),
        ],
        || {
            let book = Book {
                years: 0.25,
                steps: 60,
                paths: PATHS,
                rate: 0.03,
                asset: &gbm(100.0, 0.2, 0.6),
                target: &format!(
                    "{}legs = [{{ type = \"call\", strike = 105.0, quantity = -1.0 }}]",
                    volatility(0.6)
                ),
                more: "[costs]\nfee = 0.001\nhalf_spread = 0.0005\n",
                policies: &every("p", 3),
            };
            vec![book.text()]
        },
        |ran| ["mean", "cost_initial", "cost_life", "cost_final"].map(|key| ran[0].metric(0, key)).to_vec(),
    ),
    quick(
        &[
            check(
                "O7m",
                "mean of Leland's weekly hedge, 25 bps one way",
                "quadrature",
                || 0.004_622_849_357_818_952,
                LELAND,
            ),
            check("O7l", "cost of its trades during life", "quadrature", || 0.531_478_597_231_746_8, LELAND),
        ],
        || vec![leland(LelandHedge { steps: 52, rate: 0.05, cost: 0.0025 })],
        |ran| vec![ran[0].metric(0, "mean"), ran[0].metric(0, "cost_life")],
    ),
    quick(
        &[
            check(
                "O9a",
                "mean of Leland's hedge at 2 %, 12 trades",
                "quadrature",
                || 0.101_689_233_321_797_63,
                KABANOV,
            ),
            check("O9b", "same, 52 trades", "quadrature", || 0.011_908_398_322_992_453, KABANOV),
            check("O9c", "same, 156 trades", "quadrature", || -0.021_200_668_133_917_036, KABANOV),
        ],
        || [12, 52, 156].map(|steps| leland(LelandHedge { steps, rate: 0.0, cost: 0.02 })).to_vec(),
        |ran| ran.iter().map(|run| run.metric(0, "mean")).collect(),
    ),
    Experiment {
        checks: &[
            simulated("O9d", "same, 600 trades", || -0.047, 0.005),
            simulated("O9e", "same, 2400 trades: it does not vanish", || -0.057, 0.003),
        ],
        quick: false,
        setting: Setting::Runs {
            texts: || [600, 2400].map(|steps| leland(LelandHedge { steps, rate: 0.0, cost: 0.02 })).to_vec(),
            sums: false,
            read: |ran| ran.iter().map(|run| run.metric(0, "mean")).collect(),
        },
    },
];

const fn simulated(id: &'static str, what: &'static str, theory: fn() -> f64, se: f64) -> Check {
    Check {
        id,
        what,
        formula: "simulation",
        theory,
        tolerance: Tolerance::Simulated { errors: 4.0, se },
        source: "Kabanov and Safarian (1997), Finance Stoch. 1; mean by the simulation of an independent program",
    }
}

/// Leland's hedge of a call for a year, sold at his price; the ends are not charged.
#[derive(Debug, Clone, Copy)]
struct LelandHedge {
    steps: u64,
    rate: f64,
    /// Proportional cost, one way.
    cost: f64,
}

const SIGMA: f64 = 0.2;

fn leland(hedge: LelandHedge) -> String {
    let LelandHedge { steps, rate, cost } = hedge;
    let number = (8.0 / std::f64::consts::PI).sqrt() * cost / (SIGMA * (1.0 / steps as f64).sqrt());
    let premium = SIGMA * (1.0 + number).sqrt();
    Book {
        years: 1.0,
        steps,
        paths: PATHS,
        rate,
        asset: &gbm(100.0, rate, SIGMA),
        target: &format!(
            "hedge_volatility = {SIGMA:?}\npremium_volatility = {premium:?}\nlegs = [{{ type = \"call\", strike = 100.0, quantity = -1.0 }}]"
        ),
        more: &format!("[costs]\nfee = {cost:?}\ncharge_initial = false\ncharge_final = false\n"),
        policies: &format!("[[policies]]\nname = \"p\"\nkind = \"leland\"\nevery = \"1 step\"\ncost = {cost:?}\n"),
    }
    .text()
}
