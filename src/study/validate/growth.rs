//! Growth of a constant mix against buying and holding.
use super::quadrature::expect_normal;
use super::setting::{Measured, Ran, Setting};
use super::sums::Figure;
use super::verdict::Tolerance;
use super::{Check, Experiment};
use crate::math::{exp, ln};

const SIGMA: [f64; 2] = [0.8, 0.5];
const RHO: f64 = 0.4;
const WEIGHT: [f64; 2] = [0.6, 0.4];
const DRIFT: [f64; 2] = [0.1, 0.05];
const YEARS: f64 = 5.0;
const SOURCE: &str = "Booth and Fama (1992), Diversification returns and asset contributions; Itô's formula";

pub(super) const EXPERIMENTS: &[Experiment] = &[Experiment {
    checks: &[
        Check {
            id: "A1",
            what: "log growth of a constant mix, per year",
            formula: "w'μ − ½w'Σw",
            theory: mix,
            tolerance: Tolerance::Errors(3.0),
            source: SOURCE,
        },
        Check {
            id: "A2",
            what: "its excess over Σw·ln S, per year",
            formula: "½(Σwσ² − w'Σw)",
            theory: || 0.5 * ((0..2).map(|i| WEIGHT[i] * SIGMA[i] * SIGMA[i]).sum::<f64>() - variance()),
            tolerance: Tolerance::Share(0.001),
            source: SOURCE,
        },
        Check {
            id: "A3",
            what: "log growth of buy and hold, per year",
            formula: "E ln Σw·S_T/S_0 / T by quadrature",
            theory: hold,
            tolerance: Tolerance::Errors(3.0),
            source: SOURCE,
        },
        Check {
            id: "A4",
            what: "A1 − A3 on the same paths",
            formula: "A1 − A3",
            theory: || mix() - hold(),
            tolerance: Tolerance::Errors(3.0),
            source: SOURCE,
        },
    ],
    quick: true,
    setting: Setting::Runs { texts: || vec![text()], sums: true, read },
}];

/// w'Σw.
fn variance() -> f64 {
    let [a, b] = [WEIGHT[0] * SIGMA[0], WEIGHT[1] * SIGMA[1]];
    a * a + b * b + 2.0 * RHO * a * b
}

fn mix() -> f64 {
    WEIGHT[0] * DRIFT[0] + WEIGHT[1] * DRIFT[1] - 0.5 * variance()
}

fn hold() -> f64 {
    let price =
        |i: usize, z: f64| exp((DRIFT[i] - 0.5 * SIGMA[i] * SIGMA[i]) * YEARS + SIGMA[i] * YEARS.sqrt() * z);
    let other = (1.0 - RHO * RHO).sqrt();
    let growth = expect_normal(256, |u| {
        expect_normal(256, |v| ln(WEIGHT[0] * price(0, u) + WEIGHT[1] * price(1, RHO * u + other * v)))
    });
    growth / YEARS
}

fn text() -> String {
    let asset = |i: usize, symbol: &str| {
        format!(
            "[[assets]]\nsymbol = \"{symbol}\"\nspot = 100.0\nprocess = {{ kind = \"gbm\", drift = {:?}, volatility = {:?} }}\n",
            DRIFT[i], SIGMA[i]
        )
    };
    format!(
        "version = 1\nname = \"growth\"\n[run]\npaths = 40_000\nseed = 11\nhorizon = \"{YEARS}y\"\nsteps = 1825\n\
         [market]\ncorrelation = [[1.0, {RHO:?}], [{RHO:?}, 1.0]]\n{}{}\
         [target]\nkind = \"basket\"\nvalue = 1000.0\nweights = {{ A = {:?}, B = {:?} }}\n\
         [[policies]]\nname = \"mix\"\nkind = \"periodic\"\nevery = \"1 step\"\n\
         [[policies]]\nname = \"hold\"\nkind = \"hold\"\n",
        asset(0, "A"),
        asset(1, "B"),
        WEIGHT[0],
        WEIGHT[1]
    )
}

fn read(ran: &[Ran]) -> Vec<Measured> {
    let run = &ran[0];
    let (mix, hold) = (run.sum(0, Figure::Growth), run.sum(1, Figure::Growth));
    let (a, b) = (run.log_change(0), run.log_change(1));
    let excess: Vec<f64> = (0..mix.len()).map(|k| mix[k] - WEIGHT[0] * a[k] - WEIGHT[1] * b[k]).collect();
    let paired: Vec<f64> = mix.iter().zip(hold).map(|(mix, hold)| mix - hold).collect();
    [mix, &excess, hold, &paired].map(|values| Measured::mean(values).times(1.0 / run.years())).to_vec()
}
