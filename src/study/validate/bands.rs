//! Bands: gap, turnover and trades of those without costs, and the widths that cost least.
use super::efficiency::{center, efficiency_of, half_way, to_edge};
use super::periodic::{Mix, W, clock, gap_variance};
use super::quadrature::{BETA, cube_root};
use super::setting::{Measured, Ran, Setting};
use super::sums::Figure;
use super::verdict::Tolerance;
use super::{Check, Experiment};

pub(super) const SIGMA: f64 = 0.6;
/// The drift that leaves the weight gap without one.
const DRIFT: f64 = 0.5 * SIGMA * SIGMA;
/// Half-width of the band.
const H: f64 = 0.04;
const FINE: f64 = 20_000.0;

const EXIT: &str =
    "first exit of a Brownian motion; Broadie, Glasserman and Kou (1997), Math. Finance 7, for the grid";
const GGMS: &str = "Gerhold, Guasoni, Muhle-Karbe and Schachermayer (2014), Finance Stoch. 18";

fn v() -> f64 {
    gap_variance(SIGMA)
}

/// Mean overshoot of a band watched so many times a year.
fn overshoot(per_year: f64) -> f64 {
    BETA * (v() / per_year).sqrt()
}

/// The band as a grid of 1/20 000 year lets it be.
fn wide() -> f64 {
    H + overshoot(FINE)
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
            check("C1a", "E x² of a band to its center", "h_c²/6", || wide() * wide() / 6.0, 1.0, EXIT),
            check("C2a", "turnover per year", "v/h_c", || v() / wide(), 1.0, EXIT),
            check("C3", "trades per year", "v/h_c²", || v() / wide() / wide(), 1.0, EXIT),
            super::efficiency::CENTER,
            super::efficiency::PERIODIC,
        ],
        quick: false,
        setting: Setting::Runs {
            texts: || vec![fine("fine", 4096, &(center(H) + &clock("clock", 200)))],
            sums: true,
            read: |ran| {
                let [square, turnover, trades] = gap_turnover_trades(&ran[0], 0);
                vec![square, turnover, trades, efficiency_of(&ran[0], 0), efficiency_of(&ran[0], 1)]
            },
        },
    },
    Experiment {
        checks: &[
            check(
                "C1b",
                "E x² of a band to its edge",
                "(h_c² + b²)/6, b = h_c",
                || wide() * wide() / 3.0,
                1.0,
                EXIT,
            ),
            check("C2b", "turnover per year", "v/(2h_c)", || v() / wide() / 2.0, 1.5, EXIT),
            super::efficiency::EDGE,
            super::efficiency::HALF_WAY,
        ],
        quick: false,
        setting: Setting::Runs {
            texts: || vec![fine("fine-edge", 4096, &(to_edge("edge", H) + &half_way(H)))],
            sums: true,
            read: |ran| {
                let [square, turnover, _] = gap_turnover_trades(&ran[0], 0);
                vec![square, turnover, efficiency_of(&ran[0], 0), efficiency_of(&ran[0], 1)]
            },
        },
    },
    Experiment {
        checks: &[check(
            "C4",
            "trades per year of a band watched once a day",
            "v/h_c², dt = 1/365",
            || v() / (H + overshoot(365.0)).powi(2),
            1.5,
            EXIT,
        )],
        quick: true,
        setting: Setting::Runs {
            texts: || {
                let mix = Mix {
                    name: "daily-watch",
                    sigma: SIGMA,
                    drift: DRIFT,
                    paths: 16_384,
                    horizon: "4y",
                    steps: 1460,
                    warmup: 73,
                    more: "",
                    policies: &center(H),
                };
                vec![mix.text()]
            },
            sums: true,
            read: |ran| vec![gap_turnover_trades(&ran[0], 0)[2]],
        },
    },
    Experiment {
        checks: &[
            check(
                "D1a",
                "growth lost a year, edge band of 0.4 h*",
                "γσ²h²/6 + kv/(2h)",
                || proportional(0.4),
                1.0,
                GGMS,
            ),
            check("D1b", "same, h*", "γσ²h²/6 + kv/(2h)", || proportional(1.0), 1.0, GGMS),
            check("D1c", "same, 2 h*", "γσ²h²/6 + kv/(2h)", || proportional(2.0), 1.5, GGMS),
            Check {
                id: "D1min",
                what: "width of the least loss of {.4, .7, 1, 1.4, 2} h*",
                formula: "h* = (3kw²(1 − w)²/(2γ))^⅓",
                theory: || 1.0,
                tolerance: Tolerance::Absolute(0.0),
                source: GGMS,
            },
            check(
                "D2",
                "share turnover a year at h*",
                "σ²/2·(1 − w)²w·(Aε)^−⅓, ε = 2k",
                share_turnover,
                1.5,
                GGMS,
            ),
            check(
                "D3",
                "growth lost a year at h*",
                "γσ²h*²/2",
                || SIGMA * SIGMA * best().powi(2) / 2.0,
                1.0,
                GGMS,
            ),
        ],
        quick: false,
        setting: Setting::Runs {
            texts: || {
                let bands = MULTIPLES.iter().enumerate().map(|(i, multiple)| {
                    to_edge(&format!("edge-{i}"), multiple * best() - overshoot(COARSE))
                });
                vec![costly(6144, &format!("[costs]\nfee = {PER_SIDE:?}\n"), &bands.collect::<String>())]
            },
            sums: true,
            read: read_proportional,
        },
    },
    Experiment {
        checks: &[
            check(
                "D4a",
                "growth lost a year, fixed cost, center band of h_f",
                "γσ²h²/12 + Kv/h²",
                || fixed(1.0),
                2.0,
                FIXED,
            ),
            check("D4b", "same, 0.6 h_f", "γσ²h²/12 + Kv/h²", || fixed(0.6), 2.0, FIXED),
        ],
        quick: false,
        setting: Setting::Runs {
            texts: || {
                let bands: Vec<String> = [1.0, 0.6]
                    .iter()
                    .map(|multiple| center(multiple * best_fixed() - overshoot(COARSE)))
                    .collect();
                let second = bands[1].replace("\"center\"", "\"narrow\"");
                let fee = format!("[costs]\nfixed_fee = {:?}\n", PER_TRADE * VALUE);
                vec![costly(8192, &fee, &format!("{}{second}", bands[0]))]
            },
            sums: true,
            read: |ran| (0..2).map(|policy| lost_to_fixed(&ran[0], policy)).collect(),
        },
    },
];

