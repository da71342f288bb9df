//! `sluis export`: views as files, one by one in a folder, or as sheets of one workbook.

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use serde::Serialize;
use tokio::runtime::Runtime;

use super::printer::Printer;
use super::target::Target;
use super::{CliError, Done, limits, sql, words};
use crate::audit::{self, Deed, Entry};
use crate::contract::model::{Contracts, Role};
use crate::disk;
use crate::export::{self, About, AboutRelease, Book, FileFormat};
use crate::monitor::{Monitor, Relation};
use crate::settings::Settings;

/// `sluis export`
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// The views, and tables of the run history (`beheer.runs`); all views when none is named
    #[arg(value_name = "VIEW")]
    views: Vec<String>,
    /// Write a file a view into this folder
    #[arg(long, value_name = "FOLDER", required_unless_present = "out")]
    to: Option<PathBuf>,
    /// Write everything into this one file: a workbook with a sheet a view, or one view
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    out: Option<PathBuf>,
    /// The format of the files
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<FileFormat>,
    /// Export from an earlier release
    #[arg(long, value_name = "ID")]
    release: Option<String>,
}

/// What was written.
#[derive(Serialize)]
struct Exported {
    view: String,
    file: PathBuf,
    rows: usize,
}

/// Writes the views.
///
/// # Errors
/// When there is no such view or release, or something cannot be written.
pub fn run(
    args: &ExportArgs,
    settings: &Settings,
    contracts: &Contracts,
    printer: &Printer,
) -> Result<Done, CliError> {
    let release = args.release.as_deref();
    let warehouse = &settings.paths.warehouse;
    let (runtime, monitor, release) =
        sql::open(warehouse, release, limits(settings), contracts, printer)?;
    let desk = Desk {
        runtime,
        monitor,
        release,
    };
    let relations = desk.chosen(&args.views)?;
    let views: Vec<String> = relations
        .iter()
        .map(|r| format!("{}.{}", r.schema, r.name))
        .collect();
    let entry = Entry::new(Deed::Uitvoer, "bestanden")
        .with("views", views)
        .with("release", desk.release.as_ref().map(|r| r.id.clone()));
    audit::note(warehouse, &entry)?;
    let done = match (&args.to, &args.out) {
        (Some(folder), _) => {
            let format = args.format.unwrap_or(FileFormat::Xlsx);
            desk.folder(folder, format, &relations)?
        }
        (None, Some(file)) => desk.file(file, args.format, &relations)?,
        (None, None) => Vec::new(),
    };
    if printer.style().json {
        printer.json(&done)?;
    } else {
        let rows: Vec<Vec<String>> = done
            .iter()
            .map(|e| {
                let rows = words::count(e.rows as u64);
                vec![e.view.clone(), rows, e.file.display().to_string()]
            })
            .collect();
        printer.line(&words::table(&["view", ">rows", "file"], &rows))?;
    }
    Ok(Done::Clean)
}

/// Where views are read.
struct Desk {
    runtime: Runtime,
    monitor: Monitor,
    release: Option<AboutRelease>,
}

impl Desk {
    /// The views that were named, or all of them.
    fn chosen(&self, names: &[String]) -> Result<Vec<Relation>, CliError> {
        if names.is_empty() {
            let views = self.monitor.views().iter();
            return Ok(views.filter(|r| r.schema == "monitor").cloned().collect());
        }
        let mut chosen: Vec<Relation> = Vec::new();
        for name in names {
            let relation = self.monitor.describe(name);
            let relation = relation.ok_or_else(|| CliError::Usage {
                message: format!("there is no view {name}"),
                remedy: Some("`sluis sql -c 'show tables'` lists them".to_owned()),
            })?;
            if !chosen.contains(relation) {
                chosen.push(relation.clone());
            }
        }
        Ok(chosen)
    }

    /// A file a view.
    fn folder(
        &self,
        folder: &Path,
        format: FileFormat,
        relations: &[Relation],
    ) -> Result<Vec<Exported>, CliError> {
        disk::private_folder(folder)?;
        let one = |relation: &Relation| {
            let name = match relation.schema {
                "monitor" => relation.name.clone(),
                schema => format!("{schema}.{}", relation.name),
            };
            let file = folder.join(format!("{name}.{}", format.extension()));
            self.view(&Target::new(&file)?, format, relation)
        };
        relations.iter().map(one).collect()
    }

