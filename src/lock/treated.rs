//! The lock itself: a raw chunk goes in, a treated batch and the refusals come out.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use thiserror::Error;

use super::choice::{self, ChoiceTable};
use super::columns::{
    AtDate, ColumnPlan, Identifier, Step, Verdicts, WHOLE_ROW, data_type, pc4_values,
};
use super::erased::{Erased, Watched};
use super::keys::RootKey;
use super::lawful::{Shown, Watch};
use super::postcode::PostcodeTable;
use super::pseudonym::{Pseudonymiser, Wrap};
use super::rule::Rule;
use crate::contract::model::{
    Column, DateFormat, Encoding, Kind, Mode, SourceContract, SourcePlan, Treatment,
};
use crate::error::{Class, Classified};
use crate::source::csv;
use crate::source::fault::DeliveryFault;
use crate::source::format::Layout;
use crate::source::raw::RawChunk;

/// Why a lock cannot be built from a plan that passed the cross-check.
#[derive(Debug, Error)]
pub enum LockError {
    /// The wijk treatment has no reference table to go by.
    #[error(
        "source `{0}` turns postcodes into wijken, but the warehouse has no postcode table yet"
    )]
    NoPostcodes(String),
    /// A combination that the cross-check should have stopped.
    #[error("source `{source_id}`, column `{column}`: {what}")]
    Plan {
        /// The source.
        source_id: String,
        /// The column of the contract.
        column: String,
        /// What does not go together.
        what: &'static str,
    },
    /// A decoder that gives bytes but cannot make rows of them.
    #[error("a decoder gives bytes and has no way to make rows of them")]
    Shapeless,
    /// Treated columns that do not fit together.
    #[error("the treated columns do not fit together")]
    Assembly(#[from] ArrowError),
}

impl Classified for LockError {
    fn class(&self) -> Class {
        match self {
            Self::NoPostcodes(_) => Class::Data,
            Self::Plan { .. } | Self::Shapeless | Self::Assembly(_) => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        matches!(self, Self::NoPostcodes(_)).then(|| "deliver cbs-postcodes first".into())
    }
}

/// A batch that passed the lock. Only the lock makes one, and the warehouse takes nothing else.
#[derive(Clone)]
pub struct Treated(RecordBatch);

impl Treated {
    /// The batch, columns under their names after the lock.
    #[must_use]
    pub fn batch(&self) -> &RecordBatch {
        &self.0
    }

    /// Gives up the wrapper, to map the batch.
    #[must_use]
    pub fn into_batch(self) -> RecordBatch {
        self.0
    }
}

/// A refused row: its number in the chunk (from 0), the column's place in the contract, the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Row in the chunk, from 0.
    pub row: u32,
    /// Column in the contract; `None` for rules about the whole row.
    pub column: Option<u16>,
    /// The rule.
    pub rule: Rule,
}

/// What one chunk became.
pub struct TreatedChunk {
    /// Rows that passed.
    pub treated: Treated,
    /// Rows read.
    pub rows_in: usize,
    /// Rows refused, by row.
    pub refusals: Vec<Refusal>,
    /// Rows of persons who were erased, by their number in the chunk. They pass no further, and nothing
    /// but how many there were may be written down.
    pub erased: Vec<u32>,
    /// A fault that costs the delivery; its row counts from 0 within the chunk.
    pub fault: Option<DeliveryFault>,
    /// Whether the last row has the wrong number of fields, which at the end of a file means that the
    /// file was cut off.
    pub last_row_malformed: bool,
    /// What it shows of things that the source may not send; `None` where nothing is watched for.
    pub shown: Option<Shown>,
}

/// The lock of one source.
pub struct Lock {
    columns: Vec<ColumnPlan>,
    schema: SchemaRef,
    encoding: Encoding,
    max_row_bytes: usize,
    key: Vec<usize>,
    watch: Option<Watch>,
    erased: Option<Watched>,
    /// What wraps pseudonyms once it is known whether their persons were erased, and in which columns of
    /// the schema they are.
    wrap: Wrap,
    pseudonyms: Vec<usize>,
}

