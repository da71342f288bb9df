//! Logging: to standard error, our own events only. Other crates log what passes through them, and
//! that could be data.

use std::io;

use tracing_subscriber::EnvFilter;

use super::printer::{Style, Talk};
use crate::settings::Settings;

/// Starts logging at the level of the settings, or a higher one for `-v`, `-vv`, `-vvv`.
pub fn start(settings: &Settings, verbose: u8, style: Style) {
    let level = match (style.talk == Talk::Quiet, verbose) {
        (true, _) => "error",
        (false, 0) => settings.log.level.name(),
        (false, 1) => "info",
        (false, 2) => "debug",
        (false, _) => "trace",
    };
    let filter = EnvFilter::new(format!("off,sluis={level}"));
    let logger = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(style.colour)
        .with_writer(io::stderr)
        .with_target(false);
    // A second start in the same process (tests) leaves the first.
    let _ = logger.try_init();
}
