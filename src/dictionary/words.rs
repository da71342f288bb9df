//! Types, roles and treatments in the words of the contracts.

use crate::contract::model::{Column, Kind, Publication, Role, TableKind, Treatment};

/// The type of a column of a delivery.
pub(super) const fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Choice(_) => "keuze",
        Kind::Choices { .. } => "keuzes",
        Kind::Text { .. } => "tekst",
        Kind::Date(_) => "datum",
        Kind::Integer { .. } => "geheel",
        Kind::Decimal { .. } => "decimaal",
        Kind::Moment => "tijdstip",
        Kind::Boolean { .. } => "ja-nee",
        Kind::Bsn => "bsn",
        Kind::Identifier { .. } => "nummer",
        Kind::Postcode => "postcode",
        Kind::PostcodeReference => "postcode-referentie",
        Kind::CbsRegion => "cbs-regio",
    }
}

/// The type of a column of a table.
pub(super) const fn table_kind(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Pseudonym => "pseudoniem",
        TableKind::Text => "tekst",
        TableKind::Date => "datum",
        TableKind::Integer => "geheel",
        TableKind::Boolean => "ja-nee",
    }
}

/// What a column is to the rules of publication.
pub(super) const fn role(role: &Role) -> &'static str {
    match role {
        Role::Group => "groep",
        Role::Sum { .. } => "optelling",
        Role::Label => "rij",
        Role::Cell { .. } => "cel",
        Role::Follows { .. } => "volgt",
        Role::Attribute => "kenmerk",
        Role::Order => "volgorde",
        Role::From => "van",
        Role::To => "tot",
        Role::Helper => "hulp",
    }
}

/// With what a column is treated; `None` where the treatment says it all.
pub(super) fn detail(column: &Column) -> Option<String> {
    match &column.treatment {
        Treatment::Keep => match column.kind {
            Kind::Moment => Some("alleen de dag".to_owned()),
            _ => None,
        },
        Treatment::Drop => None,
        Treatment::Pseudonymise { domain, .. } => Some(format!("domein {domain}")),
        Treatment::AgeBand { at, labels, .. } => {
            Some(format!("op de dag van {at}: {}", labels.join(", ")))
        }
        Treatment::Wijk { .. } => Some("via de tabel postcode".to_owned()),
        Treatment::Pc4 { .. } => Some("alleen de vier cijfers".to_owned()),
    }
}

/// What the register lets a view publish.
pub(super) fn publication(publication: &Publication) -> String {
    match publication {
        Publication::Exempt { reason, .. } => {
            format!("De publicatieregels gelden niet. {reason}")
        }
        Publication::Judged(rules) => {
            let rounding = rules
                .rounding
                .map(|to| format!(" Getallen zijn afgerond op veelvouden van {to}."))
                .unwrap_or_default();
            format!(
                "Een getal over minder dan {} cliënten wordt verborgen, en zo nodig een ander getal erbij \
                 zodat niemand het kan uitrekenen. Een bedrag wordt verborgen als één bijdrage er meer dan \
                 {} % van is.{rounding}",
                rules.smallest_cell, rules.dominance_percent
            )
        }
    }
}

/// The subject of a view.
pub(super) const fn subject(publication: &Publication) -> &'static str {
    match publication {
        Publication::Exempt { subject, .. } => subject.name(),
        Publication::Judged(_) => "personen",
    }
}
