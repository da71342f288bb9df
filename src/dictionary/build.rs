//! Makes the dictionary of contracts and plans.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::logical_expr::LogicalPlan;

use super::lineage::Way;
use super::origins::{House, Plans, SourceColumn, Sources, TableColumn};
use super::{
    ClassNote, Dictionary, DictionaryError, DomainNote, HistoryColumnNote, HistoryNote, OriginNote,
    PlaceNote, RegisterNote, Selection, SourceColumnNote, SourceNote, SourcePlaceNote,
    TableColumnNote, TableNote, ViewColumnNote, ViewNote, words,
};
use crate::contract::model::{
    Column, Contracts, Register, SourceContract, SourcePlan, TableSpec, Treatment, ViewSpec,
};
use crate::monitor::Relation;

/// The column that the rules of publication add to a view.
const REASON: &str = "onderdrukt";
/// The schema of the views.
const MONITOR: &str = "monitor";
/// The schema of the run history.
const HISTORY: &str = "beheer";

impl Dictionary {
    /// The dictionary of these contracts. `plans` are those of their views, `relations` what analysts
    /// can ask.
    ///
    /// # Errors
    /// When a mapping does not fit, or a query cannot be followed.
    pub fn new(
        contracts: &Contracts,
        plans: &Plans,
        relations: &[Relation],
    ) -> Result<Self, DictionaryError> {
        let maker = Maker {
            contracts,
            house: House::trace(contracts, plans)?,
        };
        let mut tables = Vec::new();
        for spec in contracts.tables.values() {
            tables.push(maker.table(spec)?);
        }
        let mut views = Vec::new();
        for spec in contracts.views.values() {
            let mut view = maker.view(spec, plans.get(&spec.name))?;
            let mut published = relations.iter();
            let published = published.find(|r| r.schema == MONITOR && r.name == spec.name);
            view.columns.extend(published.and_then(reason));
            views.push(view);
        }
        let mut sources: Vec<_> = contracts.sources.iter().map(source).collect();
        sources.sort_by(|a, b| a.id.cmp(&b.id));
        let mut dictionary = Self {
            program: env!("CARGO_PKG_VERSION"),
            register: register(&contracts.register),
            classes: classes(&contracts.register),
            domains: domains(&contracts.register),
            sources,
            tables,
            views,
            history: history(relations),
        };
        dictionary.look_back();
        for table in &mut dictionary.tables {
            let origins = table.columns.iter_mut().map(|c| &mut c.origin);
            table.selection = shared(&mut origins.collect::<Vec<_>>());
        }
        for view in &mut dictionary.views {
            let origins = view.columns.iter_mut().map(|c| &mut c.origin);
            view.selection = shared(&mut origins.collect::<Vec<_>>());
        }
        Ok(dictionary)
    }

    /// Says of every column where it ends up: the other side of where columns come from.
    fn look_back(&mut self) {
        let mut ends: BTreeMap<(&str, &str), Ends> = BTreeMap::new();
        for table in &self.tables {
            for column in &table.columns {
                for source in &column.origin.sources {
                    let end = ends.entry((&source.source, &source.column)).or_default();
                    end.tables
                        .push(place(&table.name, &column.name, source.way));
                }
            }
        }
        let mut of_tables: BTreeMap<(&str, &str), Vec<PlaceNote>> = BTreeMap::new();
        for view in &self.views {
            for column in view.columns.iter().filter(|c| c.shown) {
                for source in &column.origin.sources {
                    let end = ends.entry((&source.source, &source.column)).or_default();
                    end.views.push(place(&view.name, &column.name, source.way));
                }
                for table in &column.origin.tables {
                    let end = of_tables.entry((&table.of, &table.column)).or_default();
                    end.push(place(&view.name, &column.name, table.way));
                }
            }
        }
        let tables = self.tables.iter().flat_map(|t| {
            let selected = t.columns.iter().flat_map(|c| &c.origin.selection.sources);
            selected.map(|by| (by.as_str(), format!("magazijn.{}", t.name)))
        });
        let views = self.views.iter().flat_map(|v| {
            let selected = v.columns.iter().flat_map(|c| &c.origin.selection.sources);
            selected.map(|by| (by.as_str(), format!("monitor.{}", v.name)))
        });
        for (by, place) in tables.chain(views) {
            if let Some((source, column)) = by.split_once('.') {
                let end = ends.entry((source, column)).or_default();
                end.selects_in.insert(place);
            }
        }
        let ends: BTreeMap<(String, String), Ends> = owned(ends);
        let of_tables: BTreeMap<(String, String), Vec<PlaceNote>> = owned(of_tables);
        for source in &mut self.sources {
            for column in &mut source.columns {
                let key = (source.id.clone(), column.name.clone());
                if let Some(end) = ends.get(&key) {
                    column.tables.clone_from(&end.tables);
                    column.views.clone_from(&end.views);
                    column.selects_in = end.selects_in.iter().cloned().collect();
                }
            }
        }
        for table in &mut self.tables {
            for column in &mut table.columns {
                let key = (table.name.clone(), column.name.clone());
                if let Some(views) = of_tables.get(&key) {
                    column.views.clone_from(views);
                }
            }
        }
    }
}

