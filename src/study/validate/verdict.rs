//! How near a measured value must be to its theory, and how sure it must be of itself.
use super::Measured;

/// When a check passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// `|measured − theory| ≤ max(3·SE, share·|theory|)`, and SE at most a third of `share·|theory|`: the share is
    /// for what the expansion leaves out, not for noise.
    Share(f64),
    /// `|measured − theory| ≤ errors·SE`.
    Errors(f64),
    /// `|measured − theory| ≤ 3·SE`, and SE at most that share of the theory.
    Sharp(f64),
    /// `|measured − theory| ≤ errors·√(SE² + se²)`: the theory is a simulation itself.
    Simulated {
        /// Standard errors allowed.
        errors: f64,
        /// Of the theory.
        se: f64,
    },
    /// Nothing is random: `|measured − theory| ≤` this.
    Absolute(f64),
    /// Between two bounds.
    Between(f64, f64),
    /// Told, not judged.
    Told,
}

impl Tolerance {
    /// In a few letters.
    pub fn text(self) -> String {
        match self {
            Self::Share(share) => format!("{} %", tidy(100.0 * share)),
            Self::Errors(errors) => format!("{} SE", tidy(errors)),
            Self::Sharp(share) => format!("3 SE ≤ {} %", tidy(300.0 * share)),
            Self::Simulated { errors, se } => format!("{} SE (±{se:e})", tidy(errors)),
            Self::Absolute(size) => format!("±{size:e}"),
            Self::Between(low, high) => format!("{low}–{high}"),
            Self::Told => "–".into(),
        }
    }
}

fn tidy(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Near enough.
    Pass,
    /// Too far off, or no number.
    Fail,
    /// Too noisy to see what it is asked: proves nothing, and counts as a failure.
    Blind,
    /// Not judged.
    Told,
}

impl Verdict {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Blind => "BLIND",
            Self::Told => "told",
        }
    }

    /// Whether the validation fails by it.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Fail | Self::Blind)
    }
}

/// Judges a measured value. A difference of 10⁻¹² of the theory is none.
pub fn judge(tolerance: Tolerance, theory: f64, measured: Measured) -> Verdict {
    let Measured { value, se } = measured;
    if !(value.is_finite() && se.is_finite() && se >= 0.0 && theory.is_finite()) {
        return Verdict::Fail;
    }
    let off = (value - theory).abs();
    // where nothing varies on either side, what is left is rounding
    let rounding = 1e-12 * theory.abs();
    let within = |bound: f64| if off <= bound.max(rounding) { Verdict::Pass } else { Verdict::Fail };
    let seeing = |most: f64, verdict: Verdict| match verdict {
        Verdict::Pass if se > most => Verdict::Blind,
        verdict => verdict,
    };
    match tolerance {
        Tolerance::Share(share) => {
            let bound = share * theory.abs();
            seeing(bound / 3.0, within(bound.max(3.0 * se)))
        }
        Tolerance::Errors(errors) => within(errors * se),
        Tolerance::Sharp(share) => seeing(share * theory.abs(), within(3.0 * se)),
        Tolerance::Simulated { errors, se: other } => within(errors * (se * se + other * other).sqrt()),
        Tolerance::Absolute(size) => within(size),
        Tolerance::Between(low, high) => {
            if (low..=high).contains(&value) {
                Verdict::Pass
            } else {
                Verdict::Fail
            }
        }
        Tolerance::Told => Verdict::Told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(value: f64, se: f64) -> Measured {
        Measured { value, se }
    }

    #[test]
    fn a_shift_of_five_errors_is_rejected() {
        let theory = 2.0;
        for sign in [-1.0, 1.0] {
            // the standard error is a third of the tolerance at most: five of them are beyond it
            let se = 0.01 * theory / 3.0;
            let shifted = at(theory + sign * 5.0 * se, se);
            for tolerance in [Tolerance::Share(0.01), Tolerance::Errors(4.0), Tolerance::Sharp(0.02)] {
                assert_eq!(judge(tolerance, theory, at(theory, se)), Verdict::Pass, "{tolerance:?}");
                assert_eq!(judge(tolerance, theory, shifted), Verdict::Fail, "{tolerance:?}");
            }
            let simulated = Tolerance::Simulated { errors: 4.0, se: 0.0 };
            assert_eq!(judge(simulated, theory, shifted), Verdict::Fail);
        }
        assert_eq!(judge(Tolerance::Absolute(1e-3), 0.0, at(2e-3, 0.0)), Verdict::Fail);
        assert_eq!(judge(Tolerance::Between(0.93, 0.97), 0.95, at(0.98, 0.0)), Verdict::Fail);
    }

    #[test]
    fn noise_does_not_pass() {
        assert_eq!(judge(Tolerance::Share(0.01), 1.0, at(1.0, 0.004)), Verdict::Blind);
        assert_eq!(judge(Tolerance::Sharp(0.02), 1.0, at(1.0, 0.03)), Verdict::Blind);
        assert!(Verdict::Blind.is_failure() && Verdict::Fail.is_failure());
    }

    #[test]
    fn what_is_no_number_fails() {
        for measured in [at(f64::NAN, 0.1), at(1.0, f64::NAN), at(1.0, -1.0), at(f64::INFINITY, 0.0)] {
            assert_eq!(judge(Tolerance::Errors(4.0), 1.0, measured), Verdict::Fail);
        }
        assert_eq!(judge(Tolerance::Errors(4.0), f64::NAN, at(1.0, 0.1)), Verdict::Fail);
    }
}
