//! `sluis subject`: the rights of the person whom the data is about. The identifier is typed at a
//! prompt or read from standard input; it is never shown, logged or stored.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::Utc;
use serde::Serialize;

use super::target::Target;
use super::{CliError, Done, Env, secret, words};
use crate::audit::{self, Deed, Entry};
use crate::contract;
use crate::contract::model::Contracts;
use crate::keyring;
use crate::lock::erased::Erased;
use crate::lock::keys::RootKey;
use crate::rights::RightsError;
use crate::rights::copy::Copy;
use crate::rights::erase::{self, Erasure};
use crate::rights::found::{self, FoundRelease, FoundTable};
use crate::rights::identity::Asked;
use crate::rights::landing::{self, RawDelivery};
use crate::rights::person::Person;
use crate::settings::Settings;
use crate::warehouse::release::{self, Release};
use crate::warehouse::store::Store;

/// `sluis subject`
#[derive(Debug, clap::Subcommand)]
pub enum SubjectCommand {
    /// Where a person occurs, and a copy of the rows (AVG, article 15)
    Find(FindArgs),
    /// Erase a person from every release, and keep the person out (AVG, article 17)
    Erase(EraseArgs),
}

/// `sluis subject find`
#[derive(Debug, clap::Args)]
pub struct FindArgs {
    /// Ask for a number of this domain of the register; without it for a BSN
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Look in an earlier release, or in `all`
    #[arg(long, value_name = "ID")]
    release: Option<String>,
    /// Write the person's rows to this file, as JSON, or as CSV when its name says so
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

/// `sluis subject erase`
#[derive(Debug, clap::Args)]
pub struct EraseArgs {
    /// Ask for a number of this domain of the register; without it for a BSN
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Say what would go, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask whether it is sure
    #[arg(long)]
    yes: bool,
}

/// What was found.
#[derive(Serialize)]
struct Answer<'a> {
    /// What was asked for, not its value.
    asked: &'static str,
    domains: &'a [String],
    /// How many numbers the person has, by domain.
    numbers: BTreeMap<&'a str, usize>,
    /// Numbers of the person that somebody else has too.
    contested: usize,
    /// The person was erased before and is kept out.
    erased: bool,
    releases: &'a [FoundRelease],
    raw_deliveries: &'a [RawDelivery],
}

/// What was erased.
#[derive(Serialize)]
struct Outcome<'a> {
    found: Answer<'a>,
    dry_run: bool,
    releases_rewritten: &'a [String],
    files_rewritten: usize,
    kept_out: usize,
    proof: Option<&'a crate::rights::proof::Proof>,
}

/// Answers a request of a person.
///
/// # Errors
/// When the key may not be used, what is typed is no identifier, or the warehouse cannot be read or
/// written.
pub fn run(command: &SubjectCommand, env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    let (contracts, _) = contract::load_lenient(&env.contract_files(&settings)?)?;
    let current = release::open(&settings.paths.warehouse, None)?;
    let desk = Desk {
        env,
        settings: &settings,
        contracts: &contracts,
        key: keyring::unlock_for(&settings.key, current.as_ref())?,
    };
    match command {
        SubjectCommand::Find(args) => desk.find(args),
        SubjectCommand::Erase(args) => desk.erase(args),
    }
}

/// Where requests are answered.
struct Desk<'a> {
    env: &'a Env,
    settings: &'a Settings,
    contracts: &'a Contracts,
    key: RootKey,
}

/// A person and where that person occurs.
struct Sought {
    asked: Asked,
    person: Person,
    found: Vec<FoundRelease>,
    raw: Vec<RawDelivery>,
    erased: bool,
}

