//! An erasure that is cut off: every release is what it was or what it shall be, and whoever comes next
//! finishes it.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use sluis::lock::pseudonym::IdentifierKind;

use super::{ask, assert_gone, pseudonym, releases};
use crate::support::{Place, copy, kill, moments};

const ERASE: [&str; 4] = ["subject", "erase", "--yes", "--quiet"];

fn erase_and_kill(place: &Place, bsn: &str, after: Duration) -> bool {
    let mut child = place
        .command(&ERASE)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(bsn.as_bytes())
        .unwrap();
    kill(child, after)
}

#[test]
fn cut_off_at_any_moment_it_is_whole_and_can_be_finished() {
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    sluis::demo::write_deliveries(&place.landing(), 2).unwrap();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    let bsn = super::demo::somebody(&place);
    let gone = [pseudonym(
        &place,
        "sociaal-domein",
        IdentifierKind::Bsn,
        &bsn,
    )];
    let old = releases(&place);
    assert_eq!(old.len(), 2);
    let kept = place.path().join("bewaard");
    copy(&place.warehouse(), &kept);
    let began = Instant::now();
    ask(&place, &ERASE, &bsn).must_exit(0);
    let takes = began.elapsed();
    assert_gone(&place, &gone);
    let new = releases(&place);
    let contents = |all: &[sluis::warehouse::manifest::Manifest]| {
        all.iter().map(|m| m.content.clone()).collect::<Vec<_>>()
    };
    assert!(
        contents(&old)
            .iter()
            .zip(contents(&new))
            .all(|(a, b)| *a != b)
    );

    let moments = moments(6);
    let mut cut_off = 0;
    for moment in 0..moments {
        fs::remove_dir_all(place.warehouse()).unwrap();
        copy(&kept, &place.warehouse());
        let after = takes * (2 * moment + 1) / (2 * moments);
        cut_off += u32::from(erase_and_kill(&place, &bsn, after));
        // Each is whole: the old one or the new one.
        for ((seen, old), new) in releases(&place).iter().zip(&old).zip(&new) {
            assert!(
                [&old.content, &new.content].contains(&&seen.content),
                "moment {moment}"
            );
            assert_eq!(seen.id, old.id);
        }
        place.sql("select jaar, aantal from hulpvragen");
        // A run finishes what was decided; asked again, it is done in any case.
        let code = place.sluis(&["run", "--quiet"]).code;
        assert!(code == 0 || code == 3, "moment {moment}: {code}");
        let between = contents(&releases(&place));
        assert!(
            between == contents(&old) || between == contents(&new),
            "moment {moment}"
        );
        ask(&place, &ERASE, &bsn).must_exit(0);
        assert_eq!(
            contents(&releases(&place)),
            contents(&new),
            "moment {moment}"
        );
        assert_gone(&place, &gone);
        assert!(!place.warehouse().join("herschrijven.json").exists());
        let staged = fs::read_dir(place.warehouse().join("staging")).unwrap();
        assert_eq!(staged.count(), 0);
    }
    eprintln!("{moments} moments, {cut_off} of them before the erasure had ended");
    assert!(cut_off > 0, "no moment met an erasure under way");
}
