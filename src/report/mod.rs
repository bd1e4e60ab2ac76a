//! From an outcome to what people read: charts, the terminal table, the page, the output folder. The only place that names
//! `plotters`, `resvg` and `minijinja`; draws no random number and prints nothing.
pub mod answer;
pub mod axis;
#[cfg(feature = "calibrate")]
pub mod calibration;
pub mod chart;
pub mod clip;
pub mod comparison;
pub mod drawing;
pub mod export;
pub mod folder;
pub mod frame;
pub mod label;
pub mod lettering;
pub mod limits;
pub mod number;
pub mod page;
pub mod part;
pub mod plot;
pub mod studies;
pub mod style;
pub mod summary;
pub mod table;
pub mod validation;
