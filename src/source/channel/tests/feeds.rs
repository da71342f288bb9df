//! Interfaces that give records page by page.

use super::*;

const TODAY: &str = "robuust_20250115.json";

fn robuust() -> Pipeline {
    pipeline("robuust", paged())
}

fn incremental() -> Pipeline {
    Pipeline {
        mode: Mode::Incremental,
        ..robuust()
    }
}

/// Two pages, and a third that is empty.
fn three_pages(world: &World) {
    let mut partner = world.partner("robuust");
    partner
        .pages
        .insert(None, (vec!["{\"a\":1}", "{\"a\":2}"], Some("2")));
    partner
        .pages
        .insert(Some("2".into()), (vec!["{\"a\":3}"], Some("3")));
    partner.pages.insert(Some("3".into()), (vec![], None));
}

#[test]
fn pages_become_one_delivery_of_today() {
    let world = World::new(&["robuust"]);
    three_pages(&world);
    let pull = world.one(&robuust());
    assert!(pull.complete());
    assert_eq!(pull.fetched[0].order, "20250115");
    assert_eq!(
        world.text("robuust", TODAY).unwrap(),
        "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"
    );
    assert_eq!(mode(&world.landed("robuust", TODAY)), 0o600);
    assert_eq!(world.working("robuust"), ["gehaald.ndjson", "slot"]);
    // Once a day.
    assert_eq!(world.one(&robuust()).already, 1);
    assert_eq!(world.partner("robuust").asked.len(), 3);
    world.pass(DAY);
    assert_eq!(world.one(&robuust()).fetched.len(), 1);
}

#[test]
fn where_the_format_is_an_array_the_delivery_is_one() {
    let world = World::new(&["robuust"]);
    three_pages(&world);
    let array = Pipeline {
        format: Format::Json(JsonDialect {
            lines: false,
            rows: None,
            max_row_bytes: 1000,
        }),
        ..robuust()
    };
    world
        .partner("robuust")
        .answers
        .extend([None, Some(PullError::Server(500))]);
    assert!(world.one(&array).complete());
    let text = world.text("robuust", TODAY).unwrap();
    assert_eq!(text, "[\n{\"a\":1},\n{\"a\":2},\n{\"a\":3}\n]\n");
    world.pass(DAY);
    world.partner("robuust").pages.clear();
    assert!(world.one(&array).complete());
    assert_eq!(
        world.text("robuust", "robuust_20250116.json").unwrap(),
        "[]\n"
    );
}

#[test]
fn a_pull_that_broke_goes_on_with_the_page_that_failed() {
    let mut world = World::new(&["robuust"]);
    world.bounds.tries = 2;
    three_pages(&world);
    let broken = || Some(PullError::Broken);
    world
        .partner("robuust")
        .answers
        .extend([None, broken(), broken()]);
    assert_eq!(errors(&world.one(&robuust())), [PullError::Broken]);
    assert_eq!(world.text("robuust", TODAY), None);
    let pull = world.one(&robuust());
    assert_eq!(pull.fetched[0].resumed_from, 16);
    let asked: Vec<_> = world
        .partner("robuust")
        .asked
        .iter()
        .map(|c| c.clone().unwrap_or_default())
        .collect();
    assert_eq!(asked, ["", "2", "2", "2", "3"]);
    assert_eq!(
        world.text("robuust", TODAY).unwrap(),
        "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"
    );
}

#[test]
fn what_broke_yesterday_is_begun_anew() {
    let mut world = World::new(&["robuust"]);
    world.bounds.tries = 1;
    three_pages(&world);
    world
        .partner("robuust")
        .answers
        .extend([None, Some(PullError::Broken)]);
    world.one(&robuust());
    world.pass(DAY);
    let pull = world.one(&robuust());
    assert_eq!(
        (pull.fetched[0].order.as_str(), pull.fetched[0].resumed_from),
        ("20250116", 0)
    );
    assert_eq!(world.working("robuust"), ["gehaald.ndjson", "slot"]);
}

#[test]
fn the_next_night_goes_on_where_the_last_records_were() {
    let world = World::new(&["robuust"]);
    three_pages(&world);
    assert!(world.one(&incremental()).complete());
    world.pass(DAY);
    // The page that was not full yet has got a record more.
    let page = (vec!["{\"a\":3}", "{\"a\":4}"], None);
    world
        .partner("robuust")
        .pages
        .insert(Some("2".into()), page);
    assert!(world.one(&incremental()).complete());
    let next = world.text("robuust", "robuust_20250116.json").unwrap();
    assert_eq!(next, "{\"a\":3}\n{\"a\":4}\n");
    // A whole source begins at the beginning every night.
    world.pass(DAY);
    world.one(&robuust());
    assert_eq!(
        *world.partner("robuust").asked.iter().rev().nth(1).unwrap(),
        None
    );
}

#[test]
fn a_night_without_news_lands_nothing_and_keeps_its_place() {
    let world = World::new(&["robuust"]);
    three_pages(&world);
    world.one(&incremental());
    world.pass(DAY);
    world.partner("robuust").pages.clear();
    let pull = world.one(&incremental());
    assert_eq!((pull.complete(), pull.fetched.len()), (true, 0));
    assert_eq!(world.text("robuust", "robuust_20250116.json"), None);
    assert_eq!(world.one(&incremental()).already, 1);
    world.pass(DAY);
    three_pages(&world);
    world.one(&incremental());
    assert_eq!(
        world.text("robuust", "robuust_20250117.json").unwrap(),
        "{\"a\":3}\n"
    );
}

#[test]
fn pages_without_end_do_not_fill_the_disk() {
    let mut world = World::new(&["robuust"]);
    world.bounds.bytes = 20;
    three_pages(&world);
    assert_eq!(errors(&world.one(&robuust())), [PullError::TooLarge(0)]);
}

#[test]
fn a_pipeline_that_an_interface_cannot_fill_is_refused() {
    let world = World::new(&["robuust"]);
    let parts = Pipeline {
        pattern: "robuust_{deel}_{datum}.json".into(),
        ..robuust()
    };
    assert!(matches!(
        errors(&world.one(&parts))[..],
        [PullError::Endpoint(_)]
    ));
}
