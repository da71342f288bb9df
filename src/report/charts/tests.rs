use super::*;
use crate::report::amount::Unit;

fn words(id: &str) -> Words {
    Words {
        id: id.to_owned(),
        title: "Een <titel>".to_owned(),
    }
}

fn bars(series: &[Ink], rows: Vec<(&str, Vec<Amount>)>) -> Bars {
    let name = |ink: &Ink| Series::new(ink.word(), *ink);
    let row = |(label, amounts): (&str, Vec<Amount>)| Bar {
        label: label.to_owned(),
        amounts,
        rest: label == "onbekend",
    };
    Bars {
        words: words("b"),
        unit: Unit::Count,
        series: series.iter().map(name).collect(),
        rows: rows.into_iter().map(row).collect(),
        most: None,
        norm: None,
    }
}

/// The value of an attribute of every element that begins so.
fn all<'a>(svg: &'a str, begins: &str, attribute: &str) -> Vec<&'a str> {
    let elements = svg.split('<').filter(|tag| tag.starts_with(begins));
    let value = |tag: &'a str| {
        let from = tag.find(&format!("{attribute}=\""))? + attribute.len() + 2;
        tag[from..].split('"').next()
    };
    elements.filter_map(value).collect()
}

#[test]
fn a_bar_is_as_long_as_its_figure_and_what_is_hidden_has_no_length() {
    let rows = vec![
        ("a", vec![Amount::Known(40.0)]),
        ("b", vec![Amount::Known(10.0)]),
        ("c", vec![Amount::Hidden]),
        ("d", vec![Amount::Absent]),
        ("e", vec![Amount::Known(0.0)]),
        ("onbekend", vec![Amount::Known(20.0)]),
    ];
    let svg = bars(&[Ink::One], rows).draw().into_string();
    assert_eq!(
        all(&svg, "rect class=\"fill-one\"", "width"),
        ["100%", "25%"]
    );
    assert_eq!(all(&svg, "rect class=\"fill-hidden\"", "width"), ["44"]);
    assert_eq!(
        all(&svg, "rect class=\"fill-rest\"", "width"),
        ["1.5", "50%"]
    );
    assert!(svg.contains("niet getoond"));
}

#[test]
fn a_chart_says_what_it_is_and_escapes_what_it_is_given() {
    let rows = vec![("<script>", vec![Amount::Known(3.0), Amount::Known(2.0)])];
    let svg = bars(&[Ink::One, Ink::Before], rows).draw().into_string();
    insta::assert_snapshot!(svg.replace('>', ">\n"));
}

#[test]
fn rows_never_overlap() {
    let rows = |label| (label, vec![Amount::Known(1.0), Amount::Known(1.0)]);
    for labels in [
        ["kort", "ook kort"],
        ["een lange naam die boven de staaf staat", "b"],
    ] {
        let svg = bars(&[Ink::One, Ink::Before], labels.map(rows).to_vec()).draw();
        let svg = svg.into_string();
        let number = |text: &str| text.parse::<f64>().unwrap();
        // The legend has one of each, before the rows.
        let of = |class: &str| -> Vec<(f64, f64)> {
            let tag = format!("rect class=\"{class}\"");
            let ys = all(&svg, &tag, "y").into_iter().map(number);
            let heights = all(&svg, &tag, "height").into_iter().map(number);
            ys.zip(heights).skip(1).collect()
        };
        let (one, before) = (of("fill-one"), of("fill-before"));
        let ends: Vec<(f64, f64)> = one
            .iter()
            .zip(&before)
            .flat_map(|(a, b)| [*a, *b])
            .collect();
        for pair in ends.windows(2) {
            assert!(pair[0].0 + pair[0].1 < pair[1].0, "{svg}");
        }
        let height = number(all(&svg, "svg class=\"chart\"", "height")[0]);
        assert!(ends.iter().all(|(y, h)| y + h <= height));
    }
}

