//! The processor's time: what this process was given, all its threads together.
//!
//! On a machine with other work the clock on the wall tells of the neighbours; this one hardly does.

/// Processor seconds from some fixed moment on.
#[cfg(target_os = "linux")]
pub(crate) fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Seconds from some fixed moment on: by the wall, for want of the processor's own.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) fn processor_seconds() -> f64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64()
}
