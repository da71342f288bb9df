//! `sluis sql`: questions to the monitor, one by one at a prompt, one with `-c`, or from standard
//! input.

mod complete;
mod prompt;
mod split;

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;

use super::output::{self, Format};
use super::printer::Printer;
use super::target::Target;
use super::{CliError, Done, limits};
use crate::audit::{self, Deed, Entry};
use crate::contract::model::Contracts;
use crate::export::{About, AboutRelease, FileFormat};
use crate::monitor::{Answer, Limits, Monitor, MonitorError, Relation, RelationColumn};
use crate::settings::Settings;
use crate::warehouse::release;

/// `sluis sql`
#[derive(Debug, Default, clap::Args)]
pub struct SqlArgs {
    /// Answer this query and stop
    #[arg(long, short, value_name = "SQL")]
    command: Option<String>,
    /// How answers are written
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write the answer to this file; its name tells the format where `--format` does not
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Ask an earlier release
    #[arg(long, value_name = "ID")]
    release: Option<String>,
}

/// Answers what the arguments, standard input or a person at the prompt ask.
///
/// # Errors
/// When the release cannot be opened, or a query that does not come from the prompt fails.
pub fn run(
    args: &SqlArgs,
    settings: &Settings,
    contracts: &Contracts,
    printer: &Printer,
) -> Result<Done, CliError> {
    let warehouse = &settings.paths.warehouse;
    let desk = Desk::open(args, warehouse, limits(settings), contracts, printer)?;
    match &args.command {
        Some(sql) => desk.answer(sql)?,
        None if io::stdin().is_terminal() => match desk.target {
            None => prompt::run(&desk)?,
            Some(_) => {
                return Err(CliError::Usage {
                    message: "`--out` takes the answer to one query".to_owned(),
                    remedy: Some("give it with `-c`, or on standard input".to_owned()),
                });
            }
        },
        None => {
            let mut script = String::new();
            io::stdin()
                .read_to_string(&mut script)
                .map_err(|e| unreadable(&e))?;
            desk.script(&script)?;
        }
    }
    Ok(Done::Clean)
}

fn unreadable(error: &io::Error) -> CliError {
    CliError::Usage {
        message: format!("cannot read standard input: {error}"),
        remedy: None,
    }
}

/// Where questions are answered.
struct Desk<'a> {
    runtime: Runtime,
    monitor: Monitor,
    printer: &'a Printer,
    format: Format,
    /// Where the answer goes, when not to standard output.
    target: Option<Target>,
    /// The release that answers.
    release: Option<AboutRelease>,
    /// Where questions are logged.
    warehouse: PathBuf,
}

impl<'a> Desk<'a> {
    fn open(
        args: &SqlArgs,
        warehouse: &Path,
        limits: Limits,
        contracts: &Contracts,
        printer: &'a Printer,
    ) -> Result<Self, CliError> {
        let target = args.out.as_deref().map(Target::new).transpose()?;
        let format = chosen(args.format, target.as_ref(), printer)?;
        let release = args.release.as_deref();
        let (runtime, monitor, release) = open(warehouse, release, limits, contracts, printer)?;
        Ok(Self {
            runtime,
            monitor,
            printer,
            format,
            target,
            release,
            warehouse: warehouse.to_owned(),
        })
    }

    /// Answers one query.
    fn answer(&self, sql: &str) -> Result<(), CliError> {
        let answer = self.runtime.block_on(self.monitor.query(sql));
        self.note(sql, answer.is_ok())?;
        let answer = answer?;
        let mut about = About {
            release: self.release.clone(),
            question: Some(sql.trim().to_owned()),
            views: Vec::new(),
        };
        if self.format == Format::Xlsx {
            about.views = self.runtime.block_on(self.monitor.relations_of(sql))?;
        }
        self.write(answer, self.format, &about)
    }

    /// Logs that a question was asked, before anybody sees the answer. Not its text, which may hold
    /// whatever somebody typed, and no digest of it either: of a text that holds one number the digest
    /// tells the number, to whoever tries them all.
    fn note(&self, sql: &str, answered: bool) -> Result<(), CliError> {
        let relations = self.runtime.block_on(self.monitor.relations_of(sql));
        let views: Vec<String> = relations
            .unwrap_or_default()
            .iter()
            .map(|r| format!("{}.{}", r.schema, r.name))
            .collect();
        let result = if answered { "beantwoord" } else { "geweigerd" };
        let entry = Entry::new(Deed::Vraag, result)
            .with("views", views)
            .with("bytes", sql.len())
            .with("release", self.release.as_ref().map(|r| r.id.clone()));
        Ok(audit::note(&self.warehouse, &entry)?)
    }

