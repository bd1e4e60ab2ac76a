//! What rule a feed posts by: heartbeat, whether deviation posts reset it, deviation threshold.
use crate::stats::{quantile, sorted};

use super::updates::{Update, Updates};

/// Updates below this many show no rule.
const FEWEST: usize = 30;
/// A beat may come this share of the heartbeat early: clocks of nodes and blocks differ.
const EARLY: f64 = 0.02;
/// Share of the gaps that must stand together to be called a heartbeat.
const LEAST_SHARE: f64 = 0.01;
/// Posts by deviation below this many place no threshold.
const FEWEST_DEVIATIONS: usize = 5;
/// Heartbeats that feeds are set to, in seconds.
const ROUND_SECONDS: [f64; 17] = [
    60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1620.0, 1800.0, 3600.0, 7200.0, 10_800.0, 14_400.0, 21_600.0,
    28_800.0, 43_200.0, 86_400.0, 172_800.0,
];
/// Thresholds that feeds are set to, in basis points.
const ROUND_BPS: [f64; 18] = [
    1.0, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 500.0,
    1000.0,
];

/// Why an update was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The heartbeat was due.
    Beat,
    /// The price had moved by the threshold.
    Deviation,
    /// Neither explains it.
    Neither,
}

/// The heartbeat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heartbeat {
    /// Its length in seconds, round where a usual setting is near.
    pub seconds: f64,
    /// Median of the gaps that stand together there.
    pub observed: f64,
    /// How many gaps stand together.
    pub n_gaps: usize,
}

/// The deviation threshold, as a fraction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Its value, round where a usual setting lies in the bracket.
    pub value: f64,
    /// Largest |move| below it at a beat.
    pub low: f64,
    /// Smallest |move| above it off the beat.
    pub high: f64,
    /// Posts by deviation.
    pub n_deviations: usize,
}

/// Every update told apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Beats {
    /// By update from the second on: seconds since the one before, |move|, why.
    pub updates: Vec<(f64, f64, Kind)>,
    /// Seconds by which beats came late.
    pub lateness: Vec<f64>,
    /// Updates that the rule does not explain: off the beat and below the threshold, or at the beat and above it.
    pub n_misfits: usize,
}

/// The rule of a feed and the reasons for it.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedFit {
    /// Generation of the aggregator, where the file names one.
    pub phase: Option<u64>,
    /// Number of updates.
    pub n_updates: usize,
    /// Days from first to last.
    pub days: f64,
    /// Absent: no length of gap stands out.
    pub heartbeat: Option<Heartbeat>,
    /// Absent: too few posts by deviation.
    pub threshold: Option<Threshold>,
    /// Whether a deviation post restarts the heartbeat; absent: the data do not tell.
    pub resets: Option<bool>,
    /// Misfits if deviation posts reset the heartbeat, and if they do not.
    pub misfits: [usize; 2],
    /// The updates under the rule found.
    pub beats: Beats,
    /// Gaps far beyond the heartbeat, longest first, in seconds.
    pub outages: Vec<f64>,
    /// What to know before using it.
    pub notes: Vec<String>,
}

impl FeedFit {
    /// Updates of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.beats.updates.iter().filter(|(.., k)| *k == kind).count()
    }

    /// Quantile of the gaps in seconds.
    pub fn gap(&self, p: f64) -> f64 {
        let gaps: Vec<f64> = self.beats.updates.iter().map(|(gap, ..)| *gap).collect();
        quantile(&sorted(&gaps), p).unwrap_or(0.0)
    }

    /// Quantile of the beats' lateness in seconds.
    pub fn lateness(&self, p: f64) -> Option<f64> {
        quantile(&sorted(&self.beats.lateness), p)
    }
}

