//! Cuts marks at the edge of a plot: a point outside is never moved onto the border.

/// A rectangle in pixels, `y` downward.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Rect {
    /// Width.
    pub fn width(self) -> f64 {
        self.right - self.left
    }
    /// Height.
    pub fn height(self) -> f64 {
        self.bottom - self.top
    }
    /// Whether the point lies inside, edges included.
    pub fn holds(self, (x, y): (f64, f64)) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
    /// Area that two rectangles share.
    pub fn overlap(self, other: Self) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }
}

/// The parts of a line that lie inside; a point that is not finite breaks it.
///
/// Source: Y.-D. Liang and B. Barsky (1984), ACM Transactions on Graphics 3(1).
pub fn line(points: &[(f64, f64)], rect: Rect) -> Vec<Vec<(f64, f64)>> {
    let mut parts: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut end = None;
    for pair in points.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1], rect) else {
            end = None;
            continue;
        };
        match parts.last_mut() {
            Some(part) if end == Some(from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
        end = Some(to);
    }
    parts
}

type Point = (f64, f64);
type Coordinate = fn(Point) -> f64;

fn segment(from: Point, to: Point, rect: Rect) -> Option<(Point, Point)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    if !(dx.is_finite() && dy.is_finite()) {
        return None;
    }
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (speed, room) in [
        (-dx, from.0 - rect.left),
        (dx, rect.right - from.0),
        (-dy, from.1 - rect.top),
        (dy, rect.bottom - from.1),
    ] {
        if speed == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if speed < 0.0 {
            enter = enter.max(room / speed);
        } else {
            leave = leave.min(room / speed);
        }
    }
    let at = |t: f64| {
        if t <= 0.0 {
            from
        } else if t >= 1.0 {
            to
        } else {
            (from.0 + t * dx, from.1 + t * dy)
        }
    };
    (enter <= leave).then(|| (at(enter), at(leave)))
}

/// The part of a polygon that lies inside.
///
/// Source: I. Sutherland and G. Hodgman (1974), Communications of the ACM 17(1).
pub fn area(points: &[Point], rect: Rect) -> Vec<Point> {
    let finite = points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let edges: [(Coordinate, f64, f64); 4] = [
        (|p| p.0, rect.left, 1.0),
        (|p| p.0, rect.right, -1.0),
        (|p| p.1, rect.top, 1.0),
        (|p| p.1, rect.bottom, -1.0),
    ];
    edges.into_iter().fold(finite, |corners, (part, edge, sign)| half_plane(&corners, part, edge, sign))
}

fn half_plane(corners: &[Point], part: Coordinate, edge: f64, sign: f64) -> Vec<Point> {
    let Some(&last) = corners.last() else { return Vec::new() };
    let (mut kept, mut before) = (Vec::with_capacity(corners.len() + 4), last);
    for &corner in corners {
        let (a, b) = ((part(before) - edge) * sign, (part(corner) - edge) * sign);
        if (a >= 0.0) != (b >= 0.0) {
            let t = a / (a - b);
            kept.push((before.0 + t * (corner.0 - before.0), before.1 + t * (corner.1 - before.1)));
        }
        if b >= 0.0 {
            kept.push(corner);
        }
        before = corner;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Rect = Rect { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 };

    #[test]
    fn a_line_is_cut_where_it_leaves() {
        let parts = line(&[(0.5, 0.5), (2.5, 0.5), (2.5, 0.6), (0.5, 0.6)], UNIT);
        assert_eq!(parts, [vec![(0.5, 0.5), (1.0, 0.5)], vec![(1.0, 0.6), (0.5, 0.6)]]);
        assert!(line(&[(2.0, 2.0), (3.0, 3.0)], UNIT).is_empty());
        assert!(line(&[(0.1, f64::NAN), (0.2, 0.2)], UNIT).is_empty());
    }

    #[test]
    fn an_area_keeps_what_lies_inside() {
        let cut = area(&[(-1.0, 0.2), (2.0, 0.2), (2.0, 0.4), (-1.0, 0.4)], UNIT);
        assert_eq!(cut.len(), 4);
        assert!(cut.iter().all(|point| UNIT.holds(*point)));
    }
}
