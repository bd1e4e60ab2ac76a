//! Where one policy overtakes another: roots of their difference in one key, on common random numbers.
use crate::scenario::Range;
use crate::stats::Difference;

use super::root::Itp;

/// A crossing is found to this share of the range.
const CLOSE: f64 = 5e-4;
/// The ends of its interval to this.
const CLOSE_ENDS: f64 = 2.5e-3;

/// Two policies at one value of the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// The value, in the unit of the range.
    pub x: f64,
    /// Figures of both.
    pub values: [f64; 2],
    /// The second minus the first.
    pub difference: Difference,
}

impl Gap {
    /// The difference; nothing where it is what rounding leaves of equal figures.
    fn value(&self) -> f64 {
        let difference = self.values[1] - self.values[0];
        let noise = 1e-12 * self.values[0].abs().max(self.values[1].abs());
        if difference.abs() <= noise { 0.0 } else { difference }
    }

    /// How far its 95 % interval lies beyond zero on that side; negative where it does not.
    fn excess(&self, side: f64) -> Option<f64> {
        let [low, high] = self.difference.estimate.ci?;
        let excess = if side > 0.0 { low } else { -high };
        Some(if self.value() == 0.0 { excess.min(0.0) } else { excess })
    }

    /// Whether it can be told from zero.
    pub fn certain(&self) -> bool {
        self.excess(self.value()).is_some_and(|excess| excess > 0.0)
    }
}

/// A change of sign of the difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossing {
    /// Where: on the line between the nearest values looked at.
    pub at: f64,
    /// The nearest values looked at.
    pub between: [f64; 2],
    /// Outside of this the difference is distinguishable, with the sign it has there; an open end was not found in the range.
    pub interval: [Option<f64>; 2],
    /// Whether the second policy's figure is the larger one above it.
    pub rises: bool,
}

/// Everything that was looked at, and the crossings.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// In the order of the key.
    pub gaps: Vec<Gap>,
    /// In the order of the key.
    pub crossings: Vec<Crossing>,
}

/// Looks at `n_points` values, and closer at every change of sign between neighbours, by the ITP method; then for the ends of its
/// interval: the roots of the ends of the difference's interval. A pair of crossings between two neighbours of
/// the grid is not seen.
///
/// # Errors
///
/// Those of `evaluate`.
pub fn breakeven<E>(
    range: &Range,
    n_points: u32,
    evaluate: &mut impl FnMut(f64) -> Result<Gap, E>,
) -> Result<Found, E> {
    let mut search =
        Search { range, gaps: Vec::new(), span: range.place(range.high) - range.place(range.low) };
    for x in range.points(n_points) {
        search.gaps.push(evaluate(x)?);
    }
    let signs: Vec<(f64, f64)> =
        search.gaps.iter().map(|gap| (gap.x, gap.value())).filter(|(_, value)| *value != 0.0).collect();
    let mut crossings = Vec::new();
    for pair in signs.windows(2).filter(|pair| (pair[0].1 > 0.0) != (pair[1].1 > 0.0)) {
        let rises = pair[1].1 > 0.0;
        let plain = |gap: &Gap| Some(gap.value());
        let between = search.close(pair[0].0, pair[1].0, CLOSE, &plain, evaluate)?;
        let at = search.line(between, &plain);
        crossings.push((at, between, rises));
    }
    let mut found = Vec::new();
    for (at, between, rises) in crossings {
        let side = if rises { 1.0 } else { -1.0 };
        // below the crossing the difference has the sign −side, above it side
        let low = search.interval_end(at, false, -side, evaluate)?;
        let high = search.interval_end(at, true, side, evaluate)?;
        found.push(Crossing { at, between, interval: [low, high], rises });
    }
    Ok(Found { gaps: search.gaps, crossings: found })
}

struct Search<'r> {
    range: &'r Range,
    gaps: Vec<Gap>,
    span: f64,
}

