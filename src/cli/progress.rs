//! Progress of a run on stderr: a bar on a terminal, a line every two seconds elsewhere.
use std::io::{IsTerminal, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Terminal;

/// Time between two lines where there is no terminal.
const PACE: Duration = Duration::from_secs(2);

/// Told of paths done, from any thread.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    lines: Option<Mutex<Lines>>,
    n_paths: u64,
    /// Paths of an earlier run, which took none of this one's time.
    earlier: AtomicU64,
}

struct Lines {
    start: Instant,
    last: Instant,
}

#[expect(clippy::disallowed_methods, reason = "the command line owns the clock")]
fn now() -> Instant {
    Instant::now()
}

impl Progress {
    pub(super) fn new(n_paths: u64, terminal: &Terminal) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let bar = (terminal.shows_progress() && on_terminal).then(|| {
            let style = ProgressStyle::with_template(
                "{wide_bar} {human_pos}/{human_len} paths  {per_sec}  {eta} left",
            )
            .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(n_paths), ProgressDrawTarget::stderr()).with_style(style)
        });
        let lines = (terminal.shows_progress() && !on_terminal)
            .then(|| Mutex::new(Lines { start: now(), last: now() }));
        Self { bar, lines, n_paths, earlier: AtomicU64::new(0) }
    }

    /// So many paths were done before.
    pub(super) fn begin_at(&self, paths: u64) {
        self.earlier.store(paths, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.set_position(paths);
            bar.reset_eta();
        }
    }

    /// So many paths are done.
    pub(super) fn done(&self, paths: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(paths);
        }
        let Some(mut lines) = self.lines.as_ref().and_then(|lines| lines.lock().ok()) else { return };
        if lines.last.elapsed() < PACE {
            return;
        }
        lines.last = now();
        let seconds = lines.start.elapsed().as_secs_f64();
        let rate = paths.saturating_sub(self.earlier.load(Ordering::Relaxed)) as f64 / seconds;
        let left = self.n_paths.saturating_sub(paths) as f64 / rate;
        let _ = writeln!(
            std::io::stderr(),
            "{paths} of {} paths ({:.0} %), {rate:.0} paths/s, {left:.0} s left",
            self.n_paths,
            100.0 * paths as f64 / self.n_paths as f64
        );
    }

    /// Clears the bar.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
