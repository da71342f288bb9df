//! The partners with a JSON interface, with their quirks.
