//! What one policy's orders leave behind between steps, path by path.
use crate::market::latency::Law;
use crate::math::{B, Lanes};
use crate::metric::{COSTS, COUNTS};

use super::super::plan::{Plan, VenueAsset};

/// What is counted of a policy's orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Count {
    /// Orders (baskets: decisions) not sent because the price seen was too old.
    StaleRefusals,
    /// Order legs not sent because they were too small.
    BelowMinimum,
    /// Remainders dropped by the cap.
    Cancelled,
    /// Remainders left waiting, once a step.
    Queued,
    /// Legs refused: no volume, or more than the pool holds.
    Refused,
    /// Attempts that failed.
    Reverted,
    /// Transactions given up.
    Failed,
    /// Attempts that filled something or failed.
    Transactions,
    /// Legs still in flight at the end.
    Dropped,
    /// Positions that met a funding boundary.
    FundingSettlements,
    /// 1 once the portfolio was liquidated.
    WipedOut,
}

/// When a fill happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Stage {
    /// The first trade.
    Initial,
    /// During life.
    Life,
    /// The unwind.
    Final,
}

/// Number of counts: those that have a name.
const N_COUNTS: usize = COUNTS.len();

/// One leg of a transaction that has not filled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    /// Step of the next attempt.
    pub(super) due: u64,
    /// Step of the first attempt: with that of the decision it names the batch.
    pub(super) first_due: u64,
    /// Step of the decision.
    pub(super) decided: u64,
    pub(super) asset: usize,
    /// Units; 0 once it is done with.
    pub(super) units: f64,
    /// True mid at the decision.
    pub(super) mid: f64,
    /// Attempts that failed.
    pub(super) tries: u32,
}

/// A rebalance that is being sent in parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Slices {
    /// Parts not yet sent, by asset; a basket's assets have as many.
    pub(super) left: Vec<u64>,
    /// Units in all, by asset.
    pub(super) wanted: Vec<f64>,
    /// Units sent, by asset.
    pub(super) sent: Vec<f64>,
}

/// One path.
#[derive(Debug, Clone)]
pub(super) struct Path {
    /// In order of decision, then of asset.
    pub(super) pending: Vec<Leg>,
    /// Notional filled at this step, by asset.
    pub(super) used: Vec<f64>,
    /// Visible price at the last order, by asset.
    pub(super) last_price: Vec<f64>,
    /// Step of the last order, by asset.
    pub(super) last_order: Vec<u64>,
    pub(super) slices: Slices,
    /// Step of the liquidation.
    pub(super) wiped: Option<u64>,
    /// Path figures as they stood then: Σ(a − ā)², Σ gap², steps outside.
    pub(super) kept: Kept,
}

/// Path figures of a liquidated path.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kept {
    pub(super) squares: Option<f64>,
    /// Last step whose return counts: there is none on a value that costs had taken already.
    pub(super) last_return: u64,
    pub(super) gap: f64,
    pub(super) outside: f64,
}

/// Costs that only a venue knows.
const N_OWN_COSTS: usize = COSTS.len() - 5;

/// One policy's venue over a block.
#[derive(Debug, Clone)]
pub(in super::super) struct Venue {
    pub(super) paths: Vec<Path>,
    /// Units that a rebalance of one path wants, by asset.
    pub(super) orders: Vec<f64>,
    /// Units of it that are sent now, by asset.
    pub(super) parts: Vec<f64>,
    /// Gas paid, nominal.
    pub(in super::super) gas: Lanes,
    /// Borrow paid, nominal.
    pub(in super::super) borrow: Lanes,
    /// Permanent impact paid, nominal and signed.
    pub(in super::super) permanent: Lanes,
    /// Fees paid to pools, nominal.
    pub(in super::super) fee_pool: Lanes,
    /// Impact in pools, nominal.
    pub(in super::super) impact_pool: Lanes,
    /// Half-spread paid above that at rest, nominal and signed.
    pub(in super::super) wider: Lanes,
    /// The same by [`Stage`], whether it was charged or not.
    pub(in super::super) wider_by_stage: [Lanes; 3],
    /// Displacement of the price by own trades, by asset.
    pub(in super::super) displacement: Vec<Lanes>,
    /// Price at which each asset's pool stands, where pools stay.
    pub(in super::super) pool: Vec<Lanes>,
    /// By [`Count`].
    pub(in super::super) counts: [Lanes; N_COUNTS],
}

/// Steps that an order may be on its way.
fn waiting(asset: &VenueAsset) -> f64 {
    asset.waits.map_or(asset.delay as f64, Law::longest)
}

