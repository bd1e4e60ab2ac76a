//! Statistics over independent units (paths): every figure with its standard error, or with the reason it has none.
//!
//! Knows no finance. Tallies merge, so a run can be cut into blocks and folded in a fixed order; nothing here
//! depends on threads, hash order or the platform's libm.
mod allocation;
mod binomial;
mod bootstrap;
mod co_moments;
mod counted;
mod density;
mod error_law;
mod estimate;
mod histogram;
mod indicative;
mod influence;
mod lane_sums;
mod least;
mod log_histogram;
mod mean_tally;
mod moments;
mod multiple;
mod paired;
mod quantile;
mod ranks;
mod ratio_sections;
mod root;
mod section_tally;
mod sections;
mod student;
mod tail;
mod units;

pub use allocation::{TailWeights, covariance_estimate, covariance_estimate_over};
pub use binomial::binomial_interval;
pub use bootstrap::BlockBootstrap;
pub use co_moments::CoMoments;
pub use density::density;
pub use error_law::ErrorLaw;
pub use estimate::Estimate;
pub use histogram::{Distribution, Histogram, QUANTILE_LEVELS, QuantileRow};
pub use indicative::{Kind, Sample, indicative};
pub use influence::{
    Influence, Influenced, difference_of, difference_over, influence_errors, influence_errors_over,
};
pub use least::Least;
pub use log_histogram::{BIN_ERROR, Binned, LogHistogram};
pub use mean_tally::MeanTally;
pub use moments::Moments;
pub use multiple::{Difference, holm};
pub use paired::{mean_difference, mean_ratio, std_difference, std_ratio, std_ratio_over};
pub use quantile::{quantile, quantile_estimate, quantiles, sorted};
pub use ranks::ranked;
pub use ratio_sections::RatioSections;
pub use section_tally::SectionTally;
pub use sections::{N_SECTIONS, SectionMoments, section_error};
pub use student::critical;
pub use tail::{cvar_estimate, few_tail_paths, var_estimate};
pub use units::Units;
