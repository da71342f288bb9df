//! A copy of the demo's warehouse, and ways to change a file of it and seal it again.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow::datatypes::{Field, Schema};
use chrono::{DateTime, TimeZone, Utc};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};
use sluis::canary::Canaries;
use sluis::contract::ContractFiles;
use sluis::contract::model::Contracts;
use sluis::warehouse::manifest::Manifest;
use sluis::warehouse::parquet::read_file;
use sluis::warehouse::publish::content_hash;

use crate::support::Place;

/// A warehouse to poison, and the contracts to hold it against.
pub struct Copy {
    root: PathBuf,
    contracts: Contracts,
    /// A landing folder, empty.
    pub landing: PathBuf,
    /// The day on which it is judged.
    pub now: DateTime<Utc>,
    /// Goes when the copy does.
    _folder: tempfile::TempDir,
}

/// What a file is written with.
pub struct Setup {
    /// Properties of the writer; pseudonyms have no dictionary and nothing has statistics.
    pub properties: WriterPropertiesBuilder,
    /// The name of the schema.
    pub root: String,
}

/// The columns of a file in their order.
pub struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

/// The folder of the warehouse is made once, by the program itself, canaries and all.
fn original() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let place = Place::with_demo();
        // Not one of the test persons that other poison is made of.
        let planted = super::bsns(400);
        loop {
            place.sluis(&["canaries", "new"]).must_exit(0);
            let drawn = Canaries::load(&place.canaries()).unwrap();
            if !drawn.persons().iter().any(|p| planted.contains(&p.bsn)) {
                break;
            }
            fs::remove_file(place.canaries()).unwrap();
        }
        place.sluis(&["run"]).must_exit(3);
        place
    })
}

/// The canaries that it was made with.
pub fn canaries() -> Canaries {
    Canaries::load(&original().canaries()).unwrap()
}

impl Copy {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("magazijn");
        copy(&original().warehouse(), &root);
        let contracts = sluis::contract::load(&ContractFiles::embedded()).unwrap();
        let landing = folder.path().join("aanlevering");
        fs::create_dir(&landing).unwrap();
        Self {
            root,
            contracts,
            landing,
            now: Utc.with_ymd_and_hms(2026, 1, 1, 1, 0, 0).unwrap(),
            _folder: folder,
        }
    }

    pub fn path(&self) -> &Path {
        &self.root
    }

    pub const fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    pub const fn contracts_mut(&mut self) -> &mut Contracts {
        &mut self.contracts
    }

    /// The folder of the release.
    pub fn release(&self) -> PathBuf {
        fs::canonicalize(self.path().join("current")).unwrap()
    }

    /// The folder of the run in the journal.
    pub fn journal(&self) -> PathBuf {
        let mut runs = fs::read_dir(self.path().join("journal")).unwrap();
        runs.next().unwrap().unwrap().path()
    }

    pub fn manifest(&self) -> Manifest {
        serde_json::from_slice(&fs::read(self.release().join("release.json")).unwrap()).unwrap()
    }

    /// Changes the manifest; its own sum is right afterwards, unless the change is to that.
    pub fn edit_manifest(&self, edit: impl FnOnce(&mut Manifest)) {
        let mut manifest = self.manifest();
        manifest.content = content_hash(manifest.files.iter());
        edit(&mut manifest);
        self.write(
            "release.json",
            &serde_json::to_vec_pretty(&manifest).unwrap(),
        );
    }

    /// Writes a file of the release.
    pub fn write(&self, path: &str, content: &[u8]) {
        put(&self.release().join(path), content);
    }

    /// The path of a file of a table, below the release: the one with most rows.
    pub fn file(&self, table: &str) -> String {
        let files = self.manifest().files;
        let files = files.into_iter().filter(|f| f.table == table);
        files.max_by_key(|f| f.rows).unwrap().path
    }

    /// Replaces a file by another content under its new name.
    pub fn reseal(&self, path: &str, content: &[u8], rows: Option<u64>) {
        fs::remove_file(self.release().join(path)).unwrap();
        let sha256 = sluis::hex::encode(&Sha256::digest(content));
        let (stem, _) = path.rsplit_once('-').unwrap();
        let named = format!("{stem}-{}.parquet", &sha256[..16]);
        self.write(&named, content);
        self.edit_manifest(|manifest| {
            let entry = manifest.files.iter_mut().find(|f| f.path == path).unwrap();
            entry.path = named;
            entry.sha256 = sha256;
            entry.bytes = content.len() as u64;
            entry.rows = rows.unwrap_or(entry.rows);
            manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
            manifest.content = content_hash(manifest.files.iter());
        });
    }

    /// The path of the canaries of a source, below the release.
    pub fn canaries_of(&self, source: &str) -> String {
        let files = self.manifest().files.into_iter();
        let mut mine = files.filter(|f| f.is_canary() && f.source == source);
        mine.next().unwrap().path
    }

    /// Writes a file of a table anew, with other values or other properties.
    pub fn rewrite(&self, table: &str, edit: impl FnOnce(&mut Columns, &mut Setup)) {
        self.rewrite_file(&self.file(table), edit);
    }

    /// Writes a file anew.
    pub fn rewrite_file(&self, path: &str, edit: impl FnOnce(&mut Columns, &mut Setup)) {
        let batches = read_file(&self.release().join(path)).unwrap();
        let batch = arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
        let mut columns = Columns {
            fields: batch
                .schema()
                .fields()
                .iter()
                .map(|f| (**f).clone())
                .collect(),
            arrays: batch.columns().to_vec(),
        };
        let plain = WriterProperties::builder()
            .set_created_by("sluis".into())
            .set_statistics_enabled(EnabledStatistics::None);
        let pseudonyms = columns
            .fields
            .iter()
            .filter(|f| !is_text(f) && f.data_type().primitive_width().is_none());
        let properties = pseudonyms.fold(plain, |properties, field| {
            properties.set_column_dictionary_enabled(ColumnPath::from(field.name().as_str()), false)
        });
        let mut setup = Setup {
            properties,
            root: "rij".into(),
        };
        edit(&mut columns, &mut setup);
        let rows = columns.rows() as u64;
        let bytes = columns.write(setup);
        self.reseal(path, &bytes, Some(rows));
    }

    /// Rewrites the metadata of a file of a table, and leaves its pages as they are; `append` is put
    /// behind them.
    pub fn remark(
        &self,
        table: &str,
        append: &[u8],
        edit: impl FnOnce(ParquetMetaData, u64) -> ParquetMetaData,
    ) {
        let path = self.file(table);
        let bytes = bytes::Bytes::from(fs::read(self.release().join(&path)).unwrap());
        let metadata = ParquetMetaDataReader::new()
            .parse_and_finish(&bytes)
            .unwrap();
        let footer = u32::from_le_bytes(*bytes[bytes.len() - 8..].first_chunk().unwrap());
        let end = bytes.len() - 8 - footer as usize;
        let mut content = bytes[..end].to_vec();
        content.extend_from_slice(append);
        let metadata = edit(metadata, end as u64);
        let mut behind = Vec::new();
        ParquetMetaDataWriter::new(&mut behind, &metadata)
            .finish()
            .unwrap();
        content.extend(behind);
        self.reseal(&path, &content, None);
    }
}

