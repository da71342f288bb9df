//! The partners that send workbooks, with their quirks.