impl Lock {
    /// Builds the lock of a source: keys derived, lists encoded, the postcode table at hand.
    ///
    /// # Errors
    /// The plan needs postcodes and there are none; anything else is a fault of the cross-check.
    pub fn new(
        plan: &SourcePlan,
        root: &RootKey,
        postcodes: Option<&Arc<PostcodeTable>>,
    ) -> Result<Self, LockError> {
        let encoding = plan.pipeline.format.encoding();
        let mut build = Build {
            plan,
            root,
            postcodes,
            encoding,
            domains: BTreeMap::new(),
        };
        let columns = plan
            .contract
            .columns
            .iter()
            .map(|c| build.column(c))
            .collect::<Result<Vec<_>, _>>()?;
        let schema = output_schema(&plan.contract);
        let key = match plan.pipeline.mode {
            Mode::Full => plan.contract.key.as_slice(),
            Mode::Incremental => &[],
        };
        let key = key.iter().filter_map(|k| schema.index_of(k).ok()).collect();
        Ok(Self {
            columns,
            encoding,
            max_row_bytes: plan.pipeline.format.max_row_bytes(),
            key,
            watch: Watch::new(plan),
            erased: None,
            wrap: Wrap::new(&root.wraps()),
            pseudonyms: pseudonyms_of(&plan.contract, &schema),
            schema,
        })
    }

    /// The same lock, which lets no row pass of a person who was erased.
    #[must_use]
    pub fn without(mut self, plan: &SourcePlan, erased: &Arc<Erased>) -> Self {
        self.erased = Watched::new(&plan.contract, &self.schema, erased);
        self
    }

    /// The schema of treated batches.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The watch over what the source may not send; `None` where there is nothing to watch for.
    #[must_use]
    pub fn watch(&self) -> Option<&Watch> {
        self.watch.as_ref()
    }

    /// Puts a chunk through the lock.
    ///
    /// # Errors
    /// [`LockError::Assembly`], which would be a fault of ours.
    pub fn treat(&self, chunk: &RawChunk, layout: &Layout) -> Result<TreatedChunk, LockError> {
        let mut verdicts = Verdicts::new(chunk.rows());
        for &row in chunk.malformed() {
            let rule = if chunk.delimited() {
                Rule::AantalVelden
            } else {
                Rule::Opbouw
            };
            verdicts.refuse(row as usize, WHOLE_ROW, rule);
        }
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for (at, column) in self.columns.iter().enumerate() {
            arrays.extend(column.run(chunk, &layout.places, at, &mut verdicts));
        }
        verdicts.refusals.sort_unstable_by_key(|r| r.0);
        let last_row_malformed = chunk
            .malformed()
            .last()
            .is_some_and(|&r| r as usize + 1 == chunk.rows());
        let erased = match &self.erased {
            Some(watched) => watched.rows(&arrays, &verdicts.refused),
            None => Vec::new(),
        };
        self.wrap(&mut arrays)?;
        let (shown, unlawful) = match &self.watch {
            Some(watch) => {
                let (shown, fault) = watch.look(chunk, layout);
                (Some(shown), fault)
            }
            None => (None, None),
        };
        Ok(TreatedChunk {
            treated: self.assemble(arrays, &verdicts, &erased)?,
            rows_in: chunk.rows(),
            refusals: verdicts
                .refusals
                .iter()
                .map(|&(row, column, rule)| Refusal {
                    row,
                    column: (column != WHOLE_ROW).then_some(column),
                    rule,
                })
                .collect(),
            erased,
            fault: self.fault(chunk).or(unlawful),
            last_row_malformed,
            shown,
        })
    }

    /// Puts the layers of a rotated key around the pseudonyms.
    fn wrap(&self, arrays: &mut [ArrayRef]) -> Result<(), ArrowError> {
        if self.wrap.is_none() {
            return Ok(());
        }
        for &at in &self.pseudonyms {
            let inner = arrays
                .get(at)
                .and_then(|array| array.as_fixed_size_binary_opt());
            let wrapped = inner.map(|inner| self.wrap.array(inner)).transpose()?;
            let (Some(array), Some(wrapped)) = (arrays.get_mut(at), wrapped) else {
                return Err(ArrowError::SchemaError("a pseudonym is none".into()));
            };
            *array = Arc::new(wrapped);
        }
        Ok(())
    }

