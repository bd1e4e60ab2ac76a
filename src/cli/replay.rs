//! `replay`: one path step by step, as a table on stdout and a chart in a folder.
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::Exit;
use super::args::{Format, Replay};
use super::check;
use super::terminal::Terminal;
use crate::engine::Recording;
use crate::report::chart::NoChart;
use crate::report::chart::replay::{ReplayData, draw};
use crate::report::drawing::png;
use crate::report::style::Theme;
use crate::scenario::Scenario;
use crate::study::explain::Explained;
use crate::study::replay::{ReplayError, replay as replay_path, table};

/// Replays a path and prints its ledger.
pub(super) fn replay(options: &Replay, terminal: &Terminal) -> anyhow::Result<Exit> {
    let changes = match options.overrides.changes() {
        Ok(changes) => changes,
        Err(what) => {
            terminal.fault(&what);
            return Ok(Exit::Usage);
        }
    };
    let changes = match options.seed {
        Some(seed) => changes.set("run.seed", &seed.to_string()),
        None => changes,
    };
    let Some(parsed) = check::open(&options.file, &changes, terminal) else { return Ok(Exit::Usage) };
    let scenario = &parsed.scenario;
    let recording = match replay_path(scenario, options.path, &options.policy) {
        Ok(recording) => recording,
        Err(fault @ (ReplayError::NoPath { .. } | ReplayError::NoPolicy(_))) => {
            terminal.fault(&fault.to_string());
            return Ok(Exit::Usage);
        }
        Err(fault) => return Err(fault.into()),
    };
    let at = scenario.policies.iter().position(|policy| policy.name == options.policy).unwrap_or(0);
    let explained = Explained::of(scenario, &recording, at);
    let symbols: Vec<String> = scenario.assets.iter().map(|asset| asset.symbol.clone()).collect();
    let text = match terminal.format {
        Format::Text => csv(&recording, explained.as_ref(), &symbols)?,
        Format::Json => format!("{}\n", ledger(&recording, explained.as_ref(), &symbols, options)),
    };
    if !options.no_chart {
        let hash: String = parsed.hash.chars().take(8).collect();
        let folder = options
            .output
            .clone()
            .unwrap_or_else(|| format!("output/{}-{hash}-replay", scenario.name).into());
        charts(scenario, &recording, options, &folder, terminal)?;
    }
    terminal.result(&text)?;
    terminal.say(&format!(
        "path {} under {}: deviation {} ({} from the parts of its ledger), {} trades",
        options.path, options.policy, recording.deviation, recording.ledger, recording.trades
    ));
    if let Some(explained) = &explained {
        let Explained { premium, gamma, position, costs, remainder, .. } = explained;
        terminal.say(&format!(
            "explained: premium {premium:.4}, gamma {gamma:.4} (Σ ½Γ(ΔS² − σ²S²dt)), position {position:.4}, costs {costs:.4}, \
             remainder {remainder:.4}"
        ));
    }
    Ok(Exit::Ok)
}

/// The table of a replay, with what explains it.
fn columns(
    recording: &Recording,
    explained: Option<&Explained>,
    symbols: &[String],
) -> (Vec<String>, Vec<Vec<Option<f64>>>) {
    let (mut names, mut rows) = table(recording, symbols);
    if let Some((further, values)) = explained.map(|explained| explained.columns(symbols)) {
        names.extend(further);
        rows.iter_mut().zip(values).for_each(|(row, values)| row.extend(values));
    }
    (names, rows)
}

fn csv(recording: &Recording, explained: Option<&Explained>, symbols: &[String]) -> anyhow::Result<String> {
    let (columns, rows) = columns(recording, explained, symbols);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns)?;
    for row in rows {
        writer.write_record(
            row.into_iter().map(|cell| cell.map_or_else(String::new, |value| value.to_string())),
        )?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn ledger(
    recording: &Recording,
    explained: Option<&Explained>,
    symbols: &[String],
    options: &Replay,
) -> Value {
    let (columns, rows) = columns(recording, explained, symbols);
    let parts = explained.map(|explained| -> Map<String, Value> {
        explained.parts().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
    });
    let object = |row: Vec<Option<f64>>| -> Value {
        let cells: Map<String, Value> =
            columns.iter().cloned().zip(row.into_iter().map(|cell| json!(cell))).collect();
        Value::Object(cells)
    };
    json!({
        "path": options.path, "policy": options.policy,
        "deviation": recording.deviation, "ledger": recording.ledger, "te_path": recording.te_path,
        "trades": recording.trades, "rebalances": recording.rebalances, "turnover": recording.turnover,
        "oracle_updates": recording.oracle_updates, "explained": parts,
        "steps": rows.into_iter().map(object).collect::<Vec<_>>(),
    })
}

/// One chart an asset, as SVG and PNG.
fn charts(
    scenario: &Scenario,
    recording: &Recording,
    options: &Replay,
    folder: &Path,
    terminal: &Terminal,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make `{}`", folder.display()))?;
    for (index, asset) in scenario.assets.iter().enumerate() {
        let data = ReplayData::of(scenario, recording, options.path, &options.policy, index);
        let svg = match draw(scenario, &data, &Theme::light()) {
            Ok(svg) => svg,
            Err(NoChart::NotApplicable(why)) => {
                terminal.say(&format!("no chart of {}: {why}", asset.symbol));
                continue;
            }
            Err(fault) => return Err(fault.into()),
        };
        let name = format!("replay-{}-{}-{}", options.path, options.policy, asset.symbol);
        for (end, bytes) in [("svg", svg.clone().into_bytes()), ("png", png(&svg, 2.0)?)] {
            let file = folder.join(format!("{name}.{end}"));
            std::fs::write(&file, bytes).with_context(|| format!("failed to write `{}`", file.display()))?;
        }
        terminal.say(&format!("wrote {}", folder.join(format!("{name}.svg")).display()));
    }
    Ok(())
}