fn radar(amounts: Vec<Amount>) -> String {
    Radar {
        words: words("r"),
        unit: Unit::Mean(0),
        axes: ["noord", "oost", "zuid", "west"]
            .map(str::to_owned)
            .to_vec(),
        series: vec![(Series::new("een", Ink::One), amounts)],
        rings: vec![5.0, 10.0],
        small: true,
    }
    .draw()
    .into_string()
}

#[test]
fn a_radar_begins_at_the_top_and_turns_with_the_clock() {
    let svg = radar([10.0, 5.0, 10.0, 0.0].map(Amount::Known).to_vec());
    assert_eq!(
        all(&svg, "polygon class=\"line-one\"", "points"),
        ["100,22 139,100 100,178 100,100"]
    );
    assert_eq!(all(&svg, "polygon class=\"axis\"", "points").len(), 2);
    assert_eq!(all(&svg, "circle", "r").len(), 4);
}

#[test]
fn a_radar_with_a_gap_has_no_area_and_draws_no_line_through_it() {
    let known = Amount::Known(10.0);
    let svg = radar(vec![known, known, Amount::Hidden, known]);
    assert!(!svg.contains("area-one"));
    assert_eq!(all(&svg, "line class=\"line-one\"", "x1").len(), 2);
    assert_eq!(all(&svg, "circle", "r").len(), 3);
    insta::assert_snapshot!(svg.replace('>', ">\n"));
}

fn trend(points: &[(i64, &str, Amount)]) -> String {
    let point = |(year, definition, amount): &(i64, &str, Amount)| Point {
        year: *year,
        definition: (*definition).to_owned(),
        amount: *amount,
    };
    Trend {
        words: words("t"),
        unit: Unit::Percent(0),
        series: Series::new("een", Ink::One),
        points: points.iter().map(point).collect(),
        most: Some(100.0),
        norm: Some(Norm {
            at: 80.0,
            label: "norm 80".to_owned(),
        }),
        small: false,
    }
    .draw()
    .into_string()
}

#[test]
fn a_trend_is_not_drawn_across_a_definition_or_a_missing_year() {
    let svg = trend(&[
        (2019, "2020", Amount::Known(10.0)),
        (2020, "2020", Amount::Known(50.0)),
        (2021, "2023", Amount::Known(60.0)),
        (2023, "2023", Amount::Known(70.0)),
        (2024, "2023", Amount::Hidden),
    ]);
    assert_eq!(all(&svg, "line class=\"line-one\"", "x1").len(), 1);
    assert_eq!(all(&svg, "circle", "r").len(), 4);
    assert_eq!(all(&svg, "rect class=\"fill-hidden\"", "width").len(), 1);
    insta::assert_snapshot!(svg.replace('>', ">\n"));
}

#[test]
fn one_year_alone_stands_in_the_middle() {
    let svg = trend(&[(2024, "2023", Amount::Known(79.0))]);
    assert!(all(&svg, "line class=\"line-one\"", "x1").is_empty());
    assert_eq!(all(&svg, "circle", "cx").len(), 1);
}

#[test]
fn a_tile_that_is_hidden_is_hatched_and_has_no_figure() {
    let tile = |label: &str, column, amount| Tile {
        label: label.to_owned(),
        column,
        row: 0,
        amount,
        note: None,
    };
    let svg = Tiles {
        words: words("k"),
        unit: Unit::Count,
        tiles: vec![
            tile("Noord", 0, Amount::Known(100.0)),
            tile("Zuid", 1, Amount::Hidden),
        ],
    }
    .draw()
    .into_string();
    assert_eq!(all(&svg, "rect class=\"fill-hidden\"", "x"), ["149.5"]);
    assert_eq!(all(&svg, "text class=\"big\"", "x"), ["10"]);
    insta::assert_snapshot!(svg.replace('>', ">\n"));
}

#[test]
fn charts_of_nothing_are_drawn_too() {
    assert!(bars(&[], vec![]).draw().into_string().contains("<svg"));
    assert!(trend(&[]).contains("<svg"));
    let tiles = Tiles {
        words: words("k"),
        unit: Unit::Count,
        tiles: vec![],
    };
    assert!(tiles.draw().into_string().contains("<svg"));
}
