//! The cross-check: do contracts, pipelines, mappings, tables, views and register agree?

mod views;

use std::collections::BTreeMap;

use super::document::At;
use super::faults::{FileReport, Report};
use super::files::REGISTER;
use super::house::House;
use super::lawful;
use super::model::Mode;
use super::order::{self, Edges};
use super::pipeline::PipelineFile;
use super::query::{DELIVERY, MONITOR, QueryFile, Relation, WAREHOUSE};
use super::source::ColumnEntry;
use super::table::POSTCODES;
use crate::suggest;

/// The file of a source contract.
pub(super) fn contract_path(id: &str) -> String {
    format!("schemas/sources/{id}.toml")
}

/// The file of a pipeline.
pub(super) fn pipeline_path(id: &str) -> String {
    format!("pipelines/{id}/pipeline.toml")
}

/// The file of a mapping.
pub(super) fn mapping_path(id: &str, table: &str) -> String {
    format!("pipelines/{id}/{table}.sql")
}

/// The file of a view.
pub(super) fn view_path(name: &str) -> String {
    format!("schemas/monitor/{name}.sql")
}

/// The file that says what the columns of a view are.
pub(super) fn view_columns_path(name: &str) -> String {
    format!("schemas/monitor/{name}.toml")
}

/// Checks everything against everything else.
pub(super) fn check(house: &House<'_>, report: &Report) {
    for id in house.ids() {
        complete(house, id, report);
        lawful::check(house, id, report);
        after(house, id, report);
        incremental(house, id, report);
        postcodes(house, id, report);
        for (table, query) in house.mappings.get(id).into_iter().flatten() {
            mapping(house, id, table, query.as_ref(), report);
        }
    }
    cycles(house, report);
    deliveries_apart(house, report);
    views::check(house, report);
    super::assessment::check(house, report);
    super::retention::check(house, report);
    super::risk::check(house, report);
}

/// A source is a contract, a pipeline, a mapping and an entry in the register.
fn complete(house: &House<'_>, id: &str, report: &Report) {
    let contract = contract_path(id);
    let pipeline = pipeline_path(id);
    let has_pipeline = house.pipelines.contains_key(id);
    let mappings = house.mappings.get(id);
    if let Some(source) = house.sources.get(id) {
        let line = source.as_ref().map_or(1, |source| source.line);
        let report = report.file(&contract, Some(id));
        if !has_pipeline {
            let remedy = format!("add {pipeline}");
            report.fault(line, format!("source `{id}` has no pipeline"), remedy);
        }
        if mappings.is_none() {
            let remedy = format!("add pipelines/{id}/TABLE.sql for every table it fills");
            report.fault(line, format!("source `{id}` has no mapping"), remedy);
        }
        let unregistered =
            |register: &super::register::RegisterFile| !register.sources.contains_key(id);
        if house.register.as_ref().is_some_and(unregistered) {
            report.fault(
                line,
                format!("source `{id}` is not in the register"),
                format!("add [source.{id}] to {REGISTER}, once the controller has agreed"),
            );
        }
        return;
    }
    let remedy = match suggest::nearest(id, house.sources.keys().copied()) {
        Some(name) => format!("did you mean `{name}`? Else add {contract}, or remove this"),
        None => format!("add {contract}, or remove this"),
    };
    let message = format!("source `{id}` has no contract");
    if has_pipeline {
        report.file(&pipeline, Some(id)).fault(1, &message, &remedy);
    } else if let Some(table) = mappings.and_then(|tables| tables.keys().next()) {
        report
            .file(&mapping_path(id, table), Some(id))
            .fault(1, &message, &remedy);
    }
    if let Some(entry) = house
        .register
        .as_ref()
        .and_then(|register| register.sources.get(id))
    {
        report
            .file(REGISTER, Some(id))
            .fault(entry.line, &message, &remedy);
    }
}