/// Finds the rule.
///
/// The heartbeat is the length at which most gaps stand together. Under either rule of the timer every update is then
/// at the beat or off it, and the threshold is the |move| that parts the two with the fewest misfits; the rule with
/// fewer misfits stands. A threshold is an edge, not a mean: it lies in a bracket that closes as 1/n, and has no standard
/// error.
///
/// # Errors
///
/// Says why there is too little to see.
pub fn fit(updates: &Updates) -> Result<FeedFit, String> {
    let list = &updates.list;
    if list.len() < FEWEST {
        return Err(format!("{} updates are too few to see a rule: it needs {FEWEST}", list.len()));
    }
    let pairs: Vec<(f64, f64)> = list
        .windows(2)
        .map(|pair| (pair[1].time - pair[0].time, (pair[1].answer / pair[0].answer - 1.0).abs()))
        .collect();
    let gaps = sorted(&pairs.iter().map(|pair| pair.0).collect::<Vec<f64>>());
    let heartbeat = heartbeat(&gaps).or_else(|| hidden_heartbeat(list, &pairs));
    let near = pile(&pairs);
    let (resets, misfits, at_beat) = timer(list, &pairs, heartbeat, near);
    let (threshold, n_misfits) = part(&pairs, &at_beat, near);
    let threshold = threshold.filter(|_| n_misfits * 10 < pairs.len());
    let outages = heartbeat.map_or_else(Vec::new, |beat| {
        gaps.iter().rev().copied().take_while(|gap| *gap > 1.25 * beat.seconds + 300.0).collect()
    });
    let beats = told_apart(&pairs, &at_beat, threshold, heartbeat, list, resets.unwrap_or(true));
    let days = (list[list.len() - 1].time - list[0].time) / 86_400.0;
    let mut fit = FeedFit {
        phase: updates.phase,
        n_updates: list.len(),
        days,
        heartbeat,
        threshold,
        resets,
        misfits,
        beats,
        outages,
        notes: Vec::new(),
    };
    fit.notes = notes(&fit, updates.n_repeated);
    Ok(fit)
}

/// The window of lengths that holds most gaps.
fn heartbeat(gaps: &[f64]) -> Option<Heartbeat> {
    let mut best = (0, 0, 0);
    let mut end = 0;
    for start in 0..gaps.len() {
        // lateness is some blocks, whatever the heartbeat
        let width = (0.01 * gaps[start]).max(120.0).min(0.08 * gaps[start]);
        end = end.max(start);
        while end < gaps.len() && gaps[end] <= gaps[start] + width {
            end += 1;
        }
        // of two windows alike the longer gaps: small ones stand close by nature
        if end - start >= best.0 && gaps[start] > 0.0 {
            best = (end - start, start, end);
        }
    }
    let (n_gaps, start, end) = best;
    if (n_gaps as f64) < LEAST_SHARE * gaps.len() as f64 || n_gaps < FEWEST_DEVIATIONS {
        return None;
    }
    let inside = &gaps[start..end];
    let observed = quantile(inside, 0.5)?;
    let near = |seconds: &&f64| (observed / **seconds - 1.0).abs() < 0.02;
    let lowest = quantile(inside, 0.02).unwrap_or(observed);
    let seconds = ROUND_SECONDS.iter().find(near).copied().unwrap_or_else(|| lowest.round());
    // gaps of every length: their crowd has no edge
    let beyond = gaps.len() - end;
    let before = gaps.iter().filter(|gap| (0.5 * seconds..0.97 * seconds).contains(*gap)).count();
    let stands_out = n_gaps > 2 * beyond.min(before.max(1)) || n_gaps * 10 > before + beyond;
    stands_out.then_some(Heartbeat { seconds, observed, n_gaps })
}

/// A free-running heartbeat that deviation posts cut into pieces: the length at which updates with a move below a
/// threshold follow each other, for the threshold at which most of them do.
fn hidden_heartbeat(list: &[Update], pairs: &[(f64, f64)]) -> Option<Heartbeat> {
    let mut best: Option<(f64, Heartbeat)> = None;
    for bps in ROUND_BPS {
        let small: Vec<f64> =
            (0..pairs.len()).filter(|k| pairs[*k].1 < 1e-4 * bps).map(|k| list[k + 1].time).collect();
        if small.len() < FEWEST {
            continue;
        }
        let gaps = sorted(&small.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<f64>>());
        let Some(found) = heartbeat(&gaps) else { continue };
        let share = found.n_gaps as f64 / gaps.len() as f64;
        if share > 0.5 && best.is_none_or(|(most, _)| share > most) {
            best = Some((share, found));
        }
    }
    best.map(|(_, found)| found)
}