impl Search<'_> {
    fn of(&self, x: f64) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.x == x)
    }

    /// Narrows a bracket of `function` to `tolerance` of the range, or to neighbouring values of the key.
    fn close<E>(
        &mut self,
        low: f64,
        high: f64,
        tolerance: f64,
        function: &dyn Fn(&Gap) -> Option<f64>,
        evaluate: &mut impl FnMut(f64) -> Result<Gap, E>,
    ) -> Result<[f64; 2], E> {
        let mut ends = [low, high];
        let place = |x: f64| self.range.place(x);
        let mut itp = Itp::new(place(low), place(high), tolerance * self.span);
        loop {
            let range = self.range;
            let [from, to] = ends.map(|x| range.place(x));
            let values = ends.map(|x| self.of(x).and_then(function));
            let [Some(at_low), Some(at_high)] = values else { return Ok(ends) };
            if itp.done(from, to) {
                return Ok(ends);
            }
            let x = range.snap(range.at(itp.next((from, at_low), (to, at_high))));
            // neighbours on the key's own grid
            if x <= ends[0] || x >= ends[1] {
                let middle = range.snap(range.at(0.5 * (from + to)));
                if middle <= ends[0] || middle >= ends[1] {
                    return Ok(ends);
                }
                self.look(middle, evaluate)?;
                self.narrow(&mut ends, middle, at_high, function);
                continue;
            }
            self.look(x, evaluate)?;
            self.narrow(&mut ends, x, at_high, function);
        }
    }

    fn narrow(&self, ends: &mut [f64; 2], x: f64, at_high: f64, function: &dyn Fn(&Gap) -> Option<f64>) {
        let value = self.of(x).and_then(function).unwrap_or(0.0);
        ends[usize::from((value > 0.0) == (at_high > 0.0))] = x;
    }

    fn look<E>(&mut self, x: f64, evaluate: &mut impl FnMut(f64) -> Result<Gap, E>) -> Result<(), E> {
        if self.of(x).is_none() {
            let gap = evaluate(x)?;
            self.gaps.push(gap);
            self.gaps.sort_by(|a, b| a.x.total_cmp(&b.x));
        }
        Ok(())
    }

    /// The root of `function` on the line through the ends of its bracket.
    fn line(&self, between: [f64; 2], function: &dyn Fn(&Gap) -> Option<f64>) -> f64 {
        let [from, to] = between.map(|x| self.range.place(x));
        let [Some(a), Some(b)] = between.map(|x| self.of(x).and_then(function)) else { return between[0] };
        if a == b { between[0] } else { self.range.at(from + (to - from) * (a / (a - b)).clamp(0.0, 1.0)) }
    }

    /// From the crossing on, up or down, the first value from which the difference is distinguishable with the sign `side`.
    fn interval_end<E>(
        &mut self,
        at: f64,
        up: bool,
        side: f64,
        evaluate: &mut impl FnMut(f64) -> Result<Gap, E>,
    ) -> Result<Option<f64>, E> {
        let excess = move |gap: &Gap| gap.excess(side);
        let mut order: Vec<f64> = self.gaps.iter().map(|gap| gap.x).filter(|x| (*x > at) == up).collect();
        if !up {
            order.reverse();
        }
        let mut inside = None;
        for x in order {
            match self.of(x).and_then(excess) {
                None => return Ok(None),
                Some(value) if value > 0.0 => {
                    let Some(inside) = inside else {
                        // even the nearest value is distinguishable
                        return Ok(Some(x));
                    };
                    let [low, high] = if up { [inside, x] } else { [x, inside] };
                    let between = self.close(low, high, CLOSE_ENDS, &excess, evaluate)?;
                    return Ok(Some(self.line(between, &excess)));
                }
                Some(_) => inside = Some(x),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const Z: f64 = 1.959_964;
    use crate::stats::difference_of;
    use crate::units::Grid;

    fn range(text: &str) -> Range {
        let grid = Grid { horizon_nanos: 864_000_000_000_000, n_steps: 720, days_per_year: 365.0 };
        Range::parse(text, &grid).unwrap_or_else(|why| panic!("{why}"))
    }

    fn find(text: &str, se: Option<f64>, curve: impl Fn(f64) -> f64) -> (Found, usize) {
        let mut n = 0;
        let found = breakeven(&range(text), 7, &mut |x| -> Result<Gap, ()> {
            n += 1;
            Ok(Gap { x, values: [1.0, 1.0 + curve(x)], difference: difference_of(curve(x), se) })
        });
        (found.unwrap_or_else(|()| panic!("it cannot fail")), n)
    }

    #[test]
    fn a_crossing_has_the_roots_of_the_limits_for_its_interval() {
        // x² − 5 with error 0.5: the root of 5, and of 5 ∓ 0.98
        let (found, n) = find("0..4", Some(0.5), |x| x * x - 5.0);
        let [one] = found.crossings.as_slice() else { panic!("{found:?}") };
        assert!((one.at - 5.0_f64.sqrt()).abs() < 2e-3 && one.rises, "{one:?}");
        let [low, high] = one.interval.map(|end| end.expect("an end"));
        let ends = [5.0 - Z * 0.5, 5.0 + Z * 0.5].map(f64::sqrt);
        assert!((low - ends[0]).abs() < 0.01 && (high - ends[1]).abs() < 0.01, "{low} {high} {ends:?}");
        assert!(n < 25, "{n} evaluations");
    }

    #[test]
    fn none_several_and_open_ends() {
        assert!(find("0..4", Some(0.1), |x| x + 1.0).0.crossings.is_empty());
        assert!(
            find("0..4", Some(0.1), |_| 0.0).0.crossings.is_empty(),
            "no difference is no change of sign"
        );
        let (two, _) = find("0..4", Some(0.01), |x| (x - 1.1) * (x - 2.9));
        let at: Vec<f64> = two.crossings.iter().map(|one| one.at).collect();
        assert!(at.len() == 2 && (at[0] - 1.1).abs() < 2e-3 && (at[1] - 2.9).abs() < 2e-3, "{at:?}");
        assert_eq!(two.crossings.iter().map(|one| one.rises).collect::<Vec<_>>(), [false, true]);
        let (open, _) = find("0..4", Some(1.0), |x| x - 0.9);
        assert_eq!(open.crossings[0].interval[0], None, "0.9 is less than 1.96 errors");
        assert!(open.crossings[0].interval[1].is_some_and(|x| (x - 0.9 - Z).abs() < 0.02));
        assert_eq!(find("0..4", None, |x| x - 0.9).0.crossings[0].interval, [None, None]);
    }

    #[test]
    fn steps_end_at_neighbours() {
        let (found, n) = find("\"1 step\"..\"60 steps\"", Some(0.0), |x| x - 20.5);
        let [one] = found.crossings.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.between, one.interval), ([20.0, 21.0], [Some(20.0), Some(21.0)]));
        // in the logarithm, which is nearly a line here
        assert!((one.at - 20.5).abs() < 0.02 && n <= 20, "{} {n}", one.at);
    }
}
