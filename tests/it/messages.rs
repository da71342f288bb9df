//! iWmo messages in XML and EI, with their quirks.
