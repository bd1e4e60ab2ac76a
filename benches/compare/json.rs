//! The same as JSON, every round of every row with it.
use serde_json::{Value, json};

use crate::machine::Machine;
use crate::ratios::Ratio;
use crate::rounds::{Row, Spread};

pub(crate) fn json(machine: &Machine, rows: &[Row], ratios: &[Ratio], rounds: usize) -> Value {
    json!({
        "unit": "ns per path-step",
        "driftband": env!("CARGO_PKG_VERSION"),
        "machine": machine,
        "rounds": rounds,
        "rows": rows.iter().map(row_value).collect::<Vec<_>>(),
        "ratios": ratios,
    })
}

fn row_value(row: &Row) -> Value {
    let samples = match &row.samples {
        Ok(samples) => samples,
        Err(why) => return json!({ "name": row.name, "absent": why }),
    };
    let wall: Vec<f64> = samples.iter().map(|sample| sample.wall).collect();
    let share = Spread::of(samples.iter().filter_map(|sample| sample.share));
    let processor: Option<Vec<f64>> = samples.iter().map(|sample| sample.processor).collect();
    json!({
        "name": row.name,
        "cores": row.cores,
        "wall": Spread::of(wall.iter().copied()),
        "processor": processor.as_ref().and_then(|times| Spread::of(times.iter().copied())),
        "share_of_a_core": share,
        "wall_by_round": wall,
        "processor_by_round": processor,
        "mean": samples.last().and_then(|sample| sample.mean),
    })
}
