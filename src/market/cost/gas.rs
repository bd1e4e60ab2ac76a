//! What a transaction costs on a chain, whatever its size.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `(base_fee + tip) · 1e-9 · gas_units · S(gas_asset)` for every transaction that fills something or reverts.
///
/// One transaction for each asset traded, or one for all orders of a decision that are due together (`batch`).
/// Mean base fees have ranged from 105 gwei (Ethereum, 2021) over 34 (2023) to 3.5 (2025): state the era.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gas {
    /// Gas that a transaction uses.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e12))]
    pub gas_units: Option<f64>,
    /// Price of a unit of gas, in billionths of the gas asset.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e9), extend("x-later-table" = []))]
    pub base_fee_gwei: Option<f64>,
    /// Added to the base fee, in billionths of the gas asset; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e9))]
    pub tip_gwei: Option<f64>,
    /// Symbol of the asset that gas is paid in; its true price at the step of the transaction counts.
    #[serde(default)]
    pub gas_asset: Option<String>,
    /// Whether all orders of a decision that are due together are one transaction; default false.
    #[serde(default)]
    pub batch: Option<bool>,
}

impl Gas {
    /// Key by key: its own values, where missing those of `below`.
    #[must_use]
    pub fn over(&self, below: Option<&Self>) -> Self {
        let Some(below) = below else { return self.clone() };
        Self {
            gas_units: self.gas_units.or(below.gas_units),
            base_fee_gwei: self.base_fee_gwei.or(below.base_fee_gwei),
            tip_gwei: self.tip_gwei.or(below.tip_gwei),
            gas_asset: self.gas_asset.clone().or_else(|| below.gas_asset.clone()),
            batch: self.batch.or(below.batch),
        }
    }
}

/// How the price of gas moves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BaseFee {
    /// The same at every step, in gwei.
    Constant(f64),
}

/// Gas of one transaction, checked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GasTerms {
    /// Gas that it uses.
    pub gas_units: f64,
    /// Price of a unit.
    pub base_fee: BaseFee,
    /// Added to it, in gwei.
    pub tip_gwei: f64,
    /// Index of the asset it is paid in.
    pub asset: usize,
}

impl GasTerms {
    /// Cost of a transaction in units of the gas asset.
    pub fn units(&self) -> f64 {
        let BaseFee::Constant(base_fee) = self.base_fee;
        (base_fee + self.tip_gwei) * 1e-9 * self.gas_units
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gas_is_paid_in_the_price_of_its_asset() {
        let terms =
            GasTerms { gas_units: 180_000.0, base_fee: BaseFee::Constant(22.0), tip_gwei: 1.5, asset: 0 };
        assert!((terms.units() * 3000.0 - 12.69).abs() < 1e-12);
    }

    #[test]
    fn tables_merge_key_by_key() {
        let below = Gas { gas_units: Some(1.0), tip_gwei: Some(2.0), batch: Some(true), ..Gas::default() };
        let own = Gas { gas_units: Some(3.0), ..Gas::default() };
        assert_eq!(own.over(Some(&below)), Gas { gas_units: Some(3.0), ..below });
        assert_eq!(own.over(None), own);
    }
}
