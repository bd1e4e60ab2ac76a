//! State of one block of paths: structure of arrays, made once per worker and reset for every block.
use crate::book::valuation::{LegClock, Net, Prices, Wants};
use crate::market::oracle::FeedState;
use crate::market::price::PriceState;
use crate::market::price::bootstrap::DatesState;
use crate::math::Lanes;
use crate::policy::decision::Action;

use super::conditions::Conditions;
use super::plan::{AssetPlan, BookPlan, Plan, View};
use super::sampling::{SamplingPlan, SamplingState};
use super::span;
use super::venue::Venue;
use super::volatility::Volatilities;

const ZERO: Lanes = Lanes::ZERO;

/// Everything that changes while a block runs.
#[derive(Debug, Clone)]
pub struct BlockState {
    /// True prices.
    pub market: MarketState,
    /// Oracles by asset.
    pub feeds: Vec<FeedState>,
    /// Sum over steps and assets of (seen/true − 1)².
    pub oracle_error: Lanes,
    /// Shared Black–Scholes work.
    pub clocks: Vec<LegClock>,
    /// One for each valuation.
    pub nets: Vec<Net>,
    /// Hedge volatilities that differ from path to path.
    pub volatilities: Volatilities,
    /// Benchmark value (baskets) and that of the step before.
    pub benchmark: Lanes,
    /// Benchmark return of the step.
    pub benchmark_return: Lanes,
    /// What each policy does in the step.
    pub actions: Vec<Action>,
    /// What each valuation must give in the step.
    pub wants: Vec<Wants>,
    /// One for each policy.
    pub accounts: Vec<Account>,
    /// Room for values and masks of a policy's step.
    pub scratch: Scratch,
    /// Room for steps that are taken together.
    pub(super) span: span::Room,
    /// Control variates by policy, where the run has them.
    pub controls: Vec<Lanes>,
    /// Deviation by policy and time so far, on blocks that feed the timeline.
    pub timeline: Option<Vec<Vec<Lanes>>>,
}

/// True prices of a block.
#[derive(Debug, Clone)]
pub struct MarketState {
    /// By asset.
    pub prices: Vec<PriceState>,
    /// Prices of the step before, by asset (baskets and audits).
    pub before: Vec<Lanes>,
    /// Independent normals of four steps, by asset.
    pub normals: Vec<[Lanes; 4]>,
    /// Uniforms of two steps for the variance, by asset.
    pub uniforms: Vec<[Lanes; 2]>,
    /// Correlated normal of one asset.
    pub mixed: Lanes,
    /// Dates of bootstrapped assets.
    pub dates: DatesState,
    /// What trading costs, where that moves.
    pub conditions: Conditions,
    /// Walks of paths that are not drawn one by one.
    pub(super) sampling: SamplingState,
}

/// One policy's portfolio.
#[derive(Debug, Clone)]
pub struct Account {
    /// By asset.
    pub holdings: Vec<Holding>,
    /// Cash, discounted to the start.
    pub cash: Lanes,
    /// Impact paid, nominal.
    pub impact: Lanes,
    /// Funding paid, nominal.
    pub funding: Lanes,
    /// Steps with at least one fill.
    pub rebalances: Lanes,
    /// 1 where the step had a fill (several assets).
    pub any_fill: Lanes,
    /// Σ|q|S/V (baskets).
    pub turnover_weight: Lanes,
    /// Ledger of an audited block.
    pub audit: Audit,
    /// Path metrics.
    pub path: PathMetrics,
    /// What is worked off path by path, where the plan says so.
    pub(super) venue: Option<Box<Venue>>,
    /// Terminal deviation.
    pub deviation: Lanes,
    /// Terminal value of a basket.
    pub final_value: Lanes,
}

/// One asset in one policy's portfolio.
#[derive(Debug, Clone)]
pub struct Holding {
    /// Units held.
    pub held: Lanes,
    /// Whether orders fill later than they are decided.
    pub delayed: bool,
    /// Units held and in flight; kept only where there is a delay.
    pub effective: Lanes,
    /// Orders in flight by step of decision modulo the delay.
    pub queue: Vec<Lanes>,
    /// Whether a slot of the queue holds orders.
    pub queued: Vec<bool>,
    /// Σ|q|S over life.
    pub turnover: Lanes,
    /// Fills over life.
    pub trades: Lanes,
    /// Σ age of the value seen at orders sent.
    pub age: Lanes,
    /// Orders sent; kept only where there is a delay.
    pub orders: Lanes,
    /// Notional of the first trade (the same on every path).
    pub initial: f64,
    /// Notional of the unwind.
    pub last: Lanes,
    /// Order decided and units filled in this step (recorded runs only).
    pub record: Option<Box<[Lanes; 2]>>,
}

