//! Woonplus, complaints, customer experience, the food bank, chain partners, trainings and targets.

use serde_json::json;

use super::{BSNS, Night, bsns, refuses, table, taken_in, windows_1252};

const HOUSING: &str = "\"Contractnr\",\"Adres\",\"Datum aanmelding\",\"Traject\",\"Kinderen\",\"Ontruimd\",\
     \"Datum ontruiming\",\"Opmerking\"\n";

/// Households that need no more than prevention.
fn households() -> String {
    let row =
        |n| format!("\"WP{n:06}\",\"Kade {n}\",\"1/2/2024\",\"Preventie\",\"N\",\"N\",\"\",\"\"\n");
    (100..140).map(row).collect()
}

#[test]
fn woonplus_slashes_quotes_and_an_address_in_a_remark() {
    let rows = "\"WP000001\",\"Zwanebloemkade 7\",\"03/05/2024\",\"Na vonnis\",\"J\",\"N\",\"\",\
         \"Woont nu op \"\"Dotterbloemsingel 12\"\",\nbelt terug, 3111 AB\"\n\
         \"WP000002\",\"Zwanebloemkade 9\",\"3/5/2024\",\"Laatste kans\",\"N\",\"J\",\"31/08/2024\",\"\"\n\
         \"WP000003\",\"Zwanebloemkade 9\",\"03-05-2024\",\"Vonnis\",\"N\",\"N\",\"\",\"\"\n\
         \"WP000004\",\"Zwanebloemkade 9\",\"03/05/2024\",\"Vonnis\",\"?\",\"N\",\"\",\"\"\n";
    let content = format!("{HOUSING}{rows}{}", households());
    let night = Night::over(&[("woonplus_2024_20250115.csv", content.as_bytes())]);
    let refusals = json!([["datum_aanmelding", "datum", 1], ["kinderen", "ja_nee", 1]]);
    assert_eq!(night.told("woonplus", "20250115"), taken_in(&refusals));
    let columns = [
        "jaar",
        "traject",
        "datum_aanmelding",
        "kinderen",
        "ontruimd",
        "datum_ontruiming",
    ];
    let rows = night.rows("woonplus", "uitzetting", &columns);
    assert_eq!(rows.len(), 42);
    assert_eq!(
        [rows[0].clone(), rows[41].clone()].to_vec(),
        table(&[
            &[
                "2024",
                "laatste kans",
                "2024-05-03",
                "false",
                "true",
                "2024-08-31"
            ],
            &["2024", "vonnis", "2024-05-03", "true", "false", "-"],
        ])
    );
    night.holds_none_of(&[
        "Zwanebloem",
        "Dotterbloem",
        "WP00000",
        "3111 AB",
        "belt terug",
    ]);
}

#[test]
fn woonplus_that_must_be_refused() {
    let good = format!("{HOUSING}{}", households());
    let night = Night::over(&[("woonplus_2024_20250115.csv", good.as_bytes())]);
    let later = "woonplus_2024_20250215.csv";
    let named = good.replacen("\"Opmerking\"", "\"Huurder\"", 1);
    refuses(&night, later, named.as_bytes(), "onbekende_kolom");
    // The connection was lost in the middle of a row.
    let half = &good.as_bytes()[..good.len() - 20];
    refuses(&night, later, half, "afgebroken_bestand");
}

const COMPLAINTS: &str = "Klacht_id\tDatum\tDoelgroep\tSoort\tAfhandeling\tOmschrijving\r\n";

