//! A bar a source while a run reads its deliveries.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::printer::Style;
use crate::run::Observer;
use crate::source::channel::pull::{PullObserver, SourcePull};
use crate::source::landing::Delivery;
use crate::warehouse::journal::DeliveryRecord;

const TEMPLATE: &str =
    "{prefix:>18} {bar:30} {bytes:>10}/{total_bytes:<10} {bytes_per_sec:>12} {msg}";

/// Shows bars on standard error when a person looks at it.
pub struct Bars {
    all: MultiProgress,
    by_source: Mutex<HashMap<String, ProgressBar>>,
}

impl Bars {
    /// Bars for this process; hidden when nobody wants to see them.
    #[must_use]
    pub fn new(style: Style) -> Self {
        let seen =
            io::stderr().is_terminal() && !style.json && style.talk > super::printer::Talk::Quiet;
        let target = if seen {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            all: MultiProgress::with_draw_target(target),
            by_source: Mutex::default(),
        }
    }

    fn with(&self, source: &str, change: impl FnOnce(&ProgressBar)) {
        let mut bars = self
            .by_source
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(source.to_owned()).or_insert_with(|| {
            let style = ProgressStyle::with_template(TEMPLATE)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            self.all.add(
                ProgressBar::new(0)
                    .with_style(style)
                    .with_prefix(source.to_owned()),
            )
        });
        change(bar);
    }
}

impl Observer for Bars {
    fn begins(&self, delivery: &Delivery) {
        self.with(&delivery.source, |bar| bar.inc_length(delivery.bytes));
    }

    fn advances(&self, source: &str, bytes: u64) {
        self.with(source, |bar| bar.inc(bytes));
    }

    fn ends(&self, record: &DeliveryRecord) {
        self.with(&record.source, |bar| {
            bar.set_message(super::words::outcome(record.outcome));
            bar.set_position(bar.length().unwrap_or_default());
        });
    }
}

impl PullObserver for Bars {
    fn begins(&self, source: &str, bytes: u64) {
        self.with(source, |bar| bar.inc_length(bytes));
    }

    fn comes(&self, source: &str, bytes: u64) {
        self.with(source, |bar| bar.inc(bytes));
    }

    fn ends(&self, pull: &SourcePull) {
        // The same bar shows how the run reads what came.
        self.with(&pull.source, |bar| {
            bar.set_message(if pull.complete() { "fetched" } else { "FAILED" });
            bar.set_length(0);
            bar.set_position(0);
        });
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        for bar in self
            .by_source
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            bar.abandon();
        }
    }
}