/// Where a column of a delivery ends up.
#[derive(Clone, Default)]
struct Ends {
    tables: Vec<PlaceNote>,
    views: Vec<PlaceNote>,
    selects_in: BTreeSet<String>,
}

fn owned<T>(by_name: BTreeMap<(&str, &str), T>) -> BTreeMap<(String, String), T> {
    let entries = by_name.into_iter();
    entries
        .map(|((of, column), value)| ((of.to_owned(), column.to_owned()), value))
        .collect()
}

fn place(of: &str, column: &str, way: Way) -> PlaceNote {
    PlaceNote {
        of: of.to_owned(),
        column: column.to_owned(),
        way,
    }
}

struct Maker<'a> {
    contracts: &'a Contracts,
    house: House,
}

impl Maker<'_> {
    fn table(&self, spec: &TableSpec) -> Result<TableNote, DictionaryError> {
        let mut columns = Vec::new();
        for column in &spec.columns {
            let place = TableColumn {
                table: spec.name.clone(),
                column: column.name.clone(),
            };
            columns.push(TableColumnNote {
                name: column.name.clone(),
                kind: words::table_kind(column.kind),
                required: column.required,
                documentation: column.documentation.clone(),
                origin: self.origin(&self.house.of_table(&place)?)?,
                views: Vec::new(),
            });
        }
        Ok(TableNote {
            name: spec.name.clone(),
            title: spec.title.clone(),
            documentation: spec.documentation.trim().to_owned(),
            key: spec.key.clone(),
            partition: spec.partition.clone(),
            filled_by: self.house.fillers(&spec.name).into_iter().collect(),
            selection: Selection::default(),
            columns,
        })
    }

    fn view(
        &self,
        spec: &ViewSpec,
        plan: Option<&LogicalPlan>,
    ) -> Result<ViewNote, DictionaryError> {
        let mut columns = Vec::new();
        for column in &spec.columns {
            let schema = plan.map(LogicalPlan::schema);
            let field = schema.and_then(|s| s.fields().iter().find(|f| *f.name() == column.name));
            let origin = self.house.of_view(&spec.name, &column.name)?;
            columns.push(ViewColumnNote {
                name: column.name.clone(),
                kind: field.map_or_else(String::new, |f| crate::monitor::kind(f.data_type())),
                role: words::role(&column.role),
                shown: column.role.shown(),
                documentation: column.documentation.clone(),
                origin: self.origin(&origin)?,
            });
        }
        Ok(ViewNote {
            name: spec.name.clone(),
            title: spec.title.clone(),
            documentation: spec.documentation.clone(),
            subject: words::subject(&spec.publication),
            publication: words::publication(&spec.publication),
            selection: Selection::default(),
            columns,
        })
    }

    fn origin(&self, found: &Sources) -> Result<OriginNote, DictionaryError> {
        let mut sources = Vec::new();
        for (place, way) in &found.direct {
            let column = self.delivered(place)?;
            sources.push(SourcePlaceNote {
                source: place.source.clone(),
                column: place.column.clone(),
                class: column.class.clone(),
                treatment: column.treatment.name(),
                way: *way,
            });
        }
        let classes = &self.contracts.register.classes;
        let rank = |class: &String| classes.get(class).map_or(0, |c| c.rank);
        let strictest = sources.iter().map(|s| &s.class).min_by_key(|c| rank(c));
        let tables = found.tables.iter();
        let by_tables = found.selecting_tables.iter();
        let by_sources = found.selected_by.iter();
        Ok(OriginNote {
            class: strictest.cloned(),
            tables: tables
                .map(|(p, way)| place(&p.table, &p.column, *way))
                .collect(),
            counts: found.rows.iter().cloned().collect(),
            constants: found.constants.iter().cloned().collect(),
            selection: Selection {
                sources: by_sources
                    .map(|p| format!("{}.{}", p.source, p.column))
                    .collect(),
                tables: by_tables
                    .map(|p| format!("{}.{}", p.table, p.column))
                    .collect(),
            },
            sources,
        })
    }

    /// A column of a delivery, which must be in its contract.
    fn delivered(&self, place: &SourceColumn) -> Result<&Column, DictionaryError> {
        let mut sources = self.contracts.sources.iter();
        let source = sources.find(|s| s.contract.id == place.source);
        let mut columns = source.iter().flat_map(|s| &s.contract.columns);
        let column = columns.find(|c| c.name == place.column);
        column.ok_or_else(|| DictionaryError::Unknown {
            what: format!("{}.{}", place.source, place.column),
        })
    }
}

/// The column that the rules of publication add: why figures are not shown.
fn reason(relation: &Relation) -> Option<ViewColumnNote> {
    let mut columns = relation.columns.iter();
    let column = columns.find(|c| c.name == REASON)?;
    Some(ViewColumnNote {
        name: column.name.clone(),
        kind: column.kind.clone(),
        role: "reden",
        shown: true,
        documentation: column.documentation.clone(),
        origin: OriginNote {
            constants: ["NULL", "'kleine aantallen'", "'dominantie'"]
                .map(str::to_owned)
                .to_vec(),
            ..OriginNote::default()
        },
    })
}

