//! What a rule trades for the tracking error it leaves, in theory.
use std::f64::consts::PI;

use super::Destination;
use super::decision::{Decision, Triggers, Width};

/// `C = TE·turnover/(σv)` of a rule for one weight that drifts freely, or `None` where there is no closed form.
///
/// The weight gap `x` of one risky asset in cash, or of two risky assets, is to leading order a Brownian motion of variance rate
/// `v`; the tracking error is `σ√(E x²)`, the turnover that of the weight per year. Both scale so that width, period, σ and v
/// cancel:
///
/// | rule | E x² | turnover | C |
/// |---|---|---|---|
/// | clock of period Δ | vΔ/2 | `√(2v/(πΔ))` | `1/√π` = .564 |
/// | share `1 − q` of the gap every Δ | `vΔ(1+q²)/(2(1−q²))` | `√(2v/(πΔ))·√((1−q)/(1+q))` | `√((1+q²)/π)/(1+q)` → `1/√(2π)` = .399 as q → 1 |
/// | band h, traded to b inside it | `(h²+b²)/6` | `v/(h+b)` | `√((1+f²)/6)/(1+f)`, f = b/h: .408 center, .304 half way, .289 edge |
///
/// It leaves out costs, a late or stale price, and a grid that is not much finer than the rule.
///
/// Source: first exit of a Brownian motion; P. Glasserman (2012), Mathematical Finance 22, for the clock.
pub fn constant(decision: &Decision, n_assets: usize) -> Option<f64> {
    if decision.adjustment.is_some() || decision.recentering.is_some() {
        return None;
    }
    match (&decision.triggers, decision.clock, &decision.band) {
        (Some(triggers), _, _) => of_rule(triggers, n_assets),
        // a clock of one step leaves no gap at all
        (None, Some(every), None) => (every > 1).then(|| by_clock(1.0)),
        (None, None, Some(watch)) => {
            let has_width = match &watch.width {
                Width::Absolute(widths) => widths.iter().all(|width| *width > 0.0),
                Width::Relative(share) => *share > 0.0,
                Width::Followed(_) | Width::Narrower(..) => false,
            };
            has_width.then(|| by_band(if watch.to == Destination::Edge { 0.0 } else { 1.0 }))
        }
        _ => None,
    }
}

/// Of one trigger alone, with nothing that spreads or holds back its orders.
fn of_rule(triggers: &Triggers, n_assets: usize) -> Option<f64> {
    let Triggers { clocks, bands, moves, min_interval, inward, all, slices, share } = triggers;
    if *min_interval > 0 || *slices > 1 || !moves.is_empty() || (n_assets > 1 && !all) {
        return None;
    }
    match (clocks.as_slice(), bands.as_slice()) {
        ([every], []) if *every > 1 || *share < 1.0 => Some(by_clock(*share)),
        ([], [bound]) => {
            let has_width = !bound.follows && bound.width.iter().all(|width| *width > 0.0);
            (has_width && *share == 1.0).then(|| by_band(*inward))
        }
        _ => None,
    }
}

/// A clock that trades this share of the gap.
fn by_clock(share: f64) -> f64 {
    let left = 1.0 - share;
    ((1.0 + left * left) / PI).sqrt() / (1.0 + left)
}

/// A band whose trades end so far inside it: 0 at the edge, 1 at the center.
fn by_band(inward: f64) -> f64 {
    let outward = 1.0 - inward;
    ((1.0 + outward * outward) / 6.0).sqrt() / (1.0 + outward)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_constants_are_those_of_the_closed_forms() {
        let near = |found: f64, expected: f64| (found - expected).abs() < 5e-5;
        assert!(near(by_clock(1.0), 0.5642) && near(by_clock(1e-9), 0.3989));
        assert!(near(by_band(1.0), 0.4082) && near(by_band(0.5), 0.3043) && near(by_band(0.0), 0.2887));
    }

    #[test]
    fn a_share_is_that_of_the_recursion_of_its_gap() {
        // gap before a trade: y' = q y + √(vΔ) z, after it x = q y; between trades it spreads by v t
        for share in [0.05, 0.3, 0.9] {
            let q = 1.0 - share;
            let before = 1.0 / (1.0 - q * q);
            let mean_square = q * q * before + 0.5;
            let turnover = share * (2.0 / PI * before).sqrt();
            assert!((by_clock(share) - mean_square.sqrt() * turnover).abs() < 1e-14, "{share}");
        }
    }
}
