//! A small warehouse for tests, written with Parquet's own writer.

#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, FixedSizeBinaryArray, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::journal::{
    CanaryFault, CanaryRecord, DeliveryOutcome, DeliveryRecord, PullRecord, RefusalCount,
    RefusalRecord, RunOutcome, RunRecord,
};
use super::manifest::{DeliveryEntry, FileEntry, MANIFEST, Manifest};
use super::scan;
use crate::contract::model::{
    Contracts, Publication, Register, RiskRules, Role, Subject, TableColumn, TableKind, TableSpec,
    ViewColumn, ViewSpec,
};

pub(crate) const RELEASE: &str = "20250102T010000Z-1";
pub(crate) const RUN: &str = "20250102T010000Z-1";
pub(crate) const OPEN_RUN: &str = "20250103T010000Z-1";

/// A warehouse in a temporary folder: one release of two tables, one run that ended and one that
/// did not.
pub(crate) struct Warehouse {
    folder: TempDir,
}

impl Warehouse {
    pub(crate) fn new() -> Self {
        let warehouse = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        warehouse.publish();
        warehouse.write_journal();
        warehouse
    }

    /// One release of these files: their table, their path below the release, and their columns
    /// without those that the path says.
    pub(crate) fn of(files: Vec<(&TableSpec, String, Vec<ArrayRef>)>) -> Self {
        let warehouse = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let root = warehouse.root();
        let files = files
            .into_iter()
            .map(|(spec, path, columns)| write(&root, spec, &path, columns));
        warehouse.release(files.collect());
        warehouse
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.path().join("journal")
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path().join("releases").join(RELEASE)
    }

    pub(crate) fn edit_manifest(&self, edit: impl FnOnce(&mut Manifest)) {
        let path = self.root().join(MANIFEST);
        let mut manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        edit(&mut manifest);
        fs::write(path, serde_json::to_vec(&manifest).unwrap()).unwrap();
    }

    fn publish(&self) {
        let root = self.root();
        let mut files = Vec::new();
        // Year, wijk, and the hulpvragen with their client (0 is nobody).
        for (jaar, wijk, rows) in [
            (2023, "oost", &[(1, 1), (2, 2)][..]),
            (2024, "oost", &[(3, 1), (4, 3), (5, 0)][..]),
            (2024, "nieuwland", &[(6, 2)][..]),
        ] {
            let path = format!("hulpvraag/jaar={jaar}/wijk={wijk}/wot-casus-0a1b.parquet");
            files.push(write(&root, &hulpvraag(), &path, hulpvragen(jaar, rows)));
        }
        let clients = clients(&[(1, "Oost"), (2, "Nieuwland"), (3, "Oost")]);
        files.push(write(
            &root,
            &client(),
            "client/wot-casus-0a1b.parquet",
            clients,
        ));
        self.release(files);
    }

    fn release(&self, files: Vec<FileEntry>) {
        let manifest = manifest(files);
        let text = serde_json::to_vec(&manifest).unwrap();
        fs::create_dir_all(self.root()).unwrap();
        fs::write(self.root().join(MANIFEST), text).unwrap();
        std::os::unix::fs::symlink(format!("releases/{RELEASE}"), self.path().join("current"))
            .unwrap();
    }

    fn write_journal(&self) {
        let run = self.journal().join(RUN);
        fs::create_dir_all(&run).unwrap();
        fs::write(
            run.join("run.json"),
            serde_json::to_vec(&run_record()).unwrap(),
        )
        .unwrap();
        let mut lines = String::new();
        for row in [17, 204] {
            let line = RefusalRecord {
                source: "wot-casus".to_owned(),
                delivery: "ab".repeat(32),
                row,
                column: "bsn".to_owned(),
                rule: "elfproef".to_owned(),
            };
            lines.push_str(&serde_json::to_string(&line).unwrap());
            lines.push('\n');
        }
        fs::write(run.join("weigeringen.ndjson"), lines).unwrap();
        let open = self.journal().join(OPEN_RUN);
        fs::create_dir_all(&open).unwrap();
        fs::write(
            open.join("begonnen.json"),
            r#"{"started_at":"2025-01-03T01:00:00Z"}"#,
        )
        .unwrap();
    }
}

fn column(name: &str, kind: TableKind, required: bool) -> TableColumn {
    TableColumn {
        name: name.to_owned(),
        kind,
        required,
        documentation: String::new(),
    }
}

