//! Shocks to the paths: what a stress adds to the laws of the prices.
registry! {
    /// One shock, at a time or over a window.
    pub enum Shock {
        "gap" => kinds::Gap,
        "volatility" => kinds::Volatility,
        "correlation" => kinds::Correlation,
    } later {}
}

/// Tables of the shocks.
pub mod kinds {
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    use crate::units::{Fraction, Period};

    /// Prices move at once, on top of what the step brings: `S → S·(1 + size)`.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct Gap {
        /// When: the step that ends at this time.
        pub at: Period,
        /// Relative move: "-20%" is a fall by a fifth.
        #[schemars(range(max = 1000.0), extend("exclusiveMinimum" = -1.0))]
        pub size: Fraction,
        /// Symbols it strikes; absent: all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub assets: Option<Vec<String>>,
    }

    /// Diffusions are `factor` times as volatile between two times; expected prices stay, jumps keep their law.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct Volatility {
        /// Begin of the window.
        pub from: Period,
        /// End of the window.
        pub to: Period,
        /// What volatilities are multiplied by.
        #[schemars(range(min = 0.0, max = 1000.0))]
        pub factor: f64,
        /// Symbols it strikes; absent: all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub assets: Option<Vec<String>>,
    }

    /// Correlations go to 1 between two times: `C' = (1 − x)·C + x·11'`.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct Correlation {
        /// Begin of the window.
        pub from: Period,
        /// End of the window.
        pub to: Period,
        /// How far x of the way to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        pub share: Fraction,
    }
}

impl Shock {
    /// The symbols it names; `None` where it strikes all.
    pub fn assets(&self) -> Option<&[String]> {
        match self {
            Self::Gap(gap) => gap.assets.as_deref(),
            Self::Volatility(volatility) => volatility.assets.as_deref(),
            Self::Correlation(_) => None,
        }
    }

    /// Whether it strikes that asset.
    pub fn strikes(&self, symbol: &str) -> bool {
        self.assets().is_none_or(|assets| assets.iter().any(|asset| asset == symbol))
    }

    /// Its window in steps, resolved: it acts on the steps `from < j ≤ to`.
    fn window(&self) -> (u64, u64) {
        match self {
            Self::Gap(gap) => (gap.at.steps().saturating_sub(1), gap.at.steps()),
            Self::Volatility(volatility) => (volatility.from.steps(), volatility.to.steps()),
            Self::Correlation(correlation) => (correlation.from.steps(), correlation.to.steps()),
        }
    }
}

/// Windows `(from, to]` without a change inside, each with the shocks that act there; only such with any.
pub fn windows<'s>(shocks: &[&'s Shock]) -> Vec<(u64, u64, Vec<&'s Shock>)> {
    let mut times: Vec<u64> = shocks.iter().flat_map(|shock| [shock.window().0, shock.window().1]).collect();
    times.sort_unstable();
    times.dedup();
    let acting = |from: u64, to: u64| -> Vec<&'s Shock> {
        shocks.iter().copied().filter(|shock| shock.window().0 <= from && shock.window().1 >= to).collect()
    };
    let all = times.windows(2).map(|pair| (pair[0], pair[1], acting(pair[0], pair[1])));
    all.filter(|(.., acting)| !acting.is_empty()).collect()
}

/// What the shocks of a window multiply volatilities by.
pub fn strength(shocks: &[&Shock]) -> f64 {
    let factor =
        |shock: &&Shock| if let Shock::Volatility(volatility) = shock { volatility.factor } else { 1.0 };
    shocks.iter().map(factor).product()
}

/// A correlation matrix under the shocks of a window, one after another.
pub fn correlated(correlation: &[Vec<f64>], shocks: &[&Shock]) -> Vec<Vec<f64>> {
    let mut matrix = correlation.to_vec();
    for shock in shocks {
        if let Shock::Correlation(shock) = shock {
            let x = shock.share.0;
            for (i, row) in matrix.iter_mut().enumerate() {
                for (k, value) in row.iter_mut().enumerate() {
                    *value = if i == k { 1.0 } else { (1.0 - x) * *value + x };
                }
            }
        }
    }
    matrix
}
