//! Places for names beside points so that they cover nothing.
use super::clip::Rect;
use super::drawing::text_width;

/// A name that wants to stand near a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// The point in pixels.
    pub point: (f64, f64),
    /// What is to stand there.
    pub text: String,
}

/// Where a name stands: its rectangle, and whether it needs a line to its point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Room of the text.
    pub rect: Rect,
    /// Too far from its point to be read as its name.
    pub leader: bool,
}

/// Free room on both sides of a name: renderers space letters a little differently.
pub const MARGIN: f64 = 3.0;
/// Directions from the point, best first: right and above, then round.
const DIRECTIONS: [(f64, f64); 8] =
    [(1.0, -0.7), (1.0, 0.7), (-1.0, -0.7), (-1.0, 0.7), (1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0)];
const DISTANCES: [f64; 8] = [10.0, 16.0, 24.0, 32.0, 44.0, 60.0, 80.0, 110.0];

/// Places names one after the other, each where it covers neither a name, nor an obstacle, nor the edge; `None`
/// where no candidate is free. What it should rather not cover is covered where nothing else is left.
pub fn place(
    wishes: &[Wish],
    obstacles: &[Rect],
    rather_not: &[Rect],
    bounds: Rect,
    size: f64,
) -> Vec<Option<Place>> {
    let mut taken: Vec<Rect> = obstacles.to_vec();
    wishes
        .iter()
        .map(|wish| {
            let width = text_width(&wish.text, size, false) + 2.0 * MARGIN;
            let clear = |rect: Rect, of: &[Rect]| of.iter().all(|other| rect.overlap(*other) == 0.0);
            let free: Vec<Place> = candidates(wish.point, width, size)
                .filter(|Place { rect, .. }| {
                    bounds.holds((rect.left, rect.top)) && bounds.holds((rect.right, rect.bottom))
                })
                .filter(|place| clear(place.rect, &taken))
                .collect();
            let near = |place: &&Place| !place.leader && clear(place.rect, rather_not);
            let best = free.iter().find(near).or_else(|| free.first()).copied()?;
            taken.push(best.rect);
            Some(best)
        })
        .collect()
}

fn candidates((x, y): (f64, f64), width: f64, size: f64) -> impl Iterator<Item = Place> {
    let half = 0.62 * size;
    DISTANCES.into_iter().flat_map(move |distance| {
        DIRECTIONS.into_iter().map(move |(right, down)| {
            let middle = y + down * distance;
            let left = match right {
                1.0 => x + distance,
                -1.0 => x - distance - width,
                _ => x - 0.5 * width,
            };
            let middle = if right == 0.0 { middle + down * half } else { middle };
            let rect = Rect { left, right: left + width, top: middle - half, bottom: middle + half };
            Place { rect, leader: distance > 20.0 }
        })
    })
}

/// Moves heights apart until any two stand at least `gap` from each other, in their order, inside `[top, bottom]`.
pub fn spread(heights: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    // groups of touching labels, each centred on the mean of its wishes
    let mut groups: Vec<(f64, usize)> = Vec::new();
    for index in &order {
        groups.push((heights[*index], 1));
        while let [.., (above, n_above), (below, n_below)] = groups[..] {
            if below - above >= gap * (n_above + n_below) as f64 / 2.0 {
                break;
            }
            let n = n_above + n_below;
            groups.truncate(groups.len() - 2);
            groups.push(((above * n_above as f64 + below * n_below as f64) / n as f64, n));
        }
    }
    let mut places = vec![0.0; heights.len()];
    let (mut next, mut floor) = (order.iter(), top);
    for (middle, n) in groups {
        let size = gap * (n as f64 - 1.0);
        let first = (middle - 0.5 * size).min(bottom - size).max(floor);
        for (i, index) in next.by_ref().take(n).enumerate() {
            places[*index] = first + gap * i as f64;
        }
        floor = first + size + gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_labels_move_apart() {
        let placed = spread(&[100.0, 101.0, 99.0, 140.0], 13.0, 0.0, 200.0);
        assert_eq!(placed, [100.0, 113.0, 87.0, 140.0]);
    }

    #[test]
    fn names_at_one_point_cover_each_other_nowhere() {
        let wish = |i: usize| Wish { point: (200.0, 200.0 + i as f64), text: format!("policy-{i}") };
        let wishes: Vec<_> = (0..12).map(wish).collect();
        let bounds = Rect { left: 0.0, top: 0.0, right: 400.0, bottom: 400.0 };
        let places: Vec<_> = place(&wishes, &[], &[], bounds, 12.0).into_iter().flatten().collect();
        assert!(places.len() >= 6, "{}", places.len());
        for (i, a) in places.iter().enumerate() {
            assert!(places[..i].iter().all(|b| a.rect.overlap(b.rect) == 0.0));
        }
    }
}
