//! Welfare activities without a BSN: short dates, birth years, four digits of a postcode, and a partner
//! that changed its name.

use serde_json::json;

use super::{BSNS, Night, refuses, table, taken_in};

const WIJKEN: &str = "WijkCode;Wijknaam;Team\nWK060606;Nieuwland;Nieuwland\nWK060601;Oost;Oost\n";
const POSTCODES: &str = "Postcode;WijkCode\n3119;WK060606\n3111AB;WK060601\n3111AC;60606\n";

const DOCK: &str = "Deelnemernr;Geboortejaar;PC4;Activiteit;Start;Einde;Via makelaar";
const GRO_UP: &str =
    "Deelnemer-ID;Geb.jaar;Postcodegebied;Aanbod;Startdatum;Einddatum;Via welzijnsmakelaar";

/// An export with a byte order mark: these rows, and twenty more.
fn export(header: &str, rows: &[&str], activity: &str) -> Vec<u8> {
    let filler = (0..20).map(|n| format!("VUL{n:05};1980;;{activity};1-2-24;;"));
    let rows = rows.iter().map(|row| (*row).to_owned());
    let lines: Vec<String> = rows.chain(filler).map(|row| row + "\r\n").collect();
    format!("\u{feff}{header}\r\n{}", lines.concat()).into_bytes()
}

/// A night with the reference data.
fn night(deliveries: &[(&str, &[u8])]) -> Night {
    let mut all: Vec<(&str, &[u8])> = vec![
        ("cbs-wijken_20200301.csv", WIJKEN.as_bytes()),
        ("cbs-postcodes_20200301.csv", POSTCODES.as_bytes()),
    ];
    all.extend(deliveries);
    Night::over(&all)
}

const COLUMNS: [&str; 8] = [
    "jaar",
    "wijk",
    "leeftijdsgroep",
    "pc4",
    "activiteit",
    "startdatum",
    "einddatum",
    "via_makelaar",
];

#[test]
fn dock_short_dates_birth_years_and_four_digits() {
    let rows = [
        "DK000001;2000;3119;Sporten;1-2-24;31-12-24;J",
        // The digits lie in two wijken; the birth year is not known.
        "DK000002;1900;3111;Taalcafé;29-2-24;;nee",
        "DK000003;1948;;Koffie-inloop;9-11-99;;",
        // Seventeen or eighteen: the year leaves two groups open.
        "DK000006;2006;3119;Taalles;1-3-24;;J",
        // The same participation once more, a day that does not exist, no activity.
        "DK000001;2000;3119;Sporten;1-2-24;31-12-24;J",
        "DK000004;1980;3119;Sporten;31-2-24;;J",
        "DK000005;1980;3119;;1-2-24;;J",
    ];
    let mut content = export(DOCK, &rows, "Jongerenwerk");
    // Five percent is the limit: three of sixty-seven.
    for n in 0..40 {
        content.extend(format!("MEER{n:04};1980;;Jongerenwerk;1-3-24;;\r\n").bytes());
    }
    let night = night(&[("dock_20250115.csv", &content)]);
    let refusals = json!([
        ["", "dubbele_sleutel", 1],
        ["activiteit", "verplicht", 1],
        ["startdatum", "datum", 1]
    ]);
    assert_eq!(night.told("dock", "20250115"), taken_in(&refusals));
    let rows = night.rows("dock", "deelname", &COLUMNS);
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|r| r[4] != "jongerenwerk")
        .collect();
    assert_eq!(
        rows,
        table(&[
            &[
                "1999",
                "onbekend",
                "50-64",
                "-",
                "ontmoeting",
                "1999-11-09",
                "-",
                "-"
            ],
            &[
                "2024",
                "nieuwland",
                "18-26",
                "3119",
                "sport en bewegen",
                "2024-02-01",
                "2024-12-31",
                "true"
            ],
            &[
                "2024",
                "nieuwland",
                "onbekend",
                "3119",
                "taal",
                "2024-03-01",
                "-",
                "true"
            ],
            &[
                "2024",
                "onbekend",
                "onbekend",
                "3111",
                "taal",
                "2024-02-29",
                "-",
                "false"
            ],
        ])
    );
    night.holds_none_of(&["DK00000"]);
}

