//! A run that is cut off leaves the last release readable and the next run clean.
//!
//! The moments are spread over the time that an undisturbed run takes. Which step a moment meets differs
//! from machine to machine; what must hold does not depend on it. `SLUIS_KILL_MOMENTS=50 cargo test
//! --test it crash` is the campaign.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Place, copy, kill, moments, staged};

const FIGURES: &str = "select jaar, soort, aantal from hulpvragen order by jaar, soort";

/// Starts a run, kills it after `after`, and says whether it was still going.
fn run_and_kill(place: &Place, after: Duration) -> bool {
    let child = place
        .command(&["run", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    kill(child, after)
}

fn outcomes(place: &Place) -> Vec<String> {
    let rows = place.sql("select uitkomst from beheer.runs order by run");
    rows.iter()
        .map(|r| r["uitkomst"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_killed_run_leaves_the_last_release_and_the_next_one_completes() {
    let place = Place::with_demo();
    assert_eq!(place.sluis(&["run", "--quiet"]).code, 3);
    let first = place.manifest();
    let first_figures = place.sql(FIGURES);
    let kept = place.path().join("bewaard");
    copy(&place.warehouse(), &kept);

    // The same people twice: every file changes.
    sluis::demo::write_deliveries(&place.landing(), 2).unwrap();
    let began = Instant::now();
    assert_eq!(place.sluis(&["run", "--quiet"]).code, 3);
    let takes = began.elapsed();
    let second = place.manifest();
    let second_figures = place.sql(FIGURES);
    assert_ne!(first.content, second.content);
    assert_ne!(first_figures, second_figures);

    let moments = moments(5);
    let mut cut_off = 0;
    for moment in 0..moments {
        fs::remove_dir_all(place.warehouse()).unwrap();
        copy(&kept, &place.warehouse());
        let going = run_and_kill(&place, takes * (2 * moment + 1) / (2 * moments));
        cut_off += u32::from(going);

        // Readers see one whole release: the first, or the second when the kill came after the rename.
        let seen = place.manifest().content;
        let figures = if seen == first.content {
            &first_figures
        } else {
            &second_figures
        };
        assert!(
            seen == first.content || seen == second.content,
            "moment {moment}"
        );
        assert_eq!(&place.sql(FIGURES), figures, "moment {moment}");

        let code = place.sluis(&["run", "--quiet"]).code;
        assert!(code == 0 || code == 3, "moment {moment}: {code}");
        assert_eq!(place.manifest().content, second.content, "moment {moment}");
        assert_eq!(place.manifest().files, second.files, "moment {moment}");
        assert_eq!(place.sql(FIGURES), second_figures, "moment {moment}");
        assert_eq!(staged(&place), 0, "moment {moment}");
        let outcomes = outcomes(&place);
        assert!(
            outcomes.iter().all(|o| o != "bezig of afgebroken"),
            "moment {moment}: {outcomes:?}"
        );
        // The runs of one second have no order among them.
        if going && seen == first.content && outcomes.len() == 3 {
            let cut = outcomes.iter().filter(|o| *o == "afgebroken").count();
            assert_eq!(cut, 1, "moment {moment}: {outcomes:?}");
        }
    }
    eprintln!("{moments} moments, {cut_off} of them before the run had ended");
    assert!(cut_off > 0, "no moment met a run under way");
}

#[test]
fn a_first_run_that_is_killed_leaves_nothing_that_stands_in_the_way() {
    let place = Place::with_demo();
    run_and_kill(&place, Duration::from_millis(300));
    let code = place.sluis(&["run", "--quiet"]).code;
    assert!(code == 0 || code == 3);
    assert_eq!(staged(&place), 0);
    let undisturbed = Place::with_demo();
    fs::copy(place.key(), undisturbed.key()).unwrap();
    assert_eq!(undisturbed.sluis(&["run", "--quiet"]).code, 3);
    assert_eq!(place.manifest().content, undisturbed.manifest().content);
}

#[test]
fn a_second_run_at_the_same_time_says_who_is_writing() {
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]);
    let lock = fs::File::options()
        .read(true)
        .write(true)
        .open(place.warehouse().join("lock"))
        .unwrap();
    lock.try_lock().unwrap();
    let answer = place.sluis(&["run"]).must_exit(1);
    assert!(
        answer
            .stderr
            .contains("has been writing this warehouse since"),
        "{}",
        answer.stderr
    );
    assert!(answer.stderr.contains("hint: "), "{}", answer.stderr);
    drop(lock);
    // The demo's refused deliveries are refused again; nothing else is wrong.
    place.sluis(&["run", "--quiet"]).must_exit(3);
}

#[test]
fn a_full_disk_stops_the_run_and_harms_nothing() {
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]);
    let before = place.manifest();
    sluis::demo::write_deliveries(&place.landing(), 2).unwrap();
    // No file of this process may pass 16 kB: the disk is full for it as soon as it writes in earnest.
    let run = place.command(&["run"]);
    let mut limited = std::process::Command::new("bash");
    limited
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\"")
        .arg(run.get_program())
        .args(run.get_args());
    let answer: crate::support::Answer = limited.current_dir(place.path()).output().unwrap().into();
    let answer = answer.must_exit(1);
    assert!(
        answer.stderr.contains("cannot be written"),
        "{}",
        answer.stderr
    );
    assert_eq!(place.manifest(), before);
    let code = place.sluis(&["run", "--quiet"]).code;
    assert_eq!(code, 3);
    assert_eq!(staged(&place), 0);
    assert_ne!(place.manifest().content, before.content);
}
