//! What analysts can find out about figures that are hidden: nothing.

use super::*;
use crate::contract::model::{Publication, PublicationRules, Role, Subject, ViewColumn, ViewSpec};

const JUDGED: Publication = Publication::Judged(PublicationRules {
    smallest_cell: 10,
    dominance_percent: 75,
    rounding: None,
});

fn cell(clients: Option<&str>) -> Role {
    Role::Cell {
        clients: clients.map(str::to_owned),
        largest: None,
    }
}

fn view(name: &str, sql: &str, publication: Publication, columns: &[(&str, Role)]) -> ViewSpec {
    let column = |(name, role): &(&str, Role)| ViewColumn {
        name: (*name).to_owned(),
        role: role.clone(),
        documentation: format!("Wat {name} is."),
    };
    ViewSpec {
        name: name.to_owned(),
        title: "Een verdeling".to_owned(),
        documentation: "Een verdeling.".to_owned(),
        sql: sql.to_owned(),
        path: format!("schemas/monitor/{name}.sql"),
        columns: columns.iter().map(column).collect(),
        publication,
    }
}

fn contracts(views: Vec<ViewSpec>) -> Contracts {
    let mut contracts = fixture::contracts();
    contracts.views = views.into_iter().map(|v| (v.name.clone(), v)).collect();
    contracts
}