/// The other side of the ledger identity, kept on audited blocks.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Σ h ΔS.
    pub gains: Lanes,
    /// Accrual on cash.
    pub interest: Lanes,
    /// Yield on positions and holdings.
    pub dividends: Lanes,
    /// Payoffs of legs (options).
    pub payoffs: Lanes,
}

/// Figures that need a mark at every step.
#[derive(Debug, Clone)]
pub struct PathMetrics {
    /// Marked portfolio.
    pub mark: Lanes,
    /// Running mean of active returns (options: times the notional).
    pub mean: Lanes,
    /// Running Σ(a − ā)² of them.
    pub squares: Lanes,
    /// Largest absolute deviation.
    pub max_abs: Lanes,
    /// Σ squared gap at the true price.
    pub gap: Lanes,
    /// Steps outside the band at the true price.
    pub outside: Lanes,
    /// Least cash.
    pub least_cash: Lanes,
}

/// Room for the intermediate lanes of one policy's step.
#[derive(Debug, Clone)]
pub struct Scratch {
    /// Value of a basket at the prices seen.
    pub value: Lanes,
    /// Lanes that trade: 1, else 0.
    pub fires: Lanes,
    /// Value of a basket at true prices, before the step's fills.
    pub before: Lanes,
    /// Target of one asset.
    pub target: Lanes,
    /// Notional traded so far, before the step's fills (baskets).
    pub turnover: Lanes,
}

impl BlockState {
    /// Bytes that a block of that plan takes, with its timeline.
    pub fn bytes(plan: &Plan) -> f64 {
        let lane = size_of::<Lanes>() as f64;
        let holding = size_of::<Holding>() as f64;
        let queues: f64 =
            plan.prices.assets.iter().filter(|a| a.fills).map(|a| a.delay as f64 * (lane + 1.0)).sum();
        let account =
            size_of::<Account>() as f64 + plan.n_assets() as f64 * holding + queues + Venue::bytes(plan);
        let market =
            plan.n_assets() as f64 * (size_of::<PriceState>() + size_of::<FeedState>() + 6 * 1024) as f64;
        let rings: f64 =
            plan.prices.assets.iter().flat_map(|a| &a.oracle).map(|feed| feed.ring_bytes() as f64).sum();
        let valuations = match &plan.book {
            BookPlan::Options(book) => {
                let estimates = 3 * book.valuations.trackers.len() + plan.n_assets();
                book.valuations.list.len() as f64 * (3.0 * plan.n_assets() as f64 + 1.0) * lane
                    + estimates as f64 * lane
            }
            BookPlan::Basket(_) => 0.0,
        };
        let times = if plan.path_metrics { plan.times.len() as f64 } else { 0.0 };
        plan.policies.len() as f64 * (account + times * lane)
            + market
            + rings
            + valuations
            + Conditions::bytes(plan)
            + span::Room::bytes(plan)
            + plan.prices.sampling.as_ref().map_or(0.0, SamplingPlan::bytes)
    }

    /// Room for a block of that plan.
    pub fn new(plan: &Plan, record: bool) -> Self {
        let n = plan.n_assets();
        let (n_legs, n_valuations) = match &plan.book {
            BookPlan::Options(book) => (book.valuations.legs.len(), book.valuations.list.len()),
            BookPlan::Basket(_) => (0, 0),
        };
        let (nets, actions) = (vec![Net::new(n); n_valuations], vec![Action::Rest; plan.policies.len()]);
        Self {
            market: MarketState::new(plan),
            feeds: vec![FeedState::default(); n],
            oracle_error: ZERO,
            clocks: vec![LegClock::default(); n_legs],
            span: span::Room::new(plan, &nets, &actions),
            nets,
            volatilities: Volatilities::new(plan),
            benchmark: ZERO,
            benchmark_return: ZERO,
            actions,
            wants: vec![Wants::default(); n_valuations],
            accounts: plan.policies.iter().map(|_| Account::new(plan, record)).collect(),
            controls: Vec::new(),
            timeline: None,
            scratch: Scratch { value: ZERO, fires: ZERO, before: ZERO, target: ZERO, turnover: ZERO },
        }
    }
}

