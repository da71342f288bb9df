//! `korte-contacten`, a source of the program itself: any identifier in it refuses the delivery.

use crate::support::Place;

/// The workbook of the short contacts, with these rows of day, team, topic and number.
fn contacts(rows: &[[&str; 4]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Korte contacten").unwrap();
    let plain = rust_xlsxwriter::Format::new();
    sheet.write(0, 0, "Korte contacten 2024").unwrap();
    sheet.merge_range(1, 0, 1, 1, "Contact", &plain).unwrap();
    sheet.merge_range(1, 2, 1, 3, "Vraag", &plain).unwrap();
    let header = ["datum", "team", "onderwerp", "aantal"];
    for (row, cells) in (2..).zip(std::iter::once(&header).chain(rows)) {
        for (column, cell) in (0..).zip(cells) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write(row, column, number).unwrap(),
                Err(_) => sheet.write(row, column, *cell).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn short_contacts_with_an_identifier_are_refused() {
    let place = Place::new();
    let good = ["01-02-2024", "Oost", "Wonen", "3"];
    let deliver = |rows: &[[&str; 4]]| {
        place.deliver(
            "korte-contacten",
            "korte-contacten_2024_20250115.xlsx",
            &contacts(rows),
        );
        let answer = place.sluis(&["run", "--json", "korte-contacten"]);
        let reason = answer.json()["deliveries"][0]["reason"].clone();
        reason.as_str().map(str::to_owned)
    };
    for row in [
        ["02-02-2024", "Oost", "999990019", "1"],
        ["02-02-2024", "Oost", "z.naar@voorbeeld.nl", "1"],
        ["02-02-2024", "Oost", "06-12345678", "1"],
        ["02-02-2024", "Oost", "3111 AB 12", "1"],
        ["02-02-2024", "Oost", "12-03-1980", "1"],
    ] {
        let reason = deliver(&[good, row]).unwrap_or_else(|| panic!("{row:?} is taken"));
        assert!(
            reason.starts_with("identificerend: column `onderwerp` in row 2"),
            "{row:?}: {reason}"
        );
        assert!(place.current().is_none());
    }
    assert_eq!(deliver(&[good, ["02-02-2024", "Oost", "Wonen", "1"]]), None);
}
