//! Partners with a lawful BSN: Stroomopwaarts, and the four that stopped after 2022.

use serde_json::json;

use super::{BSNS, Night, refuses, table, taken_in, windows_1252};

const HEADER: &str =
    "Voorzieningnr;Klantnr;Bsn;Product;Startdatum;Einddatum;Reden beëindiging;Schuldbedrag\r\n";

fn stroomopwaarts(rows: &[&str]) -> Vec<u8> {
    let filler = (0..20).map(|n| format!("SWF{n:05};;;LKS;1-2-2023;;;"));
    let rows = rows.iter().map(|row| (*row).to_owned());
    let lines: Vec<String> = rows.chain(filler).map(|row| row + "\r\n").collect();
    windows_1252(&(HEADER.to_owned() + &lines.concat()))
}

#[test]
fn stroomopwaarts_amounts_accents_and_numbers_without_their_zeros() {
    let night = Night::over(&[(
        "stroomopwaarts_2024_20250115.csv",
        &stroomopwaarts(&[
            "SW000001;SK0001;001200008;MSNP;03-01-2024;;;1.234,56",
            "SW000002;SK0001; 1200008 ;Budgetbeheer;3-2-2024;01-01-1900;;125,50-",
            "SW000003;SK0002;;Saneringskrediet;03-03-2024;4-5-2024;Succesvol beëindigd;€ 12.500,-",
            "SW000004;SK0003;9999.90.007;Reïntegratie;01-01-1900;;onbekend;",
            "SW000005;SK0004;;Stabilisatie;03-05-2024;;;1.23,45",
        ]),
    )]);
    let refusals = json!([["schuldbedrag", "getal", 1]]);
    assert_eq!(
        night.told("stroomopwaarts", "20250115"),
        taken_in(&refusals)
    );
    let columns = [
        "jaar",
        "soort",
        "product",
        "startdatum",
        "einddatum",
        "reden_einde",
        "bedrag",
        "wijk",
    ];
    let rows = night.rows("stroomopwaarts", "voorziening", &columns);
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|r| r[2] != "loonkostensubsidie")
        .collect();
    assert_eq!(
        rows,
        table(&[
            &[
                "0",
                "participatie",
                "re-integratie",
                "-",
                "-",
                "-",
                "-",
                "onbekend"
            ],
            &[
                "2024",
                "schuldhulp",
                "budgetbeheer",
                "2024-02-03",
                "-",
                "-",
                "-12550",
                "onbekend"
            ],
            &[
                "2024",
                "schuldhulp",
                "saneringskrediet",
                "2024-03-03",
                "2024-05-04",
                "afgerond",
                "1250000",
                "onbekend"
            ],
            &[
                "2024",
                "schuldhulp",
                "schuldregeling",
                "2024-01-03",
                "-",
                "-",
                "123456",
                "onbekend"
            ],
        ])
    );
    // One person, with and without the leading zeros.
    let clients = night.rows("stroomopwaarts", "voorziening", &["product", "client"]);
    let of = |product: &str| clients.iter().find(|r| r[0] == product).unwrap()[1].clone();
    assert_eq!(of("schuldregeling"), of("budgetbeheer"));
    assert_ne!(of("schuldregeling"), of("re-integratie"));
    night.holds_none_of(&["1200008", "SW00000", "SK000", "9999.90.007", "999990007"]);
}

#[test]
fn stroomopwaarts_that_must_be_refused() {
    let good = stroomopwaarts(&["SW000001;SK0001;;MSNP;03-01-2024;;;1,00"]);
    let night = Night::over(&[("stroomopwaarts_2024_20250115.csv", &good)]);
    let text = encoding_rs::WINDOWS_1252.decode(&good).0.into_owned();
    let later = "stroomopwaarts_2024_20250215.csv";
    refuses(&night, later, text.as_bytes(), "codering");
    let named = text.replace("\r\n", ";Jansen\r\n");
    let named = windows_1252(&named.replacen("Jansen", "Naam", 1));
    refuses(&night, later, &named, "onbekende_kolom");
    let twice = text.replace("SWF", "SW-").replace(";LKS;", ";Kortlopend;");
    refuses(&night, later, &windows_1252(&twice), "te_veel_geweigerd");
}

