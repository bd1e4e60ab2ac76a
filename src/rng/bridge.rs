//! The Brownian bridge: a path from its coarsest features to its finest.
use crate::math::{B, Lanes};

/// How a random walk is built from independent standard normals, the most important one first.
///
/// The first normal sets the walk's end, `W_n = √n·z_1`; each next one the middle `m` of the longest interval `[l, r]`
/// whose ends are known,
///
/// ```text
/// W_m = ((r − m)·W_l + (m − l)·W_r)/(r − l) + √((m − l)(r − m)/(r − l))·z
/// ```
///
/// so that the first dimensions of a Sobol point carry most of the walk's variance. The increments are independent normals
/// of variance their length. Source: R. Caflisch and B. Moskowitz (1995), in "Monte Carlo and Quasi-Monte Carlo Methods in
/// Scientific Computing"; P. Glasserman (2004), "Monte Carlo Methods in Financial Engineering", §3.1.1.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// `0 = t_0 < t_1 < … < t_M = n`, in steps.
    bounds: Vec<u64>,
    nodes: Vec<Node>,
}

/// One normal's part: place `at` between `left` and `right`.
#[derive(Debug, Clone, Copy)]
struct Node {
    left: usize,
    right: usize,
    at: usize,
    weights: [f64; 2],
    scale: f64,
}

impl Bridge {
    /// A walk of `n_steps` steps on as many as `most` pieces of nearly equal length.
    pub fn new(n_steps: u64, most: usize) -> Self {
        let n_pieces = n_steps.min(most.max(1) as u64).max(1);
        let wide = |k: u64| (u128::from(k) * u128::from(n_steps) / u128::from(n_pieces)) as u64;
        let bounds: Vec<u64> = (0..=n_pieces).map(wide).collect();
        let last = bounds.len() - 1;
        let end = Node { left: 0, right: 0, at: last, weights: [1.0, 0.0], scale: (n_steps as f64).sqrt() };
        let mut nodes = vec![end];
        let (mut open, mut next) = (vec![(0, last)], 0);
        while let Some(&(left, right)) = open.get(next) {
            next += 1;
            if right - left < 2 {
                continue;
            }
            let at = left.midpoint(right);
            let [l, m, r] = [left, at, right].map(|place| bounds[place] as f64);
            let weights = [(r - m) / (r - l), (m - l) / (r - l)];
            nodes.push(Node { left, right, at, weights, scale: ((m - l) * (r - m) / (r - l)).sqrt() });
            open.extend([(left, at), (at, right)]);
        }
        Self { bounds, nodes }
    }

    /// Normals it takes: one a piece.
    pub fn n_pieces(&self) -> usize {
        self.nodes.len()
    }

    /// First step of a piece and the one behind its last, counted from 0.
    pub fn piece(&self, index: usize) -> (u64, u64) {
        (self.bounds[index], self.bounds[index + 1])
    }

    /// The walk's increments over the pieces: of `normals` the k-th in their order of importance, into `walk[k]` for piece
    /// `k`; `walk` is one longer than the pieces.
    #[inline(always)]
    pub fn increments(&self, normals: &[Lanes], walk: &mut [Lanes]) {
        walk[0] = Lanes::ZERO;
        for (node, z) in self.nodes.iter().zip(normals) {
            let (left, right) = (walk[node.left], walk[node.right]);
            let at = &mut walk[node.at];
            for lane in 0..B {
                let middle = node.weights[0].mul_add(left[lane], node.weights[1] * right[lane]);
                at[lane] = node.scale.mul_add(z[lane], middle);
            }
        }
        for k in 0..self.nodes.len() {
            let (before, after) = walk.split_at_mut(k + 1);
            for lane in 0..B {
                before[k][lane] = after[0][lane] - before[k][lane];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Increments as linear maps of the normals: one row a piece.
    fn matrix(bridge: &Bridge) -> Vec<Vec<f64>> {
        let n = bridge.n_pieces();
        let column = |k: usize| {
            let mut normals = vec![Lanes::ZERO; n];
            normals[k] = Lanes::splat(1.0);
            let mut walk = vec![Lanes::ZERO; n + 1];
            bridge.increments(&normals, &mut walk);
            walk.iter().take(n).map(|lanes| lanes[0]).collect::<Vec<f64>>()
        };
        let columns: Vec<Vec<f64>> = (0..n).map(column).collect();
        (0..n).map(|piece| columns.iter().map(|column| column[piece]).collect()).collect()
    }

    #[test]
    fn increments_are_independent_and_as_long_as_their_pieces() {
        for (n_steps, most) in [(1, 8), (2, 8), (7, 256), (13, 4), (252, 256), (1000, 17)] {
            let bridge = Bridge::new(n_steps, most);
            let rows = matrix(&bridge);
            assert_eq!(rows.len() as u64, n_steps.min(most as u64));
            for (i, a) in rows.iter().enumerate() {
                for (k, b) in rows.iter().enumerate() {
                    let covariance: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
                    let (from, to) = bridge.piece(i);
                    let wanted = if i == k { (to - from) as f64 } else { 0.0 };
                    assert!((covariance - wanted).abs() < 1e-9 * n_steps as f64, "{n_steps}: {i} {k}");
                }
            }
            // the first normal alone moves the end
            let ends: Vec<f64> =
                (0..rows.len()).map(|k| rows.iter().map(|row| row[k]).sum::<f64>()).collect();
            assert!((ends[0] - (n_steps as f64).sqrt()).abs() < 1e-9);
            assert!(ends[1..].iter().all(|end| end.abs() < 1e-9), "{ends:?}");
        }
    }
}
