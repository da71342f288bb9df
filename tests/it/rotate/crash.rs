//! A rotation that is cut off leaves the old state or the new one, and whoever comes next goes on from it.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use sluis::lock::keys::RootKey;

use super::{codes, rotate};
use crate::subject::{ask, releases};
use crate::support::{Place, copy, kill, moments, staged};

const FIGURES: &str = "select jaar, soort, aantal from hulpvragen order by jaar, soort";

fn rotate_and_kill(place: &Place, after: Duration) -> bool {
    let child = place
        .command(&["key", "rotate", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    kill(child, after)
}

#[test]
fn cut_off_at_any_moment_it_is_the_old_one_or_the_new_one() {
    let place = Place::with_demo();
    place.sluis(&["canaries", "new"]).must_exit(0);
    place.sluis(&["run", "--quiet"]).must_exit(3);
    let bsn = crate::subject::demo::somebody(&place);
    ask(&place, &["subject", "erase", "--yes", "--quiet"], &bsn).must_exit(0);
    let old = place.manifest();
    let (figures, old_codes) = (place.sql(FIGURES), codes(&place, false));
    let (kept, kept_key) = (place.path().join("bewaard"), fs::read(place.key()).unwrap());
    copy(&place.warehouse(), &kept);
    let began = Instant::now();
    rotate(&place, &[]).must_exit(0);
    let takes = began.elapsed();

    let moments = moments(5);
    let (mut cut_off, mut switched) = (0, 0);
    for moment in 0..moments {
        fs::remove_dir_all(place.warehouse()).unwrap();
        copy(&kept, &place.warehouse());
        fs::write(place.key(), &kept_key).unwrap();
        cut_off += u32::from(rotate_and_kill(
            &place,
            takes * (2 * moment + 1) / (2 * moments),
        ));

        // One whole release, and the key in its place opens it.
        let seen = place.manifest();
        let is_old = seen.key_fingerprint == old.key_fingerprint;
        switched += u32::from(!is_old);
        assert_eq!(seen.content == old.content, is_old, "moment {moment}");
        let key = RootKey::load(&place.key()).unwrap();
        assert!(
            key.fingerprints().contains(&seen.key_fingerprint),
            "moment {moment}"
        );
        assert_eq!(place.sql(FIGURES), figures, "moment {moment}");
        // Whoever was erased is known to be so, whatever of the list was rewritten.
        let found = ask(&place, &["subject", "find", "--json"], &bsn)
            .must_exit(0)
            .json();
        assert_eq!(found["erased"], true, "moment {moment}");

        // The next night goes on: nothing is new in the same deliveries.
        place.sluis(&["run", "--quiet"]).must_exit(3);
        assert_eq!(place.manifest().content, seen.content, "moment {moment}");
        assert_eq!(staged(&place), 0, "moment {moment}");
        assert!(!place.warehouse().join("sleutelwissel.json").exists());
        if is_old {
            rotate(&place, &[]).must_exit(0);
        }
        // A key that was drawn before it was cut off is used, not another one on top of it.
        let key = RootKey::load(&place.key()).unwrap();
        assert_eq!(key.layers(), 2, "moment {moment}");
        let now = place.manifest();
        assert_eq!(now.key_fingerprint, key.fingerprint(), "moment {moment}");
        assert!(
            codes(&place, false).is_disjoint(&old_codes),
            "moment {moment}"
        );
        assert_eq!(place.sql(FIGURES), figures, "moment {moment}");
        assert_eq!(releases(&place).len(), 1, "moment {moment}");
        let list = fs::read_to_string(place.warehouse().join("gewist.ndjson")).unwrap();
        assert!(list.lines().all(|line| line.contains(&now.key_fingerprint)));
        place.sluis(&["run", "--quiet"]).must_exit(3);
        assert_eq!(place.manifest().id, now.id, "moment {moment}");
    }
    eprintln!(
        "{moments} moments, {cut_off} of them before the rotation had ended, {switched} after the switch"
    );
    assert!(cut_off > 0, "no moment met a rotation under way");
}
