//! Names of random streams: two purposes, or two assets, never share a number.

/// What random numbers are for. The values are part of every result: changing one is value-breaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// Diffusion of a price.
    Price = 0,
    /// Diffusion of a variance, or of whatever else drives a price.
    Variance = 1,
    /// When jumps happen, and how many.
    JumpTime = 2,
    /// How large jumps are.
    JumpSize = 3,
    /// Which stretch of history a path repeats.
    Bootstrap = 4,
    /// Errors of an oracle's readings.
    Oracle = 5,
    /// How long orders are on their way.
    Execution = 6,
    /// Resampling of finished results for standard errors.
    Resample = 7,
    /// How long an oracle's posts are on their way.
    OracleLatency = 8,
    /// When an oracle falls silent, and for how long.
    OracleOutage = 9,
    /// What an oracle saw before the start.
    OracleStart = 10,
    /// How sure a reading of an oracle is.
    OracleBand = 11,
    /// Price of gas on a chain.
    BaseFee = 12,
    /// Transactions that fail by chance.
    Failure = 13,
    /// Funding rates.
    Funding = 14,
    /// Scrambles of quasi-random points.
    Scramble = 15,
}

// the highest bit of a code belongs to `Draws`
const _: () = assert!((Purpose::Scramble as u8) < 128);

/// The asset of streams that all assets share; no asset has that index.
pub const COMMON: u32 = (1 << 24) - 1;

/// One random stream: a purpose (8 bits) and an asset (24 bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stream(u32);

impl Stream {
    /// The stream of one purpose for one asset.
    ///
    /// # Panics
    /// If `asset` needs more than 24 bits.
    pub const fn new(purpose: Purpose, asset: u32) -> Stream {
        assert!(asset < 1 << 24, "asset index beyond 24 bits");
        Stream(((purpose as u32) << 24) | asset)
    }

    /// The number that stands in the counter.
    pub const fn code(self) -> u32 {
        self.0
    }
}
