//! What the chunks of a finished run keep by path and by section: enough to set it against another run without its scenario.
use super::chunk::ChunkPart;
use super::columns::Column;
use super::outcome::Paired;
use crate::stats::{Binned, Units};

/// What chunks keep of one policy.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// Terminal deviation by path, in currency; empty where there were too many to keep.
    pub deviations: Vec<f64>,
    /// The same by bins, where they are not kept by path.
    pub binned: Option<Binned>,
    /// Costs and tracking errors by section, or by window.
    pub paired: Paired,
}

/// What all chunks of a run keep, a policy a row, its paths independent by those units; none where they are not of one run or a chunk is missing.
pub fn kept(units: Units, parts: impl IntoIterator<Item = ChunkPart>) -> Option<Vec<Kept>> {
    let mut parts = (0..).zip(parts);
    let (_, first) = parts.next().filter(|(wanted, part)| part.index == *wanted)?;
    let mut tallies = first.policies;
    for (wanted, part) in parts {
        let alike = |(a, b): (&super::tally::PolicyTally, &super::tally::PolicyTally)| {
            a.shape.is_some() == b.shape.is_some()
                && a.table.as_ref().map(Vec::len) == b.table.as_ref().map(Vec::len)
                && a.means.len() == b.means.len()
        };
        let fits = part.index == wanted
            && part.policies.len() == tallies.len()
            && tallies.iter().zip(&part.policies).all(alike);
        if !fits {
            return None;
        }
        for (tally, policy) in tallies.iter_mut().zip(&part.policies) {
            tally.merge(policy);
        }
    }
    let row = |tally: super::tally::PolicyTally| Kept {
        deviations: tally.deviations,
        binned: tally.shape.map(|shape| shape.histogram.ascending()),
        paired: Paired {
            units,
            deviation: tally.paired.deviation,
            cost: tally.paired.cost,
            te: tally.paired.te,
            windows: tally.table.and_then(|mut table| {
                let te = table.get_mut(Column::TrackingError as usize).map(std::mem::take)?;
                let cost = table.get_mut(Column::CostTotal as usize).map(std::mem::take)?;
                Some([cost, te])
            }),
        },
    };
    Some(tallies.into_iter().map(row).collect())
}