#[test]
fn klachten_with_tabs_and_without_youth() {
    let rows = "KL-00001\t03-01-2024\tVolwassenen\tWachten\tInformele afhandeling\t\
         \"Mevrouw Quispelsma:\t\"\"één\"\" keer\r\nniet gebeld\"\r\n\
         KL-00002\t4-2-2024\t18-\tBejegening\tDoorgestuurd\tzoon Quispelsma\r\n\
         KL-00003\t4-3-2024\t18+\t\t\tloopt nog; Quispelsma\r\n";
    let content = windows_1252(&format!("{COMPLAINTS}{rows}"));
    let night = Night::over(&[("klachten_2024_20250115.csv", &content)]);
    assert_eq!(night.told("klachten", "20250115"), taken_in(&json!([])));
    let columns = ["jaar", "datum", "soort", "afhandeling"];
    assert_eq!(
        night.rows("klachten", "klacht", &columns),
        table(&[
            &["2024", "2024-01-03", "wachttijd", "informeel afgehandeld"],
            &["2024", "2024-03-04", "onbekend", "onbekend"],
        ])
    );
    night.holds_none_of(&["Quispelsma", "KL-0000", "niet gebeld"]);

    let later = "klachten_2024_20250215.csv";
    let named = content
        .strip_suffix(b"\r\n")
        .map(|c| String::from_utf8_lossy(c).replace("Omschrijving", "Naam klager"));
    let named = windows_1252(&(named.unwrap() + "\r\n"));
    refuses(&night, later, &named, "onbekende_kolom");
    // Semicolons where tabs should be: one column that nobody knows.
    let semicolons = windows_1252(&format!("{COMPLAINTS}{rows}").replace('\t', ";"));
    refuses(&night, later, &semicolons, "onbekende_kolom");
}

#[test]
fn klantervaring_grades_cards_and_comments() {
    let header = "\u{feff}Jaar;Instrument;Onderdeel;Locatie;Score;Smiley;Aantal;Opmerkingen\r\n";
    let content = format!(
        "{header}2024;Onderzoek;Bejegening;;8,1;;210;\"\"\"Fijn\"\" zegt Quispelsma\r\nen meer\"\r\n\
         2024;Smileykaartje;;Oost;;:-(;3;\r\n2024;Smiley;;Zuid;;Blij;40;\r\n"
    );
    let night = Night::over(&[("klantervaring_2024_20250115.csv", content.as_bytes())]);
    assert_eq!(
        night.told("klantervaring", "20250115"),
        taken_in(&json!([]))
    );
    let columns = [
        "instrument",
        "onderdeel",
        "locatie",
        "cijfer",
        "smiley",
        "aantal",
    ];
    assert_eq!(
        night.rows("klantervaring", "klantervaring", &columns),
        table(&[
            &["onderzoek", "bejegening", "-", "810", "-", "210"],
            &["smileykaartje", "-", "Oost", "-", "ontevreden", "3"],
            &["smileykaartje", "-", "Zuid", "-", "blij", "40"],
        ])
    );
    night.holds_none_of(&["Quispelsma", "Fijn"]);

    let later = "klantervaring_2024_20250215.csv";
    let mail = content.replacen("Opmerkingen", "E-mail", 1);
    refuses(&night, later, mail.as_bytes(), "onbekende_kolom");
    let eleven = content.replace("8,1", "11,0");
    refuses(&night, later, eleven.as_bytes(), "te_veel_geweigerd");
    // Comments are dropped, but who may not know people may not send their addresses either.
    let address = content.replace("en meer", "mail q@kaartjes.example");
    refuses(&night, later, address.as_bytes(), "identificerend");
    night.holds_none_of(&["kaartjes.example"]);
}

const FOOD: &str = "Dossiernr;Aanvraag;Besluit;Datum besluit";

fn applications(more: impl Fn(usize) -> String) -> String {
    let row = |n| {
        format!(
            "VB{n:06};{}-5-2024;Toekenning;{}{}\n",
            n % 28 + 1,
            "30-05-2024",
            more(n)
        )
    };
    (0..40).map(row).collect()
}

