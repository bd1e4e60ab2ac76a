//! Programs that are not part of the crate: numpy baselines and hand-written loops. Where one is not there, its rows
//! say so.
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::machine::seconds_of_programs;
use crate::options::Options;
use crate::rows::{Program, Sample, at_end};

/// Rows of the hand-written loops: their name here, and the words that begin their line there.
const LIMIT_ROWS: [(&str, &str); 8] = [
    ("D1 limit, avx512, box-muller", "job D P=1 Avx512 XoshiroBoxMuller"),
    ("D1 limit, avx512, same method", "job D P=1 Avx512 PhiloxInverse"),
    ("D1 limit, avx2, box-muller", "job D P=1 Avx2 XoshiroBoxMuller"),
    ("D1 limit, avx2, same method", "job D P=1 Avx2 PhiloxInverse"),
    ("D8 limit, avx512, box-muller", "job D P=8 Avx512 XoshiroBoxMuller"),
    ("D8 limit, avx512, same method", "job D P=8 Avx512 PhiloxInverse"),
    ("D8 limit, avx2, box-muller", "job D P=8 Avx2 XoshiroBoxMuller"),
    ("D8 limit, avx2, same method", "job D P=8 Avx2 PhiloxInverse"),
];

/// A numpy program that prints one JSON object.
pub(crate) fn numpy(options: &Options, row: String, script: &str, arguments: &str) -> Program {
    let script = options.baselines.as_ref().map(|folder| folder.join(script));
    let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
    let measure = move || {
        let script = script.as_ref().ok_or("not here: DRIFTBAND_BASELINES names no folder")?;
        if !script.exists() {
            return Err(format!("not here: {}", script.display()));
        }
        let mut python = Command::new("python3");
        python.arg(script).args(&arguments);
        // it shall choose by the processor it runs on
        python.env_remove("OPENBLAS_CORETYPE").env_remove("OPENBLAS_L2_SIZE");
        for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            python.env(threads, "1");
        }
        let text = output(python)?;
        let json = serde_json::from_str(&text).map_err(|fault| format!("{}: {fault}", script.display()))?;
        numpy_sample(&json).map(|sample| vec![sample]).ok_or(format!("{}: no times", script.display()))
    };
    Program { rows: vec![row], threads: 1, measure: Box::new(measure) }
}

/// ns per path-step, as such or as path-steps in a second.
fn numpy_sample(json: &serde_json::Value) -> Option<Sample> {
    let number = |key: &str| json.get(key)?.as_f64();
    let nanoseconds = |direct: &str, speed: &str| number(direct).or_else(|| Some(1e9 / number(speed)?));
    let means = json.get("mean_deviation_discounted").and_then(|means| means.get(0)?.as_f64());
    let wall = nanoseconds("ns_per_path_step_wall", "path_steps_per_s")?;
    let processor = nanoseconds("ns_per_path_step_cpu", "path_steps_per_cpu_s");
    Some(Sample {
        wall,
        processor,
        share: processor.map(|processor| processor / wall),
        mean: means.map(at_end).or_else(|| number("mean")),
    })
}

/// The hand-written loops: a program that prints a line a row, with median and least ns per path-step of its own rounds
/// and a mean. It knows the wall's time only; the least of short runs is the one that nobody disturbed, if there is one.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) fn limit(options: &Options) -> Program {
    let program = options.limit.clone();
    let measure = move || {
        let program = program.as_deref().ok_or("not here: DRIFTBAND_LIMIT names no program")?;
        if !program.exists() {
            return Err(format!("not here: {}", program.display()));
        }
        let (start, before) = (Instant::now(), seconds_of_programs());
        let text = output(Command::new(program))?;
        let wall = start.elapsed().as_secs_f64();
        let share = before.zip(seconds_of_programs()).map(|(before, after)| (after - before) / wall);
        Ok(LIMIT_ROWS.iter().map(|(_, words)| Sample { share, ..limit_sample(&text, words) }).collect())
    };
    let rows = LIMIT_ROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    Program { rows, threads: 1, measure: Box::new(measure) }
}

/// The row that begins with these words; nothing measured where the processor lacks its instructions.
fn limit_sample(text: &str, words: &str) -> Sample {
    let words: Vec<&str> = words.split(' ').collect();
    let numbers = text.lines().find_map(|line| {
        let found: Vec<&str> = line.split_whitespace().collect();
        let numbers = found.strip_prefix(words.as_slice())?;
        Some(numbers.iter().filter_map(|number| number.parse().ok()).collect::<Vec<f64>>())
    });
    let number = |k: usize| numbers.as_ref().and_then(|numbers| numbers.get(k)).copied();
    // its mean is a sum over the policies: comparable where there is one
    let mean = number(2).filter(|_| words.contains(&"P=1")).map(at_end);
    Sample { wall: number(1).unwrap_or(f64::NAN), processor: None, share: None, mean }
}

fn output(mut command: Command) -> Result<String, String> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command.output().map_err(|fault| format!("not here: {name}: {fault}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let talk = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name}: {}", talk.lines().last().unwrap_or("failed without a word")))
}
