//! The figures of the monitor over the demo's deliveries: every row that the annual reports print, and
//! the filler that the demo promises, cell by cell.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::Place;

/// One run serves all: nothing here changes it.
static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let place = Place::with_demo();
    // Refused rows are part of the demo, so the job says so.
    place.sluis(&["run"]).must_exit(3);
    place
});

/// The values of `columns` in every row of a view that has this `jaar`, in the view's order.
fn rows(view: &str, jaar: i64, columns: &str) -> Vec<Value> {
    let query =
        format!("select {columns} from monitor.{view} where jaar = {jaar} order by volgorde");
    let names: Vec<&str> = columns.split(", ").collect();
    let cells = |row: Value| names.iter().map(|&n| row[n].clone()).collect();
    PLACE.sql(&query).into_iter().map(cells).collect()
}

fn years(view: &str) -> Vec<i64> {
    let found = PLACE.sql(&format!(
        "select distinct jaar from monitor.{view} order by jaar"
    ));
    found
        .iter()
        .map(|row| row["jaar"].as_i64().unwrap())
        .collect()
}

fn list(rows: &Value) -> Vec<Value> {
    rows.as_array().unwrap().clone()
}

#[test]
fn hulpvragen() {
    let of = |jaar| rows("hulpvragen", jaar, "definitie, soort, aantal");
    assert_eq!(years("hulpvragen"), [2019, 2020, 2023, 2024]);
    assert_eq!(of(2019), list(&json!([["2020", "kort_contact", 1046]])));
    assert_eq!(
        of(2020),
        list(&json!([
            ["2020", "hulpvraag", 2236],
            ["2020", "kort_contact", 529],
            ["2020", "personen", 3211],
        ]))
    );
    assert_eq!(
        of(2023),
        list(&json!([
            ["2023", "hulpvraag", 1016],
            ["2023", "betrokkene", 160],
            ["2023", "kort_contact", 621],
            ["2023", "totaal", 1797],
        ]))
    );
    assert_eq!(
        of(2024),
        list(&json!([
            ["2023", "hulpvraag", 1077],
            ["2023", "betrokkene", 160],
            ["2023", "kort_contact", 636],
            ["2023", "totaal", 1873],
        ]))
    );
}

#[test]
fn doorlooptijd() {
    let of = |jaar| rows("doorlooptijd", jaar, "definitie, rij, aantal, procent");
    assert_eq!(years("doorlooptijd"), [2020, 2023, 2024]);
    assert_eq!(
        of(2020),
        list(&json!([
            ["2020", "0-1 maand", 307, 14],
            ["2020", "2-3 maanden", 419, 19],
            ["2020", "4-6 maanden", 388, 17],
            ["2020", "6-9 maanden", 247, 11],
            ["2020", "9-12 maanden", 198, 9],
            // Printed as 30: 694 of 2253 is 30,80 %.
            ["2020", "> 12 maanden", 694, 31],
            ["2020", "onbekend", 0, 0],
            ["2020", "binnen 6 maanden", 1114, 49],
            ["2020", "totaal", 2253, 100],
        ]))
    );
    let recent = of(2023);
    assert_eq!(recent[7], json!(["2023", "binnen 6 maanden", 620, 62]));
    assert_eq!(recent[8], json!(["2023", "totaal", 1000, 100]));
    assert_eq!(
        of(2024),
        list(&json!([
            ["2023", "< 2 maanden", 263, 26],
            ["2023", "2-4 maanden", 253, 25],
            ["2023", "4-6 maanden", 203, 20],
            ["2023", "6-9 maanden", 132, 13],
            ["2023", "9-12 maanden", 61, 6],
            ["2023", "12+ maanden", 81, 8],
            ["2023", "onbekend", 19, 2],
            ["2023", "binnen 6 maanden", 719, 71],
            ["2023", "totaal", 1012, 100],
        ]))
    );
}

