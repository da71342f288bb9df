//! A canary as a row of a source, straight from the contract: every cell is a value that the column
//! takes, and wherever the column has room for it, one that points at the person. What is dropped or made
//! coarser by the lock gets the most: a name, an address, a BSN in the middle of a sentence.

use chrono::NaiveDate;

use crate::canary::Person;
use crate::contract::model::{Choice, Column, Encoding, Kind, Notation, SourcePlan, Treatment};
use crate::lock::choice;
use crate::source::raw::{RawBuilder, RawChunk};

/// The row of a canary. Where lists offer a choice, the number decides.
pub fn row(plan: &SourcePlan, person: &Person, number: i64) -> RawChunk {
    let columns = &plan.contract.columns;
    let encoding = plan.pipeline.format.encoding();
    let cells: Vec<Vec<u8>> = columns
        .iter()
        .map(|column| encoded(&text(plan, column, person, number), encoding))
        .collect();
    let mut builder = RawBuilder::new(columns.len(), plan.pipeline.format.max_row_bytes());
    builder.row(cells.iter().map(Vec::as_slice));
    builder.take()
}

/// In the encoding of the source; what it cannot hold is left empty, and the lock says so.
fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    choice::encode(text, encoding).map_or_else(Vec::new, Vec::from)
}

fn text(plan: &SourcePlan, column: &Column, person: &Person, number: i64) -> String {
    let pick = usize::try_from(number).unwrap_or_default();
    match &column.kind {
        // How much of a birth date is known: all of it.
        _ if tells_how_much_is_known(plan, column) && !column.required => String::new(),
        Kind::Bsn => person.bsn.clone(),
        Kind::Identifier { max_bytes } => person.number_within(*max_bytes).to_owned(),
        Kind::Text { max_bytes } => free_text(plan, column, person, *max_bytes),
        Kind::Postcode | Kind::PostcodeReference => spaced(&person.postcode),
        Kind::Date(format) if is_birth(column) => format.write(person.born),
        Kind::Date(format) => format.write(event()),
        Kind::Moment => event().format("%Y-%m-%dT10:00:00").to_string(),
        Kind::Choice(choices) | Kind::Choices { choices, .. } => spelling(choices, pick),
        Kind::Integer { min, max } => 1.clamp(*min, (*max).max(*min)).to_string(),
        Kind::Decimal {
            notation,
            decimals,
            min,
            max,
        } => decimal(100.clamp(*min, (*max).max(*min)), *decimals, *notation),
        Kind::Boolean { yes, no } => {
            let list = if pick.is_multiple_of(2) { yes } else { no };
            list.first().cloned().unwrap_or_default()
        }
        Kind::CbsRegion => "GM0606".to_owned(),
    }
}

/// Any day would do; it is in the canaries' rows only.
fn event() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 6, 3).unwrap_or_default()
}

fn tells_how_much_is_known(plan: &SourcePlan, column: &Column) -> bool {
    let of = |other: &Column| matches!(&other.treatment, Treatment::AgeBand { known, .. } if known.as_ref() == Some(&column.name));
    plan.contract.columns.iter().any(of)
}

fn is_birth(column: &Column) -> bool {
    matches!(column.treatment, Treatment::AgeBand { .. }) || column.name.contains("geboorte")
}

fn spelling(choices: &[Choice], pick: usize) -> String {
    let choice = choices.get(pick % choices.len().max(1));
    let spelled = choice.and_then(|c| c.spellings.first().or(Some(&c.value)));
    spelled.cloned().unwrap_or_default()
}

/// A number of the smallest unit as a source writes it.
fn decimal(number: i64, decimals: u8, notation: Notation) -> String {
    if decimals == 0 {
        return number.to_string();
    }
    let width = usize::from(decimals) + 1;
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", number.unsigned_abs());
    let (whole, rest) = digits.split_at(digits.len() - usize::from(decimals));
    let point = match notation {
        Notation::Comma => ',',
        Notation::Point => '.',
    };
    format!("{sign}{whole}{point}{rest}")
}

fn spaced(postcode: &str) -> String {
    match postcode.split_at_checked(4) {
        Some((digits, letters)) => format!("{digits} {letters}"),
        None => postcode.to_owned(),
    }
}

/// What somebody would fill in by the name of the column; in a column for remarks everything at once, the
/// BSN too where the partner may send one.
fn free_text(plan: &SourcePlan, column: &Column, person: &Person, max_bytes: usize) -> String {
    let address = format!("{} {}", person.street, person.house);
    let named = |words: &[&str]| words.iter().any(|word| column.name.contains(word));
    let one = match () {
        () if named(&["voornaam", "voornamen", "roepnaam"]) => Some(person.first.clone()),
        () if named(&["achternaam", "geslachtsnaam"]) => Some(person.last.clone()),
        () if named(&["naam"]) => Some(person.name()),
        () if named(&["mail"]) => Some(person.email.clone()),
        () if named(&["telefoon", "mobiel"]) => Some(person.telephone.clone()),
        () if named(&["iban", "rekening"]) => Some(person.iban.clone()),
        () if named(&["huisnummer"]) => Some(person.house.clone()),
        () if named(&["straat"]) => Some(person.street.clone()),
        () if named(&["adres"]) => Some(address.clone()),
        () => None,
    };
    if let Some(one) = one.filter(|one| one.len() <= max_bytes) {
        return one;
    }
    let mut said = vec![
        person.name(),
        format!("geb. {}", person.born.format("%d-%m-%Y")),
        person.email.clone(),
        person.telephone.clone(),
        format!("{address}, {} Schiedam", spaced(&person.postcode)),
        person.iban.clone(),
        format!("nummer {}", person.number),
    ];
    if plan.lawfulness.bsn_allowed {
        said.insert(1, format!("BSN {}", person.bsn));
    }
    let mut text = String::new();
    for piece in said {
        let mark = if text.is_empty() { "" } else { "; " };
        if text.len() + mark.len() + piece.len() <= max_bytes {
            text.push_str(mark);
            text.push_str(&piece);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_contract_reads_them() {
        for (number, decimals, notation, written) in [
            (100, 2, Notation::Comma, "1,00"),
            (5, 2, Notation::Point, "0.05"),
            (-250, 1, Notation::Comma, "-25,0"),
            (7, 0, Notation::Comma, "7"),
        ] {
            assert_eq!(decimal(number, decimals, notation), written);
            let read = crate::lock::decimal::parse(written.as_bytes(), notation, decimals);
            assert_eq!(read, Some(number), "{written}");
        }
    }
}