impl MarketState {
    fn new(plan: &Plan) -> Self {
        let n = plan.n_assets();
        Self {
            prices: plan.prices.assets.iter().map(|asset| PriceState::new(&asset.kernel)).collect(),
            before: vec![ZERO; n],
            normals: vec![[ZERO; 4]; n],
            uniforms: vec![[ZERO; 2]; n],
            mixed: ZERO,
            dates: DatesState::default(),
            conditions: Conditions::new(plan),
            sampling: SamplingState::default(),
        }
    }
}

impl Account {
    fn new(plan: &Plan, record: bool) -> Self {
        let holding = |asset: &AssetPlan| Holding::new(asset, plan.venue.is_some(), record);
        Self {
            holdings: plan.prices.assets.iter().map(holding).collect(),
            cash: ZERO,
            impact: ZERO,
            funding: ZERO,
            rebalances: ZERO,
            any_fill: ZERO,
            turnover_weight: ZERO,
            audit: Audit::NOTHING,
            path: PathMetrics::NOTHING,
            venue: plan.venue.as_ref().map(|_| Box::new(Venue::new(plan.n_assets()))),
            deviation: ZERO,
            final_value: ZERO,
        }
    }

    /// Back to the start of a path with that cash; what no step of such a run writes stays as it is.
    pub fn reset(&mut self, cash: f64, path_metrics: bool, audited: bool) {
        self.cash = Lanes::splat(cash);
        for lanes in [
            &mut self.impact,
            &mut self.funding,
            &mut self.rebalances,
            &mut self.any_fill,
            &mut self.turnover_weight,
        ] {
            *lanes = ZERO;
        }
        if audited {
            self.audit = Audit::NOTHING;
        }
        if path_metrics {
            self.path = PathMetrics::NOTHING;
        }
        for holding in &mut self.holdings {
            holding.reset();
        }
    }
}

impl Audit {
    const NOTHING: Self = Self { gains: ZERO, interest: ZERO, dividends: ZERO, payoffs: ZERO };
}

impl PathMetrics {
    const NOTHING: Self = Self {
        mark: ZERO,
        mean: ZERO,
        squares: ZERO,
        max_abs: ZERO,
        gap: ZERO,
        outside: ZERO,
        least_cash: Lanes::splat(f64::INFINITY),
    };
}

/// The prices that a view shows.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    market: &'a [PriceState],
    feeds: Option<&'a [FeedState]>,
}

impl<'a> Sight<'a> {
    /// What policies see (`Seen`) or what is (`True`).
    pub fn new(plan: &Plan, view: View, market: &'a MarketState, feeds: &'a [FeedState]) -> Self {
        let seen = view == View::Seen && plan.prices.any_oracle;
        Self { market: &market.prices, feeds: seen.then_some(feeds) }
    }
}

impl Prices for Sight<'_> {
    #[inline(always)]
    fn x(&self, asset: usize) -> &Lanes {
        self.feeds.map_or(&self.market[asset].x, |feeds| &feeds[asset].seen_x)
    }
    #[inline(always)]
    fn s(&self, asset: usize) -> &Lanes {
        self.feeds.map_or(&self.market[asset].s, |feeds| &feeds[asset].seen)
    }
}

impl Holding {
    fn new(asset: &AssetPlan, by_path: bool, record: bool) -> Self {
        // orders that never fill need not be kept
        let kept = if asset.fills && !by_path { asset.delay } else { 0 };
        Self {
            held: ZERO,
            delayed: asset.delay > 0 || by_path,
            effective: ZERO,
            queue: vec![ZERO; kept],
            queued: vec![false; kept],
            turnover: ZERO,
            trades: ZERO,
            age: ZERO,
            orders: ZERO,
            initial: 0.0,
            last: ZERO,
            record: record.then(|| Box::new([ZERO; 2])),
        }
    }

    /// Back to nothing held.
    fn reset(&mut self) {
        for lanes in [&mut self.held, &mut self.turnover, &mut self.trades, &mut self.age, &mut self.last] {
            *lanes = ZERO;
        }
        if self.delayed {
            self.effective = ZERO;
            self.orders = ZERO;
        }
        self.queued.fill(false);
        self.initial = 0.0;
    }

    /// Units held and in flight.
    #[inline(always)]
    pub fn effective(&self) -> &Lanes {
        if self.delayed { &self.effective } else { &self.held }
    }
}
