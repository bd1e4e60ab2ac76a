//! The ratios that matter, each with its target. A ratio is taken within each round: drift of the machine cancels.
use serde::Serialize;

use crate::rounds::{Row, Spread};
use crate::rows::Sample;

/// Which time is compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Clock {
    /// Both in processor time, or what a program states in its place: other work on the machine disturbs it little.
    Processor,
    /// Both by the clock on the wall: the only one that shows what a second thread is worth.
    Wall,
}

/// Where a ratio should lie.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
}
use Clock::{Processor, Wall};
use Target::{AtLeast, AtMost};

impl Target {
    fn met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }
}

type Wanted = (&'static str, &'static str, &'static str, Clock, Option<Target>);

/// What it says, the row above the line, the row below, which time, where it should lie.
const WANTED: &[Wanted] = &[
    ("naive / engine, P=1", "D1 naive", "D1 engine", Processor, Some(AtLeast(9.0))),
    ("naive / engine, P=8", "D8 naive", "D8 engine", Processor, Some(AtLeast(16.0))),
    ("naive / engine on AVX2, P=1", "D1 naive", "D1 engine, avx2", Processor, Some(AtLeast(5.0))),
    ("naive / engine on AVX2, P=8", "D8 naive", "D8 engine, avx2", Processor, Some(AtLeast(5.0))),
    ("numpy / engine, P=1", "D1 numpy", "D1 engine", Processor, Some(AtLeast(6.0))),
    ("numpy / engine, P=8", "D8 numpy", "D8 engine", Processor, Some(AtLeast(12.0))),
    ("numpy / engine, one-month call", "month numpy", "month engine", Processor, Some(AtLeast(6.0))),
    ("numpy / engine, basket of 5", "basket numpy", "basket engine", Processor, Some(AtLeast(6.0))),
    ("engine / limit, P=1", "D1 engine", "D1 limit, avx512, box-muller", Processor, Some(AtMost(1.5))),
    ("engine / limit, P=8", "D8 engine", "D8 limit, avx512, box-muller", Processor, Some(AtMost(1.5))),
    (
        "engine / limit, same method, P=1",
        "D1 engine",
        "D1 limit, avx512, same method",
        Processor,
        Some(AtMost(1.15)),
    ),
    (
        "engine / limit, same method, P=8",
        "D8 engine",
        "D8 limit, avx512, same method",
        Processor,
        Some(AtMost(1.15)),
    ),
    (
        "engine / limit on AVX2, P=1",
        "D1 engine, avx2",
        "D1 limit, avx2, box-muller",
        Processor,
        Some(AtMost(1.5)),
    ),
    (
        "engine / limit on AVX2, P=8",
        "D8 engine, avx2",
        "D8 limit, avx2, box-muller",
        Processor,
        Some(AtMost(1.5)),
    ),
    (
        "engine / limit on AVX2, same method, P=1",
        "D1 engine, avx2",
        "D1 limit, avx2, same method",
        Processor,
        Some(AtMost(1.15)),
    ),
    (
        "engine / limit on AVX2, same method, P=8",
        "D8 engine, avx2",
        "D8 limit, avx2, same method",
        Processor,
        Some(AtMost(1.15)),
    ),
    ("Merton, 2 jumps a year / GBM", "D1 merton, rare jumps", "D1 engine", Processor, Some(AtMost(1.5))),
    ("Merton, 24 jumps a year / GBM", "D1 merton", "D1 engine", Processor, Some(AtMost(1.5))),
    ("Heston / GBM", "D1 heston", "D1 engine", Processor, Some(AtMost(4.0))),
    ("four legs / one", "D1 four legs", "D1 engine", Processor, Some(AtMost(3.0))),
    ("32 policies / one", "D32 engine", "D1 engine", Processor, Some(AtMost(5.0))),
    ("delay / none, P=1", "D1 delay", "D1 engine", Processor, Some(AtMost(1.25))),
    ("delay / none, P=8", "D8 delay", "D8 engine", Processor, Some(AtMost(1.25))),
    ("oracle / none, P=1", "D1 oracle", "D1 engine", Processor, Some(AtMost(1.25))),
    ("oracle / none, P=8", "D8 oracle", "D8 engine", Processor, Some(AtMost(1.25))),
    ("path metrics / none, P=1", "D1 path metrics", "D1 engine", Processor, Some(AtMost(2.0))),
    ("path metrics / none, P=8", "D8 path metrics", "D8 engine", Processor, Some(AtMost(2.0))),
    ("AVX2 / best level, P=1", "D1 engine, avx2", "D1 engine", Processor, None),
    ("baseline / best level, P=1", "D1 engine, baseline", "D1 engine", Processor, None),
    ("1 thread / 2 threads, P=1", "D1 engine, 1 thread", "D1 engine, 2 threads", Wall, Some(AtLeast(1.85))),
    ("1 thread / 2 threads, P=8", "D8 engine, 1 thread", "D8 engine, 2 threads", Wall, Some(AtLeast(1.85))),
];

/// One ratio, measured.
#[derive(Debug, Serialize)]
pub(crate) struct Ratio {
    pub(crate) name: &'static str,
    pub(crate) over: &'static str,
    pub(crate) under: &'static str,
    pub(crate) clock: Clock,
    pub(crate) spread: Spread,
    pub(crate) target: Option<Target>,
    pub(crate) met: Option<bool>,
}

/// Every ratio whose two rows were measured.
pub(crate) fn ratios(rows: &[Row]) -> Vec<Ratio> {
    WANTED.iter().filter_map(|wanted| ratio(rows, wanted)).collect()
}

fn ratio(rows: &[Row], &(name, over, under, clock, target): &Wanted) -> Option<Ratio> {
    let times = |name: &str| -> Option<Vec<f64>> {
        let samples = rows.iter().find(|row| row.name == name)?.samples.as_ref().ok()?;
        let time = |sample: &Sample| match clock {
            Wall => sample.wall,
            Processor => sample.processor.unwrap_or(sample.wall),
        };
        Some(samples.iter().map(time).collect())
    };
    let (over_times, under_times) = (times(over)?, times(under)?);
    let spread = Spread::of(over_times.iter().zip(&under_times).map(|(a, b)| a / b))?;
    let met = target.map(|target| target.met(spread.median));
    Some(Ratio { name, over, under, clock, spread, target, met })
}
