//! The charts of a run in the order of their questions, each with a sentence on how to read it.
use serde::Serialize;

use super::picture::Picture;

/// A question, the charts that answer it, and how to read them: anchor, heading, lead, charts.
const SECTIONS: [(&str, &str, &str, &[&str]); 4] = [
    (
        "cost",
        "Cost against risk",
        "Left is cheap, low is tight. On the dashed line stand the policies that no other beats in both.",
        &["frontier", "cost_stack", "efficiency"],
    ),
    (
        "distribution",
        "Distribution of outcomes",
        "Every path ends with one deviation from the benchmark. Right of zero it did better than intended, left of zero worse.",
        &["spread", "density"],
    ),
    (
        "tails",
        "Tails",
        "How likely a loss larger than x is. A curve that lies lower or further left has the milder tail; its last points rest on few paths.",
        &["tail"],
    ),
    (
        "time",
        "Deviation through time",
        "How far a policy strays on the way. Nine paths in ten stay inside the light band.",
        &["fan"],
    ),
];

/// Charts under one heading.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Section {
    id: String,
    heading: String,
    lead: String,
    pictures: Vec<Picture>,
}

/// The charts by section; those that no section names come last.
pub(super) fn sections(mut pictures: Vec<Picture>) -> Vec<Section> {
    let mut found = Vec::new();
    for (id, heading, lead, names) in SECTIONS {
        let mut own: Vec<Picture> = Vec::new();
        for name in names {
            if let Some(place) = pictures.iter().position(|picture| picture.name == *name) {
                own.push(pictures.remove(place));
            }
        }
        if !own.is_empty() {
            let (id, heading, lead) = (id.into(), heading.into(), lead.into());
            found.push(Section { id, heading, lead, pictures: own });
        }
    }
    if !pictures.is_empty() {
        let (id, heading) = ("more".into(), "More charts".into());
        found.push(Section { id, heading, lead: String::new(), pictures });
    }
    found
}
