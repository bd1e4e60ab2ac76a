//! The updates of a feed: time since the last one against the move, and how the gaps are spread.
use crate::calibrate::{FeedFit, Kind};

use super::super::axis::Scale;
use super::super::chart::NoChart;
use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, Lettering, Stand};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::plot::Plot;
use super::super::style::{self, Color, Stroke, Theme};

/// Moves below this, in bps, are drawn at it: none has a logarithm.
const LEAST_BPS: f64 = 0.01;
const N_BINS: usize = 72;
/// Points beyond this many hide each other.
const MOST_POINTS: usize = 6000;
const KINDS: [(Kind, &str); 3] =
    [(Kind::Beat, "heartbeat"), (Kind::Deviation, "deviation"), (Kind::Neither, "neither")];
/// Gaps at which a tick may stand, the most telling first.
const TICKS: [(f64, &str); 15] = [
    (86_400.0, "1 d"),
    (3600.0, "1 h"),
    (60.0, "1 min"),
    (1.0, "1 s"),
    (600.0, "10 min"),
    (10.0, "10 s"),
    (604_800.0, "7 d"),
    (2_592_000.0, "30 d"),
    (7_776_000.0, "90 d"),
    (21_600.0, "6 h"),
    (1800.0, "30 min"),
    (43_200.0, "12 h"),
    (10_800.0, "3 h"),
    (259_200.0, "3 d"),
    (1_209_600.0, "14 d"),
];

/// A feed and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct FeedInput<'a> {
    /// The rule found.
    pub fit: &'a FeedFit,
    /// Name of the file.
    pub file: &'a str,
}

fn color(kind: Kind, theme: &Theme) -> Color {
    match kind {
        Kind::Beat => theme.fill(0),
        Kind::Deviation => theme.fill(1),
        Kind::Neither => theme.fill(6),
    }
}

impl FeedInput<'_> {
    fn frame(&self, title: &str, subtitle: String, theme: &Theme, swatch: fn(Color) -> Swatch) -> Frame {
        let fit = self.fit;
        let present = KINDS.iter().filter(|(kind, _)| fit.count(*kind) > 0);
        let entry = |(kind, name): &(Kind, &str)| {
            (format!("{name} ({})", number::count(fit.count(*kind) as u64)), swatch(color(*kind, theme)))
        };
        let phase = fit.phase.map_or_else(String::new, |phase| format!(" · phase {phase}"));
        Frame {
            title: title.into(),
            subtitle,
            legend: present.map(entry).collect(),
            footer: format!(
                "{} updates in {:.0} days · {}{phase} · driftband v{}",
                number::count(fit.n_updates as u64),
                fit.days,
                self.file,
                env!("CARGO_PKG_VERSION")
            ),
        }
    }

    fn gap_scale(&self) -> Scale {
        let gaps = || self.fit.beats.updates.iter().map(|(gap, ..)| gap.max(1.0));
        let (low, high) =
            gaps().fold((f64::INFINITY, 1.0), |(a, b): (f64, f64), gap| (a.min(gap), b.max(gap)));
        Scale::Log { low: 0.8 * low.min(high), high: 1.35 * high }
    }
}

/// Draws every update: time since the one before against its move.
///
/// # Errors
///
/// Where it cannot be drawn.
pub fn moves(input: &FeedInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    let fit = input.fit;
    let subtitle =
        "One point an update: time since the one before, and how far the answer moved; lines: heartbeat and \
                    threshold found; moves below 0.01 bps stand at the foot"
            .to_owned();
    let frame = input.frame("Updates of the feed", subtitle, theme, Swatch::Dot);
    let mut canvas = Canvas::new(style::WIDTH, style::SCATTER_HEIGHT, theme);
    let rect = inner(frame.draw(&mut canvas, theme));
    let bps = |moved: f64| (1e4 * moved).max(LEAST_BPS);
    let most = fit.beats.updates.iter().map(|u| bps(u.1)).fold(1.0, f64::max);
    let plot = Plot { rect, x: input.gap_scale(), y: Scale::Log { low: 0.7 * LEAST_BPS, high: 1.5 * most } };
    plot.y_axis(&mut canvas, theme, "Move of the answer (bps)");
    gap_axis(&plot, &mut canvas, theme);
    rules(&plot, &mut canvas, fit, theme);
    let stride = fit.beats.updates.len().div_ceil(MOST_POINTS);
    for (kind, _) in [KINDS[0], KINDS[2], KINDS[1]] {
        let kept = fit.beats.updates.iter().filter(|u| u.2 == kind);
        // what is rare is never thinned
        let stride = if fit.count(kind) > MOST_POINTS / 2 { stride } else { 1 };
        for (gap, moved, _) in kept.step_by(stride) {
            let place = plot.at(gap.max(1.0), bps(*moved));
            canvas.disc(place, 2.4, color(kind, theme));
        }
    }
    Ok(canvas.into_svg()?)
}

