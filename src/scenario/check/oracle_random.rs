//! What is random about an oracle: latencies, outages, readings; and whether the grid can show it.
use super::Checker;
use crate::market::oracle::{
    Kind, Latency, Oracle, Outage, Outages, Poisson, RandomLatency, RandomOutages, Start,
};
use crate::market::price::Process;
use crate::scenario::file::OracleTable;
use crate::units::{Fault, Period};

impl Checker<'_> {
    /// A latency on the grid.
    pub(super) fn latency(&mut self, path: &str, latency: &Latency) -> Latency {
        match latency {
            Latency::Fixed(period) => Latency::Fixed(Period::Steps(self.steps(path, *period, 0))),
            Latency::Random(law) => {
                if let RandomLatency::Geometric(law) = law
                    && let (Some(slot), Some(grid)) = (law.slot, self.grid)
                    && slot.years(&grid) <= 0.0
                {
                    let fault = Fault::new(format!("{path}.slot"), format!("{slot} is too short"));
                    self.error("E007", fault.label("must be above 0"));
                }
                latency.clone()
            }
        }
    }

    /// Known windows on the grid, and outages by chance.
    pub(super) fn silences(&mut self, path: &str, silent: &Outages) -> (Vec<Outage>, Option<Poisson>) {
        match silent {
            Outages::Windows(windows) => (self.outages(path, windows), None),
            Outages::Random(RandomOutages::Poisson(law)) => {
                if law.per_year > 0.0
                    && let Some(grid) = self.grid
                    && law.mean_length.years(&grid) <= 0.0
                {
                    let what = format!("{} is too short", law.mean_length);
                    let fault = Fault::new(format!("{path}.mean_length"), what);
                    self.error("E007", fault.label("must be above 0"));
                }
                let windows = self.outages(&format!("{path}.windows"), &law.windows);
                (windows, Some(Poisson { windows: Vec::new(), ..law.clone() }))
            }
        }
    }

    /// Keys of a push feed on a pull feed, and the other way round.
    pub(super) fn feed_keys(
        &mut self,
        at: &impl Fn(bool, &str) -> String,
        kind: Kind,
        own: &OracleTable,
        below: &OracleTable,
    ) {
        let push = |table: &OracleTable| {
            [
                ("deviation_threshold", table.deviation_threshold.is_some()),
                ("heartbeat", table.heartbeat.is_some()),
                ("heartbeat_resets", table.heartbeat_resets.is_some()),
                ("noise", table.noise.is_some()),
                ("start", table.start.is_some()),
            ]
        };
        let pull = |table: &OracleTable| {
            [
                ("confidence", table.confidence.is_some()),
                ("confidence_spread", table.confidence_spread.is_some()),
                ("confidence_limit", table.confidence_limit.is_some()),
                ("update_fee", table.update_fee.is_some()),
            ]
        };
        // an asset that says another kind than all is not blamed for the keys of all
        let kind_is_own = own.kind.is_some();
        for (of_asset, table) in [(true, own), (false, below)] {
            if !of_asset && kind_is_own {
                continue;
            }
            let strange: Vec<&str> = match kind {
                Kind::Push => pull(table).into_iter().filter(|(_, is)| *is).map(|(key, _)| key).collect(),
                Kind::Pull => push(table).into_iter().filter(|(_, is)| *is).map(|(key, _)| key).collect(),
            };
            for key in strange {
                let fault = match kind {
                    Kind::Pull => Fault::new(at(of_asset, key), format!("`{key}` is a key of a push feed"))
                        .label("a pull feed is read at every look")
                        .also(at(kind_is_own, "kind"), "a pull feed"),
                    Kind::Push => Fault::new(at(of_asset, key), format!("`{key}` is a key of a pull feed"))
                        .label("a push feed posts without it")
                        .help("kind = \"pull\"; an error of a push feed is its `noise`"),
                };
                self.error("E009", fault);
            }
        }
        let written = own.confidence_spread.or(below.confidence_spread);
        let limit = own.confidence_limit.or(below.confidence_limit);
        if kind == Kind::Pull && limit.is_some() && written.unwrap_or(0.0) == 0.0 {
            let fault = Fault::new(
                at(own.confidence_limit.is_some(), "confidence_limit"),
                "the confidence stands still: all readings are refused or none",
            )
            .label("has no effect on single readings")
            .help("confidence_spread = 0.5");
            self.warn("W001", fault);
        }
    }

    /// Warns of a time drawn for each post or order that the grid rounds away.
    pub(super) fn short_mean(&mut self, path: &str, what: &str, mean: Period) {
        let Some(grid) = self.grid else { return };
        let steps = mean.years(&grid) / grid.dt();
        if steps > 0.0 && steps < 0.5 {
            let title = format!("a mean {what} of {mean} is below half of the step {}", grid.step_text());
            let fault = Fault::new(format!("{path}.mean"), title).label("rounded to whole steps, most are 0");
            self.warn("W003", fault.help(format!("a shorter step, or no {what}")));
        }
    }

    /// Whether the grid is fine enough for the feed, and whether there is a time before the start.
    pub(super) fn coarse(
        &mut self,
        at: &impl Fn(bool, &str) -> String,
        own: &OracleTable,
        oracle: &Oracle,
        process: &Process,
    ) {
        let Some(grid) = self.grid else { return };
        let volatility = process.volatility_at_start(&grid);
        if oracle.start == Start::Stationary && volatility.is_none() && oracle.kind == Kind::Push {
            let path = at(own.start.is_some(), "start");
            let fault =
                Fault::new(path, format!("`{}` does not say what was before the start", process.name()))
                    .label("needs a volatility")
                    .help("start = \"fresh\"");
            self.error("E009", fault);
        }
        if let Some(mean) = oracle.latency.as_ref().and_then(Latency::random_mean) {
            self.short_mean(&at(own.latency.is_some(), "latency"), "latency", mean);
        }
        if let (Some(threshold), Some(volatility), Kind::Push) =
            (oracle.deviation_threshold, volatility, oracle.kind)
        {
            let move_of_step = volatility * grid.dt().sqrt();
            // a hair of room: exactly a quarter is fine
            if move_of_step > 0.250_001 * threshold.0 {
                let path = at(own.deviation_threshold.is_some(), "deviation_threshold");
                let what = format!(
                    "a step moves the price by {:.2} % (one standard deviation), more than a quarter of the threshold",
                    100.0 * move_of_step
                );
                let seconds = grid.step_seconds() * (0.25 * threshold.0 / move_of_step).powi(2);
                let fault = Fault::new(path, what)
                    .label("the grid, not the feed, decides when it posts")
                    .help(format!("a step of at most {} would do", rounded_down(seconds)));
                self.warn("W003", fault);
            }
        }
    }
}

/// A length of time in whole seconds where it has some, else in milliseconds.
fn rounded_down(seconds: f64) -> Period {
    let nanos = if seconds >= 1.0 { seconds.floor() * 1e9 } else { (seconds * 1e3).floor().max(1.0) * 1e6 };
    Period::Time { nanos: nanos as u64, years: 0.0 }
}