impl Columns {
    fn at(&self, name: &str) -> usize {
        self.fields.iter().position(|f| f.name() == name).unwrap()
    }

    pub fn get(&self, name: &str) -> &ArrayRef {
        &self.arrays[self.at(name)]
    }

    pub fn set(&mut self, name: &str, array: ArrayRef) {
        let at = self.at(name);
        let nullable = self.fields[at].is_nullable();
        self.fields[at] = Field::new(name, array.data_type().clone(), nullable);
        self.arrays[at] = array;
    }

    pub fn rename(&mut self, name: &str, other: &str) {
        let at = self.at(name);
        self.fields[at] = self.fields[at].clone().with_name(other);
    }

    pub fn add(&mut self, name: &str, array: ArrayRef) {
        self.fields
            .push(Field::new(name, array.data_type().clone(), true));
        self.arrays.push(array);
    }

    pub fn rows(&self) -> usize {
        self.arrays[0].len()
    }

    /// Keeps these rows, in this order; a row can come more than once.
    pub fn take(&mut self, rows: &UInt32Array) {
        for array in &mut self.arrays {
            *array = arrow::compute::take(array, rows, None).unwrap();
        }
    }

    /// Puts these texts into the first rows of a column.
    pub fn plant(&mut self, name: &str, values: &[String]) {
        let at = self.at(name);
        let before = self.arrays[at]
            .as_any()
            .downcast_ref::<StringArray>()
            .unwrap();
        let planted = values.iter().map(|v| Some(v.as_str()));
        let all: StringArray = planted.chain(before.iter().skip(values.len())).collect();
        assert_eq!(all.len(), before.len());
        self.arrays[at] = Arc::new(all);
    }

    fn write(self, setup: Setup) -> Vec<u8> {
        let schema = Arc::new(Schema::new(self.fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), self.arrays).unwrap();
        let options = ArrowWriterOptions::new()
            .with_properties(setup.properties.build())
            .with_skip_arrow_metadata(true)
            .with_schema_root(setup.root);
        let mut writer = ArrowWriter::try_new_with_options(Vec::new(), schema, options).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }
}

fn is_text(field: &Field) -> bool {
    matches!(field.data_type(), arrow::datatypes::DataType::Utf8)
}

/// Writes a file for its owner only.
pub fn put(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    let meta = fs::symlink_metadata(from).unwrap();
    if meta.is_symlink() {
        std::os::unix::fs::symlink(fs::read_link(from).unwrap(), to).unwrap();
    } else if meta.is_dir() {
        fs::create_dir(to).unwrap();
        fs::set_permissions(to, meta.permissions()).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// Every file below a folder with its hash and the moment of its last change.
pub fn everything(root: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut all = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            if meta.is_dir() {
                waiting.push(path.clone());
            }
            let content = if meta.is_file() {
                Sha256::digest(fs::read(&path).unwrap()).to_vec()
            } else {
                Vec::new()
            };
            all.insert(path, (content, meta.modified().unwrap()));
        }
    }
    all
}