fn fine(name: &str, paths: u64, policies: &str) -> String {
    Mix {
        name,
        sigma: SIGMA,
        drift: DRIFT,
        paths,
        horizon: "2y",
        steps: 40_000,
        warmup: 4000,
        more: "",
        policies,
    }
    .text()
}

/// Mean square gap, turnover and trades a year after the warm-up.
fn gap_turnover_trades(run: &Ran, policy: usize) -> [Measured; 3] {
    let yearly = |figure| Measured::mean(run.sum(policy, figure)).times(1.0 / run.years());
    [Measured::mean(run.by_path(policy, "gap_square")), yearly(Figure::Turnover), yearly(Figure::Trades)]
}

/// Proportional cost of a side.
const PER_SIDE: f64 = 0.002;
/// Cost of a trade as a share of the value.
const PER_TRADE: f64 = 0.0002;
const VALUE: f64 = 1000.0;
/// Steps a year where costs are paid.
const COARSE: f64 = 3000.0;
const MULTIPLES: [f64; 5] = [0.4, 0.7, 1.0, 1.4, 2.0];
const FIXED: &str = "the expansion of GGMS (2014) with Kv/h² in place of the proportional cost";

/// `w²(1 − w)²`.
fn slope() -> f64 {
    (W * (1.0 - W)).powi(2)
}

/// h* at γ = 1.
fn best() -> f64 {
    cube_root(1.5 * PER_SIDE * slope())
}

/// h_f at γ = 1.
fn best_fixed() -> f64 {
    (12.0 * PER_TRADE * slope()).sqrt().sqrt()
}

fn proportional(multiple: f64) -> f64 {
    let h = multiple * best();
    SIGMA * SIGMA * h * h / 6.0 + PER_SIDE * v() / (2.0 * h)
}

fn fixed(multiple: f64) -> f64 {
    let h = multiple * best_fixed();
    SIGMA * SIGMA * h * h / 12.0 + PER_TRADE * v() / (h * h)
}

fn share_turnover() -> f64 {
    let a = 0.75 * slope();
    let spread = 2.0 * PER_SIDE;
    0.5 * SIGMA * SIGMA * (1.0 - W).powi(2) * W / cube_root(a * spread)
}

fn costly(paths: u64, costs: &str, policies: &str) -> String {
    Mix {
        name: "costly",
        sigma: SIGMA,
        drift: DRIFT,
        paths,
        horizon: "6y",
        steps: 18_000,
        warmup: 3000,
        more: costs,
        policies,
    }
    .text()
}

/// Growth lost a year against the cost-free constant mix, on every path, without the martingale part of it.
fn lost(run: &Ran, policy: usize) -> Vec<f64> {
    let parts = run.sum(policy, Figure::Excess).iter().zip(run.sum(policy, Figure::Martingale));
    parts.map(|(excess, martingale)| (martingale - excess) / run.years()).collect()
}

fn read_proportional(ran: &[Ran]) -> Vec<Measured> {
    let run = &ran[0];
    let losses: Vec<Vec<f64>> = (0..MULTIPLES.len()).map(|policy| lost(run, policy)).collect();
    let means: Vec<Measured> = losses.iter().map(|values| Measured::mean(values)).collect();
    let least = (0..means.len()).min_by(|a, b| means[*a].value.total_cmp(&means[*b].value)).unwrap_or(0);
    // every other width loses more on the same paths, by three errors of the difference at least
    let clear = (0..means.len()).filter(|other| *other != least).all(|other| {
        let paired: Vec<f64> = losses[other].iter().zip(&losses[least]).map(|(a, b)| a - b).collect();
        let more = Measured::mean(&paired);
        more.value > 3.0 * more.se
    });
    let best = if clear { MULTIPLES[least] } else { f64::NAN };
    let shares = Measured::mean(run.sum(2, Figure::Turnover)).times(1.0 / (W * run.years()));
    vec![means[0], means[2], means[4], Measured::known(best), shares, means[2]]
}

/// A fee fixed in currency is dear when the value is low: each is restated as its share of the value at the start.
fn lost_to_fixed(run: &Ran, policy: usize) -> Measured {
    let (trades, weighted) = (run.sum(policy, Figure::Trades), run.sum(policy, Figure::TradesPerValue));
    let restated = lost(run, policy);
    let values: Vec<f64> = (0..restated.len())
        .map(|k| restated[k] + PER_TRADE * (trades[k] - weighted[k]) / run.years())
        .collect();
    Measured::mean(&values)
}
