//! The machine: what it is, how busy it is, and the cores this process stays on.
use std::fs;

use serde::Serialize;

/// What figures depend on besides the program.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    /// Model of the processor, where the system says it.
    pub(crate) processor: Option<String>,
    /// Cores this process may use.
    pub(crate) cores: Vec<usize>,
    /// What `Level::Best` is here.
    pub(crate) best_level: String,
    /// Load average of the last minute before the first round.
    pub(crate) load_before: Option<f64>,
    /// And after the last.
    pub(crate) load_after: Option<f64>,
}

impl Machine {
    pub(crate) fn look() -> Self {
        let best = format!("{:?}", pulp::Arch::new());
        Self {
            processor: processor(),
            cores: cores(),
            best_level: best.split(['(', ' ']).next().unwrap_or_default().to_owned(),
            load_before: load(),
            load_after: None,
        }
    }

    /// The cores for so many threads, counted down from `first` or from the last there is.
    pub(crate) fn choose(&self, first: Option<usize>, threads: usize) -> Vec<usize> {
        let usable = self.cores.iter().rev().filter(|core| first.is_none_or(|first| **core <= first));
        usable.take(threads).copied().collect()
    }
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Load average of the last minute, where the system says it.
pub(crate) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// Processor seconds of the programs that were started and have ended, in hundredths, where the system says them.
pub(crate) fn seconds_of_programs() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // after the name in brackets: user and system ticks of the programs waited for are the 14th and 15th word
    let words = text.rsplit_once(')')?.1.split_whitespace().skip(13).take(2);
    words.map(|ticks| ticks.parse::<f64>().ok()).sum::<Option<f64>>().map(|ticks| ticks * 0.01)
}

#[cfg(target_os = "linux")]
/// Cores this thread may use.
pub(crate) fn cores() -> Vec<usize> {
    let set = rustix::thread::sched_getaffinity(None).unwrap_or_default();
    (0..rustix::thread::CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
}

/// Keeps this thread, and what it starts from now on, on these cores; whether that could be done.
#[cfg(target_os = "linux")]
pub(crate) fn stay_on(cores: &[usize]) -> bool {
    let mut set = rustix::thread::CpuSet::new();
    for core in cores {
        set.set(*core);
    }
    !cores.is_empty() && rustix::thread::sched_setaffinity(None, &set).is_ok()
}

#[cfg(not(target_os = "linux"))]
/// Cores this thread may use.
pub(crate) fn cores() -> Vec<usize> {
    (0..std::thread::available_parallelism().map_or(1, usize::from)).collect()
}

/// Keeps this thread, and what it starts from now on, on these cores; whether that could be done.
#[cfg(not(target_os = "linux"))]
pub(crate) fn stay_on(_: &[usize]) -> bool {
    false
}