/// The export of a partner that stopped, in its own dialect: twenty filler rows and one of a person.
fn stopped(source: &str, bsn: &str) -> Vec<u8> {
    let (header, row, filler) = match source {
        "enver" => (
            "Trajectnummer;BSN;Traject;Startdatum;Einddatum\n",
            format!("EN000001;{bsn};Ambulant;03-01-2022;\n"),
            "EN1000NN;;Gezinsbegeleiding;1-2-2021;5-6-2021\n",
        ),
        "fortagroep" => (
            "Trajectnr,Bsn,Soort traject,Begindatum,Einddatum\r\n",
            format!("FG000001,{bsn},\"Cliëntondersteuning\",2022-01-03,\r\n"),
            "FG1000NN,,AMW,2021-02-01,2021-06-05\r\n",
        ),
        "clessidra" => (
            "\u{feff}Traject-ID;Burgerservicenummer;Begeleiding;Van;Tot\r\n",
            format!("CL000001;{bsn};Hulp bij opvoeden;3-1-22;\r\n"),
            "CL1000NN;;Thuisbegeleiding;1-2-21;5-6-21\r\n",
        ),
        _ => (
            "Trajectnr;BSN;Traject;Start;Einde\r\n",
            format!("PA000001;{bsn};Begeleiding ambulant;20220103;99991231\r\n"),
            "PA1000NN;;Bemoeizorg;20210201;20210605\r\n",
        ),
    };
    let fillers: String = (10..30)
        .map(|n| filler.replace("NN", &n.to_string()))
        .collect();
    let text = format!("{header}{row}{fillers}");
    match source {
        "fortagroep" | "parnassia" => windows_1252(&text),
        _ => text.into_bytes(),
    }
}

const STOPPED: [&str; 4] = ["enver", "fortagroep", "clessidra", "parnassia"];

#[test]
fn partners_that_stopped_in_their_own_dialects_know_the_same_person() {
    let files: Vec<(String, Vec<u8>)> = STOPPED
        .iter()
        .map(|source| (format!("{source}_20230115.csv"), stopped(source, BSNS[1])))
        .collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), &b[..])).collect();
    let night = Night::over(&files);
    let columns = ["soort", "startdatum", "einddatum", "client", "product"];
    let mut people = Vec::new();
    let mut products = Vec::new();
    for source in STOPPED {
        assert_eq!(
            night.told(source, "20230115"),
            taken_in(&json!([])),
            "{source}"
        );
        let rows = night.rows(source, "voorziening", &columns);
        assert_eq!(rows.len(), 21, "{source}");
        let person = rows.iter().find(|row| row[1] == "2022-01-03").unwrap();
        assert_eq!(
            (person[0].as_str(), person[2].as_str()),
            ("begeleiding", "-")
        );
        people.push(person[3].clone());
        products.push(person[4].clone());
        assert!(
            rows.iter()
                .any(|row| row[1] == "2021-02-01" && row[2] == "2021-06-05")
        );
    }
    assert!(
        people
            .iter()
            .all(|client| *client == people[0] && client != "-")
    );
    let expected = [
        "ambulante hulp",
        "cliëntondersteuning",
        "opvoedondersteuning",
        "ambulante begeleiding",
    ];
    assert_eq!(products, expected);
    night.holds_none_of(&[BSNS[1], "EN000001", "FG000001", "CL000001", "PA000001"]);

    // They stopped, so nobody is late.
    let status = night.place.sluis(&["status", "--json"]).must_exit(0).json();
    for source in STOPPED {
        let all = status["sources"].as_array().unwrap();
        let one = all.iter().find(|s| s["source"] == source).unwrap();
        assert_eq!(
            (&one["deliveries"], &one["late"]),
            (&json!(1), &json!(false)),
            "{source}"
        );
    }
}

#[test]
fn partners_that_stopped_have_no_contract_for_a_later_delivery() {
    for source in STOPPED {
        let good = stopped(source, BSNS[2]);
        let night = Night::over(&[(&format!("{source}_20230115.csv"), &good)]);
        let later = format!("{source}_20230615.csv");
        refuses(&night, &later, &good, "geen_versie");
        night.holds_none_of(&[BSNS[2]]);
    }
}