/// Four bands in a year, of which the second is small and the third is hidden to protect it.
fn verdeling(small: i64) -> ViewSpec {
    let other = 60 - small;
    let rows = [
        (1, 1, 70),
        (2, 2, small),
        (3, 3, other),
        (4, 4, 0),
        (1, 4, 130),
    ];
    let row = |(van, tot, aantal): &(i64, i64, i64)| {
        format!("(2024, 'band {van}-{tot}', {aantal}, {aantal}, {van}, {tot})")
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    let sql = format!(
        "SELECT jaar, rij, aantal, 100.0 * aantal / 130 AS procent, clienten, van, tot \
         FROM (VALUES {}) AS t (jaar, rij, aantal, clienten, van, tot)",
        rows.join(", ")
    );
    let columns = [
        ("jaar", Role::Group),
        ("rij", Role::Label),
        ("aantal", cell(Some("clienten"))),
        (
            "procent",
            Role::Follows {
                cell: "aantal".to_owned(),
                share: true,
            },
        ),
        ("clienten", Role::Helper),
        ("van", Role::From),
        ("tot", Role::To),
    ];
    view("verdeling", &sql, JUDGED, &columns)
}

fn answer(monitor: &Monitor, sql: &str) -> Result<String, String> {
    let asked = runtime().block_on(async { monitor.query(sql).await?.collect().await });
    let batches = asked.map_err(|e| e.to_string())?;
    Ok(pretty_format_batches(&batches).unwrap().to_string())
}

#[test]
fn what_is_hidden_is_null_with_a_reason_and_helpers_are_gone() {
    let monitor = open(&Warehouse::new(), &contracts(vec![verdeling(4)])).unwrap();
    insta::assert_snapshot!(answer(&monitor, "select * from verdeling order by rij").unwrap(), @"
    +------+----------+--------+-------------------+------------------+
    | jaar | rij      | aantal | procent           | onderdrukt       |
    +------+----------+--------+-------------------+------------------+
    | 2024 | band 1-1 | 70     | 53.84615384615385 |                  |
    | 2024 | band 1-4 | 130    | 100.0             |                  |
    | 2024 | band 2-2 |        |                   | kleine aantallen |
    | 2024 | band 3-3 |        |                   | kleine aantallen |
    | 2024 | band 4-4 | 0      | 0.0               |                  |
    +------+----------+--------+-------------------+------------------+
    ");
    for column in ["clienten", "van", "tot"] {
        let error = answer(&monitor, &format!("select {column} from verdeling")).unwrap_err();
        assert!(error.contains(column), "{error}");
    }
    let relation = monitor.describe("verdeling").unwrap();
    assert_eq!(relation.title, "Een verdeling");
    let columns: Vec<_> = relation.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(columns, ["jaar", "rij", "aantal", "procent", "onderdrukt"]);
    assert_eq!(relation.columns[2].documentation, "Wat aantal is.");
    assert_eq!(relation.columns[2].role, Some(cell(Some("clienten"))));
    assert_eq!(relation.columns[4].role, None);
    assert!(relation.columns[4].documentation.starts_with("Waarom"));
}

#[test]
fn nothing_that_is_asked_depends_on_what_is_hidden() {
    let warehouse = Warehouse::new();
    // They look the same, and 4 is not 7.
    let [one, other] =
        [4, 7].map(|small| open(&warehouse, &contracts(vec![verdeling(small)])).unwrap());
    for sql in [
        "select * from verdeling",
        "select rij from verdeling where aantal = 4",
        "select rij from verdeling where aantal between 1 and 9",
        "select rij from verdeling where not aantal = 4",
        "select rij from verdeling where procent < 5 or aantal is null",
        "select rij, aantal from verdeling order by aantal, rij",
        "select rij from verdeling order by aantal desc nulls last limit 4",
        "select rij from verdeling where aantal > 0 order by procent limit 1",
        "select a.rij, b.rij from verdeling a join verdeling b on a.aantal < b.aantal",
        "select a.rij, b.rij from verdeling a join verdeling b on a.aantal + b.aantal = 60",
        "select a.rij from verdeling a, verdeling b where a.aantal is not distinct from b.aantal",
        "select rij, 1 / (aantal - 4) from verdeling where rij like '%2%'",
        "select rij from verdeling where 1 / (aantal - 7) > 0 and aantal is null",
        "select cast(rij as bigint) from verdeling where aantal = 4",
        "select case when aantal = 4 then cast('x' || rij as bigint) else 0 end from verdeling",
        "select cast(repeat_me as text) from (select aantal / (7 - aantal) as repeat_me from verdeling) t",
        "select sum(aantal), avg(procent), min(aantal), max(aantal), count(aantal) from verdeling",
        "select approx_percentile_cont(0.2) within group (order by aantal) from verdeling",
        "select rank() over (order by aantal), rij from verdeling order by rij",
        "select lag(aantal) over (order by rij), sum(aantal) over (order by rij) from verdeling",
        "select array_agg(aantal order by rij) from verdeling",
        "select count(*) from verdeling group by aantal order by 1",
        "select distinct aantal from verdeling order by 1",
        "select rij from verdeling where aantal in (select aantal from verdeling where aantal < 10)",
        "select exists (select 1 from verdeling where aantal = 56)",
        "select (select max(aantal) from verdeling where aantal < 70) as most",
        "select rij, coalesce(aantal, -1), coalesce(procent, 0) from verdeling",
        "with recursive t as (select aantal from verdeling union select aantal + 1 from t where aantal < 9) select * from t",
        "explain select * from verdeling where aantal = 4",
        "explain analyze select * from verdeling where aantal = 4",
    ] {
        assert_eq!(answer(&one, sql), answer(&other, sql), "{sql}");
    }
    // The test can fail: what is shown does make a difference.
    let shown = open(&warehouse, &contracts(vec![verdeling(20)])).unwrap();
    let sql = "select sum(aantal) from verdeling";
    assert_ne!(answer(&one, sql), answer(&shown, sql));
}

#[test]
fn a_view_over_a_view_reads_its_rows_and_is_judged_itself() {
    let above = "SELECT jaar, sum(aantal) AS samen, max(clienten) AS clienten, count(tot) AS rijen \
                 FROM monitor.verdeling WHERE van = tot AND aantal < 60 GROUP BY jaar";
    let columns = [
        ("jaar", Role::Group),
        ("samen", cell(Some("clienten"))),
        ("clienten", Role::Helper),
        ("rijen", Role::Attribute),
    ];
    let views = vec![verdeling(4), view("samen", above, JUDGED, &columns)];
    let monitor = open(&Warehouse::new(), &contracts(views)).unwrap();
    insta::assert_snapshot!(answer(&monitor, "select * from samen").unwrap(), @"
    +------+-------+-------+------------+
    | jaar | samen | rijen | onderdrukt |
    +------+-------+-------+------------+
    | 2024 | 60    | 3     |            |
    +------+-------+-------+------------+
    ");
}

#[test]
fn an_exempt_view_shows_everything_but_its_helpers() {
    let exempt = Publication::Exempt {
        subject: Subject::Things,
        reason: "Verzonnen.".to_owned(),
    };
    let mut view = verdeling(4);
    view.publication = exempt;
    let monitor = open(&Warehouse::new(), &contracts(vec![view])).unwrap();
    let sql = "select * from verdeling where aantal < 10 order by aantal";
    insta::assert_snapshot!(answer(&monitor, sql).unwrap(), @"
    +------+----------+--------+-------------------+
    | jaar | rij      | aantal | procent           |
    +------+----------+--------+-------------------+
    | 2024 | band 4-4 | 0      | 0.0               |
    | 2024 | band 2-2 | 4      | 3.076923076923077 |
    +------+----------+--------+-------------------+
    ");
}

#[test]
fn a_view_is_judged_once() {
    let warehouse = Warehouse::new();
    let monitor = open(&warehouse, &fixture::contracts()).unwrap();
    let sql = "select * from personen order by jaar, team";
    let before = answer(&monitor, sql).unwrap();
    std::fs::remove_dir_all(warehouse.root().join("hulpvraag")).unwrap();
    assert_eq!(answer(&monitor, sql).unwrap(), before);
    let again = open(&warehouse, &fixture::contracts()).unwrap();
    answer(&again, sql).unwrap_err();
}

#[test]
fn a_view_whose_cells_are_no_numbers_is_refused() {
    for (column, role) in [("rij", cell(None)), ("rij", Role::From)] {
        let mut view = verdeling(4);
        for stated in &mut view.columns {
            if stated.name == column {
                stated.role = role.clone();
            }
        }
        let error = open(&Warehouse::new(), &contracts(vec![view]))
            .err()
            .unwrap();
        assert!(
            error.to_string().contains("does not hold numbers"),
            "{error}"
        );
    }
}

#[test]
fn views_count_clients_and_analysts_do_not() {
    let sql = "SELECT soort, clienten(client) AS clienten, clienten(DISTINCT client) \
               FILTER (WHERE client <> 'a') AS anderen, count(*) AS rijen \
               FROM (VALUES ('x', 'a'), ('x', 'b'), ('x', 'a'), ('y', NULL)) AS t (soort, client) \
               GROUP BY soort";
    let columns = [
        ("soort", Role::Label),
        ("clienten", cell(None)),
        ("anderen", cell(None)),
        ("rijen", Role::Attribute),
    ];
    let exempt = Publication::Exempt {
        subject: Subject::Things,
        reason: "Verzonnen.".to_owned(),
    };
    let views = vec![view("tellen", sql, exempt, &columns)];
    let monitor = open(&Warehouse::new(), &contracts(views)).unwrap();
    insta::assert_snapshot!(answer(&monitor, "select * from tellen order by soort").unwrap(), @"
    +-------+----------+---------+-------+
    | soort | clienten | anderen | rijen |
    +-------+----------+---------+-------+
    | x     | 2        | 1       | 3     |
    | y     | 0        | 0       | 1     |
    +-------+----------+---------+-------+
    ");
    let error = answer(&monitor, "select clienten(soort) from tellen").unwrap_err();
    assert!(error.contains("clienten"), "{error}");
    assert!(!monitor.functions().contains(&"clienten".to_owned()));
}
