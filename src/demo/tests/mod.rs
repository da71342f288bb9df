//! The demo adds up to the published figures, is dirty, and is the same every time.

mod figures;
mod files;
