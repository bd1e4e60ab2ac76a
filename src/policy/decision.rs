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
    /// Steps between trades that Leland's volatility assumes, with its one-way cost by asset.
    pub leland: Option<(u64, Vec<f64>)>,
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

/// Half-width of a band.
#[derive(Debug, Clone, PartialEq)]
pub enum Width {
    /// By asset: units of underlying (options) or weight points (baskets).
    Absolute(Vec<f64>),
    /// A fraction of the target weight (baskets).
    Relative(f64),
    /// Whalley–Wilmott: by asset the factor `(3κ/2a)^{1/3}` of [`crate::book::width`].
    WhalleyWilmott(Vec<f64>),
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
            Self::Band(rule) => rule.decision(book),
            Self::RelativeBand(rule) => rule.decision(),
            Self::WhalleyWilmott(rule) => rule.decision(book),
            Self::Leland(rule) => rule.decision(book),
            Self::TimeOrBand(rule) => rule.decision(book),
        }
    }
}

impl Decision {
    /// Never acts after the start.
    pub fn resting(opens: bool) -> Self {
        Self { opens, clock: None, band: None, leland: None }
    }

    /// What the policy does at step `j`.
    pub fn at(&self, j: u64) -> Action {
        if self.clock.is_some_and(|every| j.is_multiple_of(every)) {
            Action::Trade
        } else if self.band.as_ref().is_some_and(|band| j.is_multiple_of(band.every)) {
            Action::Watch
        } else {
            Action::Rest
        }
    }

    /// Whether it needs the width that the position's gamma makes at a step where it acts.
    pub fn follows_gamma(&self) -> bool {
        self.band.as_ref().is_some_and(|band| matches!(band.width, Width::WhalleyWilmott(_)))
    }
}