/// Whether deviation posts reset the timer, misfits of either rule, and the updates at the beat under the better one.
fn timer(
    list: &[Update],
    pairs: &[(f64, f64)],
    heartbeat: Option<Heartbeat>,
    near: Option<f64>,
) -> (Option<bool>, [usize; 2], Vec<bool>) {
    let Some(beat) = heartbeat else {
        let none = vec![false; pairs.len()];
        let misfits = part(pairs, &none, near).1;
        return (None, [misfits; 2], none);
    };
    let due = beat.seconds * (1.0 - EARLY);
    let resetting: Vec<bool> = pairs.iter().map(|(gap, _)| *gap >= due).collect();
    let first = free_running(list, beat.seconds, f64::INFINITY);
    // a large move just before the beat is a deviation post: told once the threshold is known
    let edge = part(pairs, &first, near).0.map_or(f64::INFINITY, |threshold| threshold.value);
    let free = free_running(list, beat.seconds, edge);
    let misfits = [part(pairs, &resetting, near).1, part(pairs, &free, near).1];
    // where a tenth fits neither rule, neither is the feed's
    let sound = misfits[0].min(misfits[1]) * 10 < pairs.len();
    let told = sound && misfits[0].abs_diff(misfits[1]) >= 3 + pairs.len() / 500;
    let resets = told.then_some(misfits[0] < misfits[1]);
    let at_beat = if resets == Some(false) { free } else { resetting };
    (resets, misfits, at_beat)
}

/// The first update after each beat of a timer that only beats restart; an early one with a move of `edge` is none.
fn free_running(list: &[Update], heartbeat: f64, edge: f64) -> Vec<bool> {
    let due = heartbeat * (1.0 - EARLY);
    let mut last = list.first().map_or(0.0, |update| update.time);
    // the series may begin between two beats: the first gap of a whole heartbeat sets the clock
    let clock = list.windows(2).position(|pair| pair[1].time - pair[0].time >= due);
    let start = clock.map_or(0, |at| at + 1);
    (1..list.len())
        .map(|k| {
            let (now, moved) = (list[k].time, (list[k].answer / list[k - 1].answer - 1.0).abs());
            let early = now - last < heartbeat && moved >= edge;
            let beat = k == start || (k > start && now - last >= due && !early);
            if beat {
                last = now;
            }
            beat
        })
        .collect()
}

/// The |move| from which on updates pile up: most of them within a seventh above it against a seventh below. Absent
/// where no pile stands out.
fn pile(pairs: &[(f64, f64)]) -> Option<f64> {
    let moves = sorted(&pairs.iter().map(|pair| pair.1).collect::<Vec<f64>>());
    let count = |low: f64, high: f64| {
        (moves.partition_point(|m| *m < high) - moves.partition_point(|m| *m < low)) as f64
    };
    let rise = |edge: f64| {
        let (above, below) = (count(edge, 1.15 * edge), count(edge / 1.15, edge));
        (above - below) / (above + below).max(1.0).sqrt()
    };
    let steepest =
        moves.iter().copied().filter(|m| *m > 1e-5).max_by(|a, b| rise(*a).total_cmp(&rise(*b)))?;
    (rise(steepest) > 5.0).then_some(steepest)
}

/// The |move| that parts updates off the beat (above) from those at it (below) with the fewest misfits; not far from
/// `near`, where updates pile up.
fn part(pairs: &[(f64, f64)], at_beat: &[bool], near: Option<f64>) -> (Option<Threshold>, usize) {
    let mut moves: Vec<(f64, bool)> =
        pairs.iter().zip(at_beat).map(|((_, moved), beat)| (*moved, *beat)).collect();
    moves.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n_off = moves.iter().filter(|(_, beat)| !beat).count();
    let n_at = moves.len() - n_off;
    let allowed = |moved: f64| near.is_none_or(|near| (0.93 * near..1.07 * near).contains(&moved));
    // with the edge below the first move every beat is a misfit
    let (mut misfits, mut best, mut edge) = (n_at, if near.is_some() { usize::MAX } else { n_at }, 0);
    for (k, (_, beat)) in moves.iter().enumerate() {
        if *beat {
            misfits -= 1;
        } else {
            misfits += 1;
        }
        let next = moves.get(k + 1).map_or(f64::INFINITY, |next| next.0);
        if misfits <= best && allowed(next) {
            (best, edge) = (misfits, k + 1);
        }
    }
    if n_at == 0 && near.is_none() {
        // nothing below: the edge of the moves themselves, one in a hundred left out
        edge = moves.len() / 100;
        best = 0;
    }
    let above = || moves[edge..].iter().filter(|(_, beat)| !beat);
    let n_deviations = above().count();
    let Some((high, _)) = above().next().copied() else { return (None, best) };
    let low = moves[..edge].iter().filter(|(_, beat)| *beat || n_at == 0).map(|m| m.0).fold(0.0, f64::max);
    if n_deviations < FEWEST_DEVIATIONS {
        return (None, best);
    }
    let round = ROUND_BPS
        .iter()
        .map(|bps| bps * 1e-4)
        .filter(|value| *value >= 0.98 * low && *value <= 1.002 * high && *value > 0.9 * high);
    let value = round.fold(None, |_, value| Some(value)).unwrap_or(high);
    (Some(Threshold { value, low, high, n_deviations }), best)
}