impl Desk<'_> {
    fn find(&self, args: &FindArgs) -> Result<Done, CliError> {
        let target = args.export.as_deref().map(|path| self.target(path));
        let target = target.transpose()?;
        let releases = self.releases(args.release.as_deref())?;
        if target.is_some() && releases.len() != 1 {
            return Err(CliError::Usage {
                message: "a copy is of one release".into(),
                remedy: Some("leave out `--release all`, or `--export`".into()),
            });
        }
        let sought = self.seek(args.domain.as_deref(), &releases)?;
        let result = if target.is_some() {
            "kopie"
        } else {
            "beantwoord"
        };
        let entry = self.entry(Deed::Inzage, result, &sought);
        self.note(&entry.with("release", args.release.as_deref()))?;
        if let (Some(target), [release]) = (&target, releases.as_slice()) {
            self.export(target, &sought.person, release)?;
        }
        self.show(&sought)?;
        Ok(Done::Clean)
    }

    fn erase(&self, args: &EraseArgs) -> Result<Done, CliError> {
        if !args.yes && !args.dry_run && !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            return Err(CliError::Usage {
                message: "nobody is here to confirm that it is sure".into(),
                remedy: Some("add `--yes`, or `--dry-run` to see what would go".into()),
            });
        }
        let now = Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        if args.dry_run {
            let releases = self.releases(Some("all"))?;
            let sought = self.seek(args.domain.as_deref(), &releases)?;
            self.note(&self.entry(Deed::Wissen, "proef", &sought))?;
            return self.dry_run(&sought);
        }
        let asked = Asked::new(self.contracts, args.domain.as_deref())?;
        let typed = secret::read(&format!("{} (not shown): ", asked.name()))?;
        let store = Store::open(&self.settings.paths.warehouse, &now)?;
        let releases = self.releases(Some("all"))?;
        let sought = self.seek_typed(asked, &typed, &releases)?;
        drop(typed);
        if !args.yes {
            self.show(&sought)?;
            let sure =
                secret::confirmed("This cannot be undone. Type `erase` to do it: ", "erase")?;
            if sure != Some(true) {
                self.note(&self.entry(Deed::Wissen, "afgezien", &sought))?;
                self.env.printer.note("nothing was done");
                return Ok(Done::Clean);
            }
        }
        self.note(&self.entry(Deed::Wissen, "begonnen", &sought))?;
        let erasure = Erasure {
            store: &store,
            releases: &releases,
            contracts: self.contracts,
            key: &self.key,
            now: &now,
        };
        let done = erasure.run(&sought.person)?;
        let result = if done.proof.holds() {
            "gewist"
        } else {
            "niet bewezen"
        };
        let entry = self.entry(Deed::Wissen, result, &sought);
        let entry = entry.with("releases", done.releases.clone());
        self.note(&entry.with("doorzochte_bestanden", done.proof.files))?;
        self.report(&sought, &done)
    }

    /// What is logged of a request: of which domains the identifier was, and nothing of whose.
    fn entry(&self, deed: Deed, result: &'static str, sought: &Sought) -> Entry {
        Entry::new(deed, result)
            .with("domeinen", sought.asked.domains.clone())
            .with("sleutel", self.key.fingerprint())
            .with("sleutelbron", self.key.origin().name())
    }

    fn note(&self, entry: &Entry) -> Result<(), CliError> {
        Ok(audit::note(&self.settings.paths.warehouse, entry)?)
    }

    /// The releases to look in, all of them made with this key.
    fn releases(&self, which: Option<&str>) -> Result<Vec<Release>, CliError> {
        let warehouse = &self.settings.paths.warehouse;
        let mut releases = Vec::new();
        if which == Some("all") {
            for id in release::list(warehouse)? {
                releases.extend(release::open(warehouse, Some(&id))?);
            }
        } else {
            releases.extend(release::open(warehouse, which)?);
        }
        for release in &releases {
            let expected = &release.manifest.key_fingerprint;
            self.key.must_match(expected)?;
        }
        if releases.is_empty() {
            self.env.printer.warning("nothing has been published yet");
        }
        Ok(releases)
    }

    fn seek(&self, domain: Option<&str>, releases: &[Release]) -> Result<Sought, CliError> {
        let asked = Asked::new(self.contracts, domain)?;
        let typed = secret::read(&format!("{} (not shown): ", asked.name()))?;
        self.seek_typed(asked, &typed, releases)
    }

    fn seek_typed(
        &self,
        asked: Asked,
        typed: &zeroize::Zeroizing<String>,
        releases: &[Release],
    ) -> Result<Sought, CliError> {
        let warehouse = &self.settings.paths.warehouse;
        let pseudonyms = asked.pseudonyms(&self.key, typed)?;
        let person = Person::find(releases, self.contracts, &pseudonyms, asked.is_bsn())?;
        let found = found::count(&person, releases, self.contracts)?;
        let raw = landing::may_hold(&person, self.contracts, &self.settings.paths.landing);
        let list = Erased::read(warehouse, &self.key).map_err(RightsError::from)?;
        let erased = match list {
            Some(list) => asked.is_erased(&list, &self.key, typed)?,
            None => false,
        };
        Ok(Sought {
            asked,
            person,
            found,
            raw,
            erased,
        })
    }

    /// A copy must not lie where others look for pseudonyms only.
    fn target(&self, path: &Path) -> Result<Target, CliError> {
        let target = Target::new(path)?;
        let real = std::path::absolute(target.path())?;
        let folder = real.parent().unwrap_or(&real);
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        for own in [&self.settings.paths.warehouse, &self.settings.paths.landing] {
            let own = own.canonicalize().unwrap_or_else(|_| own.clone());
            if folder.starts_with(&own) {
                return Err(CliError::Usage {
                    message: format!("a copy may not lie in {}", own.display()),
                    remedy: Some("name a file elsewhere, and remove it once it is sent".into()),
                });
            }
        }
        Ok(target)
    }

    fn export(&self, target: &Target, person: &Person, release: &Release) -> Result<(), CliError> {
        let copy = Copy::of(person, release)?;
        let mut file = std::io::BufWriter::new(target.begin()?);
        if target.extension() == Some("csv") {
            copy.csv(&mut file)?;
        } else {
            serde_json::to_writer_pretty(&mut file, &copy).map_err(std::io::Error::from)?;
            file.write_all(b"\n")?;
        }
        let file = file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        file.commit()?;
        self.env.printer.note(&format!(
            "{} in {}; remove it once it is handed over",
            words::plural(copy.rows(), "row", "rows"),
            target.path().display()
        ));
        Ok(())
    }

    fn show(&self, sought: &Sought) -> Result<(), CliError> {
        if self.env.printer.style().json {
            return self.env.printer.json(&sought.answer());
        }
        for found in &sought.found {
            self.env.printer.line(&in_words(found))?;
        }
        self.remarks(sought);
        Ok(())
    }

    fn remarks(&self, sought: &Sought) {
        let printer = &self.env.printer;
        if sought.erased {
            printer.note("this person was erased, and is kept out of what is delivered");
        }
        let doubtful: u64 = sought.found.iter().map(|f| f.doubtful).max().unwrap_or(0);
        if doubtful > 0 {
            printer.warning(&format!(
                "{doubtful} rows carry a number of this person that somebody else has too, and no BSN: \
                 they are not counted here, and not erased"
            ));
            printer.hint("if they are this person's, ask for that number with `--domain`");
        }
        if let Some(last) = sought.raw.iter().map(|r| &r.until).max() {
            printer.note(&format!(
                "{} in the landing folder may hold this person too; they go when the register's period \
                 is over, the last on {last}",
                words::plural(sought.raw.len(), "raw delivery", "raw deliveries")
            ));
        }
    }

    fn dry_run(&self, sought: &Sought) -> Result<Done, CliError> {
        if self.env.printer.style().json {
            self.env.printer.json(&Outcome {
                found: sought.answer(),
                dry_run: true,
                releases_rewritten: &[],
                files_rewritten: 0,
                kept_out: 0,
                proof: None,
            })?;
        } else {
            self.show(sought)?;
            self.env.printer.note("nothing was done");
        }
        Ok(Done::Clean)
    }

    fn report(&self, sought: &Sought, done: &erase::Erased) -> Result<Done, CliError> {
        let proof = &done.proof;
        if self.env.printer.style().json {
            self.env.printer.json(&Outcome {
                found: sought.answer(),
                dry_run: false,
                releases_rewritten: &done.releases,
                files_rewritten: done.files,
                kept_out: done.remembered,
                proof: Some(proof),
            })?;
        } else {
            let verdict = if proof.holds() { "gone" } else { "NOT GONE" };
            self.env.printer.line(&format!(
                "{verdict}: {} of {} rewritten; searched {} files, {} and {} pages of the warehouse",
                words::plural(done.files, "file", "files"),
                words::plural(done.releases.len(), "release", "releases"),
                words::count(proof.files),
                words::size(proof.bytes),
                words::count(proof.pages),
            ))?;
            self.remarks(sought);
        }
        for path in &proof.found {
            let text = format!("{path} still holds what had to go");
            self.env.printer.warning(&text);
        }
        for path in &proof.unreadable {
            let text = format!("the pages of {path} cannot be read, so nothing is known of them");
            self.env.printer.warning(&text);
        }
        Ok(if proof.holds() {
            Done::Clean
        } else {
            Done::Unverified
        })
    }
}

