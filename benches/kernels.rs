//! ns per value of the lane functions and random numbers, at every vector level of this processor.
//!
//! `cargo bench --bench kernels`; a word after `--` picks the rows that hold it (`-- exp`, `-- avx2`).
use std::hint::black_box;

use criterion::{BenchmarkId, Throughput};
use driftband::math::{B, Lanes, exp, ln, norm_cdf, norm_inv, norm_inv_fast};
use driftband::rng::{Purpose, Stream, normal_quad, uniform_pair};
use pulp::{NullaryFnOnce, Simd};

mod clock;
mod per_step;

/// Blocks under one dispatch, four steps each.
const BLOCKS: u32 = 32;

#[derive(Clone, Copy)]
enum Kernel {
    Exp,
    Ln,
    NormCdf,
    NormInv,
    NormInvFast,
    UniformPair,
    NormalQuad,
}

const KERNELS: [(&str, Kernel); 7] = [
    ("exp", Kernel::Exp),
    ("ln", Kernel::Ln),
    ("norm_cdf", Kernel::NormCdf),
    ("norm_inv", Kernel::NormInv),
    ("norm_inv_fast", Kernel::NormInvFast),
    ("uniform_pair", Kernel::UniformPair),
    ("normal_quad", Kernel::NormalQuad),
];

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
        let mut four = [Lanes::ZERO; 4];
        match self.kernel {
            Kernel::Exp => map_blocks(self.uniforms, &mut four, |u| exp(u - 0.5)),
            Kernel::Ln => map_blocks(self.uniforms, &mut four, ln),
            Kernel::NormCdf => map_blocks(self.uniforms, &mut four, |u| norm_cdf(6.0 * u - 3.0)),
            Kernel::NormInv => map_blocks(self.uniforms, &mut four, norm_inv),
            Kernel::NormInvFast => map_blocks(self.uniforms, &mut four, norm_inv_fast),
            Kernel::UniformPair => {
                let mut pair = [Lanes::ZERO; 2];
                for block in 0..2 * BLOCKS {
                    uniform_pair(1, STREAM, 0, block, &mut pair);
                    black_box(&mut pair);
                }
            }
            Kernel::NormalQuad => {
                for block in 0..BLOCKS {
                    normal_quad(1, STREAM, 0, block, &mut four);
                    black_box(&mut four);
                }
            }
        }
    }
}

#[inline(always)]
fn map_blocks(input: &Lanes, output: &mut [Lanes; 4], function: impl Fn(f64) -> f64) {
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

type Dispatch = fn(Work);

/// The levels this processor has, best first. A function that costs as much at the best level as at the baseline was
/// not inlined into it.
fn levels() -> Vec<(String, Dispatch)> {
    let best = format!("{:?}", pulp::Arch::new());
    let name = best.split(['(', ' ']).next().unwrap_or("arch").to_lowercase();
    let mut levels: Vec<(String, Dispatch)> =
        vec![(format!("best-{name}"), |work| pulp::Arch::new().dispatch(work))];
    #[cfg(target_arch = "x86_64")]
    if pulp::x86::V3::try_new().is_some() {
        levels.push(("avx2".into(), |work| {
            if let Some(simd) = pulp::x86::V3::try_new() {
                simd.vectorize(work);
            }
        }));
    }
    levels.push(("baseline".into(), |work| pulp::Scalar::new().vectorize(work)));
    levels
}

fn main() {
    let mut criterion = per_step::criterion();
    let mut pair = [Lanes::ZERO; 2];
    uniform_pair(7, Stream::new(Purpose::Price, 0), 0, 0, &mut pair);
    for (name, kernel) in KERNELS {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(u64::from(BLOCKS) * 4 * B as u64));
        for (level, dispatch) in levels() {
            group.bench_function(BenchmarkId::from_parameter(level), |bencher| {
                bencher.iter(|| dispatch(Work { kernel, uniforms: &pair[0] }));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