fn told_apart(
    pairs: &[(f64, f64)],
    at_beat: &[bool],
    threshold: Option<Threshold>,
    heartbeat: Option<Heartbeat>,
    list: &[Update],
    resets: bool,
) -> Beats {
    let edge = threshold.map_or(f64::INFINITY, |threshold| threshold.value.min(threshold.high));
    let mut beats = Beats { updates: Vec::with_capacity(pairs.len()), lateness: Vec::new(), n_misfits: 0 };
    let mut last = list.first().map_or(0.0, |update| update.time);
    for (k, ((gap, moved), beat)) in pairs.iter().zip(at_beat).enumerate() {
        let now = list[k + 1].time;
        let kind = match (*beat, *moved >= edge) {
            (true, _) => Kind::Beat,
            (false, true) => Kind::Deviation,
            (false, false) => Kind::Neither,
        };
        beats.n_misfits += usize::from(kind == Kind::Neither || (*beat && *moved >= edge));
        let since = if resets { *gap } else { now - last };
        if *beat {
            let late = since - heartbeat.map_or(0.0, |beat| beat.seconds);
            if late < 0.25 * heartbeat.map_or(0.0, |beat| beat.seconds) {
                beats.lateness.push(late);
            }
            last = now;
        }
        beats.updates.push((*gap, *moved, kind));
    }
    beats
}

fn notes(fit: &FeedFit, n_repeated: usize) -> Vec<String> {
    let mut notes = vec![
        "latency cannot be had from updates alone: it needs the time the price crossed the threshold. The lateness \
         of beats bounds it from below"
            .to_owned(),
    ];
    if fit.heartbeat.is_none() {
        notes.push("no length of gap stands out: the feed shows no heartbeat".into());
    }
    let n_misfits = fit.misfits[0].min(fit.misfits[1]);
    if n_misfits * 10 >= fit.n_updates {
        notes.push(format!(
            "{n_misfits} of {} updates fit neither a heartbeat nor a threshold: this feed followed another rule, or \
             several, and no threshold is given",
            fit.n_updates
        ));
    } else if fit.threshold.is_none() {
        notes.push(format!(
            "a threshold needs {FEWEST_DEVIATIONS} updates off the beat with a larger move than those at it; the \
             largest move at a beat was {:.1} bps",
            1e4 * fit.beats.updates.iter().filter(|u| u.2 == Kind::Beat).map(|u| u.1).fold(0.0, f64::max)
        ));
    }
    if fit.resets.is_none() && fit.heartbeat.is_some() {
        notes.push(format!(
            "whether deviation posts reset the heartbeat is not told by these updates ({} against {} misfits)",
            fit.misfits[0], fit.misfits[1]
        ));
    }
    let neither = fit.count(Kind::Neither);
    if neither * 50 > fit.n_updates && fit.threshold.is_some() {
        notes.push(format!(
            "{neither} updates ({:.0} %) are off the beat with a move below the threshold: something else posts too",
            100.0 * neither as f64 / fit.n_updates as f64
        ));
    }
    if fit.outages.len() * 20 > fit.n_updates {
        notes.push(format!(
            "{} gaps are far longer than the heartbeat: for long times the feed did not keep it",
            fit.outages.len()
        ));
    }
    if n_repeated > 0 {
        notes.push(format!("updates that shared their time with the next one, which stands: {n_repeated}"));
    }
    notes
}