    /// Answers the queries of a script; stops at the first that fails.
    fn script(&self, script: &str) -> Result<(), CliError> {
        let queries = split::split(script);
        if queries.is_empty() {
            return Err(MonitorError::Empty.into());
        }
        let one = self.format != Format::Table || self.target.is_some();
        if queries.len() > 1 && one {
            return Err(CliError::Usage {
                message: format!("{} queries cannot share one answer", queries.len()),
                remedy: Some("give them one by one, or use `--format table`".to_owned()),
            });
        }
        queries.iter().try_for_each(|query| self.answer(query))
    }

    fn write(&self, mut answer: Answer, format: Format, about: &About) -> Result<(), CliError> {
        let schema = answer.schema();
        let batches = std::iter::from_fn(|| self.runtime.block_on(answer.next()));
        match &self.target {
            Some(target) => output::save(self.printer, target, format, about, &schema, batches),
            None => output::write(self.printer, format, about, &schema, batches),
        }
    }

    /// All views and tables, as `\d` shows them.
    fn list(&self) -> Result<(), CliError> {
        let answer = self.runtime.block_on(self.monitor.query("show tables"))?;
        self.write(answer, Format::Table, &About::default())
    }

    /// One view or table, as `\d NAME` shows it.
    fn describe(&self, name: &str) -> Result<(), CliError> {
        let Some(relation) = self.monitor.describe(name) else {
            return Err(CliError::Usage {
                message: format!("there is no view {name}"),
                remedy: Some("`\\d` lists them".to_owned()),
            });
        };
        self.printer.line(&described(relation))
    }
}

/// The format that was asked for, by its name or by that of the file.
fn chosen(
    asked: Option<Format>,
    target: Option<&Target>,
    printer: &Printer,
) -> Result<Format, CliError> {
    match (asked, target) {
        (Some(format), _) => Ok(format),
        (None, _) if printer.style().json => Ok(Format::Json),
        (None, None) => Ok(Format::Table),
        (None, Some(target)) => {
            let known = target.extension().and_then(FileFormat::of_extension);
            known.map(Format::from).ok_or_else(|| CliError::Usage {
                message: format!("the name {} tells no format", target.path().display()),
                remedy: Some(
                    "add `--format`, or end it with .csv, .json, .xlsx or .parquet".into(),
                ),
            })
        }
    }
}

/// The monitor over a release, with a runtime for its answers.
pub(super) fn open(
    warehouse: &Path,
    release: Option<&str>,
    limits: Limits,
    contracts: &Contracts,
    printer: &Printer,
) -> Result<(Runtime, Monitor, Option<AboutRelease>), CliError> {
    let release = release::open(warehouse, release)?;
    if release.is_none() {
        printer.warning("nothing has been published yet, so every view is empty");
        printer.hint("run `sluis run`; `beheer.runs` tells what earlier runs did");
    }
    let runtime = Runtime::new().map_err(|e| CliError::Prompt(e.to_string()))?;
    let opened = Monitor::open(release.as_ref(), contracts, warehouse, limits);
    let monitor = runtime.block_on(opened)?;
    let about = release.map(|release| AboutRelease {
        id: release.manifest.id,
        published_at: release.manifest.published_at,
        register_version: release.manifest.register_version,
        register_adopted: release.manifest.register_adopted,
    });
    Ok((runtime, monitor, about))
}

