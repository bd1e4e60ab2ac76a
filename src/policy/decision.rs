//! What every rule comes down to: a clock, a band, and where a trade goes.
use super::{Destination, Rule};

/// When a policy acts and how far it goes; periods in steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Makes the initial trade.
    pub opens: bool,
    /// Trades the whole gap at every multiple of this step.
    pub clock: Option<u64>,
    /// Trades when the gap leaves this band.
    pub band: Option<Watch>,
    /// What sets it off, where it is put together from triggers; clock and band then only describe it.
    pub triggers: Option<Triggers>,
    /// How it holds a basket's leverage; clock and band are then none.
    pub recentering: Option<Recentering>,
    /// What the volatility of its deltas makes of costs.
    pub adjustment: Option<Adjustment>,
}

/// What a policy makes of its hedge volatility before it takes a delta; costs are one-way, by asset.
#[derive(Debug, Clone, PartialEq)]
pub enum Adjustment {
    /// Leland's volatility for trades every so many steps.
    Leland {
        /// Steps between trades.
        every: u64,
        /// Cost by asset.
        cost: Vec<f64>,
    },
    /// Zakamouline's volatility and band.
    Zakamouline {
        /// Absolute risk aversion.
        risk_aversion: f64,
        /// Cost by asset.
        cost: Vec<f64>,
    },
}

/// Bounds of a basket's leverage, and how it is drawn back between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recentering {
    /// Sum of the target weights.
    pub target: f64,
    /// Least leverage.
    pub min: f64,
    /// Greatest leverage.
    pub max: f64,
    /// Part of the way to the target.
    pub speed: f64,
    /// Steps between rebalances inside the bounds.
    pub every: u64,
    /// Steps between two looks at the bounds.
    pub monitor_every: u64,
}

impl Recentering {
    /// Leverage to trade to at step `j` from a leverage; none where nothing is to be done.
    #[inline(always)]
    pub fn aim(&self, j: u64, leverage: f64) -> Option<f64> {
        let ticks = j.is_multiple_of(self.every);
        if ticks || j.is_multiple_of(self.monitor_every) {
            if leverage > self.max {
                return Some(self.max);
            }
            if leverage < self.min {
                return Some(self.min);
            }
        }
        let drawn = leverage * (1.0 - self.speed) + self.target * self.speed;
        let below = if drawn < self.max { drawn } else { self.max };
        ticks.then_some(if below > self.min { below } else { self.min })
    }
}

/// A band and how it is watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// Half-width.
    pub width: Width,
    /// Looked at every so many steps.
    pub every: u64,
    /// Where a trade goes.
    pub to: Destination,
}

/// Triggers of a rule, and what it does when one fires.
#[derive(Debug, Clone, PartialEq)]
pub struct Triggers {
    /// Fire at every multiple.
    pub clocks: Vec<u64>,
    /// Fire for an asset outside.
    pub bands: Vec<Bound>,
    /// Fire when the price has moved since the last order.
    pub moves: Vec<Look>,
    /// Steps since the last order in which nothing is decided.
    pub min_interval: u64,
    /// How far inside the band a trade ends: 0 at the edge, 1 at the center.
    pub inward: f64,
    /// Whether all assets trade when one is set off.
    pub all: bool,
    /// Steps over which a rebalance is spread.
    pub slices: u64,
    /// Part of an order that is sent; the rest is never.
    pub share: f64,
}

/// Half-widths by asset, looked at every so many steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// Units of underlying (options) or weight points (baskets); a factor of them where the band follows.
    pub width: Vec<f64>,
    /// Steps between two looks.
    pub every: u64,
    /// Whether the width is a factor of that which the valuation of the policy makes at every step.
    pub follows: bool,
}

impl Bound {
    /// Half-width of an asset, `followed` what its valuation makes.
    #[inline(always)]
    fn of(&self, asset: usize, followed: f64) -> f64 {
        if self.follows { self.width[asset] * followed } else { self.width[asset] }
    }
}

/// A move of the price, looked at every so many steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Relative size.
    pub size: f64,
    /// Steps between two looks.
    pub every: u64,
}

impl Triggers {
    /// Whether a clock fires at step `j`.
    #[inline(always)]
    pub fn ticks(&self, j: u64) -> bool {
        self.clocks.iter().any(|every| j.is_multiple_of(*every))
    }

    /// Whether a move of the visible price from `last` to `p` fires at step `j`.
    #[inline(always)]
    pub fn moved(&self, j: u64, p: f64, last: f64) -> bool {
        let mut fires = false;
        for look in &self.moves {
            fires |= j.is_multiple_of(look.every) && (p / last - 1.0).abs() > look.size;
        }
        fires
    }

    /// Smallest half-width of an asset that a gap has left at step `j`, `followed` that of the asset's valuation.
    #[inline(always)]
    pub fn breached(&self, j: u64, asset: usize, gap: f64, followed: f64) -> Option<f64> {
        let mut narrowest = None;
        for bound in &self.bands {
            let width = bound.of(asset, followed);
            if j.is_multiple_of(bound.every)
                && gap.abs() > width
                && narrowest.is_none_or(|other| width < other)
            {
                narrowest = Some(width);
            }
        }
        narrowest
    }