/// Draws how the gaps are spread, by what explains the update that ends them.
///
/// # Errors
///
/// Where it cannot be drawn.
pub fn gaps(input: &FeedInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    let fit = input.fit;
    let subtitle =
        "Updates by the time since the one before and by what explains them; both axes are logarithmic, and bars of \
                    one bin stand before each other".to_owned();
    let frame = input.frame("Gaps between updates", subtitle, theme, Swatch::Square);
    let mut canvas = Canvas::new(style::WIDTH, style::HEIGHT, theme);
    let rect = inner(frame.draw(&mut canvas, theme));
    let x = input.gap_scale();
    let mut counts = vec![[0_usize; 3]; N_BINS];
    for (gap, _, kind) in &fit.beats.updates {
        let bin = ((x.share(gap.max(1.0)) * N_BINS as f64) as usize).min(N_BINS - 1);
        let place = KINDS.iter().position(|(candidate, _)| candidate == kind).unwrap_or(0);
        counts[bin][place] += 1;
    }
    let most = counts.iter().flatten().copied().max().unwrap_or(1) as f64;
    let plot = Plot { rect, x, y: Scale::Log { low: 0.7, high: 1.4 * most.max(10.0) } };
    plot.y_axis(&mut canvas, theme, "Updates");
    for (i, bin) in counts.iter().enumerate() {
        let width = rect.width() / N_BINS as f64;
        let left = rect.left + width * i as f64;
        // the highest behind
        let mut order = [0, 1, 2];
        order.sort_by_key(|k| std::cmp::Reverse(bin[*k]));
        for k in order.into_iter().filter(|k| bin[*k] > 0) {
            let top = plot.at(1.0, bin[k] as f64).1;
            canvas.rectangle((left + 0.5, top), (left + width - 0.5, rect.bottom), color(KINDS[k].0, theme));
        }
    }
    gap_axis(&plot, &mut canvas, theme);
    Ok(canvas.into_svg()?)
}

fn inner(room: Rect) -> Rect {
    Rect { left: room.left + style::Y_AXIS_WIDTH, bottom: room.bottom - style::X_AXIS_HEIGHT, ..room }
}

/// Ticks at lengths of time that people say.
fn gap_axis(plot: &Plot, canvas: &mut Canvas, theme: &Theme) {
    let Rect { left, right, bottom, .. } = plot.rect;
    let mut taken: Vec<f64> = Vec::new();
    for (value, text) in TICKS {
        let x = plot.at(value, 1.0).0;
        if !plot.x.holds(value) || taken.iter().any(|other| (x - other).abs() < 52.0) {
            continue;
        }
        taken.push(x);
        canvas.line(vec![(x, bottom), (x, bottom + 4.0)], Stroke::solid(theme.axis, style::HAIRLINE));
        let letters = Lettering::new(style::TICK, theme.muted).at(Align::Center, Stand::Top);
        canvas.text(text, (x, bottom + 7.0), letters);
    }
    canvas.line(vec![(left, bottom), (right, bottom)], Stroke::solid(theme.axis, style::HAIRLINE));
    let letters = Lettering::new(style::AXIS_TITLE, theme.muted).at(Align::Center, Stand::Top);
    canvas.text("Time since the update before", (0.5 * (left + right), bottom + 26.0), letters);
}

fn rules(plot: &Plot, canvas: &mut Canvas, fit: &FeedFit, theme: &Theme) {
    let dashed = Stroke::solid(theme.muted, style::HAIRLINE).dashed(style::LEVEL_DASH);
    let letters = Lettering::new(style::FOOTER, theme.muted);
    if let Some(beat) = fit.heartbeat {
        plot.upright(canvas, beat.seconds, dashed);
        let at = plot.at(beat.seconds, plot.y.ends().1);
        let text = format!("heartbeat {}", crate::calibrate::duration(beat.seconds));
        canvas.text(text, (at.0 - 6.0, at.1 + 7.0), letters.at(Align::Right, Stand::Middle));
    }
    if let Some(threshold) = fit.threshold {
        let bps = 1e4 * threshold.value;
        plot.level(canvas, bps, dashed);
        let at = plot.at(plot.x.ends().0, bps);
        let text = format!("threshold {} bps", number::significant(bps, 3));
        canvas.text(text, (at.0 + 6.0, at.1 + 10.0), letters);
    }
}
