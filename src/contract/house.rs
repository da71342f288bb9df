//! Every contract file read, each judged by itself. A file that could not be parsed is there but
//! empty-handed, so that the cross-check does not call it missing.

use std::collections::{BTreeMap, BTreeSet};

use super::faults::{FileReport, Report};
use super::files::{ContractFiles, Place, REGISTER};
use super::pipeline::PipelineFile;
use super::query::{self, QueryFile};
use super::register::RegisterFile;
use super::source::SourceFile;
use super::table::TableFile;
use super::view::ViewColumnsFile;

/// Files of one kind by id; `None` for those that could not be read.
pub(super) type Shelf<'f, T> = BTreeMap<&'f str, Option<T>>;

/// All files, by what they are.
#[derive(Debug, Default)]
pub(super) struct House<'f> {
    pub(super) sources: Shelf<'f, SourceFile>,
    pub(super) tables: Shelf<'f, TableFile>,
    pub(super) views: Shelf<'f, ViewFile>,
    pub(super) view_columns: Shelf<'f, ViewColumnsFile>,
    pub(super) pipelines: Shelf<'f, PipelineFile>,
    /// By source, then by table.
    pub(super) mappings: BTreeMap<&'f str, Shelf<'f, QueryFile>>,
    pub(super) register: Option<RegisterFile>,
}

/// A view and what it reads.
#[derive(Debug)]
pub(super) struct ViewFile {
    /// The comment that opens it.
    pub(super) documentation: Option<String>,
    pub(super) query: Option<QueryFile>,
}

impl<'f> House<'f> {
    /// Reads all files.
    pub(super) fn read(files: &'f ContractFiles, report: &Report) -> Self {
        let mut house = Self::default();
        for (path, text) in files.iter() {
            let place = Place::of(path);
            let report = report.file(path, place.source());
            let text = match text {
                Ok(text) => Some(text),
                Err(unreadable) => {
                    report.fault(unreadable.line, unreadable.message, unreadable.remedy);
                    None
                }
            };
            house.put(place, text, report);
        }
        if files.iter().all(|(path, _)| path != REGISTER) {
            report.file(REGISTER, None).fault(
                1,
                "there is no DPIA register",
                "add config/dpia.toml: what it does not allow is not done",
            );
        }
        house
    }

    /// Every source that any file speaks of.
    pub(super) fn ids(&self) -> BTreeSet<&str> {
        let registered = self
            .register
            .iter()
            .flat_map(|register| register.sources.keys());
        let ids = self
            .sources
            .keys()
            .chain(self.pipelines.keys())
            .chain(self.mappings.keys());
        ids.copied().chain(registered.map(String::as_str)).collect()
    }

    /// The sources that fill a table.
    pub(super) fn fillers(&self, table: &str) -> Vec<&'f str> {
        let mappings = self.mappings.iter();
        mappings
            .filter(|(_, tables)| tables.contains_key(table))
            .map(|(id, _)| *id)
            .collect()
    }

    fn put(&mut self, place: Place<'f>, text: Option<&'f str>, report: FileReport<'_>) {
        match place {
            Place::Source(id) => {
                let file = text.and_then(|text| SourceFile::read(id, text, report));
                self.sources.insert(id, file);
            }
            Place::Table(name) => {
                let file = text.and_then(|text| TableFile::read(name, text, report));
                self.tables.insert(name, file);
            }
            Place::View(name) => {
                let file = text.map(|sql| ViewFile {
                    documentation: query::documentation(sql, report),
                    query: QueryFile::read(sql, report),
                });
                self.views.insert(name, file);
            }
            Place::ViewColumns(name) => {
                let file = text.and_then(|text| ViewColumnsFile::read(text, report));
                self.view_columns.insert(name, file);
            }
            Place::Pipeline(id) => {
                let file = text.and_then(|text| PipelineFile::read(id, text, report));
                self.pipelines.insert(id, file);
            }
            Place::Mapping { source, table } => {
                let file = text.and_then(|text| QueryFile::read(text, report));
                self.mappings.entry(source).or_default().insert(table, file);
            }
            Place::Register => {
                self.register = text.and_then(|text| RegisterFile::read(text, report));
            }
            Place::Stray(_) => report.fault(
                1,
                "no contract file has this place",
                "move it elsewhere, or give it the name it should have: schemas/sources/ID.toml, \
                 schemas/tables/NAME.toml, schemas/monitor/NAME.sql or NAME.toml, \
                 pipelines/ID/pipeline.toml or pipelines/ID/TABLE.sql",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::House;
    use crate::contract::ContractFiles;
    use crate::contract::faults::Report;

    #[test]
    fn a_stray_file_is_a_fault_of_the_source_it_was_meant_for() {
        let mut files = ContractFiles::new();
        files.insert("schemas/sources/zrm.tml", "");
        files.insert("config/dpia.toml", [0x5b, b'\n', 0xff]);
        let report = Report::default();
        House::read(&files, &report);
        let faults = report.into_sorted();
        assert_eq!(faults.len(), 2);
        assert_eq!(
            (faults[0].line, faults[0].message.as_str()),
            (2, "is not UTF-8 text")
        );
        assert_eq!(faults[1].source.as_deref(), Some("zrm"));
    }
}
