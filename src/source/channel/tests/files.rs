//! Servers that have files.

use super::*;

const NAME: &str = "rog_20250114.json";
const ROWS: &[u8] = b"twelve bytes";

fn rog() -> Pipeline {
    pipeline("rog", Channel::Sftp)
}

fn vouched() -> Pipeline {
    Pipeline {
        checksum_required: true,
        settle_seconds: 0,
        ..rog()
    }
}

#[test]
fn what_matches_is_fetched_once_and_what_does_not_is_only_counted() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    world.partner("rog").has("jansen.txt", b"x");
    let first = world.one(&rog());
    assert_eq!(
        (first.fetched.len(), first.already, first.strangers),
        (1, 0, 1)
    );
    assert_eq!(first.fetched[0].order, "20250114");
    assert_eq!(world.text("rog", NAME).unwrap().as_bytes(), ROWS);
    let second = world.one(&rog());
    assert_eq!((second.fetched.len(), second.already), (0, 1));
    assert_eq!(world.partner("rog").read.len(), 1);
    assert!(first.complete() && second.complete());
    assert_eq!(world.working("rog"), ["gehaald.ndjson", "slot"]);
}

#[test]
fn what_is_fetched_is_for_the_owner_only_and_at_rest() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    world.one(&rog());
    assert_eq!(mode(&world.landed("rog", "")), 0o700);
    assert_eq!(mode(&world.landed("rog", ".haal")), 0o700);
    assert_eq!(mode(&world.landed("rog", NAME)), 0o600);
    assert_eq!(mode(&world.landed("rog", ".haal/gehaald.ndjson")), 0o600);
    let landed = crate::source::landing::find(world.folder.path(), &rog()).unwrap();
    assert_eq!((landed.deliveries.len(), landed.strangers), (1, 0));
    assert_eq!(landed.deliveries[0].settled(60, world.now()), Ok(()));
}

#[test]
fn a_file_that_was_replaced_is_fetched_again() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    world.one(&rog());
    world.partner("rog").files.get_mut(NAME).unwrap().bytes = b"other bytes!".to_vec();
    world.partner("rog").files.get_mut(NAME).unwrap().mark = "m2";
    assert_eq!(world.one(&rog()).fetched.len(), 1);
    assert_eq!(world.text("rog", NAME).unwrap(), "other bytes!");
}

#[test]
fn a_broken_connection_is_taken_up_where_it_broke() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    let ends = [
        Reading::Ends(5, PullError::Broken),
        Reading::Ends(2, PullError::Silence(60)),
    ];
    world.partner("rog").readings.extend(ends);
    let pull = world.one(&rog());
    assert!(pull.complete());
    assert_eq!((pull.retries, pull.fetched[0].resumed_from), (2, 7));
    let from: Vec<u64> = world.partner("rog").read.iter().map(|r| r.1).collect();
    assert_eq!(from, [0, 5, 7]);
    assert_eq!(world.text("rog", NAME).unwrap().as_bytes(), ROWS);
    assert_eq!(*world.slept.lock().unwrap(), [1, 2]);
}

#[test]
fn the_next_pull_takes_up_what_a_pull_left() {
    let mut world = World::new(&["rog"]);
    world.bounds.tries = 1;
    world.partner("rog").has(NAME, ROWS);
    world
        .partner("rog")
        .readings
        .push_back(Reading::Ends(5, PullError::Broken));
    assert_eq!(errors(&world.one(&rog())), [PullError::Broken]);
    assert_eq!(world.text("rog", NAME), None);
    assert_eq!(world.working("rog"), ["*.deel", "*.stand", "slot"]);
    assert_eq!(world.one(&rog()).fetched[0].resumed_from, 5);
    assert_eq!(world.text("rog", NAME).unwrap().as_bytes(), ROWS);
}