/// `after` names sources.
fn after(house: &House<'_>, id: &str, report: &Report) {
    let path = pipeline_path(id);
    for other in pipeline(house, id)
        .into_iter()
        .flat_map(|pipeline| &pipeline.after)
    {
        if !house.sources.contains_key(other.as_str()) {
            report.file(&path, Some(id)).fault(
                other.line,
                format!("`after` names `{}`, which is no source", other.value),
                suggest::remedy(
                    other.as_str(),
                    house.sources.keys().copied().filter(|known| *known != id),
                    "remove it",
                ),
            );
        }
    }
}

/// No source waits for itself.
fn cycles(house: &House<'_>, report: &Report) {
    let edges = edges(house);
    for id in edges.keys().copied() {
        let Some(way) = order::cycle(&edges, id) else {
            continue;
        };
        let next = way.get(1).copied().unwrap_or(id);
        let line = pipeline(house, id)
            .and_then(|pipeline| pipeline.after.iter().find(|other| other.value == next))
            .map_or(1, |other| other.line);
        report.file(&pipeline_path(id), Some(id)).fault(
            line,
            format!("source `{id}` waits for itself: {}", way.join(" -> ")),
            "take one of these sources out of `after`",
        );
    }
}

/// What each source waits for.
pub(super) fn edges<'h>(house: &'h House<'_>) -> Edges<'h> {
    let ids = house.sources.keys().copied();
    ids.map(|id| {
        let after = pipeline(house, id)
            .into_iter()
            .flat_map(|pipeline| &pipeline.after);
        (id, after.map(At::as_str).collect())
    })
    .collect()
}

/// Rows of incremental sources are known by their key, and deliveries by their date.
fn incremental(house: &House<'_>, id: &str, report: &Report) {
    let Some(pipeline) = pipeline(house, id) else {
        return;
    };
    let Some(mode) = pipeline
        .mode
        .as_ref()
        .filter(|mode| mode.value == Mode::Incremental)
    else {
        return;
    };
    let path = pipeline_path(id);
    let report = report.file(&path, Some(id));
    if let Some(pattern) = pipeline
        .pattern
        .as_ref()
        .filter(|text| !text.value.contains("{datum}"))
    {
        report.fault(
            pattern.line,
            "incremental deliveries without a date in their name",
            "put {datum} in the pattern: the latest delivery wins",
        );
    }
    for table in house.mappings.get(id).into_iter().flat_map(BTreeMap::keys) {
        if let Some(Some(schema)) = house.tables.get(table)
            && !schema.has_key
        {
            report.fault(
                mode.line,
                format!("incremental deliveries fill table `{table}`, which has no key"),
                format!("give schemas/tables/{table}.toml a `key`"),
            );
        }
    }
}

/// The treatment `wijk` reads the table of postcodes, which must be filled first.
fn postcodes(house: &House<'_>, id: &str, report: &Report) {
    let Some(Some(source)) = house.sources.get(id) else {
        return;
    };
    let Some(line) = source.columns.iter().find_map(ColumnEntry::needs_postcodes) else {
        return;
    };
    let path = contract_path(id);
    let report = report.file(&path, Some(id));
    let fillers = house.fillers(POSTCODES);
    if fillers.is_empty() {
        report.fault(
            line,
            format!("treatment `wijk` reads table `{POSTCODES}`, which no source fills"),
            format!("add a source with a mapping {POSTCODES}.sql"),
        );
    } else if let Some(pipeline) = pipeline(house, id)
        && !pipeline
            .after
            .iter()
            .any(|other| fillers.contains(&other.as_str()))
    {
        report.fault(
            line,
            format!(
                "treatment `wijk` reads table `{POSTCODES}`, which this source does not wait for"
            ),
            add_to_after(id, &fillers),
        );
    }
}

