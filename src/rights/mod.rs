//! The rights of the person whom the data is about: to see it (AVG, article 15) and to be erased (17).
//!
//! In: an identifier of the person, the root key, and the releases. Out: where the person occurs, a copy
//! of the rows, or releases without them. Who may call it: the command line. The identifier lives in
//! memory only, and so do the pseudonyms that come from it: nothing here writes, logs or shows either.

pub mod copy;
pub mod erase;
mod error;
pub mod found;
pub mod identity;
pub mod landing;
pub mod person;
pub mod proof;

pub use error::RightsError;