#[test]
fn wachttijd() {
    let of = |jaar| rows("wachttijd", jaar, "definitie, rij, aantal, procent");
    assert_eq!(years("wachttijd"), [2023, 2024]);
    assert_eq!(
        of(2023),
        list(&json!([
            ["2023", "tot 1 week", 538, 53],
            ["2023", "1 tot 2 weken", 163, 16],
            ["2023", "2 tot 4 weken", 203, 20],
            ["2023", "> 4 weken", 30, 3],
            ["2023", "onbekend", 82, 8],
            ["2023", "binnen 4 weken", 904, 89],
            ["2023", "totaal", 1016, 100],
        ]))
    );
    assert_eq!(
        of(2024),
        list(&json!([
            ["2023", "tot 1 week", 431, 40],
            ["2023", "1 tot 2 weken", 194, 18],
            ["2023", "2 tot 4 weken", 226, 21],
            ["2023", "> 4 weken", 172, 16],
            ["2023", "onbekend", 54, 5],
            ["2023", "binnen 4 weken", 851, 79],
            ["2023", "totaal", 1077, 100],
        ]))
    );
}

#[test]
fn afsluiting() {
    let of = |jaar| rows("afsluiting", jaar, "definitie, rij, aantal, procent");
    assert_eq!(years("afsluiting"), [2023, 2024]);
    let earlier = of(2023);
    assert_eq!(earlier[0], json!(["2023", "doelen gerealiseerd", 650, 65]));
    assert_eq!(earlier[5], json!(["2023", "totaal", 1000, 100]));
    assert_eq!(
        of(2024),
        list(&json!([
            ["2023", "doelen gerealiseerd", 708, 70],
            ["2023", "stopgezet door client", 152, 15],
            ["2023", "doorverwijzing", 41, 4],
            ["2023", "verhuizing", 30, 3],
            ["2023", "anders of onbekend", 81, 8],
            ["2023", "totaal", 1012, 100],
        ]))
    );
}

#[test]
fn leeftijd() {
    let of = |jaar| rows("leeftijd", jaar, "definitie, rij, aantal, procent");
    assert_eq!(years("leeftijd"), [2020, 2023, 2024]);
    assert_eq!(of(2020).last(), Some(&json!(["2020", "totaal", 2236, 100])));
    assert_eq!(
        of(2023),
        list(&json!([
            ["2023", "0 tot 18", 24, 2],
            ["2023", "18 tot 27", 176, 15],
            ["2023", "27 tot 50", 529, 45],
            ["2023", "50 tot 68", 270, 23],
            ["2023", "68 tot 75", 59, 5],
            ["2023", "75+", 118, 10],
            ["2023", "onbekend", 0, 0],
            ["2023", "tot 50", 729, 62],
            ["2023", "totaal", 1176, 100],
        ]))
    );
    assert_eq!(
        of(2024),
        list(&json!([
            ["2023", "0 tot 18", 25, 2],
            ["2023", "18 tot 27", 198, 16],
            ["2023", "27 tot 50", 557, 45],
            ["2023", "50 tot 68", 260, 21],
            ["2023", "68 tot 75", 62, 5],
            ["2023", "75+", 135, 11],
            ["2023", "onbekend", 0, 0],
            ["2023", "tot 50", 780, 63],
            ["2023", "totaal", 1237, 100],
        ]))
    );
}

#[test]
fn bevolking() {
    assert_eq!(years("bevolking"), [2020, 2023, 2024]);
    let all = rows(
        "bevolking",
        2020,
        "definitie, wijk, naam, rij, aantal, procent",
    );
    let (town, wijken): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| row[1] == "alle");
    assert_eq!(
        town,
        list(&json!([
            ["2020", "alle", "Schiedam", "0-17", 14939, 18.8],
            ["2020", "alle", "Schiedam", "18-64", 50557, 63.7],
            ["2020", "alle", "Schiedam", "65+", 13853, 17.5],
            ["2020", "alle", "Schiedam", "totaal", 79349, 100.0],
        ]))
    );
    assert_eq!(wijken.len(), 40, "ten wijken, three groups and their total");
    for (row, whole) in town.iter().enumerate() {
        let of = wijken.iter().filter(|wijk| wijk[3] == town[row][3]);
        let sum: i64 = of.map(|wijk| wijk[4].as_i64().unwrap()).sum();
        assert_eq!(Some(sum), whole[4].as_i64());
    }
}