    fn assemble(
        &self,
        arrays: Vec<ArrayRef>,
        verdicts: &Verdicts,
        erased: &[u32],
    ) -> Result<Treated, ArrowError> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
        if verdicts.refusals.is_empty() && erased.is_empty() {
            return Ok(Treated(batch));
        }
        let mut kept: Vec<bool> = verdicts.refused.iter().map(|refused| !refused).collect();
        for &row in erased {
            if let Some(kept) = kept.get_mut(row as usize) {
                *kept = false;
            }
        }
        let kept = BooleanArray::from(kept);
        filter_record_batch(&batch, &kept).map(Treated)
    }

    /// Faults of the delivery as a whole that show in this chunk.
    fn fault(&self, chunk: &RawChunk) -> Option<DeliveryFault> {
        let row = |offset| chunk.row_at(offset) as u64;
        if let Some(at) = memchr::memchr(0, chunk.bytes()) {
            return Some(DeliveryFault::NulByte(row(at)));
        }
        if let Some(at) = csv::wrong_encoding(chunk.bytes(), self.encoding) {
            return Some(DeliveryFault::Encoding {
                row: row(at),
                declared: csv::encoding_name(self.encoding),
            });
        }
        chunk.too_long().map(|row| DeliveryFault::RowTooLong {
            row: u64::from(row),
            max: self.max_row_bytes,
        })
    }

    /// A watch over the keys of a full delivery; `None` where the contract has no key or deliveries are
    /// incremental (there the latest row of a key wins).
    #[must_use]
    pub fn key_watch(&self) -> Option<KeyWatch> {
        (!self.key.is_empty()).then(|| KeyWatch {
            columns: self.key.clone(),
            seen: HashSet::new(),
        })
    }
}

/// The schema of the treated rows of a source: what its mappings see as `levering`. Needs no key.
#[must_use]
pub fn output_schema(contract: &SourceContract) -> SchemaRef {
    let field = |column: &Column| Some(Field::new(column.output()?, data_type(column)?, true));
    Arc::new(Schema::new(
        contract
            .columns
            .iter()
            .filter_map(field)
            .collect::<Vec<_>>(),
    ))
}

/// Where the pseudonyms are in the treated rows of a source.
fn pseudonyms_of(contract: &SourceContract, schema: &Schema) -> Vec<usize> {
    let made = |column: &Column| match &column.treatment {
        Treatment::Pseudonymise { output, .. } => schema.index_of(output).ok(),
        _ => None,
    };
    contract.columns.iter().filter_map(made).collect()
}

/// Remembers the keys of a delivery, to refuse a row that has the key of an earlier one. Sixteen bytes
/// a row: the only thing in the lock that grows with the delivery, and only where a key is declared.
pub struct KeyWatch {
    columns: Vec<usize>,
    seen: HashSet<[u8; 16]>,
}

impl KeyWatch {
    /// Takes the rows out whose key was seen before and returns their places in the batch.
    ///
    /// # Errors
    /// A key column that cannot be compared, which would be a fault of ours.
    pub fn admit(&mut self, treated: Treated) -> Result<(Treated, Vec<usize>), LockError> {
        let digests = crate::digest::rows(treated.batch(), &self.columns)?;
        let keep: Vec<bool> = digests.into_iter().map(|d| self.seen.insert(d)).collect();
        let doubled: Vec<usize> = keep
            .iter()
            .enumerate()
            .filter(|(_, k)| !**k)
            .map(|(i, _)| i)
            .collect();
        if doubled.is_empty() {
            return Ok((treated, doubled));
        }
        Ok((
            Treated(filter_record_batch(
                treated.batch(),
                &BooleanArray::from(keep),
            )?),
            doubled,
        ))
    }
}

/// The postcode table from the batches of the warehouse table `postcode`.
#[must_use]
pub fn postcode_table(batches: &[RecordBatch]) -> PostcodeTable {
    let column = |batch: &RecordBatch, name: &str| -> Vec<Option<String>> {
        let Some(array) = batch.column_by_name(name) else {
            return Vec::new();
        };
        let text = arrow::compute::cast(array, &arrow::datatypes::DataType::Utf8);
        text.map(|t| {
            t.as_string::<i32>()
                .iter()
                .map(|v| v.map(str::to_owned))
                .collect()
        })
        .unwrap_or_default()
    };
    let rows: Vec<(String, String)> = batches
        .iter()
        .flat_map(|b| column(b, "postcode").into_iter().zip(column(b, "wijk")))
        .filter_map(|(p, w)| p.zip(w))
        .collect();
    PostcodeTable::new(rows.iter().map(|(p, w)| (p.as_str(), w.as_str())))
}

/// The lock while it is built.
struct Build<'a> {
    plan: &'a SourcePlan,
    root: &'a RootKey,
    postcodes: Option<&'a Arc<PostcodeTable>>,
    encoding: Encoding,
    domains: BTreeMap<String, Arc<Pseudonymiser>>,
}

