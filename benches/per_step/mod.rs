//! A measurement for criterion: processor time, shown as nanoseconds for one element (a path-step, a value).
use criterion::measurement::{Measurement, ValueFormatter};
use criterion::{Criterion, Throughput};
use std::time::Duration;

use crate::clock::processor_seconds;

/// Criterion with this measurement and short runs: some hundred rows must not take an hour.
pub(crate) fn criterion() -> Criterion<PerStep> {
    Criterion::default()
        .with_measurement(PerStep)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(20)
        .configure_from_args()
}

/// Processor time.
#[derive(Debug)]
pub(crate) struct PerStep;

impl Measurement for PerStep {
    type Intermediate = f64;
    /// Nanoseconds.
    type Value = f64;

    fn start(&self) -> f64 {
        processor_seconds()
    }

    fn end(&self, start: f64) -> f64 {
        (processor_seconds() - start) * 1e9
    }

    fn add(&self, a: &f64, b: &f64) -> f64 {
        a + b
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &Nanoseconds
    }
}

/// "1.20 ms" for a run, "9.87 ns/element" for its throughput.
struct Nanoseconds;

impl ValueFormatter for Nanoseconds {
    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        let (unit, name) = match typical {
            t if t < 1e3 => (1.0, "ns"),
            t if t < 1e6 => (1e3, "us"),
            t if t < 1e9 => (1e6, "ms"),
            _ => (1e9, "s"),
        };
        for value in values {
            *value /= unit;
        }
        name
    }

    fn scale_throughputs(&self, _: f64, throughput: &Throughput, values: &mut [f64]) -> &'static str {
        let elements = match *throughput {
            Throughput::Elements(n)
            | Throughput::Bytes(n)
            | Throughput::BytesDecimal(n)
            | Throughput::Bits(n) => n,
        };
        for value in values {
            *value /= elements as f64;
        }
        "ns/element"
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "ns"
    }
}