fn source(plan: &SourcePlan) -> SourceNote {
    let (contract, law) = (&plan.contract, &plan.lawfulness);
    let column = |column: &Column| {
        let mut headers: Vec<String> = column.headers.iter().map(|h| h.text.clone()).collect();
        headers.dedup();
        SourceColumnNote {
            name: column.name.clone(),
            headers,
            kind: words::kind(&column.kind),
            required: column.required,
            class: column.class.clone(),
            treatment: column.treatment.name(),
            treatment_detail: words::detail(column),
            after_lock: column.output().map(str::to_owned),
            documentation: column.documentation.clone(),
            tables: Vec::new(),
            views: Vec::new(),
            selects_in: Vec::new(),
            helps: helped(column, contract),
        }
    };
    SourceNote {
        id: contract.id.clone(),
        title: contract.title.clone(),
        partner: contract.partner.clone(),
        documentation: contract.documentation.trim().to_owned(),
        purpose: law.purpose.clone(),
        legal_basis: law.legal_basis.clone(),
        subject: law.subject.name(),
        bsn_allowed: law.bsn_allowed,
        raw_retention_days: law.raw_retention_days,
        columns: contract.columns.iter().map(column).collect(),
    }
}

/// The columns whose treatment looks at a column.
fn helped(column: &Column, contract: &SourceContract) -> Vec<String> {
    let looks = |other: &&Column| match &other.treatment {
        Treatment::AgeBand { at, known, .. } => {
            *at == column.name || known.as_ref() == Some(&column.name)
        }
        _ => false,
    };
    let columns = contract.columns.iter().filter(looks);
    columns.map(|other| other.name.clone()).collect()
}

/// Takes what decided about every one of these columns out of them: it decided about the rows. A
/// column that is made of it counts too, and so does one that is the same in every row.
fn shared(origins: &mut [&mut OriginNote]) -> Selection {
    let sources = |origin: &OriginNote| -> (BTreeSet<String>, BTreeSet<String>) {
        let made_of = origin.sources.iter();
        let made_of = made_of.map(|s| format!("{}.{}", s.source, s.column));
        let selected = origin.selection.sources.iter().cloned();
        (made_of.collect(), selected.collect())
    };
    let tables = |origin: &OriginNote| -> (BTreeSet<String>, BTreeSet<String>) {
        let made_of = origin.tables.iter();
        let made_of = made_of.map(|t| format!("{}.{}", t.of, t.column));
        let selected = origin.selection.tables.iter().cloned();
        (made_of.collect(), selected.collect())
    };
    let found = Selection {
        sources: common(origins.iter().map(|origin| sources(origin))),
        tables: common(origins.iter().map(|origin| tables(origin))),
    };
    for origin in origins {
        let selection = &mut origin.selection;
        selection.sources.retain(|by| !found.sources.contains(by));
        selection.tables.retain(|by| !found.tables.contains(by));
    }
    found
}

/// What decides about one column at least, and decides about or is in every other one.
fn common(columns: impl Iterator<Item = (BTreeSet<String>, BTreeSet<String>)>) -> Vec<String> {
    let columns: Vec<_> = columns
        .filter(|(a, b)| !(a.is_empty() && b.is_empty()))
        .collect();
    let all: BTreeSet<&String> = columns.iter().flat_map(|(_, selected)| selected).collect();
    let everywhere = |by: &&String| {
        let mut columns = columns.iter();
        columns.all(|(made_of, selected)| made_of.contains(*by) || selected.contains(*by))
    };
    all.into_iter().filter(everywhere).cloned().collect()
}

fn register(register: &Register) -> RegisterNote {
    RegisterNote {
        version: register.version.clone(),
        adopted: register.adopted.clone(),
        controller: register.controller.clone(),
    }
}

fn classes(register: &Register) -> Vec<ClassNote> {
    let mut classes: Vec<_> = register.classes.iter().collect();
    classes.sort_by_key(|(_, class)| class.rank);
    let note = |(name, class): (&String, &crate::contract::model::RegisterClass)| ClassNote {
        name: name.clone(),
        description: class.description.clone(),
        treatments: class.treatments.clone(),
    };
    classes.into_iter().map(note).collect()
}

fn domains(register: &Register) -> Vec<DomainNote> {
    let domains = register.domains.iter();
    domains
        .map(|(name, description)| DomainNote {
            name: name.clone(),
            description: description.clone(),
        })
        .collect()
}

fn history(relations: &[Relation]) -> Vec<HistoryNote> {
    let relations = relations.iter().filter(|r| r.schema == HISTORY);
    relations
        .map(|relation| HistoryNote {
            name: relation.name.clone(),
            documentation: relation.documentation.clone(),
            columns: relation
                .columns
                .iter()
                .map(|column| HistoryColumnNote {
                    name: column.name.clone(),
                    kind: column.kind.clone(),
                    documentation: column.documentation.clone(),
                })
                .collect(),
        })
        .collect()
}