    /// One view, or a workbook with all of them.
    fn file(
        &self,
        file: &Path,
        format: Option<FileFormat>,
        relations: &[Relation],
    ) -> Result<Vec<Exported>, CliError> {
        let target = Target::new(file)?;
        let named = || target.extension().and_then(FileFormat::of_extension);
        let format = format.or_else(named).ok_or_else(|| CliError::Usage {
            message: format!("the name {} tells no format", file.display()),
            remedy: Some("add `--format`, or end it with .csv, .json, .xlsx or .parquet".into()),
        })?;
        match (format, relations) {
            (_, [relation]) => Ok(vec![self.view(&target, format, relation)?]),
            (FileFormat::Xlsx, relations) => self.workbook(&target, relations),
            (_, several) => Err(CliError::Usage {
                message: format!(
                    "{} views do not go into one file of this format",
                    several.len()
                ),
                remedy: Some("use `--to FOLDER`, or a workbook: `--format xlsx`".to_owned()),
            }),
        }
    }

    fn view(
        &self,
        target: &Target,
        format: FileFormat,
        relation: &Relation,
    ) -> Result<Exported, CliError> {
        let about = self.about(std::slice::from_ref(relation));
        let rows = self.rows(relation, |schema, batches| {
            let mut out = BufWriter::with_capacity(1 << 16, target.begin()?);
            let rows = export::write(&mut out, format, &about, schema, batches)?;
            commit(out)?;
            Ok(rows)
        })?;
        Ok(Exported::new(relation, target, rows))
    }

    fn workbook(&self, target: &Target, relations: &[Relation]) -> Result<Vec<Exported>, CliError> {
        let about = self.about(relations);
        let mut book = Book::new(&about);
        let mut done = Vec::new();
        for (relation, view) in relations.iter().zip(&about.views) {
            let rows = self.rows(relation, |schema, batches| {
                book.sheet(&view.name, Some(view), schema, batches)
            })?;
            done.push(Exported::new(relation, target, rows));
        }
        let mut out = BufWriter::with_capacity(1 << 16, target.begin()?);
        book.finish(&mut out, &about)?;
        commit(out)?;
        Ok(done)
    }

    /// All rows of a view, in the order in which it is read.
    fn rows<T>(
        &self,
        relation: &Relation,
        take: impl FnOnce(
            &SchemaRef,
            &mut dyn Iterator<Item = Result<RecordBatch, CliError>>,
        ) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let sql = whole(relation);
        let mut answer = self.runtime.block_on(self.monitor.query(&sql))?;
        let schema = answer.schema();
        let batches = std::iter::from_fn(|| self.runtime.block_on(answer.next()));
        take(
            &schema,
            &mut batches.map(|batch| batch.map_err(CliError::from)),
        )
    }

    fn about(&self, relations: &[Relation]) -> About {
        About {
            release: self.release.clone(),
            question: None,
            views: relations.to_vec(),
        }
    }
}

/// All rows of a view, sorted by what splits it into tables, and then by its own order.
fn whole(relation: &Relation) -> String {
    let of = |wanted: fn(&Role) -> bool| {
        let columns = relation.columns.iter();
        columns.filter(move |c| c.role.as_ref().is_some_and(wanted))
    };
    let order = of(|role| matches!(role, Role::Group | Role::Sum { .. }))
        .chain(of(|role| matches!(role, Role::Order)))
        .chain(of(|role| matches!(role, Role::Label)));
    let order: Vec<String> = order.map(|c| format!("\"{}\"", c.name)).collect();
    let by = if order.is_empty() { "" } else { " order by " };
    let (schema, name) = (relation.schema, &relation.name);
    format!("select * from {schema}.\"{name}\"{by}{}", order.join(", "))
}

impl Exported {
    fn new(relation: &Relation, target: &Target, rows: usize) -> Self {
        Self {
            view: format!("{}.{}", relation.schema, relation.name),
            file: target.path().to_owned(),
            rows,
        }
    }
}

fn commit(out: BufWriter<disk::AtomicFile>) -> Result<(), CliError> {
    let file = out
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    Ok(file.commit()?)
}