/// The published figures constrain the table; its cells are filler.
#[test]
fn zelfredzaamheid() {
    assert_eq!(years("zelfredzaamheid"), [2020]);
    let all = PLACE.sql("select * from monitor.zelfredzaamheid");
    let number = |row: &Value, column: &str| row[column].as_i64().unwrap();
    let of = |split: &str, whole: bool| -> Vec<&Value> {
        let rows = all.iter().filter(|row| row["indeling"] == split);
        rows.filter(|row| (row["gebied"] == "alle") == whole)
            .collect()
    };
    let (total, areas): (Vec<_>, Vec<_>) = of("wijk", true)
        .into_iter()
        .partition(|row| row["leefgebied"] == "totaal");

    let [total] = &total[..] else {
        panic!("one total")
    };
    assert_eq!(
        (number(total, "paren"), number(total, "toename")),
        (1200, 51)
    );
    assert_eq!(total["gemiddelde_eerste"], json!(2.52));
    assert_eq!(total["gemiddelde_tweede"], json!(3.81));

    assert_eq!(areas.len(), 12);
    for area in &areas {
        assert_eq!(number(area, "paren"), 100);
        assert!(number(area, "toename") > 0, "{area} rises");
        assert_eq!(
            area["voldoende"],
            json!(area["leefgebied"] != "huisvesting"),
            "{area}"
        );
    }
    let pairs: i64 = of("team", false)
        .into_iter()
        .filter(|row| row["leefgebied"] != "totaal")
        .map(|row| number(row, "paren"))
        .sum();
    assert_eq!(pairs, 1200);

    let money = |split: &str, column: &str| {
        let rows = of(split, false).into_iter();
        // A wijk of few is not shown.
        let shown = rows.filter(|row| row["leefgebied"] == "financien" && !row[column].is_null());
        let mut means: Vec<_> = shown
            .map(|row| (row[column].as_f64().unwrap(), row["gebied"].clone()))
            .collect();
        means.sort_by(|a, b| a.0.total_cmp(&b.0));
        means
    };
    for column in ["gemiddelde_eerste", "gemiddelde_tweede"] {
        let teams = money("team", column);
        assert_eq!(teams.len(), 6);
        assert_eq!(teams[0].1, "Groenoord", "{column}");
        assert!(teams[0].0 < teams[1].0);
        assert_eq!(money("wijk", column)[0].1, "groenoord_en_kethel");
    }
}

/// What a newcomer types first.
#[test]
fn the_demo_makes_runs_and_shows() {
    let place = Place::bare();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sluis"));
    let output = command
        .arg("demo")
        .current_dir(place.path())
        .env("NO_COLOR", "1")
        .output();
    let answer = crate::support::Answer::from(output.unwrap()).must_exit(0);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{8}T\d{6}Z-[0-9a-f]{8}", "[RELEASE]");
    settings.add_filter(r" +(\d+ ms|\d+\.\d s)\n", "\n");
    settings.add_filter(r"refused +time\n", "refused\n");
    settings.bind(|| insta::assert_snapshot!("demo", answer.stdout));
    assert!(
        answer.stderr.contains("ask more: sluis sql"),
        "{}",
        answer.stderr
    );

    // Again in the same folder: nothing is new, and it shows the same.
    let again = std::process::Command::new(env!("CARGO_BIN_EXE_sluis"))
        .arg("demo")
        .current_dir(place.path())
        .output();
    let again = crate::support::Answer::from(again.unwrap()).must_exit(0);
    assert!(
        again.stdout.contains("100 deliveries, 0 taken in"),
        "{}",
        again.stdout
    );
    let shown = |text: &str| text[text.find("\nmonitor.").unwrap()..].to_owned();
    assert_eq!(shown(&again.stdout), shown(&answer.stdout));
}

#[test]
fn the_demo_leaves_the_folder_of_somebody_else_alone() {
    let place = Place::bare();
    let folder = place.path().join("van-iemand");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("brief.txt"), "x").unwrap();
    let answer = place
        .sluis(&["demo", "--folder", "van-iemand"])
        .must_exit(2);
    assert!(
        answer
            .stderr
            .contains("hint: give another one with --folder"),
        "{}",
        answer.stderr
    );
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}
