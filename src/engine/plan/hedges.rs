//! Hedge volatilities that differ from path to path, compiled.
use crate::book::HedgeVolatility;
use crate::book::delta::Regression;
use crate::book::volatility::ewma::Tracker;
use crate::book::zakamouline;
use crate::policy::decision::Adjustment;

/// Where a leg's hedge volatility comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source {
    /// The same on every path.
    Constant(f64),
    /// An estimate, by its place among the trackers.
    Estimated(usize),
    /// The process's own, by asset.
    Own(usize),
}

/// One estimate of a volatility.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackerPlan {
    /// The asset whose prices it sees.
    pub asset: usize,
    /// Its rule.
    pub tracker: Tracker,
    /// Weight of a new return.
    pub weight: f64,
}

/// A valuation at volatilities that differ from path to path.
#[derive(Debug, Clone)]
pub struct LaneTerms {
    /// By option leg.
    pub sources: Vec<Source>,
    /// How variance moves with price, by option leg; without covariance in Black and Scholes' delta.
    pub tilt: Vec<Regression>,
    /// What costs make of the volatilities, with the valuation whose gamma it reads.
    pub adjustment: Option<(usize, AdjustmentPlan)>,
}

/// What costs make of volatilities, by asset.
#[derive(Debug, Clone)]
pub enum AdjustmentPlan {
    /// Leland's, for trades every so many years.
    Leland {
        /// One-way cost by asset.
        cost: Vec<f64>,
        /// Years between trades.
        interval: f64,
    },
    /// Zakamouline's, which makes the width of the band too.
    Zakamouline(Vec<zakamouline::Terms>),
}

impl Source {
    /// Of a leg on that asset; a new estimate joins the trackers.
    pub(super) fn new(volatility: &HedgeVolatility, asset: usize, trackers: &mut Vec<TrackerPlan>) -> Self {
        match volatility {
            HedgeVolatility::Constant(value) => Self::Constant(*value),
            HedgeVolatility::Own(_) => Self::Own(asset),
            HedgeVolatility::Estimated { ewma } => {
                let plan = TrackerPlan { asset, tracker: *ewma, weight: ewma.weight() };
                let known = trackers.iter().position(|each| *each == plan);
                Self::Estimated(known.unwrap_or_else(|| {
                    trackers.push(plan);
                    trackers.len() - 1
                }))
            }
        }
    }

    /// Its value where it is constant.
    pub(super) fn constant(&self) -> Option<f64> {
        if let Self::Constant(value) = self { Some(*value) } else { None }
    }
}

impl AdjustmentPlan {
    pub(super) fn new(adjustment: &Adjustment, dt: f64) -> Self {
        match adjustment {
            Adjustment::Leland { every, cost } => {
                Self::Leland { cost: cost.clone(), interval: *every as f64 * dt }
            }
            Adjustment::Zakamouline { risk_aversion, cost } => Self::Zakamouline(
                cost.iter().map(|cost| zakamouline::Terms::new(*risk_aversion, *cost)).collect(),
            ),
        }
    }
}