    /// Smallest half-width of an asset, `followed` that of its valuation; infinite without a band.
    #[inline(always)]
    pub fn narrowest(&self, asset: usize, followed: f64) -> f64 {
        let mut narrowest = f64::INFINITY;
        for bound in &self.bands {
            let width = bound.of(asset, followed);
            narrowest = if width < narrowest { width } else { narrowest };
        }
        narrowest
    }

    /// What the share of steps outside is measured by: the narrowest band of each of so many assets, at any step.
    pub(super) fn watched(&self, n_assets: usize) -> Option<Width> {
        let least = |follows: bool| -> Option<Vec<f64>> {
            let bands = || self.bands.iter().filter(move |bound| bound.follows == follows);
            bands().next()?;
            let of = |asset| bands().map(|bound| bound.width[asset]).fold(f64::INFINITY, f64::min);
            Some((0..n_assets).map(of).collect())
        };
        match (least(false), least(true)) {
            (None, None) => None,
            (Some(widths), None) => Some(Width::Absolute(widths)),
            (None, Some(factors)) => Some(Width::Followed(factors)),
            (Some(widths), Some(factors)) => Some(Width::Narrower(widths, factors)),
        }
    }

    /// Whether some band follows the gamma of the book.
    #[inline(always)]
    pub fn follow(&self) -> bool {
        self.bands.iter().any(|bound| bound.follows)
    }

    /// Whether anything is looked at at step `j`.
    fn looks(&self, j: u64) -> bool {
        self.ticks(j)
            || self.bands.iter().any(|bound| j.is_multiple_of(bound.every))
            || self.moves.iter().any(|look| j.is_multiple_of(look.every))
    }
}

/// Half-width of a band.
#[derive(Debug, Clone, PartialEq)]
pub enum Width {
    /// By asset: units of underlying (options) or weight points (baskets).
    Absolute(Vec<f64>),
    /// A fraction of the target weight (baskets).
    Relative(f64),
    /// By asset a factor of the width that the valuation it follows makes at every step: `(3κ/2a)^{1/3}` of that of
    /// [`crate::book::width`] (Whalley–Wilmott), 1 of that of [`crate::book::zakamouline`].
    Followed(Vec<f64>),
    /// By asset the narrower of a fixed width and a followed one, the factor of which comes second.
    Narrower(Vec<f64>, Vec<f64>),
}

/// What a policy does at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Rest,
    /// Trades the whole gap.
    Trade,
    /// Trades if the gap is outside the band.
    Watch,
}

/// What a rule needs to know of the book it serves.
#[derive(Debug, Clone, Copy)]
pub struct BookTerms<'a> {
    /// Symbols of the assets.
    pub symbols: &'a [String],
    /// Σ|quantity| of every asset (options), 1 (baskets): what a width in % is of.
    pub quantities: &'a [f64],
    /// Target weights of every asset (baskets).
    pub weights: Option<&'a [f64]>,
    /// Default destination of `band`: the edge for options, the center for baskets.
    pub band_to: Destination,
}

impl Rule {
    /// When this rule acts.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        match self {
            Self::NoTrade(_) => Decision::resting(false),
            Self::Hold(_) => Decision::resting(true),
            Self::Periodic(rule) => rule.decision(),
            Self::Proportional(rule) => rule.decision(book),
            Self::Band(rule) => rule.decision(book),
            Self::RelativeBand(rule) => rule.decision(),
            Self::OptimalBand(rule) => rule.decision(book),
            Self::GasAwareBand(rule) => rule.decision(book),
            Self::LeverageTarget(rule) => rule.decision(book),
            Self::WhalleyWilmott(rule) => rule.decision(book),
            Self::Zakamouline(rule) => rule.decision(book),
            Self::Leland(rule) => rule.decision(book),
            Self::TimeOrBand(rule) => rule.decision(book),
            Self::TriggerRule(rule) => rule.decision(book),
        }
    }
}

impl Decision {
    /// Never acts after the start.
    pub fn resting(opens: bool) -> Self {
        Self { opens, clock: None, band: None, triggers: None, recentering: None, adjustment: None }
    }

    /// What the policy does at step `j`.
    pub fn at(&self, j: u64) -> Action {
        if let Some(triggers) = &self.triggers {
            return if triggers.looks(j) { Action::Watch } else { Action::Rest };
        }
        if let Some(own) = &self.recentering {
            let looks = j.is_multiple_of(own.every) || j.is_multiple_of(own.monitor_every);
            return if looks { Action::Watch } else { Action::Rest };
        }
        if self.clock.is_some_and(|every| j.is_multiple_of(every)) {
            Action::Trade
        } else if self.band.as_ref().is_some_and(|band| j.is_multiple_of(band.every)) {
            Action::Watch
        } else {
            Action::Rest
        }
    }

    /// Whether it needs the width that its valuation makes at a step where it acts.
    pub fn follows_width(&self) -> bool {
        self.band.as_ref().is_some_and(|band| matches!(band.width, Width::Followed(_) | Width::Narrower(..)))
    }
}
