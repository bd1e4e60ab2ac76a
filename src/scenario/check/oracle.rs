//! `[oracle]` and what each asset makes of it.
use super::Checker;
use crate::market::oracle::{Kind, Latency, Oracle, Outage};
use crate::market::price::Process;
use crate::scenario::file::{OracleChoice, OracleTable, ScenarioFile};
use crate::units::{Fault, Period};

impl Checker<'_> {
    /// The oracle of one asset: its own keys over those of `[oracle]`.
    pub(super) fn oracle(&mut self, file: &ScenarioFile, asset: usize, process: &Process) -> Option<Oracle> {
        let base = match &file.oracle {
            Some(OracleChoice::Table(table)) => Some(table.as_ref()),
            _ => None,
        };
        let nothing = OracleTable::default();
        let own = match &file.assets.get(asset)?.oracle {
            Some(OracleChoice::None) => return None,
            Some(OracleChoice::Table(table)) => Some(table.as_ref()),
            None => None,
        };
        if base.is_none() && own.is_none() {
            return None;
        }
        let (below, own) = (base.unwrap_or(&nothing), own.unwrap_or(&nothing));
        let at = |of_asset: bool, key: &str| {
            if of_asset { format!("assets.{asset}.oracle.{key}") } else { format!("oracle.{key}") }
        };
        let heartbeat = own.heartbeat.or(below.heartbeat).map(|heartbeat| {
            Period::Steps(self.steps(&at(own.heartbeat.is_some(), "heartbeat"), heartbeat, 1))
        });
        let staleness_limit = own.staleness_limit.or(below.staleness_limit).map(|limit| {
            Period::Steps(self.steps(&at(own.staleness_limit.is_some(), "staleness_limit"), limit, 0))
        });
        let resets = own.heartbeat_resets.or(below.heartbeat_resets);
        if resets == Some(false) && heartbeat.is_none() {
            let fault = Fault::new(at(own.heartbeat_resets.is_some(), "heartbeat_resets"), "has no effect")
                .label("no `heartbeat`");
            self.warn("W001", fault);
        }
        let latency = own.latency.as_ref().or(below.latency.as_ref());
        let latency = latency.map(|latency| self.latency(&at(own.latency.is_some(), "latency"), latency));
        let silent = own.outages.as_ref().or(below.outages.as_ref());
        let (outages, random_outages) = silent.map_or((Vec::new(), None), |silent| {
            self.silences(&at(own.outages.is_some(), "outages"), silent)
        });
        let kind = own.kind.or(below.kind).unwrap_or_default();
        self.feed_keys(&at, kind, own, below);
        let deviation_threshold = own.deviation_threshold.or(below.deviation_threshold);
        if kind == Kind::Push && deviation_threshold.is_none() && heartbeat.is_none() {
            let path = if file.assets.get(asset).is_some_and(|asset| asset.oracle.is_some()) {
                format!("assets.{asset}.oracle")
            } else {
                "oracle".into()
            };
            let fault = Fault::new(path, "this oracle never posts: policies see the first price for ever")
                .label("neither `deviation_threshold` nor `heartbeat`")
                .help("add deviation_threshold = \"0.5%\" or heartbeat = \"1h\"; leave the table out for the true price");
            self.warn("W001", fault);
        }
        let oracle = Oracle {
            deviation_threshold,
            heartbeat,
            heartbeat_resets: resets.unwrap_or(true),
            staleness_limit,
            latency: Some(latency.unwrap_or(Latency::Fixed(Period::Steps(0)))),
            outages,
            random_outages,
            noise: own.noise.or(below.noise),
            start: own.start.or(below.start).unwrap_or_default(),
            kind,
            confidence: own.confidence.or(below.confidence),
            confidence_spread: own.confidence_spread.or(below.confidence_spread),
            confidence_limit: own.confidence_limit.or(below.confidence_limit),
            update_fee: own.update_fee.or(below.update_fee),
        };
        self.coarse(&at, own, &oracle, process);
        Some(oracle)
    }

    pub(super) fn outages(&mut self, path: &str, windows: &[Outage]) -> Vec<Outage> {
        let mut resolved = Vec::with_capacity(windows.len());
        for (index, window) in windows.iter().enumerate() {
            let (start, end) = (format!("{path}.{index}.from"), format!("{path}.{index}.to"));
            let from = self.steps(&start, window.from, 0);
            let to = self.steps(&end, window.to, 0);
            if to <= from && self.grid.is_some() {
                let fault = Fault::new(end, "an outage must end after it begins")
                    .label(format!("{} is not after `from`", window.to))
                    .also(start, format!("begins at {}", window.from));
                self.error("E009", fault);
            }
            resolved.push(Outage { from: Period::Steps(from), to: Period::Steps(to) });
        }
        resolved
    }
}