#[test]
fn voedselbank_by_dossier() {
    let rows = "VB900001;03-01-2024;;\nVB900002;04-01-2024;Ingetrokken;\n\
         VB900002;05-01-2024;Afwijzing;\n";
    let content = format!("{FOOD}\n{rows}{}", applications(|_| String::new()));
    let night = Night::over(&[("voedselbank_2024_20250115.csv", content.as_bytes())]);
    let refusals = json!([["", "dubbele_sleutel", 1]]);
    assert_eq!(night.told("voedselbank", "20250115"), taken_in(&refusals));
    let rows = night.rows(
        "voedselbank",
        "voedselbank",
        &["aanvraag", "besluit", "datum_besluit"],
    );
    assert_eq!(rows.len(), 42);
    assert_eq!(
        rows[..2],
        table(&[
            &["2024-01-03", "onbekend", "-"],
            &["2024-01-04", "ingetrokken", "-"]
        ])
    );
    night.holds_none_of(&["VB90000", "VB00000"]);

    let later = "voedselbank_2024_20250215.csv";
    let with_bsn = applications(|n| format!(";{}", BSNS[n % 4]));
    let with_bsn = format!("{FOOD};BSN\n{with_bsn}");
    refuses(&night, later, with_bsn.as_bytes(), "onbekende_kolom");
    // The same numbers under the name of a dossier: no column betrays them, but the elfproef does.
    let numbers = bsns().take(40).zip(0..);
    let numbers =
        numbers.map(|(bsn, n)| format!("{bsn};{}-{}-2024;Toegekend;\n", n % 28 + 1, n / 10 + 1));
    let hidden = format!("{FOOD}\n{}", numbers.collect::<String>());
    refuses(&night, later, hidden.as_bytes(), "verborgen_bsn");
    night.holds_none_of(&BSNS);
}

#[test]
fn ketenpartners_send_counts_only() {
    let months: String = (1..=12)
        .flat_map(|month| {
            ["VT;Melding", "Politie;Overlast"].map(|kind| format!("2024-{month:02};{kind};12\n"))
        })
        .collect();
    let header = "Maand;Sector;Soort;Aantal\n";
    let content = format!("{header}{months}2024-13;PGA;Instroom;1\n");
    let night = Night::over(&[("ketenpartners_2024_20250115.csv", content.as_bytes())]);
    let refusals = json!([["maand", "datum", 1]]);
    assert_eq!(night.told("ketenpartners", "20250115"), taken_in(&refusals));
    let rows = night.rows(
        "ketenpartners",
        "ketenmelding",
        &["maand", "sector", "soort", "aantal"],
    );
    assert_eq!(rows.len(), 24);
    assert_eq!(
        rows[..1],
        table(&[&["2024-01-01", "Veilig Thuis", "melding", "12"]])
    );

    let later = "ketenpartners_2024_20250215.csv";
    let persons = "Maand;Sector;Soort;Aantal;Naam\n2024-01;PGA;Instroom;1;Quispelsma\n";
    refuses(&night, later, persons.as_bytes(), "onbekende_kolom");
    night.holds_none_of(&["Quispelsma"]);
    // A row for every report, on its own day.
    let days = (1..=28).map(|day| format!("2024-03-{day:02};PGA;Instroom;1\n"));
    let days = header.to_owned() + &days.collect::<String>();
    refuses(&night, later, days.as_bytes(), "personen_in_aantallen");
}

#[test]
fn trainingen_and_streefwaarden() {
    let trainings =
        "Jaar;Programma;Deelnemers\n2024;Basistraining WOT;27\n2024;GGZ in de wijk;36\n";
    let targets = "Jaar;Project;Van;Tot\n2020;huisuitzetting;40;50\n";
    let night = Night::over(&[
        ("trainingen_20250115.csv", trainings.as_bytes()),
        ("projecten-streefwaarde_20210115.csv", targets.as_bytes()),
    ]);
    assert_eq!(
        night.rows(
            "trainingen",
            "training",
            &["jaar", "programma", "deelnemers"]
        ),
        table(&[
            &["2024", "basistraining", "27"],
            &["2024", "psychische kwetsbaarheid", "36"]
        ])
    );
    assert_eq!(
        night.rows(
            "projecten-streefwaarde",
            "streefwaarde",
            &["jaar", "project", "van", "tot"]
        ),
        table(&[&["2020", "huisuitzetting", "40", "50"]])
    );
    let names = "Jaar;Programma;Deelnemer\n2024;Basistraining;Quispelsma\n";
    refuses(
        &night,
        "trainingen_20250215.csv",
        names.as_bytes(),
        "onbekende_kolom",
    );
    // Of a list of three rows not one may be wrong.
    let wrong = targets.to_owned() + "2020;maatwerk;vijftig;50\n";
    let later = "projecten-streefwaarde_20210215.csv";
    refuses(&night, later, wrong.as_bytes(), "te_veel_geweigerd");
}
