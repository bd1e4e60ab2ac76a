//! From prices to process tables, and from the updates of a feed to an `[oracle]` table: pure functions of the bytes
//! of a CSV file. The only place that names `argmin` and `statrs`.
//!
//! ```text
//! bytes ─table→ Table ─returns→ Returns ─fit→ Fit ─paste→ TOML
//!                     └updates→ Updates ─feed::fit→ FeedFit ┘
//! ```
//!
//! Every likelihood is maximised by a simplex search, then by Newton steps; standard errors are those of the sandwich
//! estimator, see [`Optimum`]. The same bytes give the same figures.
mod feed;
mod fit;
mod garch;
mod gbm;
mod goodness;
mod heston;
mod law;
mod matrix;
mod merton;
mod optimum;
mod paste;
mod regime;
mod returns;
mod student;
mod table;
mod transition;
mod updates;

pub use feed::{Beats, FeedFit, Heartbeat, Kind, Threshold, fit as fit_feed};
pub use fit::{Fit, Model, Parameter, fit};
pub use goodness::{Goodness, LAGS, autocorrelation, excess_kurtosis};
pub use law::{Component, Law};
pub use optimum::Optimum;
pub use paste::{duration, feed_table, process_table, process_tables};
pub use returns::{Interval, Returns, Spacing};
pub use table::{FileFault, Table};
pub use updates::{Update, Updates};