impl Build<'_> {
    fn column(&mut self, column: &Column) -> Result<ColumnPlan, LockError> {
        let spelled = |list: &[String]| -> Vec<Box<[u8]>> {
            list.iter()
                .filter_map(|text| choice::encode(text, self.encoding))
                .collect()
        };
        let empty = spelled(&column.empty);
        let step = match &column.treatment {
            Treatment::Drop => Step::Drop {
                max_bytes: if let Kind::Text { max_bytes } = column.kind {
                    max_bytes
                } else {
                    usize::MAX
                },
            },
            Treatment::Keep => self.kept(column)?,
            Treatment::Pseudonymise { domain, .. } => Step::Pseudonym {
                identifier: match column.kind {
                    Kind::Bsn => Identifier::Bsn,
                    Kind::Identifier { max_bytes } => Identifier::Number { max_bytes },
                    _ => return Err(self.error(column, "only identifiers can be pseudonymised")),
                },
                maker: self.pseudonymiser(domain),
            },
            Treatment::AgeBand {
                at,
                borders,
                labels,
                known,
                ..
            } => Step::AgeBand {
                known: self.known(known.as_deref(), column)?,
                born: self.date_format(column)?,
                at: self.at_date(column, at)?,
                borders: borders.clone(),
                labels: Arc::new(StringArray::from(labels.clone())),
            },
            Treatment::Wijk { .. } => {
                let table = self
                    .postcodes
                    .ok_or_else(|| LockError::NoPostcodes(self.plan.contract.id.clone()))?;
                Step::Wijk(Arc::clone(table))
            }
            Treatment::Pc4 { .. } => Step::Pc4(pc4_values()),
        };
        Ok(ColumnPlan {
            required: column.required,
            empty,
            step,
        })
    }

    fn kept(&self, column: &Column) -> Result<Step, LockError> {
        let table = |choices: &[_]| {
            ChoiceTable::new(choices, self.encoding).ok_or_else(|| {
                self.error(
                    column,
                    "a spelling does not exist in the encoding of the pipeline",
                )
            })
        };
        let spelled = |list: &[String]| {
            list.iter()
                .filter_map(|t| choice::encode(t, self.encoding))
                .collect()
        };
        Ok(match &column.kind {
            Kind::Choice(choices) => Step::Choice(table(choices)?),
            Kind::Choices { choices, separator } => Step::Choices {
                table: table(choices)?,
                separator: u8::try_from(*separator)
                    .map_err(|_| self.error(column, "the separator is not ASCII"))?,
            },
            Kind::Date(format) => Step::Date(*format),
            Kind::Integer { min, max } => Step::Integer {
                min: *min,
                max: *max,
            },
            Kind::Decimal {
                notation,
                decimals,
                min,
                max,
            } => Step::Decimal {
                notation: *notation,
                decimals: *decimals,
                min: *min,
                max: *max,
            },
            Kind::Moment => Step::Moment,
            Kind::Boolean { yes, no } => Step::Boolean {
                yes: spelled(yes),
                no: spelled(no),
            },
            Kind::PostcodeReference => Step::PostcodeReference,
            Kind::CbsRegion => Step::Region,
            Kind::Text { .. } | Kind::Bsn | Kind::Identifier { .. } | Kind::Postcode => {
                return Err(self.error(column, "values of this type may not be kept"));
            }
        })
    }

    fn pseudonymiser(&mut self, domain: &str) -> Arc<Pseudonymiser> {
        let made = self.domains.entry(domain.to_owned());
        // The innermost layer only: the lock wraps when it knows who was erased.
        let new = || Arc::new(Pseudonymiser::new(&self.root.inner_domain(domain)));
        Arc::clone(made.or_insert_with(new))
    }

    /// The place of the column that says how much of a birth date is known.
    fn known(&self, known: Option<&str>, column: &Column) -> Result<Option<usize>, LockError> {
        let Some(known) = known else { return Ok(None) };
        let columns = &self.plan.contract.columns;
        let found = columns.iter().position(|c| c.name == known);
        found
            .map(Some)
            .ok_or_else(|| self.error(column, "`known` names no column"))
    }

    fn date_format(&self, column: &Column) -> Result<DateFormat, LockError> {
        match column.kind {
            Kind::Date(format) => Ok(format),
            _ => Err(self.error(column, "an age needs dates")),
        }
    }

    fn at_date(&self, column: &Column, at: &str) -> Result<AtDate, LockError> {
        let columns = &self.plan.contract.columns;
        let found = columns
            .iter()
            .position(|c| c.name == at)
            .ok_or_else(|| self.error(column, "the date of the age is not a column"))?;
        let empty = columns[found]
            .empty
            .iter()
            .filter_map(|t| choice::encode(t, self.encoding))
            .collect();
        Ok(AtDate {
            column: found,
            format: self.date_format(&columns[found])?,
            empty,
        })
    }

    fn error(&self, column: &Column, what: &'static str) -> LockError {
        LockError::Plan {
            source_id: self.plan.contract.id.clone(),
            column: column.name.clone(),
            what,
        }
    }
}
