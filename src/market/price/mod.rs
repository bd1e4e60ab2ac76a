//! Price processes. To add one: a file beside this one, its `mod` line and its row below.
pub mod bootstrap;
pub mod gbm;
pub mod heston;
pub mod history;
pub mod kou;
pub mod merton;
pub mod path;

registry! {
    /// Every price process a scenario can name.
    pub enum Process {
        "gbm" => gbm::Gbm,
        "merton" => merton::Merton,
        "kou" => kou::Kou,
        "heston" => heston::Heston,
        "path" => path::Path,
        "history" => history::History,
        "bootstrap" => bootstrap::Bootstrap,
    } later { "bates", "garch", "regime", "ornstein_uhlenbeck" }
}