impl Venue {
    /// Bytes that the venue of one policy takes; what is in flight is guessed.
    pub(in super::super) fn bytes(plan: &Plan) -> f64 {
        let Some(venue) = &plan.venue else { return 0.0 };
        let n = venue.assets.len() as f64;
        let legs: f64 = venue.assets.iter().map(|asset| waiting(asset).min(plan.n_steps as f64) + 4.0).sum();
        let path = legs * size_of::<Leg>() as f64 + size_of::<Path>() as f64 + n * 48.0;
        B as f64 * path + size_of::<Self>() as f64 + 2.0 * n * size_of::<Lanes>() as f64
    }

    pub(in super::super) fn new(n_assets: usize) -> Self {
        let path = Path {
            pending: Vec::new(),
            used: vec![0.0; n_assets],
            last_price: vec![0.0; n_assets],
            last_order: vec![0; n_assets],
            slices: Slices {
                left: vec![0; n_assets],
                wanted: vec![0.0; n_assets],
                sent: vec![0.0; n_assets],
            },
            wiped: None,
            kept: Kept::default(),
        };
        let zero = Lanes::ZERO;
        Self {
            paths: vec![path; B],
            orders: vec![0.0; n_assets],
            parts: vec![0.0; n_assets],
            gas: zero,
            borrow: zero,
            permanent: zero,
            fee_pool: zero,
            impact_pool: zero,
            wider: zero,
            wider_by_stage: [zero; 3],
            displacement: vec![zero; n_assets],
            pool: vec![zero; n_assets],
            counts: [zero; N_COUNTS],
        }
    }

    /// Back to the start of a path.
    #[inline(always)]
    pub(super) fn reset(&mut self) {
        for lanes in
            [&mut self.gas, &mut self.borrow, &mut self.permanent, &mut self.fee_pool, &mut self.impact_pool]
        {
            *lanes = Lanes::ZERO;
        }
        self.wider = Lanes::ZERO;
        self.wider_by_stage.fill(Lanes::ZERO);
        self.displacement.fill(Lanes::ZERO);
        self.counts.fill(Lanes::ZERO);
        for path in &mut self.paths {
            path.pending.clear();
            path.last_order.fill(0);
            path.slices.left.fill(0);
            path.wiped = None;
            path.kept = Kept::default();
        }
    }

    /// Costs of its own, in the order of [`crate::metric::COSTS`].
    #[inline(always)]
    pub(in super::super) fn costs(&self) -> [Lanes; N_OWN_COSTS] {
        [self.permanent, self.gas, self.borrow, self.fee_pool, self.impact_pool]
    }

    /// Notes what a fill pays above the half-spread at rest, or would where it is not charged.
    #[inline(always)]
    pub(super) fn note_spread(&mut self, stage: Stage, amount: f64, lane: usize) {
        self.wider_by_stage[stage as usize][lane] += amount;
    }

    /// Adds one to a count of a path.
    #[inline(always)]
    pub(super) fn count(&mut self, what: Count, lane: usize) {
        self.counts[what as usize][lane] += 1.0;
    }

    /// Parts of a rebalance that are not yet sent.
    pub(in super::super) fn slices_left(&self, lane: usize) -> u64 {
        self.paths[lane].slices.most()
    }
}

impl Slices {
    /// Parts of the longest rebalance that are not yet sent.
    #[inline(always)]
    pub(super) fn most(&self) -> u64 {
        self.left.iter().copied().max().unwrap_or(0)
    }

    /// Units of the next part of an asset's rebalance into `slices`, counted as sent now; what was kept back is in it.
    #[inline(always)]
    pub(super) fn next(&mut self, asset: usize, slices: u64) -> f64 {
        let number = slices - self.left[asset] + 1;
        self.left[asset] -= 1;
        let wanted = self.wanted[asset];
        let due = if number == slices { wanted } else { wanted * number as f64 / slices as f64 };
        due - self.sent[asset]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stand_in_the_order_of_their_names() {
        for (count, name) in [
            (Count::StaleRefusals, "stale_refusals"),
            (Count::BelowMinimum, "below_minimum"),
            (Count::Cancelled, "cancelled"),
            (Count::Queued, "queued"),
            (Count::Refused, "refused"),
            (Count::Reverted, "reverted"),
            (Count::Failed, "failed"),
            (Count::Transactions, "transactions"),
            (Count::Dropped, "dropped"),
            (Count::FundingSettlements, "funding_settlements"),
            (Count::WipedOut, "wiped_out"),
        ] {
            assert_eq!(COUNTS[count as usize], name);
        }
    }
}
