//! The table.
use std::fmt::Write as _;

use crate::machine::Machine;
use crate::ratios::{Clock, Ratio, Target};
use crate::rounds::{Row, Spread};
use crate::rows::Sample;

pub(crate) fn table(machine: &Machine, rows: &[Row], ratios: &[Ratio], rounds: usize) -> String {
    let mut text = head(machine, rounds);
    let _ = writeln!(
        text,
        "\n{:34} {:>9} {:>15} {:>9} {:>9} {:>10}",
        "ns per path-step", "median", "quartiles", "wall", "of a core", "mean"
    );
    for row in rows {
        let _ = writeln!(text, "{}", row_line(row));
    }
    let _ = writeln!(text, "\n{:44} {:>7} {:>15} {:>9}", "ratio", "median", "quartiles", "target");
    for ratio in ratios {
        let _ = writeln!(text, "{}", ratio_line(ratio));
    }
    text.push_str("\n* by the clock on the wall; the others by processor time\n");
    text
}

fn head(machine: &Machine, rounds: usize) -> String {
    let load = |load: Option<f64>| load.map_or("unknown".into(), |load| format!("{load:.2}"));
    format!(
        "{}, {} cores; best level {}; load {} before, {} after; {rounds} rounds\n",
        machine.processor.as_deref().unwrap_or("processor unknown"),
        machine.cores.len(),
        machine.best_level,
        load(machine.load_before),
        load(machine.load_after),
    )
}

fn row_line(row: &Row) -> String {
    let name = &row.name;
    let samples = match &row.samples {
        Ok(samples) => samples,
        Err(why) => return format!("{name:34} {why}"),
    };
    let of = |value: fn(&Sample) -> Option<f64>| Spread::of(samples.iter().filter_map(value));
    let wall = of(|sample| Some(sample.wall));
    let Some(time) = of(|sample| sample.processor).or(wall) else {
        return format!("{name:34} not measured");
    };
    let share = of(|sample| sample.share);
    let wall = wall.map_or_else(String::new, |wall| format!("{:.2}", wall.median));
    let share = share.map_or("-".into(), |share| format!("{:.0} %", share.median * 100.0));
    let mean = samples.last().and_then(|sample| sample.mean).map_or("-".into(), |mean| format!("{mean:.4}"));
    format!("{name:34} {:9.2} {:>15} {wall:>9} {share:>9} {mean:>10}", time.median, quartiles(time))
}

fn quartiles(spread: Spread) -> String {
    format!("{:.2}–{:.2}", spread.lower, spread.upper)
}

fn ratio_line(ratio: &Ratio) -> String {
    let target = match ratio.target {
        Some(Target::AtLeast(bound)) => format!("≥ {bound}"),
        Some(Target::AtMost(bound)) => format!("≤ {bound}"),
        None => String::new(),
    };
    let met = match ratio.met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "",
    };
    let star = if ratio.clock == Clock::Wall { " *" } else { "" };
    let name = format!("{}{star}", ratio.name);
    let line =
        format!("{name:44} {:7.2} {:>15} {target:>9}  {met}", ratio.spread.median, quartiles(ratio.spread));
    line.trim_end().to_owned()
}