/// A mapping fills a table that exists, from the delivery and from tables filled before it.
fn mapping(house: &House<'_>, id: &str, table: &str, query: Option<&QueryFile>, report: &Report) {
    let path = mapping_path(id, table);
    let report = report.file(&path, Some(id));
    if !house.tables.contains_key(table) {
        let remedy = match suggest::nearest(table, house.tables.keys().copied()) {
            Some(name) => format!("did you mean {name}.sql? Else add schemas/tables/{table}.toml"),
            None => format!("add schemas/tables/{table}.toml"),
        };
        report.fault(1, format!("there is no table `{table}`"), remedy);
    }
    let Some(query) = query else { return };
    reads_once(query, report);
    for relation in &query.relations {
        match &relation.value {
            Relation::Delivery => {}
            Relation::Table(name) if !house.tables.contains_key(name.as_str()) => {
                unknown_table(house, name, relation.line, report);
            }
            Relation::Table(name) => {
                let fillers = house.fillers(name);
                let Some(pipeline) = pipeline(house, id) else {
                    continue;
                };
                if pipeline
                    .after
                    .iter()
                    .any(|other| fillers.contains(&other.as_str()))
                {
                    continue;
                }
                let remedy = match fillers.iter().filter(|filler| **filler != id).count() {
                    0 => format!("no other source fills `{name}`: read `{DELIVERY}` only"),
                    _ => add_to_after(id, &fillers),
                };
                report.fault(
                    relation.line,
                    format!("table `{name}` is not filled by a source that this one waits for"),
                    remedy,
                );
            }
            Relation::View(name) => no_source(&format!("{MONITOR}.{name}"), relation.line, report),
            Relation::Other(name) => no_source(name, relation.line, report),
        }
    }
}

fn no_source(name: &str, line: u32, report: FileReport<'_>) {
    report.fault(
        line,
        format!("a mapping cannot read `{name}`"),
        format!("read `{DELIVERY}` and tables `{WAREHOUSE}.NAME` only"),
    );
}

/// The delivery streams through a mapping: it can be read once.
fn reads_once(query: &QueryFile, report: FileReport<'_>) {
    let mut reads = query
        .relations
        .iter()
        .filter(|relation| relation.value == Relation::Delivery);
    if reads.next().is_none() {
        report.fault(
            1,
            format!("a mapping that does not read `{DELIVERY}`"),
            format!("write SELECT ... FROM {DELIVERY}"),
        );
    }
    if let Some(second) = reads.next() {
        report.fault(
            second.line,
            format!("`{DELIVERY}` is read twice"),
            "read it once: it is a stream",
        );
    }
}

/// Two sources never take the same file.
fn deliveries_apart(house: &House<'_>, report: &Report) {
    let mut taken: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (id, pipeline) in &house.pipelines {
        let Some(pipeline) = pipeline else { continue };
        let (Some(folder), Some(pattern)) = (&pipeline.folder, &pipeline.pattern) else {
            continue;
        };
        if let Some(other) = taken.insert((folder, pattern.as_str()), id) {
            report.file(&pipeline_path(id), Some(id)).fault(
                pattern.line,
                format!("source `{other}` takes the same files of folder `{folder}`"),
                "give each source a folder or a pattern of its own",
            );
        }
    }
}

fn unknown_table(house: &House<'_>, name: &str, line: u32, report: FileReport<'_>) {
    report.fault(
        line,
        format!("there is no table `{name}`"),
        suggest::remedy(
            name,
            house.tables.keys().copied(),
            "add it to schemas/tables",
        ),
    );
}

fn add_to_after(id: &str, fillers: &[&str]) -> String {
    let fillers: Vec<&str> = fillers
        .iter()
        .copied()
        .filter(|filler| *filler != id)
        .collect();
    match fillers.as_slice() {
        [] => "only this source fills it: let another one fill it".to_owned(),
        fillers => format!(
            "add \"{}\" to `after` in {}",
            fillers.join("\" or \""),
            pipeline_path(id)
        ),
    }
}

fn pipeline<'h>(house: &'h House<'_>, id: &str) -> Option<&'h PipelineFile> {
    house.pipelines.get(id)?.as_ref()
}