fn described(relation: &Relation) -> String {
    let columns = &relation.columns;
    let widest = |text: fn(&RelationColumn) -> &str| {
        let widths = columns.iter().map(|c| text(c).chars().count());
        widths.max().unwrap_or_default()
    };
    let (names, kinds) = (widest(|c| &c.name), widest(|c| &c.kind));
    let mut text = format!("{}.{}\n", relation.schema, relation.name);
    // A `String` takes whatever is written to it.
    for line in relation.documentation.lines() {
        let _ = writeln!(text, "  {line}");
    }
    for column in columns {
        let RelationColumn {
            name,
            kind,
            documentation,
            ..
        } = column;
        let line = format!("  {name:names$}  {kind:kinds$}  {documentation}");
        let _ = write!(text, "\n{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::printer::Style;
    use super::super::printer::tests::paper;
    use super::*;
    use crate::warehouse::fixture::{self, Warehouse};

    fn asked(args: &SqlArgs) -> (Result<(), CliError>, String, String) {
        let warehouse = Warehouse::new();
        with(&warehouse, args, |desk| match &args.command {
            Some(sql) => desk.answer(sql),
            None => Ok(()),
        })
    }

    fn with(
        warehouse: &Warehouse,
        args: &SqlArgs,
        act: impl FnOnce(&Desk) -> Result<(), CliError>,
    ) -> (Result<(), CliError>, String, String) {
        let (printer, out, err) = paper(Style::default());
        let contracts = fixture::contracts();
        let done = Desk::open(
            args,
            warehouse.path(),
            Limits::default(),
            &contracts,
            &printer,
        )
        .and_then(|desk| act(&desk));
        (done, out.text(), err.text())
    }

    fn args(sql: &str) -> SqlArgs {
        SqlArgs {
            command: Some(sql.to_owned()),
            ..SqlArgs::default()
        }
    }

    #[test]
    fn a_query_gives_a_table() {
        let (done, out, err) = asked(&args("select * from hulpvragen order by jaar, wijk;"));
        done.unwrap();
        insta::assert_snapshot!(out, @"
         jaar | definitie | wijk      | aantal
        ------+-----------+-----------+--------
         2023 | 2023      | oost      |      2
         2024 | 2023      | nieuwland |      1
         2024 | 2023      | oost      |      3
        ");
        assert_eq!(err, "3 rows\n");
    }

    #[test]
    fn an_earlier_release_can_be_asked_and_an_unknown_one_is_wrong_use() {
        let mut args = args("select count(*) as n from hulpvragen");
        args.release = Some(fixture::RELEASE.to_owned());
        asked(&args).0.unwrap();
        args.release = Some("20200101T000000Z-1".to_owned());
        assert_eq!(asked(&args).0.unwrap_err().exit_code(), 2);
    }

    #[test]
    fn before_the_first_release_views_are_empty_and_the_history_answers() {
        let warehouse = Warehouse::new();
        std::fs::remove_file(warehouse.path().join("current")).unwrap();
        let sql = "select (select count(*) from hulpvragen) as h, count(*) as r from beheer.runs";
        let (done, out, err) = with(&warehouse, &args(sql), |desk| desk.answer(sql));
        done.unwrap();
        insta::assert_snapshot!(out, @"
         h | r
        ---+---
         0 | 2
        ");
        assert!(
            err.starts_with("warning: nothing has been published yet"),
            "{err}"
        );
    }

    #[test]
    fn a_script_gives_its_answers_in_order_and_stops_at_an_error() {
        let warehouse = Warehouse::new();
        let script =
            "-- first\nselect 1 as een;\nselect ';' as twee; select * from nergens; select 4";
        let (done, out, _) = with(&warehouse, &SqlArgs::default(), |desk| desk.script(script));
        assert_eq!(done.unwrap_err().exit_code(), 2);
        assert!(
            out.contains("een") && out.contains("twee") && !out.contains('4'),
            "{out}"
        );
    }

    #[test]
    fn a_script_for_machines_is_one_query() {
        let warehouse = Warehouse::new();
        let args = SqlArgs {
            format: Some(Format::Json),
            ..SqlArgs::default()
        };
        let (done, out, _) = with(&warehouse, &args, |desk| desk.script("select 1 as n;\n"));
        done.unwrap();
        assert_eq!(out, "[{\"n\":1}]\n");
        let (done, out, _) = with(&warehouse, &args, |desk| desk.script("select 1; select 2"));
        assert_eq!((done.unwrap_err().exit_code(), out.as_str()), (2, ""));
        let (done, ..) = with(&warehouse, &args, |desk| desk.script(" -- nothing\n ; "));
        assert_eq!(done.unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_view_can_be_described() {
        let warehouse = Warehouse::new();
        let (done, out, _) = with(&warehouse, &SqlArgs::default(), |desk| {
            desk.describe("Hulpvragen")?;
            desk.list()
        });
        done.unwrap();
        insta::assert_snapshot!(out, @"
        monitor.hulpvragen
          Hulpvragen per jaar en wijk.
          Betrokkenen tellen mee.

          jaar       geheel  De kolom jaar.
          definitie  tekst   De kolom definitie.
          wijk       tekst   De kolom wijk.
          aantal     geheel  De kolom aantal.
         schema  | naam              | betekenis
        ---------+-------------------+------------------------------------------------------------------------------
         monitor | aandeel           | Het aandeel van elke wijk, in procenten.
         monitor | contacten         | Korte contacten.
         monitor | hulpvragen        | Hulpvragen per jaar en wijk.
         monitor | personen          | Personen per team.
         beheer  | bestanden         | De bestanden van de release waarover u vragen stelt.
         beheer  | leveringen        | Wat er per run met elke levering gebeurde.
         beheer  | ophalingen        | Wat er per run bij partners is opgehaald, en wat daarbij misging.
         beheer  | releases          | De releases die te lezen zijn. Tijden in UTC.
         beheer  | runs              | Elke keer dat de nachtelijke taak liep, ook als dat mislukte. Tijden in UTC.
         beheer  | weigeringen       | Hoeveel rijen van een levering per kolom en regel zijn geweigerd.
         beheer  | weigeringen_rijen | Welke rijen zijn geweigerd: het rijnummer, nooit de waarde.
        ");
        let (done, ..) = with(&warehouse, &SqlArgs::default(), |desk| {
            desk.describe("magazijn.client")
        });
        assert_eq!(
            done.unwrap_err().to_string(),
            "there is no view magazijn.client"
        );
    }
}
