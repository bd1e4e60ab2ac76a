//! Processes with the numbers that two assets showed: what `preset` in a scenario stands for.

/// A process and its parameters by name.
///
/// All are our own measurements on price series of BTC and ETH in US dollars (a range is over the series); the drift is left
/// to the scenario, but for the two regimes, which have none.
///
/// | name | law | figures, BTC / ETH |
/// |---|---|---|
/// | `btc-gbm`, `eth-gbm` | `gbm` | volatility .655 / .845, the middle of .63–.68 / .81–.88 |
/// | `btc-garch`, `eth-garch` | `garch`, Student-t, daily | α .073, β .907, ν 3.4, long-run volatility .682 / .0845, .8955, 3.8, .876 |
/// | `btc-merton`, `eth-merton` | `merton` | 42 jumps a year of mean −.0075 and deviation .041, volatility between them .57 / 40, −.0115, .049, .75 |
/// | `btc-heston`, `eth-heston` | `heston`, begun at its long-run variance | κ 4.1, θ .395, ξ 3.1, ρ −.13 / 3.2, .66, 2.9, −.17 |
/// | `btc-regimes`, `eth-regimes` | `regime` of two states | 32 % for 5.2 days and 104 % for 3.0 / 48 % for 11.8 and 134 % for 6.2 |
///
/// Independent jumps alone give daily tails that are too thin, and the variance of both Heston fits reaches 0 (2κθ/ξ² is
/// .34 and .50): see the pages of the laws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// What a scenario calls it.
    pub name: &'static str,
    /// The table that it stands for, as TOML.
    pub table: &'static str,
}

const fn preset(name: &'static str, table: &'static str) -> Preset {
    Preset { name, table }
}

/// Every preset.
pub const PRESETS: &[Preset] = &[
    preset("btc-gbm", r#"{ kind = "gbm", volatility = 0.655 }"#),
    preset("eth-gbm", r#"{ kind = "gbm", volatility = 0.845 }"#),
    preset(
        "btc-garch",
        r#"{ kind = "garch", alpha = 0.073, beta = 0.907, nu = 3.4, long_run_volatility = 0.682 }"#,
    ),
    preset(
        "eth-garch",
        r#"{ kind = "garch", alpha = 0.0845, beta = 0.8955, nu = 3.8, long_run_volatility = 0.876 }"#,
    ),
    preset(
        "btc-merton",
        r#"{ kind = "merton", volatility = 0.57, jumps_per_year = 42.0, jump_mean = -0.0075, jump_std = 0.041 }"#,
    ),
    preset(
        "eth-merton",
        r#"{ kind = "merton", volatility = 0.75, jumps_per_year = 40.0, jump_mean = -0.0115, jump_std = 0.049 }"#,
    ),
    preset(
        "btc-heston",
        r#"{ kind = "heston", initial_variance = 0.395, long_run_variance = 0.395, mean_reversion = 4.1, vol_of_vol = 3.1, correlation = -0.13 }"#,
    ),
    preset(
        "eth-heston",
        r#"{ kind = "heston", initial_variance = 0.66, long_run_variance = 0.66, mean_reversion = 3.2, vol_of_vol = 2.9, correlation = -0.17 }"#,
    ),
    preset(
        "btc-regimes",
        r#"{ kind = "regime", states = [
            { name = "calm", drift = 0.0, volatility = 0.32, mean_duration = "5.2d" },
            { name = "wild", drift = 0.0, volatility = 1.04, mean_duration = "3d" }] }"#,
    ),
    preset(
        "eth-regimes",
        r#"{ kind = "regime", states = [
            { name = "calm", drift = 0.0, volatility = 0.48, mean_duration = "11.8d" },
            { name = "wild", drift = 0.0, volatility = 1.34, mean_duration = "6.2d" }] }"#,
    ),
];
