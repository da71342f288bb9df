//! The partners that send CSV exports, with their quirks.