impl Sought {
    fn answer(&self) -> Answer<'_> {
        let mut numbers = BTreeMap::new();
        for tie in self.person.ties.values() {
            *numbers.entry(tie.domain.as_str()).or_default() += 1;
        }
        Answer {
            asked: self.asked.name(),
            domains: &self.asked.domains,
            numbers,
            contested: self.person.contested(),
            erased: self.erased,
            releases: &self.found,
            raw_deliveries: &self.raw,
        }
    }
}

fn in_words(found: &FoundRelease) -> String {
    if found.tables.is_empty() {
        return format!(
            "release {}: this person does not occur in it",
            found.release
        );
    }
    let years = |table: &FoundTable| {
        let years = table.years.iter().map(|(year, rows)| match year {
            0 => format!("-: {rows}"),
            year => format!("{year}: {rows}"),
        });
        years.collect::<Vec<_>>().join(", ")
    };
    let rows: Vec<Vec<String>> = found
        .tables
        .iter()
        .map(|t| {
            vec![
                t.table.clone(),
                words::count(t.rows),
                years(t),
                t.sources.iter().cloned().collect::<Vec<_>>().join(", "),
            ]
        })
        .collect();
    let mut text = format!("release {}\n", found.release);
    text += &words::table(&["table", ">rows", "years", "from"], &rows);
    text += "\n\nwhat is left of the person in them, by treatment:";
    for table in &found.tables {
        let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for column in &table.columns {
            by.entry(column.treatment).or_default().push(&column.name);
        }
        let left = by
            .iter()
            .map(|(t, columns)| format!("\n    {t}: {}", columns.join(", ")));
        for line in [format!("\n  {}", table.table)].into_iter().chain(left) {
            text += &line;
        }
    }
    text
}