#[test]
fn bytes_that_were_never_surely_on_the_disk_are_fetched_again() {
    let mut world = World::new(&["rog"]);
    world.bounds.tries = 1;
    world.partner("rog").has(NAME, ROWS);
    world
        .partner("rog")
        .readings
        .push_back(Reading::Ends(5, PullError::Broken));
    world.one(&rog());
    // As after a loss of power: longer than what was written to it.
    let own = fs::read_dir(world.landed("rog", ".haal")).unwrap();
    let part = own
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "deel"));
    let part = part.unwrap();
    fs::write(&part, [&fs::read(&part).unwrap()[..], &[0; 4]].concat()).unwrap();
    assert_eq!(world.one(&rog()).fetched[0].resumed_from, 5);
    assert_eq!(world.text("rog", NAME).unwrap().as_bytes(), ROWS);
}

#[test]
fn a_file_that_became_another_one_is_begun_anew() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    let other = File {
        bytes: b"quite another".to_vec(),
        mark: "m2",
        modified: None,
    };
    world.partner("rog").readings.extend([
        Reading::Ends(5, PullError::Broken),
        Reading::Replaced(other),
    ]);
    let pull = world.one(&rog());
    assert!(pull.complete());
    assert_eq!(pull.fetched[0].resumed_from, 0);
    assert_eq!(world.text("rog", NAME).unwrap(), "quite another");
}

#[test]
fn a_file_that_is_gone_costs_itself_only() {
    let world = World::new(&["rog"]);
    let other = "rog_20250115.json";
    world.partner("rog").has(NAME, ROWS);
    world.partner("rog").has(other, ROWS);
    world
        .partner("rog")
        .readings
        .push_back(Reading::Ends(0, PullError::Refused(3)));
    let pull = world.one(&rog());
    assert_eq!(errors(&pull), [PullError::Refused(3)]);
    assert_eq!(
        pull.faults[0].delivery,
        Some((String::new(), "20250114".into()))
    );
    assert_eq!(pull.fetched.len(), 1);
    assert!(world.text("rog", other).is_some());
}

#[test]
fn a_wrong_file_never_lands() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    world.partner("rog").vouches(NAME, b"something else");
    let pull = world.one(&vouched());
    assert_eq!(errors(&pull), [PullError::Checksum]);
    // Once more, from nothing, and then no more.
    assert_eq!(
        world.partner("rog").read,
        [(NAME.to_owned(), 0), (NAME.to_owned(), 0)]
    );
    assert_eq!(world.text("rog", NAME), None);
    assert_eq!(world.text("rog", &format!("{NAME}.sha256")), None);
    assert_eq!(world.working("rog"), ["slot"]);
}

#[test]
fn a_file_that_was_garbled_on_its_way_is_fetched_once_more() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    world.partner("rog").vouches(NAME, ROWS);
    world.partner("rog").readings.push_back(Reading::Garbled);
    let pull = world.one(&vouched());
    assert!(pull.complete());
    assert_eq!(world.text("rog", NAME).unwrap().as_bytes(), ROWS);
    let checksum = world.text("rog", &format!("{NAME}.sha256")).unwrap();
    assert_eq!(checksum, format!("{}  {NAME}\n", pull.fetched[0].sha256));
}

#[test]
fn a_file_whose_checksum_is_not_there_yet_waits() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    let pull = world.one(&vouched());
    assert_eq!((pull.waiting, pull.fetched.len()), (1, 0));
    world
        .partner("rog")
        .has(&format!("{NAME}.sha256"), b"no digest");
    assert_eq!(errors(&world.one(&vouched())), [PullError::NoChecksum]);
    world.partner("rog").vouches(NAME, ROWS);
    assert_eq!(world.one(&vouched()).fetched.len(), 1);
}

#[test]
fn a_file_that_may_still_be_written_waits() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    world.partner("rog").files.get_mut(NAME).unwrap().modified = Some(world.now());
    assert_eq!(world.one(&rog()).waiting, 1);
    world.pass(Duration::from_mins(1));
    assert_eq!(world.one(&rog()).fetched.len(), 1);
}

#[test]
fn nothing_is_fetched_beyond_the_bounds() {
    let mut world = World::new(&["rog"]);
    world.bounds.bytes = 11;
    world.partner("rog").has(NAME, ROWS);
    assert_eq!(errors(&world.one(&rog())), [PullError::TooLarge(0)]);
    assert!(world.partner("rog").read.is_empty());
}

