//! Correlation of the assets' Gaussian drivers.
