//! The folder of a validation: written aside, renamed when whole.
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::chart::NoChart;
use super::super::drawing::png;
use super::super::style::Theme;
use super::super::validation::{efficiency, law, table};
use super::manifest::NAME;
use super::staging::Staging;
use super::{FolderError, preflight};
use crate::study::validate::Finding;

/// Whose folder it is, in its manifest.
const KIND: &str = "validation";
/// Pixels of a PNG for one of its SVG.
const PNG_SCALE: f32 = 2.0;

/// Whether a validation can be written to `dir`, asked before the work.
///
/// # Errors
///
/// Where something else stands there.
pub fn validation_preflight(dir: &Path) -> Result<(), FolderError> {
    preflight(dir)?;
    let Ok(bytes) = fs::read(dir.join(NAME)) else { return Ok(()) };
    let own = serde_json::from_slice::<Value>(&bytes).is_ok_and(|manifest| manifest["kind"] == KIND);
    if own { Ok(()) } else { Err(FolderError::NotARun { path: dir.to_owned() }) }
}

/// A chart that was left out, and why.
pub type LeftOut = (&'static str, String);

/// Writes the whole folder; names the charts that were left out, and why.
///
/// # Errors
///
/// Names the path; nothing half written is left behind.
pub fn write_validation(dir: &Path, findings: &[Finding]) -> Result<(PathBuf, Vec<LeftOut>), FolderError> {
    validation_preflight(dir)?;
    let mut staging = Staging::begin(dir)?;
    staging.put("validation.json", format!("{:#}\n", table::json(findings)).as_bytes())?;
    let rows = table::csv(findings).map_err(|error| FolderError::Content {
        path: PathBuf::from("validation.csv"),
        reason: error.to_string(),
    })?;
    staging.put("validation.csv", &rows)?;
    let theme = Theme::light();
    let mut left_out: Vec<LeftOut> = Vec::new();
    for (name, svg) in
        [("hedging-error", law::draw(findings, &theme)), ("efficiency", efficiency::draw(findings, &theme))]
    {
        match svg {
            Ok(svg) => {
                staging.put(&format!("charts/{name}.svg"), svg.as_bytes())?;
                staging.put(&format!("charts/{name}.png"), &png(&svg, PNG_SCALE)?)?;
            }
            Err(NoChart::NotMeant) => {}
            Err(NoChart::NotApplicable(why)) => left_out.push((name, why)),
            Err(NoChart::Failed(error)) => return Err(error.into()),
        }
    }
    let manifest =
        json!({ "kind": KIND, "engine_version": env!("CARGO_PKG_VERSION"), "files": staging.files() });
    staging.put(NAME, format!("{manifest:#}\n").as_bytes())?;
    let (dir, _) = staging.finish()?;
    Ok((dir, left_out))
}
