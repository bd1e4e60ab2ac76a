//! Roots by bracketing with few evaluations of a function that is dear.

/// One step of the ITP method: where to look next inside a bracket whose ends have values of opposite sign.
///
/// Interpolation (regula falsi), truncation towards the middle by `0.2/span·width²`, projection to within `tolerance·2^(m−k) −
/// width/2` of the middle, m the steps that bisection would take from the whole span plus one; so it never takes more than
/// bisection and one. Source: I. Oliveira and R. Takahashi (2021), ACM Transactions on Mathematical Software 47(1), with
/// κ₁ = 0.2/span, κ₂ = 2, n₀ = 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Itp {
    span: f64,
    tolerance: f64,
    /// `tolerance·2^(m−k)`, halved at every step.
    reach: f64,
}

impl Itp {
    /// For a bracket `[low, high]` that shall become no wider than `2·tolerance`.
    pub(super) fn new(low: f64, high: f64, tolerance: f64) -> Self {
        let span = high - low;
        // a little less, so that rounding costs no step
        let mut reach = tolerance * (1.0 - 1e-6);
        while reach < 0.5 * span {
            reach *= 2.0;
        }
        Self { span, tolerance, reach: 2.0 * reach }
    }

    /// Whether the bracket is narrow enough.
    pub(super) fn done(&self, low: f64, high: f64) -> bool {
        high - low <= 2.0 * self.tolerance
    }

    /// The next place in `low..high`, given the values there.
    pub(super) fn next(&mut self, (low, at_low): (f64, f64), (high, at_high): (f64, f64)) -> f64 {
        let (middle, width) = (0.5 * (low + high), high - low);
        let chord = (high * at_low - low * at_high) / (at_low - at_high);
        let towards = (middle - chord).signum();
        let truncation = 0.2 / self.span * width * width;
        let truncated =
            if truncation <= (middle - chord).abs() { chord + towards * truncation } else { middle };
        let radius = (self.reach - 0.5 * width).max(0.0);
        self.reach *= 0.5;
        let found = if (truncated - middle).abs() <= radius { truncated } else { middle - towards * radius };
        if found > low && found < high { found } else { middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Root and number of evaluations inside the bracket.
    fn solve(function: impl Fn(f64) -> f64, low: f64, high: f64, tolerance: f64) -> (f64, u32) {
        let mut ends = ((low, function(low)), (high, function(high)));
        let (mut itp, mut n) = (Itp::new(low, high, tolerance), 0);
        while !itp.done(ends.0.0, ends.1.0) {
            let x = itp.next(ends.0, ends.1);
            let y = function(x);
            n += 1;
            if (y > 0.0) == (ends.1.1 > 0.0) { ends.1 = (x, y) } else { ends.0 = (x, y) }
        }
        (0.5 * (ends.0.0 + ends.1.0), n)
    }

    #[test]
    fn roots_are_found_no_slower_than_by_bisection() {
        // ⌈log₂(span/2ε)⌉ + 1 steps at most
        for (function, low, high, root) in [
            ((|x| x * x * x - x - 2.0) as fn(f64) -> f64, 1.0, 2.0, 1.521_379_706_804_57),
            (|x| 1.0 - 1.0 / x, 0.1, 7.0, 1.0),
            (|x| (x - 0.25) * (x - 0.25) * (x - 0.25), 0.0, 1.0, 0.25),
            (|x| if x < 0.7 { -1.0 } else { 5.0 }, 0.0, 1.0, 0.7),
            (|x| 3.0 - 4.0 * x, 0.0, 1.0, 0.75),
        ] {
            let (found, n) = solve(function, low, high, 1e-7);
            let most = ((high - low) / 2e-7).log2().ceil() as u32 + 1;
            assert!((found - root).abs() <= 1e-7 + 1e-12, "{found} for {root}");
            assert!(n <= most, "{n} steps for {root}, bisection takes {most}");
        }
        let (_, smooth) = solve(|x| x * x * x - x - 2.0, 1.0, 2.0, 1e-7);
        assert!(smooth <= 12, "{smooth}: half of bisection's");
    }
}