#[test]
fn a_part_that_nobody_wants_any_more_is_removed() {
    let mut world = World::new(&["rog"]);
    world.bounds.tries = 1;
    world.partner("rog").has(NAME, ROWS);
    world
        .partner("rog")
        .readings
        .push_back(Reading::Ends(5, PullError::Broken));
    world.one(&rog());
    world.partner("rog").files.clear();
    assert!(world.one(&rog()).complete());
    assert_eq!(world.working("rog"), ["slot"]);
}

#[test]
fn a_partner_that_keeps_breaking_off_is_left_when_the_time_is_over() {
    let mut world = World::new(&["rog"]);
    world.bounds.time = Duration::from_secs(2);
    world.partner("rog").has(NAME, ROWS);
    let breaks = |_| Reading::Ends(1, PullError::Broken);
    world.partner("rog").readings.extend((0..4).map(breaks));
    assert_eq!(errors(&world.one(&rog())), [PullError::TimeUp(0)]);
    // What came stays for the next pull.
    world.bounds.time = DAY;
    assert!(world.one(&rog()).complete());
    assert_eq!(world.text("rog", NAME).unwrap().as_bytes(), ROWS);
}

#[test]
fn a_part_that_is_forgotten_does_not_outlive_its_use() {
    let mut world = World::new(&["rog"]);
    world.bounds.tries = 1;
    world.partner("rog").has(NAME, ROWS);
    world
        .partner("rog")
        .readings
        .push_back(Reading::Ends(5, PullError::Broken));
    world.one(&rog());
    let remove =
        |now| super::super::part::remove_forgotten(world.folder.path(), &rog(), 7 * 86400, now);
    let touched = SystemTime::now();
    assert_eq!(remove(touched + 6 * DAY).unwrap(), 0);
    assert_eq!(remove(touched + 8 * DAY).unwrap(), 1);
    assert_eq!(world.working("rog"), ["slot"]);
}

#[test]
fn one_partner_that_is_down_costs_nobody_else() {
    let world = World::new(&["rog", "zrm", "dock"]);
    let pipelines = ["rog", "zrm", "dock"].map(|id| pipeline(id, Channel::Sftp));
    for id in ["rog", "zrm", "dock"] {
        world.partner(id).has(&format!("{id}_20250114.json"), ROWS);
    }
    let down = PullError::Connect(std::io::ErrorKind::ConnectionRefused);
    world.partner("zrm").refusals.extend(vec![down.clone(); 5]);
    let pulls = world.pull(&pipelines.iter().collect::<Vec<_>>());
    let got: Vec<_> = pulls
        .iter()
        .map(|p| (p.source.as_str(), p.fetched.len()))
        .collect();
    assert_eq!(got, [("rog", 1), ("zrm", 0), ("dock", 1)]);
    assert_eq!(errors(&pulls[1]), [down]);
    assert_eq!(*world.slept.lock().unwrap(), [1, 2, 4, 8]);
}

#[test]
fn a_dry_run_fetches_nothing() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    let pull = world.desk(|desk| desk.look(&[&rog()]).unwrap()).remove(0);
    assert_eq!(pull.fetched.len(), 1);
    assert!(world.partner("rog").read.is_empty());
    assert_eq!(fs::read_dir(world.folder.path()).unwrap().count(), 0);
}

#[test]
fn two_pulls_of_one_source_do_not_meet() {
    let world = World::new(&["rog"]);
    world.partner("rog").has(NAME, ROWS);
    let held = super::super::part::Work::open(world.folder.path(), &rog()).unwrap();
    assert_eq!(errors(&world.one(&rog())), [PullError::Busy]);
    drop(held);
    assert!(world.one(&rog()).complete());
}

#[test]
fn a_landing_folder_that_others_can_enter_is_not_used() {
    let world = World::new(&["rog"]);
    fs::set_permissions(world.folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
    assert!(world.desk(|desk| desk.pull(&[&rog()])).is_err());
    fs::set_permissions(world.folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
}