#[test]
fn buurtwerk_changed_its_name_and_its_headers() {
    let old = export(
        DOCK,
        &["BW000001;1980;3119;Budgetcafe;3-4-20;;ja"],
        "Buurthuis",
    );
    let new = export(
        GRO_UP,
        &["BW000001;1980;3119;Budgetcafé;3-4-24;;ja"],
        "Buurthuis",
    );
    let night = night(&[
        ("buurtwerk_2020_20210115.csv", &old),
        ("buurtwerk_2024_20250115.csv", &new),
    ]);
    assert_eq!(night.told("buurtwerk", "20210115"), taken_in(&json!([])));
    assert_eq!(night.told("buurtwerk", "20250115"), taken_in(&json!([])));
    // The participant is the same under either name.
    let rows = night.rows(
        "buurtwerk",
        "deelname",
        &["activiteit", "deelnemer", "jaar"],
    );
    let rows: Vec<_> = rows.iter().filter(|r| r[0] == "budgetcafé").collect();
    assert_eq!((rows.len(), &rows[0][1]), (2, &rows[1][1]));
    assert_eq!((rows[0][2].as_str(), rows[1][2].as_str()), ("2020", "2024"));

    // Each header holds in its own time only.
    refuses(
        &night,
        "buurtwerk_2024_20250215.csv",
        &old,
        "onbekende_kolom",
    );
    refuses(
        &night,
        "buurtwerk_2020_20210215.csv",
        &new,
        "onbekende_kolom",
    );
}

#[test]
fn seniorenwelzijn_with_its_own_numbers() {
    let header = "Deelnemernr;Geboortejaar;PC4;Activiteit;Datum start;Datum einde;Makelaar";
    let rows = ["SN000001;1948;3119;Samen eten;2-1-24;3-2-24;J"];
    let content = export(header, &rows, "Huisbezoek");
    let dock = export(
        DOCK,
        &["SN000001;1949;3119;Inloop;2-1-24;3-2-24;J"],
        "Inloop",
    );
    let night = night(&[
        ("seniorenwelzijn_2024_20250115.csv", &content),
        ("dock_20250115.csv", &dock),
    ]);
    assert_eq!(
        night.told("seniorenwelzijn", "20250115"),
        taken_in(&json!([]))
    );
    let rows = night.rows("seniorenwelzijn", "deelname", &COLUMNS);
    assert_eq!(
        rows[0],
        table(&[&[
            "2024",
            "nieuwland",
            "75+",
            "3119",
            "eettafel",
            "2024-01-02",
            "2024-02-03",
            "true"
        ]])[0]
    );
    // The same number at another partner is somebody else.
    let of = |source: &str| {
        let rows = night.rows(source, "deelname", &["pc4", "deelnemer"]);
        rows.iter().find(|row| row[0] == "3119").unwrap()[1].clone()
    };
    assert_ne!(of("seniorenwelzijn"), of("dock"));
}

#[test]
fn welfare_partners_may_not_send_a_bsn() {
    let senior = "Deelnemernr;Geboortejaar;PC4;Activiteit;Datum start;Datum einde;Makelaar";
    for (file, header, activity) in [
        ("dock_20250115.csv", DOCK, "Inloop"),
        ("buurtwerk_2024_20250115.csv", GRO_UP, "Buurthuis"),
        ("seniorenwelzijn_2024_20250115.csv", senior, "Maatjes"),
    ] {
        let night = night(&[(file, &export(header, &[], activity))]);
        let text = String::from_utf8(export(header, &[], activity)).unwrap();
        let text = text.replace("\r\n", &format!(";{}\r\n", BSNS[0]));
        let text = text.replacen(BSNS[0], "Bsn", 1);
        let later = file.replace("20250115", "20250215");
        refuses(&night, &later, text.as_bytes(), "onbekende_kolom");
        night.holds_none_of(&[BSNS[0]]);
    }
}
