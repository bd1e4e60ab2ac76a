//! A funding rate that returns to its mean from one settlement to the next.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::{B, Lanes};
use crate::rng::{Purpose, Stream, normal_quad};
use crate::units::Fraction;

/// `r_m = mean + y_m`, `y_{m+1} = φ·y_m + std·√(1 − φ²)·ε_{m+1}`, `y_1 ~ N(0, std²)`; what is paid is `r_m` within ±cap.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `mean` | | per year, simple | −1000 … 1000 |
/// | `persistence` | φ | per settlement | 0 … below 1 |
/// | `std` | | per year, simple | 0 … 1000 |
/// | `cap` | | per year, simple | above 0 |
/// | `interest` | I, c | per year, simple | −1000 … 1000, 0 … 1000 |
///
/// With `interest` the law is that of the premium index P and the rate is `P + clamp(I − P, ±c)`, within ±cap: while the
/// premium is within c of the interest rate the interest rate is paid. (The formula of the large venues for perpetuals,
/// I 0.01 % and c 0.05 % per 8 h: .1095 and .5475 a year.)
///
/// One rate an asset and path, the same for all policies; rates of different assets are independent. The cap acts on what
/// is paid and not on `y`, so that the law of `y` is that of the formula however tight the cap. Draws one normal a
/// settlement (stream `Funding`), two settlements to a draw. It knows nothing of the price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ar1 {
    /// Mean rate, annual and simple (1 bp per 8 h is 0.1095).
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub mean: Fraction,
    /// Correlation of a rate with the one before.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub persistence: f64,
    /// Standard deviation of the rate in the long run, annual.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub std: Fraction,
    /// Largest rate in size that the venue lets pay, annual; default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1e6), extend("exclusiveMinimum" = 0.0))]
    pub cap: Option<Fraction>,
    /// What the premium is set against; default: nothing, the rate itself follows the law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<Interest>,
}

/// The interest part of a venue's funding formula.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interest {
    /// Interest rate I, annual.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub rate: Fraction,
    /// Largest size of I less the premium that counts, annual.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub clamp: Fraction,
}

/// The law with its settlements on a grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateStep {
    mean: f64,
    persistence: f64,
    std: f64,
    shock: f64,
    cap: f64,
    /// I and c.
    interest: Option<(f64, f64)>,
    /// Steps between two settlements.
    pub every: u64,
    /// Years between two settlements.
    years: f64,
    stream: Stream,
}

/// The rate of a block's paths.
#[derive(Debug, Clone)]
pub struct RateState {
    /// Deviation from the mean.
    y: Lanes,
    normals: [Lanes; 4],
    /// Paid at the last settlement, per notional.
    pub paid: Lanes,
}

impl Default for RateState {
    fn default() -> Self {
        Self { y: Lanes::ZERO, normals: [Lanes::ZERO; 4], paid: Lanes::ZERO }
    }
}

impl Ar1 {
    /// The law for an asset that settles every so many steps of `dt` years.
    pub fn on(&self, every: u64, dt: f64, asset: usize) -> RateStep {
        let phi = self.persistence;
        RateStep {
            mean: self.mean.0,
            persistence: phi,
            std: self.std.0,
            shock: self.std.0 * (1.0 - phi * phi).sqrt(),
            cap: self.cap.map_or(f64::INFINITY, |cap| cap.0),
            interest: self.interest.map(|own| (own.rate.0, own.clamp.0)),
            every,
            years: every as f64 * dt,
            stream: Stream::new(Purpose::Funding, asset as u32),
        }
    }
}

impl RateStep {
    /// The rate of the settlement at step `j`, where there is one.
    #[inline(always)]
    pub fn advance(&self, seed: u64, first_path: u64, j: u64, state: &mut RateState) {
        if !j.is_multiple_of(self.every) {
            return;
        }
        // counted from 0
        let number = j / self.every - 1;
        let quarter = (number % 4) as usize;
        if quarter == 0 {
            normal_quad(seed, self.stream, first_path, (number / 4) as u32, &mut state.normals);
        }
        // the first is drawn from the stationary law
        let (keeps, shock) = if number == 0 { (0.0, self.std) } else { (self.persistence, self.shock) };
        for lane in 0..B {
            let y = keeps * state.y[lane] + shock * state.normals[quarter][lane];
            state.y[lane] = y;
            let law = self.mean + y;
            let rate = self.interest.map_or(law, |(interest, most)| {
                let gap = interest - law;
                let gap = if gap < most { gap } else { most };
                law + if gap > -most { gap } else { -most }
            });
            let rate = if rate < self.cap { rate } else { self.cap };
            let rate = if rate > -self.cap { rate } else { -self.cap };
            state.paid[lane] = rate * self.years;
        }
    }
}
