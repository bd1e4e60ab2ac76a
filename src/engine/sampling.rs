//! The normals of a block: independent ones, and those that hang together, antithetic pairs and bridges on Sobol points.
//!
//! Not inlined into the block's steps, all of which would grow by it: what stands here is compiled for its level by a
//! dispatch of its own, once every four steps.
use pulp::NullaryFnOnce;

use crate::math::{B, Lanes, norm_inv_fast};
use crate::rng::{Bridge, MOST_DIMENSIONS, Purpose, Sampling, Sobol, Stream, normal_quad, unit};
use crate::scenario::Scenario;

use super::block::Level;
use super::plan::{AssetPlan, Plan};
use super::state::MarketState;

/// How normals hang together, compiled; a run of independent paths has none.
#[derive(Debug, Clone)]
pub enum SamplingPlan {
    /// Pairs of paths.
    Antithetic,
    /// Replicates of a Sobol sequence.
    Sobol(Box<SobolPlan>),
}

/// Sobol points for the coarse features of the paths.
#[derive(Debug, Clone)]
pub struct SobolPlan {
    points: Sobol,
    bridge: Bridge,
    n_steps: u64,
    /// Assets whose Gaussian driver has points: the first 256.
    gaussian: Vec<usize>,
    /// Assets with a Gaussian driver.
    n_gaussian: usize,
}

/// What of it changes while a block runs.
#[derive(Debug, Clone, Default)]
pub(super) struct SamplingState {
    /// Instruction set of the run.
    pub(super) level: Level,
    /// Increments of the walks by asset, by piece.
    increments: Vec<Vec<Lanes>>,
    /// Normals of the piece in work, by asset, by step.
    fine: Vec<Vec<Lanes>>,
    /// The piece in work.
    piece: usize,
}

impl SamplingPlan {
    /// None for independent paths, and where no asset has a Gaussian driver.
    pub(super) fn new(scenario: &Scenario, assets: &[AssetPlan]) -> Option<Self> {
        let of = |asset: &AssetPlan| asset.kernel.is_gaussian();
        let gaussian: Vec<usize> = (0..assets.len()).filter(|i| of(&assets[*i])).collect();
        match scenario.run.sampling {
            Sampling::Pseudo => None,
            _ if gaussian.is_empty() => None,
            Sampling::Antithetic => Some(Self::Antithetic),
            Sampling::Sobol => {
                let n_steps = scenario.run.grid.n_steps;
                let n_gaussian = gaussian.len();
                let gaussian: Vec<usize> = gaussian.into_iter().take(MOST_DIMENSIONS).collect();
                let bridge = Bridge::new(n_steps, MOST_DIMENSIONS / gaussian.len());
                let n_dimensions = bridge.n_pieces() * gaussian.len();
                let n_points = scenario.run.paths.div_ceil(crate::rng::N_REPLICATES as u64);
                let points = Sobol::new(scenario.run.seed, n_dimensions, n_points);
                Some(Self::Sobol(Box::new(SobolPlan { points, bridge, n_steps, gaussian, n_gaussian })))
            }
        }
    }

    /// Dimensions that have quasi-random points, of all that the price Gaussians have.
    pub(super) fn dimensions(&self) -> Option<(u64, u64)> {
        let Self::Sobol(sobol) = self else { return None };
        let with_points = sobol.gaussian.len() as u64;
        Some((sobol.bridge.n_pieces() as u64 * with_points, sobol.n_steps * sobol.n_gaussian as u64))
    }

    /// Bytes of the walks of a block.
    pub(super) fn bytes(&self) -> f64 {
        let Self::Sobol(sobol) = self else { return 0.0 };
        let (pieces, n) = (sobol.bridge.n_pieces() as f64, sobol.gaussian.len() as f64);
        let longest = sobol.n_steps as f64 / pieces + 2.0;
        (2.0 * pieces + longest) * n * size_of::<Lanes>() as f64
    }
}

/// Before the first step of a block: the coarse walks.
#[inline(never)]
pub(super) fn begin(plan: &Plan, first_path: u64, market: &mut MarketState) {
    let Some(SamplingPlan::Sobol(sobol)) = &plan.prices.sampling else { return };
    market.sampling.level.run(Begin { sobol, first_path, state: &mut market.sampling });
}

/// Normals of four steps.
#[inline(never)]
pub(super) fn draw(plan: &Plan, first_path: u64, quad: u32, market: &mut MarketState) {
    market.sampling.level.run(Draw { plan, first_path, quad, market });
}

/// Uniforms of one asset on even paths, their mirror images on odd ones.
#[inline(never)]
pub(super) fn mirror(asset: usize, market: &mut MarketState) {
    market.sampling.level.run(Mirror(&mut market.uniforms[asset]));
}

struct Mirror<'a>(&'a mut [Lanes; 2]);

impl NullaryFnOnce for Mirror<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        for both in self.0 {
            for lane in 0..B / 2 {
                // exact: a uniform is (k + ½)/2⁵²
                both[2 * lane + 1] = 1.0 - both[2 * lane];
            }
        }
    }
}

struct Begin<'a> {
    sobol: &'a SobolPlan,
    first_path: u64,
    state: &'a mut SamplingState,
}

