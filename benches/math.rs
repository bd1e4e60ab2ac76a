//! ns per value of the lane functions and random numbers, at every vector level of this processor.
//!
//! `cargo bench --bench math`; with `-- --scalar` also without hardware multiply-add. One thread. All rows
//! run in turn, round by round, so that drift of the machine meets all of them; printed are medians over
//! the rounds.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark has a clock and a table")]

use driftband::math::{B, Lanes, exp, ln, norm_cdf, norm_inv, norm_inv_fast};
use driftband::rng::{Purpose, Stream, normal_pair, uniform_pair};
use pulp::{NullaryFnOnce, Simd};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 21;
/// Blocks of one measurement.
const BLOCKS: u32 = 2000;

#[derive(Clone, Copy, Debug)]
enum Kernel {
    Exp,
    Ln,
    NormCdf,
    NormInv,
    NormInvFast,
    Uniform,
    Normal,
}

const KERNELS: [Kernel; 7] = [
    Kernel::Exp,
    Kernel::Ln,
    Kernel::NormCdf,
    Kernel::NormInv,
    Kernel::NormInvFast,
    Kernel::Uniform,
    Kernel::Normal,
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Level {
    Best,
    Avx2,
    Scalar,
}

/// One measurement; a struct and not a closure, for a closure would be compiled at the baseline.
struct Work<'a> {
    kernel: Kernel,
    uniforms: &'a Lanes,
}

impl NullaryFnOnce for Work<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        const STREAM: Stream = Stream::new(Purpose::Price, 0);
        let mut pair = [Lanes::ZERO; 2];
        match self.kernel {
            Kernel::Exp => map_blocks(self.uniforms, &mut pair, |u| exp(u - 0.5)),
            Kernel::Ln => map_blocks(self.uniforms, &mut pair, ln),
            Kernel::NormCdf => map_blocks(self.uniforms, &mut pair, |u| norm_cdf(6.0 * u - 3.0)),
            Kernel::NormInv => map_blocks(self.uniforms, &mut pair, norm_inv),
            Kernel::NormInvFast => map_blocks(self.uniforms, &mut pair, norm_inv_fast),
            Kernel::Uniform => {
                for block in 0..BLOCKS {
                    uniform_pair(1, STREAM, 0, block, &mut pair);
                    black_box(&mut pair);
                }
            }
            Kernel::Normal => {
                for block in 0..BLOCKS {
                    normal_pair(1, STREAM, 0, block, &mut pair);
                    black_box(&mut pair);
                }
            }
        }
    }
}

#[inline(always)]
fn map_blocks(input: &Lanes, output: &mut [Lanes; 2], function: impl Fn(f64) -> f64) {
    for _ in 0..BLOCKS {
        let input = black_box(input);
        for step in &mut *output {
            for lane in 0..B {
                step[lane] = function(input[lane]);
            }
        }
        black_box(&mut *output);
    }
}

/// ns per value, or nothing where the processor lacks the level.
fn measure(level: Level, work: Work) -> Option<f64> {
    let start = Instant::now();
    match level {
        Level::Best => pulp::Arch::new().dispatch(work),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => pulp::x86::V3::try_new()?.vectorize(work),
        #[cfg(not(target_arch = "x86_64"))]
        Level::Avx2 => return None,
        Level::Scalar => pulp::Scalar::new().vectorize(work),
    }
    Some(start.elapsed().as_secs_f64() * 1e9 / (f64::from(BLOCKS) * 2.0 * B as f64))
}

fn main() {
    let scalar = std::env::args().any(|argument| argument == "--scalar");
    let levels = [Level::Best, Level::Avx2, Level::Scalar];
    let levels: Vec<Level> = levels.into_iter().filter(|&level| scalar || level != Level::Scalar).collect();
    let mut pair = [Lanes::ZERO; 2];
    uniform_pair(7, Stream::new(Purpose::Price, 0), 0, 0, &mut pair);

    let mut times = vec![vec![vec![]; levels.len()]; KERNELS.len()];
    for _ in 0..ROUNDS {
        for (&kernel, row) in KERNELS.iter().zip(&mut times) {
            for (&level, cell) in levels.iter().zip(row) {
                cell.extend(measure(level, Work { kernel, uniforms: &pair[0] }));
            }
        }
    }
    let best = format!("{:?}", pulp::Arch::new());
    println!("best level: {}; ns per value, medians of {ROUNDS}", best.split('(').next().unwrap_or(&best));
    print!("{:12}", "");
    for level in levels {
        print!("{:>9}", format!("{level:?}"));
    }
    println!();
    for (kernel, row) in KERNELS.iter().zip(&mut times) {
        print!("{:12}", format!("{kernel:?}"));
        for cell in row {
            cell.sort_by(f64::total_cmp);
            match cell.get(cell.len() / 2) {
                Some(median) => print!("{median:9.2}"),
                None => print!("{:>9}", "-"),
            }
        }
        println!();
    }
}