fn table(name: &str, partition: &[&str], columns: Vec<TableColumn>) -> TableSpec {
    TableSpec {
        name: name.to_owned(),
        title: name.to_owned(),
        documentation: String::new(),
        key: Vec::new(),
        partition: partition.iter().map(|&p| p.to_owned()).collect(),
        columns,
    }
}

/// A table in two levels of folders.
pub(crate) fn hulpvraag() -> TableSpec {
    let columns = vec![
        column("jaar", TableKind::Integer, true),
        column("wijk", TableKind::Text, true),
        column("hulpvraag", TableKind::Pseudonym, true),
        column("client", TableKind::Pseudonym, false),
        column("soort", TableKind::Text, true),
        column("meldingsdatum", TableKind::Date, false),
    ];
    table("hulpvraag", &["jaar", "wijk"], columns)
}

/// A table without folders.
pub(crate) fn client() -> TableSpec {
    let columns = vec![
        column("client", TableKind::Pseudonym, true),
        column("team", TableKind::Text, false),
    ];
    table("client", &[], columns)
}

/// A table without files.
pub(crate) fn kort_contact() -> TableSpec {
    let columns = vec![
        column("jaar", TableKind::Integer, true),
        column("aantal", TableKind::Integer, true),
        column("spoed", TableKind::Boolean, false),
    ];
    table("kort_contact", &["jaar"], columns)
}

fn view(
    name: &str,
    documentation: &str,
    sql: &str,
    columns: &[(&str, Role)],
) -> (String, ViewSpec) {
    let column = |(name, role): &(&str, Role)| ViewColumn {
        name: (*name).to_owned(),
        role: role.clone(),
        documentation: format!("De kolom {name}."),
    };
    let spec = ViewSpec {
        name: name.to_owned(),
        title: name.to_owned(),
        documentation: documentation.to_owned(),
        sql: sql.to_owned(),
        path: format!("schemas/monitor/{name}.sql"),
        columns: columns.iter().map(column).collect(),
        publication: Publication::Exempt {
            subject: Subject::Counts,
            reason: "Verzonnen aantallen.".to_owned(),
        },
    };
    (name.to_owned(), spec)
}

const CELL: Role = Role::Cell {
    clients: None,
    largest: None,
};

/// Tables and views; `aandeel` uses `hulpvragen` and comes before it by name.
pub(crate) fn contracts() -> Contracts {
    let tables = [hulpvraag(), client(), kort_contact()];
    Contracts {
        sources: Vec::new(),
        tables: tables.into_iter().map(|t| (t.name.clone(), t)).collect(),
        views: BTreeMap::from([
            view(
                "hulpvragen",
                "Hulpvragen per jaar en wijk.\nBetrokkenen tellen mee.",
                "-- Hulpvragen per jaar en wijk.\nSELECT jaar, '2023' AS definitie, wijk, \
                 count(*) AS aantal FROM magazijn.hulpvraag GROUP BY jaar, wijk",
                &[
                    ("jaar", Role::Group),
                    ("definitie", Role::Group),
                    ("wijk", Role::Label),
                    ("aantal", CELL),
                ],
            ),
            view(
                "aandeel",
                "Het aandeel van elke wijk, in procenten.",
                "SELECT h.jaar, h.definitie, h.wijk, 100.0 * h.aantal / sum(h.aantal) OVER \
                 (PARTITION BY h.jaar) AS procent FROM monitor.hulpvragen h",
                &[
                    ("jaar", Role::Group),
                    ("definitie", Role::Group),
                    ("wijk", Role::Label),
                    ("procent", CELL),
                ],
            ),
            view(
                "personen",
                "Personen per team.",
                "SELECT h.jaar, '2023' AS definitie, c.team, count(DISTINCT h.client) AS personen \
                 FROM magazijn.hulpvraag h JOIN magazijn.client c ON c.client = h.client \
                 GROUP BY h.jaar, c.team",
                &[
                    ("jaar", Role::Group),
                    ("definitie", Role::Group),
                    ("team", Role::Label),
                    ("personen", CELL),
                ],
            ),
            view(
                "contacten",
                "Korte contacten.",
                "SELECT jaar, '2023' AS definitie, aantal, spoed FROM magazijn.kort_contact",
                &[
                    ("jaar", Role::Group),
                    ("definitie", Role::Group),
                    ("aantal", CELL),
                    ("spoed", Role::Label),
                ],
            ),
        ]),
        register: Register {
            version: "0.1".to_owned(),
            adopted: None,
            controller: "Gemeente Voorbeeld".to_owned(),
            assessment: crate::contract::model::Assessment::default(),
            domains: BTreeMap::new(),
            classes: BTreeMap::new(),
            sources: BTreeMap::new(),
            views: BTreeMap::new(),
            tables: BTreeMap::new(),
            nightly_retention: false,
            risk: RiskRules::default(),
            risks: BTreeMap::new(),
        },
    }
}