impl NullaryFnOnce for Begin<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let Self { sobol, first_path, state } = self;
        let (n_pieces, n_assets) = (sobol.bridge.n_pieces(), sobol.gaussian.len());
        state.piece = 0;
        state.fine.resize_with(n_assets, Vec::new);
        state.increments.resize_with(n_assets, || vec![Lanes::ZERO; n_pieces + 1]);
        let mut normals = vec![Lanes::ZERO; n_pieces];
        for (place, walk) in state.increments.iter_mut().enumerate() {
            for (k, normals) in normals.iter_mut().enumerate() {
                quasi(&sobol.points, k * n_assets + place, first_path, normals);
            }
            sobol.bridge.increments(&normals, walk);
        }
    }
}

/// One dimension as normals.
#[inline(always)]
fn quasi(points: &Sobol, dimension: usize, first_path: u64, normals: &mut Lanes) {
    let mut bits = [0; B];
    points.bits(dimension, first_path, &mut bits);
    for lane in 0..B {
        normals[lane] = norm_inv_fast(unit(bits[lane]));
    }
}

struct Draw<'a> {
    plan: &'a Plan,
    first_path: u64,
    quad: u32,
    market: &'a mut MarketState,
}

impl NullaryFnOnce for Draw<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let Self { plan, first_path, quad, market } = self;
        match &plan.prices.sampling {
            None => plain(plan, first_path, quad, market),
            Some(SamplingPlan::Antithetic) => antithetic(plan, first_path, quad, market),
            Some(SamplingPlan::Sobol(sobol)) => {
                for (quarter, step) in (4 * u64::from(quad)..sobol.n_steps).take(4).enumerate() {
                    walk(sobol, plan.seed, first_path, step, market);
                    for (place, asset) in sobol.gaussian.iter().enumerate() {
                        market.normals[*asset][quarter] = at(sobol, &market.sampling, place, step);
                    }
                }
                independent(plan, sobol, first_path, quad, market);
            }
        }
    }
}

/// Independent normals.
#[inline(always)]
fn plain(plan: &Plan, first_path: u64, quad: u32, market: &mut MarketState) {
    for (i, asset) in plan.prices.assets.iter().enumerate() {
        if asset.kernel.is_gaussian() {
            normals(plan.seed, i, first_path, quad, &mut market.normals[i]);
        }
    }
}

/// Normals that have no points, drawn as in a plain run.
#[inline(always)]
fn independent(plan: &Plan, sobol: &SobolPlan, first_path: u64, quad: u32, market: &mut MarketState) {
    for (i, asset) in plan.prices.assets.iter().enumerate() {
        if asset.kernel.is_gaussian() && !sobol.gaussian.contains(&i) {
            normals(plan.seed, i, first_path, quad, &mut market.normals[i]);
        }
    }
}

/// The plain normals on even paths, their mirror images on odd ones.
#[inline(always)]
fn antithetic(plan: &Plan, first_path: u64, quad: u32, market: &mut MarketState) {
    for (i, asset) in plan.prices.assets.iter().enumerate() {
        if asset.kernel.is_gaussian() {
            normals(plan.seed, i, first_path, quad, &mut market.normals[i]);
            for both in &mut market.normals[i] {
                for lane in 0..B / 2 {
                    both[2 * lane + 1] = -both[2 * lane];
                }
            }
        }
    }
}

/// The plain normals of an asset for four steps.
#[inline(always)]
fn normals(seed: u64, asset: usize, first_path: u64, quad: u32, four: &mut [Lanes; 4]) {
    normal_quad(seed, Stream::new(Purpose::Price, asset as u32), first_path, quad, four);
}

/// Goes on to the piece of a step; the normals of a longer piece are its own, shifted to the piece's increment.
///
/// Given their sum, independent normals are their deviations from their mean plus an equal share of that sum.
#[inline(always)]
fn walk(sobol: &SobolPlan, seed: u64, first_path: u64, step: u64, market: &mut MarketState) {
    let state = &mut market.sampling;
    if step > 0 && step >= sobol.bridge.piece(state.piece).1 {
        state.piece += 1;
    }
    let (from, to) = sobol.bridge.piece(state.piece);
    if step != from || to - from < 2 {
        return;
    }
    let share = 1.0 / (to - from) as f64;
    for (place, asset) in sobol.gaussian.iter().enumerate() {
        let (fine, increment) = (&mut state.fine[place], &state.increments[place][state.piece]);
        fine.resize((to - from) as usize, Lanes::ZERO);
        let (mut sum, mut four) = (Lanes::ZERO, [Lanes::ZERO; 4]);
        for quad in from / 4..=(to - 1) / 4 {
            normals(seed, *asset, first_path, quad as u32, &mut four);
            for (at, normals) in (4 * quad..).zip(&four) {
                if (from..to).contains(&at) {
                    for lane in 0..B {
                        sum[lane] += normals[lane];
                    }
                    fine[(at - from) as usize] = *normals;
                }
            }
        }
        for normals in fine.iter_mut() {
            for lane in 0..B {
                normals[lane] += (increment[lane] - sum[lane]) * share;
            }
        }
    }
}

/// Normals of one asset for a step of the piece in work.
#[inline(always)]
fn at(sobol: &SobolPlan, state: &SamplingState, place: usize, step: u64) -> Lanes {
    let (from, to) = sobol.bridge.piece(state.piece);
    if to - from < 2 {
        state.increments[place][state.piece]
    } else {
        state.fine[place][(step - from) as usize]
    }
}
