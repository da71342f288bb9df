//! The canaries of a run: invented persons through the check and the lock of every source about persons,
//! as the rows of a delivery go, and then into a folder of their own, which no table knows.
//!
//! It is done anew every night, from nothing: the lock of tonight decides what is in the files. They are
//! the same byte for byte as long as canaries, contracts, key and postcodes are, so a night without news
//! publishes nothing.

mod rows;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema};

use super::intake::{self, Intake, IntakeError, Tally, column_name};
use super::job::{Run, RunError, reason};
use crate::canary::Canaries;
use crate::contract::model::{SourcePlan, Subject};
use crate::error::{Class, Classified};
use crate::lock::treated::Treated;
use crate::warehouse::journal::{CanaryFault, CanaryRecord};
use crate::warehouse::manifest::{CANARIES, CANARY, FileEntry};
use crate::warehouse::parquet::{PartitionedWriter, WriterError, WrittenFile};
use crate::warehouse::rows::spec_of;

/// Bytes of rows that may wait; there are a few rows.
const BUDGET: usize = 1 << 20;

/// Whether rows of a source are persons: others carry no canaries.
fn carries(plan: &SourcePlan) -> bool {
    plan.lawfulness.subject == Subject::Persons
}

impl Run<'_> {
    /// Puts the canaries through every source about persons that the release stands on; without
    /// canaries, takes out what there is of them.
    pub(super) fn canaries(
        &mut self,
        canaries: Option<&Canaries>,
    ) -> Result<Option<CanaryRecord>, RunError> {
        self.next.carry(canaries.map(Canaries::fingerprint));
        let Some(canaries) = canaries else {
            self.next
                .replace("", "", FileEntry::is_canary, Vec::new())?;
            return Ok(None);
        };
        let mut report = CanaryRecord {
            persons: canaries.persons().len(),
            ..CanaryRecord::default()
        };
        let contracts = self.job.contracts;
        for plan in &contracts.sources {
            let source = plan.contract.id.as_str();
            let stands = self.next.deliveries().any(|d| d.source == source);
            let written = if carries(plan) && stands {
                report.sources += 1;
                self.of_source(plan, canaries, &mut report)?
            } else {
                None
            };
            self.put(source, written)?;
        }
        Ok(Some(report))
    }

    /// The file of a source; a fault is in the report.
    fn of_source(
        &mut self,
        plan: &SourcePlan,
        canaries: &Canaries,
        report: &mut CanaryRecord,
    ) -> Result<Option<WrittenFile>, RunError> {
        let source = plan.contract.id.as_str();
        let fault = |column: String, rule: &str, canaries| CanaryFault {
            source: source.to_owned(),
            column,
            rule: rule.to_owned(),
            canaries,
        };
        let mut tally = Tally::default();
        let made = self.through(plan, canaries, &mut tally);
        let refused = tally
            .counts
            .iter()
            .map(|((column, rule), rows)| fault(column_name(plan, *column), rule.name(), *rows));
        report.faults.extend(refused);
        if tally.erased > 0 {
            report
                .faults
                .push(fault(String::new(), "gewist", tally.erased));
        }
        match made {
            Ok(written) => Ok(written),
            Err(error) if matches!(error.class(), Class::Data | Class::User) => {
                let all = canaries.persons().len() as u64;
                report
                    .faults
                    .push(fault(String::new(), reason(&error).0, all));
                Ok(None)
            }
            Err(error) => Err(RunError::Intake {
                source_id: source.to_owned(),
                error: Box::new(error),
            }),
        }
    }

    fn through(
        &mut self,
        plan: &SourcePlan,
        canaries: &Canaries,
        tally: &mut Tally,
    ) -> Result<Option<WrittenFile>, IntakeError> {
        let lock = self.lock(plan)?;
        let intake = Intake {
            plan,
            lock: &lock,
            piece_bytes: self.job.piece_bytes,
            progress: &|_| {},
        };
        let numbered = canaries.numbered();
        let raw = numbered.map(|(number, person)| rows::row(plan, person, number));
        let treated = intake::treat_alone(&intake, raw.collect(), tally)?;
        let scratch = self
            .next
            .scratch(&format!("{CANARIES}-{}", plan.contract.id));
        let scratch = scratch.map_err(|e| WriterError::Io(std::io::Error::other(e.to_string())))?;
        let batch = numbered_rows(&treated)?;
        if batch.num_rows() == 0 {
            return Ok(None);
        }
        let mut writer = PartitionedWriter::new(&spec_of(&batch.schema()), &scratch, BUDGET)?;
        writer.push(&batch)?;
        Ok(writer.finish()?.into_iter().next())
    }

    /// Puts the file of a source in the place of last night's, unless it is the same.
    fn put(&mut self, source: &str, written: Option<WrittenFile>) -> Result<(), RunError> {
        let mine = |f: &FileEntry| f.is_canary() && f.source == source;
        let new = written.as_ref().map(|file| file.sha256.as_str());
        let mut old = self.next.files().filter(|f| mine(f));
        let same = match (old.next(), new) {
            (None, None) => true,
            (Some(old), Some(new)) => old.sha256 == new,
            _ => false,
        } && old.next().is_none();
        drop(old);
        if !same {
            let files = vec![(CANARIES.to_owned(), written.into_iter().collect())];
            self.next.replace(source, "", mine, files)?;
        }
        Ok(())
    }
}

/// The rows that came through, each with the number of its canary in front.
fn numbered_rows(treated: &[Treated]) -> Result<RecordBatch, IntakeError> {
    let Some(first) = treated.first() else {
        return Ok(RecordBatch::new_empty(Arc::new(Schema::empty())));
    };
    let through = |t: &&Treated| t.batch().num_rows() == 1;
    let numbers: Int64Array = (1..)
        .zip(treated)
        .filter(|(_, t)| through(t))
        .map(|(number, _)| number)
        .collect();
    let all = concat_batches(&first.batch().schema(), treated.iter().map(Treated::batch))?;
    let mut fields = vec![Field::new(CANARY, DataType::Int64, false)];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(numbers)];
    for (field, column) in all.schema().fields().iter().zip(all.columns()) {
        let column = flat(column);
        fields.push(Field::new(field.name(), column.data_type().clone(), true));
        columns.push(column);
    }
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns,
    )?)
}

/// Several values in one cell become one text; a file has no lists.
fn flat(column: &ArrayRef) -> ArrayRef {
    let Some(lists) = column.as_list_opt::<i32>() else {
        return Arc::clone(column);
    };
    let joined = lists.iter().map(|list| {
        let list = list?;
        let texts = list.as_string_opt::<i32>()?;
        Some(texts.iter().flatten().collect::<Vec<_>>().join(", "))
    });
    Arc::new(joined.collect::<StringArray>())
}
