//! From files without faults to contracts.

use std::collections::{BTreeMap, BTreeSet};

use super::ContractError;
use super::check::{contract_path, edges, mapping_path, pipeline_path, view_path};
use super::files::ContractFiles;
use super::house::House;
use super::model::{Contracts, Mapping, SourcePlan, ViewSpec};
use super::order;
use super::recipe::{Ingredients, recipe};
use super::register::RegisterFile;
use super::table::TableFile;

/// Compiles everything but the `unsound` sources.
pub(super) fn compile(
    house: &House<'_>,
    files: &ContractFiles,
    unsound: &BTreeSet<&str>,
) -> Result<Contracts, ContractError> {
    let mut edges = edges(house);
    edges.retain(|id, _| !unsound.contains(id));
    let order = order::sorted(&edges);
    let sources = order
        .into_iter()
        .map(|id| plan(house, files, id).ok_or_else(|| uncompiled(&contract_path(id))));
    let tables = house.tables.iter().map(|(name, table)| {
        let spec = table.as_ref().and_then(TableFile::compile);
        let spec = spec.ok_or_else(|| uncompiled(&table_path(name)))?;
        Ok(((*name).to_owned(), spec))
    });
    let views = house.views.keys().map(|name| {
        let spec = view(house, files, name).ok_or_else(|| uncompiled(&view_path(name)))?;
        Ok(((*name).to_owned(), spec))
    });
    let register = house.register.as_ref().and_then(RegisterFile::compile);
    Ok(Contracts {
        sources: sources.collect::<Result<_, _>>()?,
        tables: tables.collect::<Result<_, _>>()?,
        views: views.collect::<Result<_, _>>()?,
        register: register.ok_or_else(|| uncompiled(super::files::REGISTER))?,
    })
}

fn plan(house: &House<'_>, files: &ContractFiles, id: &str) -> Option<SourcePlan> {
    let contract = house.sources.get(id)?.as_ref()?.compile()?;
    let pipeline = house.pipelines.get(id)?.as_ref()?.compile()?;
    let lawfulness = house.register.as_ref()?.sources.get(id)?.compile()?;
    let mut mappings = Vec::new();
    let mut schemas = BTreeMap::new();
    for table in house.mappings.get(id)?.keys() {
        let path = mapping_path(id, table);
        let sql = files.get(&path)?.to_owned();
        mappings.push(Mapping {
            table: (*table).to_owned(),
            sql,
            path,
        });
        schemas.insert(*table, files.get(&table_path(table))?);
    }
    let recipe = recipe(&Ingredients {
        contract: files.get(&contract_path(id))?,
        pipeline: files.get(&pipeline_path(id))?,
        mappings: mappings
            .iter()
            .map(|m| (m.table.as_str(), m.sql.as_str()))
            .collect(),
        tables: schemas,
        lawfulness: &lawfulness,
    });
    Some(SourcePlan {
        contract,
        pipeline,
        mappings,
        lawfulness,
        recipe,
    })
}

fn view(house: &House<'_>, files: &ContractFiles, name: &str) -> Option<ViewSpec> {
    let path = view_path(name);
    let (title, columns) = house.view_columns.get(name)?.as_ref()?.compile()?;
    let entry = house.register.as_ref()?.views.get(name)?;
    Some(ViewSpec {
        name: name.to_owned(),
        title,
        documentation: house.views.get(name)?.as_ref()?.documentation.clone()?,
        sql: files.get(&path)?.to_owned(),
        path,
        columns,
        publication: entry.compile()?,
    })
}

fn table_path(name: &str) -> String {
    format!("schemas/tables/{name}.toml")
}

fn uncompiled(path: &str) -> ContractError {
    ContractError::Uncompiled(path.to_owned())
}