fn pseudonyms(of: impl Iterator<Item = u8>) -> ArrayRef {
    let values = of.map(|n| (n > 0).then_some([n; 16]));
    Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, 16).unwrap())
}

fn hulpvragen(jaar: i32, rows: &[(u8, u8)]) -> Vec<ArrayRef> {
    // The first of March, in days since 1970.
    let date = if jaar == 2024 { 19783 } else { 19417 };
    vec![
        pseudonyms(rows.iter().map(|r| r.0)),
        pseudonyms(rows.iter().map(|r| r.1)),
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|_| "hulpvraag"),
        )),
        Arc::new(Date32Array::from_iter_values(rows.iter().map(|_| date))),
    ]
}

fn clients(rows: &[(u8, &str)]) -> Vec<ArrayRef> {
    let teams = StringArray::from_iter_values(rows.iter().map(|r| r.1));
    vec![pseudonyms(rows.iter().map(|r| r.0)), Arc::new(teams)]
}

fn write(root: &Path, spec: &TableSpec, path: &str, columns: Vec<ArrayRef>) -> FileEntry {
    let batch = RecordBatch::try_new(scan::file_schema(spec), columns).unwrap();
    let target = root.join(path);
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    let file = fs::File::create(&target).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    FileEntry {
        path: path.to_owned(),
        table: spec.name.clone(),
        source: "wot-casus".to_owned(),
        part: String::new(),
        rows: u64::try_from(batch.num_rows()).unwrap(),
        bytes: fs::metadata(&target).unwrap().len(),
        sha256: crate::hex::encode(&Sha256::digest(fs::read(&target).unwrap())),
    }
}

fn manifest(files: Vec<FileEntry>) -> Manifest {
    Manifest {
        canaries: None,
        format: 1,
        id: RELEASE.to_owned(),
        published_at: "2025-01-02T01:00:09Z".to_owned(),
        run: RUN.to_owned(),
        program: "sluis 0.1.0".to_owned(),
        register_version: "0.1".to_owned(),
        register_adopted: None,
        key_fingerprint: "0011223344556677".to_owned(),
        content: "ef".repeat(32),
        deliveries: vec![DeliveryEntry {
            source: "wot-casus".to_owned(),
            part: "2024".to_owned(),
            order: "20250101".to_owned(),
            sha256: "ab".repeat(32),
            recipe: "12".repeat(32),
            bytes: 4096,
            rows_in: 8,
            rows_kept: 6,
            rows_refused: 2,
            run: RUN.to_owned(),
        }],
        files,
        rewritten: Vec::new(),
    }
}

fn run_record() -> RunRecord {
    RunRecord {
        id: RUN.to_owned(),
        started_at: "2025-01-02T01:00:00Z".to_owned(),
        ended_at: "2025-01-02T01:00:09Z".to_owned(),
        outcome: RunOutcome::Gepubliceerd,
        release: Some(RELEASE.to_owned()),
        error: None,
        deliveries: vec![DeliveryRecord {
            source: "wot-casus".to_owned(),
            part: "2024".to_owned(),
            order: "20250101".to_owned(),
            sha256: "ab".repeat(32),
            bytes: 4096,
            outcome: DeliveryOutcome::Verwerkt,
            reason: None,
            rows_in: 8,
            rows_kept: 6,
            rows_refused: 2,
            rows_erased: 0,
            refusals: vec![RefusalCount {
                column: "bsn".to_owned(),
                rule: "elfproef".to_owned(),
                rows: 2,
            }],
            millis: 120,
        }],
        pulls: vec![PullRecord {
            source: "wot-casus".to_owned(),
            channel: "sftp".to_owned(),
            fetched: 1,
            bytes: 4096,
            already: 3,
            waiting: 0,
            strangers: 0,
            retries: 1,
            faults: Vec::new(),
            millis: 900,
        }],
        canaries: Some(CanaryRecord {
            persons: 12,
            sources: 1,
            faults: vec![CanaryFault {
                source: "wot-casus".to_owned(),
                column: "bsn".to_owned(),
                rule: "elfproef".to_owned(),
                canaries: 1,
            }],
        }),
    }
}
