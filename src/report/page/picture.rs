//! An SVG file on the page: drawn into it where it holds nothing but what we draw, else shown as an image.
use serde::Serialize;

use super::base64;

/// Tags and attributes that our charts have; none of them runs or fetches anything.
const TAGS: [&str; 9] = ["svg", "g", "title", "rect", "line", "polyline", "polygon", "circle", "text"];
const ATTRIBUTES: [&str; 35] = [
    "width",
    "height",
    "viewBox",
    "xmlns",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "dx",
    "dy",
    "points",
    "fill",
    "opacity",
    "stroke",
    "stroke-width",
    "text-anchor",
    "font-size",
    "font-weight",
    "font-family",
    "transform",
    "class",
    "data-policy",
    "data-plot",
    "data-curve",
    "data-x",
    "data-y",
    "data-x-name",
    "data-y-name",
    "data-x-unit",
    "data-y-unit",
];

/// A chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Picture {
    /// Name of its file.
    pub(super) name: String,
    /// Its own title.
    pub(super) title: String,
    /// Title and subtitle in one sentence.
    alt: String,
    /// HTML that shows it.
    html: String,
}

impl Picture {
    /// The picture of an SVG.
    pub(super) fn of(name: &str, svg: &str) -> Self {
        let words = words(svg);
        let title = words.first().cloned().unwrap_or_else(|| name.replace(['-', '_'], " "));
        // the second text of a chart of ours says what its marks are
        let alt = words.iter().take(2).cloned().collect::<Vec<_>>().join(". ");
        let alt = if alt.is_empty() { title.clone() } else { alt };
        let label = super::escaped(&alt);
        let html = if ours(svg) {
            slim(svg).replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{label}\" "), 1)
        } else {
            let data = base64::encode(svg.as_bytes());
            format!("<img alt=\"{label}\" src=\"data:image/svg+xml;base64,{data}\">")
        };
        Self { name: name.into(), title, alt, html }
    }
}

/// The texts of an SVG, in its order, entities resolved.
fn words(svg: &str) -> Vec<String> {
    svg.split("<text ")
        .skip(1)
        .filter_map(|rest| {
            let (_, rest) = rest.split_once('>')?;
            let (text, _) = rest.split_once('<')?;
            let text = text.trim().replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
            Some(text.replace("&#39;", "'").replace("&apos;", "'").replace("&amp;", "&"))
        })
        .collect()
}

/// Whether every tag and attribute is one that we draw.
fn ours(svg: &str) -> bool {
    svg.trim_start().starts_with("<svg ") && svg.split('<').skip(1).all(|rest| tag(rest).is_some())
}

/// A tag of ours; none where it is another.
fn tag(rest: &str) -> Option<()> {
    let (inside, _) = rest.split_once('>')?;
    let (closing, inside) = inside.strip_prefix('/').map_or((false, inside), |name| (true, name));
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    let (name, mut attributes) = inside.split_once(' ').unwrap_or((inside, ""));
    if !TAGS.contains(&name) || (closing && !attributes.is_empty()) {
        return None;
    }
    loop {
        attributes = attributes.trim_start();
        if attributes.is_empty() {
            return Some(());
        }
        let (attribute, rest) = attributes.split_once("=\"")?;
        let (value, rest) = rest.split_once('"')?;
        let known = ATTRIBUTES.contains(&attribute);
        // a paint or a transform may point elsewhere
        if !known || value.contains("url(") || (attribute == "class" && value != "fixed") {
            return None;
        }
        attributes = rest;
    }
}

/// Without what the page's own style says once.
fn slim(svg: &str) -> String {
    let mut slim = svg.replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "");
    while let Some(from) = slim.find(" font-family=\"") {
        let value = from + " font-family=\"".len();
        let Some(length) = slim[value..].find('"') else { break };
        let family = slim[from..=value + length].to_owned();
        slim = slim.replace(&family, "");
    }
    slim
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_run_is_an_image() {
        let drawn = "<svg width=\"9\" viewBox=\"0 0 9 9\">\n<g data-policy=\"a\">\n<text x=\"1\" opacity=\"1\">\nT &amp; U\n</text>\n</g>\n</svg>";
        let picture = Picture::of("chart", drawn);
        assert!(picture.html.starts_with("<svg role=\"img\" aria-label=\"T &amp; U\" "), "{}", picture.html);
        assert_eq!(picture.title, "T & U");
        for bad in [
            "<script>alert(1)</script>",
            "<g onload=\"alert(1)\"></g>",
            "<rect fill=\"url(https://example.com/x)\"/>",
            "<image href=\"https://example.com/x\"/>",
            "<g data-policy=\"a\" style=\"x\"></g>",
            "<g class=\"chip\"></g>",
            "<g data-policy='a'></g>",
            "<!-- x -->",
        ] {
            let html = Picture::of("chart", &drawn.replace("<g data-policy=\"a\">", bad)).html;
            assert!(html.starts_with("<img alt="), "{bad}: {html}");
        }
    }
}
