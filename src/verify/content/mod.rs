//! What is in the files: signs of persons, in any spelling, judged against chance.
//!
//! One value says little: of all numbers of nine digits one in eleven passes the elfproef. So a column is
//! judged, not a value. [`signs::Sign::basis`] says what each sign is held against, [`signs::CROWD`] and
//! [`signs::SINGLE`] when it is no accident any more. Where nothing of the kind can be (names of files,
//! metadata, journals) one is enough.
//!
//! **Power.** A column of BSNs only is seen from nine different ones on; among 100 numbers 31 BSNs, among
//! 1000 it takes 151, among 100 000 some 9 640. An e-mail address, a telephone number, an address, an IBAN
//! or a full name is seen alone in a column of up to 10 000 different values, and from two on in one of
//! 400 000. **What is not seen:** a few BSNs among many other numbers of nine digits, telephone numbers
//! that were made into a number, birth dates after 2010, surnames that are no name on the list.

pub mod canaries;
pub mod chance;
pub mod decode;
pub mod distinct;
pub mod forms;
pub mod names;
pub mod signs;
pub mod tally;
pub mod written;
