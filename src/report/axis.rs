//! Scales from data to a share of the plot, and ticks at round values.
use super::number::{self, exponent};

/// How data fill an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// Equal steps are equal lengths.
    Linear {
        /// Value at the start of the axis.
        low: f64,
        /// Value at its end.
        high: f64,
    },
    /// Equal ratios are equal lengths; both ends positive.
    Log {
        /// Value at the start of the axis.
        low: f64,
        /// Value at its end.
        high: f64,
    },
}

/// A mark on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where.
    pub value: f64,
    /// What stands there.
    pub text: String,
}

impl Scale {
    /// A linear scale over the values, with a share of their range added on both sides; never empty.
    pub fn covering(low: f64, high: f64, padding: f64) -> Self {
        let (low, high) = if low <= high && (high - low).is_finite() { (low, high) } else { (0.0, 1.0) };
        let size = low.abs().max(high.abs());
        // without a spread that doubles can resolve, a range about the value shows that it is one value
        let range = if high - low > size * 1e-9 { high - low } else { (size * 0.2).max(1e-6) };
        let middle = low + 0.5 * (high - low);
        let half = range * (0.5 + padding);
        Self::Linear { low: middle - half, high: middle + half }
    }

    /// A logarithmic scale over positive values, with a sixteenth of its length added on both sides.
    pub fn log_covering(low: f64, high: f64) -> Self {
        let stretch = (high / low).sqrt().sqrt().sqrt().sqrt() * 1.05;
        Self::Log { low: low / stretch, high: high * stretch }
    }

    /// Both ends.
    pub fn ends(self) -> (f64, f64) {
        match self {
            Self::Linear { low, high } | Self::Log { low, high } => (low, high),
        }
    }

    /// Whether the value lies on the axis.
    pub fn holds(self, value: f64) -> bool {
        let (low, high) = self.ends();
        (low..=high).contains(&value)
    }

    /// Where the value lies: 0 at the start, 1 at the end, beyond them outside.
    pub fn share(self, value: f64) -> f64 {
        match self {
            Self::Linear { low, high } => (value - low) / (high - low),
            // zero lies infinitely far below: far enough below for any clip
            Self::Log { .. } if value <= 0.0 => -1e3,
            Self::Log { low, high } => (value / low).log10() / (high / low).log10(),
        }
    }

    /// Round values inside the axis, at most about `n_max`.
    pub fn ticks(self, n_max: usize) -> Vec<Tick> {
        match self {
            Self::Linear { low, high } => linear_ticks(low, high, n_max),
            Self::Log { low, high } => log_ticks(low, high, n_max),
        }
    }
}

fn linear_ticks(low: f64, high: f64, n_max: usize) -> Vec<Tick> {
    let rough = (high - low) / n_max.max(1) as f64;
    let power = exponent(rough);
    let unit = 10_f64.powi(power);
    let (factor, extra) = [(1.0, 0), (2.0, 0), (2.5, 1), (5.0, 0), (10.0, -1)]
        .into_iter()
        .find(|(factor, _)| factor * unit >= rough * (1.0 - 1e-9))
        .unwrap_or((10.0, -1));
    let step = factor * unit;
    let decimals = (extra - power).max(0);
    let first = (low / step - 1e-9).ceil();
    (0..=2 * n_max)
        .map(|i| (first + i as f64) * step)
        .take_while(|value| *value <= high + 1e-9 * step)
        .map(|value| Tick { value, text: tick_text(value, step, decimals) })
        .collect()
}

fn tick_text(value: f64, step: f64, decimals: i32) -> String {
    if value.abs() < step * 1e-6 {
        return "0".into();
    }
    if value.abs() >= 1e7 || step < 1e-6 {
        let digits = (exponent(value) - exponent(step)).clamp(0, 6) as usize + 1;
        return format!("{value:.digits$e}").replace('-', "−");
    }
    number::fixed(value, decimals)
}

fn log_ticks(low: f64, high: f64, n_max: usize) -> Vec<Tick> {
    let decades = exponent(low)..=exponent(high);
    let at = |factors: &[f64]| -> Vec<Tick> {
        decades
            .clone()
            .flat_map(|power| factors.iter().map(move |factor| (factor * 10_f64.powi(power), power)))
            .filter(|(value, _)| *value >= low * (1.0 - 1e-9) && *value <= high * (1.0 + 1e-9))
            .map(|(value, power)| Tick { value, text: number::fixed(value, (-power).max(0)) })
            .collect()
    };
    let fine = [at(&[1.0, 2.0, 3.0, 5.0, 7.0]), at(&[1.0, 2.0, 5.0]), at(&[1.0, 3.0])];
    fine.into_iter().find(|ticks| ticks.len() <= n_max).unwrap_or_else(|| at(&[1.0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scale: Scale, n: usize) -> Vec<String> {
        scale.ticks(n).into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(texts(Scale::Linear { low: -12.0, high: 31.0 }, 5), ["−10", "0", "10", "20", "30"]);
        assert_eq!(texts(Scale::Linear { low: 0.0, high: 1.0 }, 4), ["0", "0.25", "0.50", "0.75", "1.00"]);
        assert_eq!(texts(Scale::Log { low: 1e-4, high: 1.0 }, 5), ["0.0001", "0.001", "0.01", "0.1", "1"]);
    }

    #[test]
    fn no_range_is_empty() {
        for (low, high) in [(5.0, 5.0), (0.0, 0.0), (1e9, 1e9 + 1e-7), (f64::NAN, 1.0), (-1e-300, 1e-300)] {
            let (a, b) = Scale::covering(low, high, 0.03).ends();
            assert!(a < b && (b - a).is_finite(), "{low} {high}");
            assert!(!Scale::covering(low, high, 0.03).ticks(5).is_empty());
        }
    }
}
