//! How the random numbers of the paths hang together.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the Gaussian drivers of the prices are drawn; `docs/methods/sampling.md` has the mathematics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Independent paths.
    #[default]
    Pseudo,
    /// Pairs of paths: `1 − u` in the odd one where the even one has `u`.
    Antithetic,
    /// Independently scrambled replicates of one Sobol sequence.
    Sobol,
}

impl Sampling {
    /// Whether paths are drawn one by one.
    pub fn is_pseudo(&self) -> bool {
        *self == Self::Pseudo
    }

    /// The least number of paths that is not below `n` and goes up in whole units: pairs; 32 replicates of 2^m points.
    pub fn rounded_up(self, n: u64) -> u64 {
        let replicates = N_REPLICATES as u64;
        match self {
            Self::Pseudo => n,
            Self::Antithetic => n.next_multiple_of(2),
            Self::Sobol => n.div_ceil(replicates).max(1).next_power_of_two() * replicates,
        }
    }

    /// The largest number of paths that is not above `n` and goes up in whole units, at least one of them.
    pub fn rounded_down(self, n: u64) -> u64 {
        let up = self.rounded_up(n);
        match self {
            Self::Pseudo => n,
            Self::Antithetic => (n / 2 * 2).max(2),
            Self::Sobol => if up > n { up / 2 } else { up }.max(N_REPLICATES as u64),
        }
    }
}

/// Independently scrambled copies of the Sobol sequence; path `p` is point `⌊p/32⌋` of replicate `p mod 32`.
pub const N_REPLICATES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_up_in_whole_units() {
        for (n, up, down) in [(1, 32, 32), (32, 32, 32), (33, 64, 32), (20_000, 32_768, 16_384)] {
            assert_eq!(Sampling::Sobol.rounded_up(n), up, "{n}");
            assert_eq!(Sampling::Sobol.rounded_down(n), down, "{n}");
        }
        assert_eq!([1, 2, 3].map(|n| Sampling::Antithetic.rounded_up(n)), [2, 2, 4]);
        assert_eq!([1, 2, 3].map(|n| Sampling::Antithetic.rounded_down(n)), [2, 2, 2]);
        assert_eq!([1, 2, 3].map(|n| Sampling::Pseudo.rounded_up(n)), [1, 2, 3]);
    }
}
