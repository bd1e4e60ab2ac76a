//! Runs the rows in turn, round after round, and keeps every sample.
use crate::machine::{Machine, stay_on};
use crate::options::Options;
use crate::rows::{Program, Sample};

/// One row and what was found.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Cores it stayed on; none where they could not be chosen.
    pub(crate) cores: Vec<usize>,
    /// One for each round, or why there is none.
    pub(crate) samples: Result<Vec<Sample>, String>,
}

/// A, B, C, A, B, C, …: what drifts meets all rows alike. The first round only warms up and is not kept.
pub(crate) fn measure(mut programs: Vec<Program>, machine: &Machine, options: &Options) -> Vec<Row> {
    let mut rows: Vec<Vec<Row>> =
        programs.iter().map(|program| empty_rows(program, machine, options)).collect();
    for round in 0..=options.rounds {
        eprintln!("round {round} of {}{}", options.rounds, if round == 0 { " (to warm up)" } else { "" });
        for (program, rows) in programs.iter_mut().zip(&mut rows) {
            if rows.iter().any(|row| row.samples.is_err()) {
                continue;
            }
            let cores = machine.choose(options.core, program.threads);
            let pinned = stay_on(&cores);
            match (program.measure)() {
                Ok(_) if round == 0 => {}
                Ok(samples) => keep(rows, &samples, if pinned { &cores } else { &[] }),
                Err(why) => rows.iter_mut().for_each(|row| row.samples = Err(why.clone())),
            }
        }
    }
    rows.into_iter().flatten().collect()
}

fn empty_rows(program: &Program, machine: &Machine, options: &Options) -> Vec<Row> {
    let there = machine.choose(options.core, program.threads).len();
    let samples = || {
        if there < program.threads {
            return Err(format!("not here: {} cores wanted, {there} to be had", program.threads));
        }
        Ok(Vec::new())
    };
    program
        .rows
        .iter()
        .map(|name| Row { name: name.clone(), cores: Vec::new(), samples: samples() })
        .collect()
}

fn keep(rows: &mut [Row], samples: &[Sample], cores: &[usize]) {
    for (row, sample) in rows.iter_mut().zip(samples) {
        row.cores = cores.to_vec();
        if sample.wall.is_nan() {
            row.samples = Err("not here: the processor lacks the instructions".into());
        } else if let Ok(kept) = &mut row.samples {
            kept.push(*sample);
        }
    }
}

/// Median and quartiles.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

impl Spread {
    /// Of at least one value.
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (values.len() as f64 - 1.0);
            let (below, above) = (*values.get(place.floor() as usize)?, *values.get(place.ceil() as usize)?);
            Some(below + (above - below) * place.fract())
        };
        Some(Self { median: at(0.5)?, lower: at(0.25)?, upper: at(0.75)? })
    }
}
