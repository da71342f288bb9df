//! What a user sees, by capability. One binary, so that it links once.

#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

mod again;
mod audit;
mod canaries;
mod channels;
mod corpus;
mod crash;
mod deliveries;
mod dictionary;
mod export;
mod exports;
mod figures;
mod incremental;
mod interfaces;
mod keyring;
mod keys;
mod lawful;
mod leaks;
mod messages;
mod mutations;
mod nights;
mod published;
mod readers;
mod refusals;
mod refused_rows;
mod register;
mod report;
mod retention;
mod retention_tables;
mod risk;
mod rotate;
mod small;
mod spreadsheets;
mod sql;
mod stapeling;
mod status;
mod subject;
mod support;
mod verification;
mod views;
mod walkthrough;
