//! What every room's error has in common: its class, which alone decides the exit code.
//!
//! An error says what is wrong, where, and what to do. It never holds a value from a delivery:
//! error types carry source names, file names of our own making, row numbers, column names of
//! the contract and rule names, nothing else.

/// The class of an error. The binary turns it into an exit code; rooms choose it once, here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The caller or the configuration is wrong: exit code 2.
    User,
    /// A delivery is not what its contract says: exit code 3.
    Data,
    /// Going on would break a privacy promise: exit code 1, and nothing was read.
    Privacy,
    /// The machine let us down (disk, permissions, another run): exit code 1.
    Environment,
    /// We are wrong: exit code 1, please report.
    Bug,
}

impl Class {
    /// The exit code of the process for an error of this class (design, section 5).
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::User => 2,
            Self::Data => 3,
            Self::Privacy | Self::Environment | Self::Bug => 1,
        }
    }
}

/// An error that knows its class and, where there is one, the remedy.
pub trait Classified: std::error::Error {
    /// The class of this error.
    fn class(&self) -> Class;
    /// What the reader can do about it, as one sentence without a final dot; `None` when the
    /// message already says so.
    fn remedy(&self) -> Option<String> {
        None
    }
}
